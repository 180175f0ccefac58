"""Gemini through any reseller, as a LangChain chat model: `ChatGStream`."""

from langchain_gstream.chat_models import ChatGStream

__all__ = ["ChatGStream"]
