"""Gemini through any reseller: the framework-free core."""

from gstream._version import __version__

__all__ = ["__version__"]
