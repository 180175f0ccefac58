"""Gemini through any reseller: the framework-free core of `langchain_gstream` and `llamaindex_gstream`.

from gstream import Client, Prompt, Text, Turn, resolve

client = Client(resolve("shuyou", api_key="..."))
for chunk in client.stream(Prompt("gemini-2.5-flash", (Turn("user", (Text("Hello"),)),))):
    print(chunk.text, end="")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gstream._version import __version__
from gstream.call import Timeout
from gstream.chunks import Chunk, Usage, collect
from gstream.decoder import IncompleteAnswerWarning, StreamDecoder
from gstream.endpoints import ENDPOINTS, Endpoint, Target, normalise_base_url, resolve
from gstream.errors import (
    AuthenticationError,
    ConfigurationError,
    ConnectionFailed,
    ContentBlockedError,
    EmptyAnswerError,
    EndpointError,
    GStreamError,
    IncompleteStreamError,
    InvalidRequestError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    QuotaError,
    RateLimitError,
    RequestError,
    RequestTimeout,
    ServerError,
    StreamError,
)
from gstream.messages import (
    Blob,
    BuiltInTool,
    CodeResult,
    ExecutableCode,
    FileRef,
    FunctionCall,
    FunctionResponse,
    Opaque,
    Part,
    Prompt,
    Text,
    Thought,
    Tool,
    ToolChoice,
    Turn,
)
from gstream.request import WireRequest, build_request
from gstream.retry import RetryPolicy
from gstream.settings import Settings

if TYPE_CHECKING:
    from gstream.client import Client

__all__ = [
    "ENDPOINTS",
    "AuthenticationError",
    "Blob",
    "BuiltInTool",
    "Chunk",
    "Client",
    "CodeResult",
    "ConfigurationError",
    "ConnectionFailed",
    "ContentBlockedError",
    "EmptyAnswerError",
    "Endpoint",
    "EndpointError",
    "ExecutableCode",
    "FileRef",
    "FunctionCall",
    "FunctionResponse",
    "GStreamError",
    "IncompleteAnswerWarning",
    "IncompleteStreamError",
    "InvalidRequestError",
    "NotFoundError",
    "Opaque",
    "OverloadedError",
    "Part",
    "PermissionDeniedError",
    "Prompt",
    "QuotaError",
    "RateLimitError",
    "RequestError",
    "RequestTimeout",
    "RetryPolicy",
    "ServerError",
    "Settings",
    "StreamDecoder",
    "StreamError",
    "Target",
    "Text",
    "Thought",
    "Timeout",
    "Tool",
    "ToolChoice",
    "Turn",
    "Usage",
    "WireRequest",
    "__version__",
    "build_request",
    "collect",
    "normalise_base_url",
    "resolve",
]


def __getattr__(name: str) -> Any:
    """Import the client on first use: it alone needs httpx, which takes longer to import than all the rest."""
    if name == "Client":
        from gstream.client import Client  # noqa: PLC0415 - see above

        return Client
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
