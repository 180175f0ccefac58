"""Gemini through any reseller: the framework-free core of `langchain_gstream` and `llamaindex_gstream`.

```python
from gstream import Client, Prompt, Text, Turn, resolve

client = Client(resolve("shuyou"))  # the key from SHUYOU_API_KEY
for chunk in client.stream(Prompt("gemini-2.5-flash", (Turn("user", (Text("Hello"),)),))):
    print(chunk.text, end="")
```
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from gstream._version import __version__
from gstream.chunks import Chunk, Usage, collect
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
    StructuredAnswerError,
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
from gstream.settings import Settings
from gstream.timeout import Timeout

if TYPE_CHECKING:
    from gstream.client import Client
    from gstream.decoder import IncompleteAnswerWarning, StreamDecoder
    from gstream.fetcher import UrlFetcher
    from gstream.request import WireRequest, build_request
    from gstream.retry import RetryPolicy

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
    "StructuredAnswerError",
    "Target",
    "Text",
    "Thought",
    "Timeout",
    "Tool",
    "ToolChoice",
    "Turn",
    "UrlFetcher",
    "Usage",
    "WireRequest",
    "__version__",
    "build_request",
    "collect",
    "normalise_base_url",
    "resolve",
]


_LATER: Final = {
    "Client": "client",
    "IncompleteAnswerWarning": "decoder",
    "RetryPolicy": "retry",
    "StreamDecoder": "decoder",
    "UrlFetcher": "fetcher",
    "WireRequest": "request",
    "build_request": "request",
}
"""What a call needs and an import does not: imported with the first use, `client` with httpx among it."""


def __getattr__(name: str) -> Any:
    """Import a name of `_LATER` on its first use."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"gstream.{_LATER[name]}"), name)
    return value
