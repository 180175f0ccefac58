"""Gemini through any reseller, for LlamaIndex.

from llamaindex_gstream import GStream

llm = GStream(model="gemini-2.5-flash", endpoint="juheai", api_key="sk-...")
"""

from __future__ import annotations

from gstream import GStreamError
from llamaindex_gstream.llm import GStream
from llamaindex_gstream.tools import NoToolCallError

__all__ = ["GStream", "GStreamError", "NoToolCallError"]
