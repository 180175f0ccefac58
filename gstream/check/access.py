"""The search for a way in: which path and which form of the key are answered; decisions only, nothing is sent here.

Forms of the key are tried in order at a path that leads to an API; other paths of the same host only where the first
leads to something else (a page, a redirect, an error that speaks of the path).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

from gstream.check.speed import shown_s
from gstream.check.verdict import Verdict, failed, not_run, passed, told
from gstream.endpoints import AUTHS, KEY_FORMS
from gstream.errors import (
    AuthenticationError,
    ConfigurationError,
    ConnectionFailed,
    EndpointError,
    NotFoundError,
    PermissionDeniedError,
    QuotaError,
    RateLimitError,
    RequestError,
    RequestTimeout,
    StreamError,
)
from gstream.failures import page_title

if TYPE_CHECKING:
    from gstream.check.exchange import Exchange
    from gstream.endpoints import Auth, Target
    from gstream.errors import GStreamError

__all__ = ["Search", "access_verdicts", "base_urls"]

_PATHS: Final = ("/v1beta", "/gemini/v1beta", "/api/v1beta")
"""Where gateways keep this API: most; one-hub; routers with a prefix of their own."""
_IN_A_PATH: Final = re.compile(r"\S*/models/\S*")
_OF_MODELS: Final = re.compile(r"model|channel|模型|渠道", re.IGNORECASE)
_MOVED: Final = range(300, 400)
_NO_SUCH_METHOD: Final = 405
_SERVER_S_OWN: Final = 500


def base_urls(base_url: str) -> tuple[str, ...]:
    """Return the base URLs to try: the one given, then the usual places at the same host."""
    split = urlsplit(base_url)
    others = (urlunsplit((split.scheme, split.netloc, path, "", "")) for path in _PATHS)
    return tuple(dict.fromkeys((base_url, *others)))


@dataclass
class Search:
    """The walk over paths and forms of the key.

    While `target` is not `None`, ask it and say with `heard` what came of it.
    """

    first: Target
    """Where the user wants to go; its `auth` fixes the form, `None` there tries them all."""
    tried: list[tuple[Target, Exchange]] = field(default_factory=list)
    target: Target | None = field(init=False)
    """Where to ask next; `None`: the search is over."""
    found: Target | None = None
    """Where something of the API answered the question; `None` where nothing did."""

    def __post_init__(self) -> None:
        auths = dict.fromkeys((self.first.endpoint.auth, *self.first.endpoint.auths, *AUTHS))
        self._forms: list[Auth] = [self.first.auth] if self.first.auth else list(auths)
        self._urls = list(base_urls(self.first.endpoint.base_url or ""))
        self._form = 0
        self.target = replace(self.first, auth=self._forms[0])

    def heard(self, exchange: Exchange) -> None:
        """Take what came of asking `target`, and choose where to ask next."""
        if self.target is None:
            return
        self.tried.append((self.target, exchange))
        error = exchange.error
        if error is not None and _elsewhere(error):
            self._urls.pop(0)
            url = self._urls[0] if self._urls else None
            self.target = (
                replace(self.first, endpoint=replace(self.first.endpoint, base_url=url), auth=self._forms[self._form])
                if url
                else None
            )
        elif error is not None and _refused(error):
            self._form += 1
            self.target = replace(self.target, auth=self._forms[self._form]) if self._form < len(self._forms) else None
        else:
            self.found, self.target = self.target, None


def _elsewhere(error: GStreamError) -> bool:
    """Return whether an error says that no API of this kind is at that path."""
    if isinstance(error, NotFoundError):
        said = f"{error.code or ''} {error.provider_message}"
        return _OF_MODELS.search(_IN_A_PATH.sub("", said)) is None
    if isinstance(error, EndpointError):
        return error.status in _MOVED or error.status == _NO_SUCH_METHOD
    return isinstance(error, StreamError) and page_title(error.received) is not None and error.partial is None


def _refused(error: GStreamError) -> bool:
    return isinstance(error, AuthenticationError | PermissionDeniedError)


def _unheard(error: GStreamError) -> bool:
    """Return whether nobody answered at all."""
    if isinstance(error, RequestTimeout):
        return error.phase in {"connect", "first byte"}
    return isinstance(error, ConnectionFailed | ConfigurationError | RequestError)


def access_verdicts(search: Search) -> dict[str, Verdict]:
    """Return the verdicts `reach`, `credential` and `answer` of a search that is over."""
    blocked = not_run("needs reach")
    reached = [(target, exchange) for target, exchange in search.tried if not _lost(exchange)]
    if not reached:
        lost = search.tried[0][1].error
        reason = "nothing was asked" if lost is None else told(lost)
        if len(search.tried) > 1:
            reason = f"{reason} (the same or the like at {len(search.tried) - 1} other usual paths of this host)"
        return {"reach": failed(reason), "credential": blocked, "answer": blocked}
    target, exchange = reached[-1]
    url = target.endpoint.base_url or ""
    reach = passed(f"{url} speaks this API", base_url=url)
    if url != search.first.endpoint.base_url:
        reach = passed(f"it is at {url}, not at {search.first.endpoint.base_url}", base_url=url)
    if search.found is None:
        return {"reach": reach, "credential": _no_form(search), "answer": not_run("needs credential")}
    return {"reach": reach, "credential": _form(search, exchange), "answer": _answer(exchange)}


def _lost(exchange: Exchange) -> bool:
    error = exchange.error
    return error is not None and not exchange.arrivals_s and (_elsewhere(error) or _unheard(error))


def _no_form(search: Search) -> Verdict:
    refusals = [(target.auth, exchange.error) for target, exchange in search.tried if exchange.error is not None]
    forms = ", ".join(KEY_FORMS[auth] for auth, error in refusals if auth and _refused(error))
    # A server that looks elsewhere calls a key missing, the one that sees it calls it wrong; the endpoint's own form
    # is the first, so its words are the ones that tell.
    error = next(error for _, error in refusals if _refused(error))
    return failed(f"no form of the key is taken ({forms}). {told(error)}")


def _form(search: Search, exchange: Exchange) -> Verdict:
    auth = search.found.auth if search.found else None
    error = exchange.error
    if error is not None and not exchange.arrivals_s and _unaware(error):
        return not_run("the endpoint failed before it said anything of the key")
    refused = [target.auth for target, heard in search.tried if heard.error is not None and _refused(heard.error)]
    said = f"taken as {KEY_FORMS[auth]}" if auth else "taken"
    if refused:
        said += f", refused as {', '.join(KEY_FORMS[form] for form in refused if form)}"
    return passed(said, auth=auth)


def _unaware(error: GStreamError) -> bool:
    """Return whether an error may have come before anybody looked at the key."""
    if isinstance(error, NotFoundError | QuotaError) or not isinstance(error, EndpointError):
        return False
    return isinstance(error, RateLimitError) or error.status is None or error.status >= _SERVER_S_OWN


_BROKEN_OFF: Final = frozenset(
    {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE", "MALFORMED_FUNCTION_CALL"}
)


def _answer(exchange: Exchange) -> Verdict:
    if exchange.error is not None:
        return failed(exchange.why)
    answer = exchange.answer
    if answer is not None and answer.finish_reason in _BROKEN_OFF:
        return failed(f"the answer to a harmless question was broken off: {answer.finish_reason}")
    if not exchange.text.strip():
        return failed("the answer holds no text")
    return passed(f"a whole answer after {shown_s(exchange.ended_s)}")
