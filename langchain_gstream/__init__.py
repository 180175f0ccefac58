"""Gemini through any reseller, as a LangChain chat model: `ChatGStream`."""

try:
    import langchain_core  # noqa: F401 - asked here so that its absence is told in one sentence
except ImportError as error:
    raise ImportError('langchain_gstream needs langchain-core: pip install "gstream[langchain]"') from error

from gstream import GStreamError
from langchain_gstream.chat_models import ChatGStream
from langchain_gstream.errors import StructuredAnswerError

__all__ = ["ChatGStream", "GStreamError", "StructuredAnswerError"]
