"""The constructor that `ChatGStream` and `GStream` share: where to ask, how, and with which settings.

Both adapters inherit `ModelParameters`, so a parameter is declared, documented, checked and resolved once. All of it is
checked at construction; nothing is connected before the first call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr

from gstream.endpoints import Auth, Endpoint, Target, resolve
from gstream.errors import ConfigurationError
from gstream.settings import ALIASES, MAX_ANSWER_BYTES, OnIncomplete, Settings
from gstream.timeout import Timeout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gstream.client import Client

__all__ = ["ModelParameters"]


class ModelParameters(Settings):
    """The parameters of a model object, settings included.

    Raises:
        ConfigurationError: a parameter is unknown, missing or wrong; one sentence, before any request.
    """

    model_config = ConfigDict(defer_build=True, extra="forbid", arbitrary_types_allowed=True)

    model: str
    """The model's name as the endpoint spells it, e.g. "gemini-2.5-flash" or "google/gemini-2.5-pro"."""
    endpoint: str | Endpoint | None = None
    """An endpoint's name, or an `Endpoint`. `None`: "custom" with `base_url`, else `GSTREAM_ENDPOINT`, else the one
    endpoint whose key variable is set."""
    api_key: SecretStr | None = Field(default=None, exclude=True, repr=False)
    """`None`: the endpoint's `<NAME>_API_KEY`, else `GSTREAM_API_KEY`. Never shown, never serialized."""
    base_url: str | None = None
    """In any form a user may paste; see `normalise_base_url`. `None`: the endpoint's own."""
    auth: Auth | None = None
    """How the key is sent: "header", "bearer" or "query". `None`: as the endpoint prefers."""
    fallbacks: list[str | Endpoint | Target] = Field(default_factory=list, exclude=True, repr=False)
    """Further places to ask, in order, before the first chunk: endpoint names or `Target(endpoint, api_key, model)`."""
    timeout: float | dict[str, float | None] | Timeout | None = None
    """Seconds (for connect, first byte and idle alike), or `{"connect", "first_byte", "idle", "total"}`; see
    `Timeout`. `None`: its defaults."""
    max_retries: int = Field(default=2, ge=0)
    """Requests after a failed first one, only while nothing has reached the caller; 0 is none."""
    on_incomplete: OnIncomplete = "raise"
    """What a stream without a finish reason becomes: an error, a warning, or nothing."""
    max_answer_bytes: int = Field(default=MAX_ANSWER_BYTES, gt=0)
    """The largest response that is read, in bytes after unpacking; a single document may have a quarter of it."""
    http_client: Any = Field(default=None, exclude=True, repr=False)
    """Your own `httpx.Client` for sync calls; you close it."""
    http_async_client: Any = Field(default=None, exclude=True, repr=False)
    """Your own `httpx.AsyncClient` for async calls; it belongs to one event loop."""
    fetcher: Any = Field(default=None, exclude=True, repr=False)
    """What fetches media that messages name by URL: an object with `fetch(url)` and `afetch(url)`, both giving the
    content and its media type or `None`. `None`: a `UrlFetcher` with its limits. See `gstream.remote`."""

    _resolved: tuple[tuple[Any, ...], list[Target]] | None = PrivateAttr(default=None)
    """Where requests go, and the parameters that say so: the environment is asked once, at construction."""
    _client_made: tuple[list[Target], tuple[Any, ...], Client] | None = PrivateAttr(default=None)

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self.targets()
        Timeout.of(self.timeout)
        if self.fetcher is not None and not all(callable(getattr(self.fetcher, name, None)) for name in _FETCHES):
            raise ConfigurationError(
                f"fetcher must have fetch(url) and an async afetch(url); {type(self.fetcher).__name__} has not."
            )

    def __getstate__(self) -> dict[Any, Any]:
        """Return what travels by pickle: all that asking elsewhere needs, keys and resolved endpoints included.

        So a model works in any process, whatever the environment there says, and its pickle is as secret as its key.
        Pydantic is asked directly, because llama-index-core's own method drops what pickle cannot write, from the
        object that travels and from this one.

        Raises:
            ConfigurationError: an own HTTP client does not say how it is pickled.
        """
        for name in ("http_client", "http_async_client"):
            if (client := getattr(self, name)) is not None and not _travels(client):
                raise ConfigurationError(
                    f"{name} holds connections of this process and cannot be pickled: give the model its HTTP client "
                    f"in the process that asks, e.g. model.model_copy(update={{{name!r}: ...}})."
                )
        state = BaseModel.__getstate__(self)
        return {**state, "__pydantic_private__": {**(state["__pydantic_private__"] or {}), "_client_made": None}}

    def __setstate__(self, state: dict[Any, Any]) -> None:
        """Be what was pickled; nothing is resolved again."""
        BaseModel.__setstate__(self, state)

    def targets(self) -> list[Target]:
        """Return where requests go, first and fallbacks, each with its key.

        Raises:
            ConfigurationError: as `resolve`; only where a parameter was changed since construction.
        """
        given = (self.endpoint, self.api_key, self.base_url, self.auth, tuple(self.fallbacks))
        if self._resolved is None or self._resolved[0] != given:
            self._resolved = (given, self._resolve())
        return self._resolved[1]

    def _resolve(self) -> list[Target]:
        key = self.api_key.get_secret_value() if self.api_key else None
        targets = [resolve(self.endpoint, api_key=key, base_url=self.base_url, auth=self.auth)]
        for fallback in self.fallbacks:
            if isinstance(fallback, Target):
                targets.append(
                    resolve(
                        fallback.endpoint,
                        api_key=fallback.api_key or None,
                        base_url=fallback.endpoint.base_url,
                        auth=fallback.auth,
                        model=fallback.model,
                    )
                )
            else:
                targets.append(resolve(fallback))
        return targets

    def core_client(self) -> Client:
        """Return the client that asks the endpoints; made on the first call, and again when a parameter changed."""
        targets = self.targets()
        options = (
            repr(self.timeout),
            self.max_retries,
            self.on_incomplete,
            self.max_answer_bytes,
            id(self.http_client),
            id(self.http_async_client),
            id(self.fetcher),
        )
        made = self._client_made
        if made is None or made[0] is not targets or made[1] != options:
            from gstream.client import Client  # noqa: PLC0415 - importing httpx waits for the first request

            client = Client(
                *targets,
                timeout=self.timeout,
                max_retries=self.max_retries,
                on_incomplete=self.on_incomplete,
                max_answer_bytes=self.max_answer_bytes,
                http_client=self.http_client,
                http_async_client=self.http_async_client,
                fetcher=self.fetcher,
            )
            made = self._client_made = (targets, options, client)
        return made[2]

    def asked(self, keywords: Mapping[str, Any]) -> tuple[str, Settings]:
        """Return the model name and the settings of one call, in which `keywords` win over the constructor's.

        Raises:
            ConfigurationError: a keyword is neither `model` nor a setting.
        """
        changed = dict(keywords)
        model = changed.pop("model", None) or self.model
        if not isinstance(model, str):
            raise ConfigurationError(f"model must be a name; got {type(model).__name__}.")
        return model, self.override(changed)


def _travels(client: object) -> bool:
    """Return whether a client's class says how it is pickled; httpx's own do not."""
    return any(getattr(type(client), name) is not getattr(object, name) for name in _PICKLING)


_FETCHES = ("fetch", "afetch")
_PICKLING = ("__reduce__", "__reduce_ex__", "__getstate__")

SETTING_NAMES = frozenset(Settings.model_fields) | frozenset(ALIASES)
"""Every spelling of a setting that a call takes."""
