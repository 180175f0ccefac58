"""The client: what it sends, how it moves bytes, and what becomes of every way a transport can fail."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import socket
import threading
import traceback
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gstream import (
    ENDPOINTS,
    AuthenticationError,
    Chunk,
    Client,
    ConfigurationError,
    ConnectionFailed,
    ContentBlockedError,
    EmptyAnswerError,
    Endpoint,
    EndpointError,
    GStreamError,
    IncompleteStreamError,
    InvalidRequestError,
    OverloadedError,
    Prompt,
    QuotaError,
    RateLimitError,
    RequestError,
    RequestTimeout,
    RetryPolicy,
    ServerError,
    Settings,
    StreamError,
    Target,
    Text,
    Timeout,
    Turn,
    Usage,
)
from gstream.call import Call
from tests.core.feeding import event, events, said
from tests.core.loopback import LONGEST_S, Connection, Loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Collect

KEY = "key-Secret.1234+/="
GOOGLE = Target(ENDPOINTS["google"], KEY)
PROMPT = Prompt("gemini-2.5-flash", (Turn("user", (Text("Hello"),)),))
GOOD = events(said("Hel"), said("lo", finish="STOP", usageMetadata={"promptTokenCount": 3}))
BUSY = json.dumps({"error": {"code": 503, "message": "Busy.", "status": "UNAVAILABLE"}}).encode()
NOW = RetryPolicy(2, base_s=0.0)
"""Two retries without a wait."""
ONCE = RetryPolicy(0)


class Script:
    """Answers request after request, and notes what was sent; the last answer serves all further requests."""

    def __init__(self, *answers: bytes | int | Exception | httpx.Response) -> None:
        self.requests: list[httpx.Request] = []
        self._answers = list(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            whole = not isinstance(answer.stream, Breaking) and "content-encoding" not in answer.headers
            return (
                httpx.Response(answer.status_code, headers=answer.headers, content=answer.content) if whole else answer
            )
        if isinstance(answer, int):
            return httpx.Response(answer)
        return httpx.Response(200, content=answer)


def text(chunks: list[Chunk]) -> str:
    return "".join(chunk.text for chunk in chunks)


def everything(error: BaseException) -> str:
    """Return all that a log or a traceback would show of an error."""
    return "".join(traceback.format_exception(error)) + repr(error) + str(vars(error))


# -- what is sent -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("auth", "headers", "query"),
    [
        ("header", {"x-goog-api-key": KEY}, "alt=sse"),
        ("bearer", {"authorization": f"Bearer {KEY}"}, "alt=sse"),
        ("query", {}, "alt=sse&key=key-Secret.1234%2B%2F%3D"),
    ],
)
def test_exactly_this_request_is_sent(auth: Any, headers: dict[str, str], query: str, collect: Collect) -> None:
    script = Script(GOOD)
    collect(PROMPT, replace(GOOGLE, auth=auth), answer=script)

    (request,) = script.requests
    assert request.method == "POST"
    assert str(request.url) == (
        f"https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent?{query}"
    )
    assert request.content == b'{"contents":[{"role":"user","parts":[{"text":"Hello"}]}]}'
    sent = {
        name: request.headers[name] for name in ("x-goog-api-key", "authorization", "cookie") if name in request.headers
    }
    assert headers == sent
    assert request.headers["content-type"] == "application/json"
    assert request.headers["accept"] == "text/event-stream, application/json"
    assert request.headers["user-agent"].startswith("gstream/")


def test_a_model_name_with_a_slash_stays_percent_encoded_on_the_wire(collect: Collect) -> None:
    script = Script(GOOD)
    collect(replace(PROMPT, model="google/gemini [x]"), GOOGLE, answer=script)

    assert script.requests[0].url.raw_path == b"/v1beta/models/google%2Fgemini%20%5Bx%5D:streamGenerateContent?alt=sse"


def test_the_request_is_the_same_on_a_real_socket(collect: Collect) -> None:
    with Loopback(answers(GOOD)) as server:
        chunks = collect(PROMPT, at(server, auth="header"))

    assert text(chunks) == "Hello"
    (received,) = server.received
    assert received.line == "POST /v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse HTTP/1.1"
    assert received.headers["x-goog-api-key"] == KEY
    assert received.body == b'{"contents":[{"role":"user","parts":[{"text":"Hello"}]}]}'


# -- what comes back ----------------------------------------------------------------------------------------------


def test_chunks_come_as_they_arrive_and_the_last_one_has_the_rest(collect: Collect) -> None:
    chunks = collect(PROMPT, GOOGLE, answer=Script(GOOD))

    assert [(chunk.text, chunk.finish_reason) for chunk in chunks] == [("Hel", None), ("lo", None), ("", "STOP")]
    assert [None, None, Usage(prompt=3)] == [chunk.usage for chunk in chunks]


def test_generate_returns_the_whole_answer(collect: Collect) -> None:
    answer = collect.generate(PROMPT, GOOGLE, answer=Script(GOOD))

    assert ((Text("Hello"),), "STOP", Usage(prompt=3), True) == (
        answer.parts,
        answer.finish_reason,
        answer.usage,
        answer.last,
    )


TWO = events(
    {
        "candidates": [
            {"index": 0, "content": {"parts": [{"text": "a"}]}, "finishReason": "STOP"},
            {"index": 1, "content": {"parts": [{"text": "x"}]}, "finishReason": "MAX_TOKENS"},
        ],
        "usageMetadata": {"promptTokenCount": 3},
    }
)


SEVERAL = replace(PROMPT, settings=Settings(candidate_count=2))


def test_all_candidates_are_returned_apart(collect: Collect) -> None:
    found = collect.generate_all(SEVERAL, GOOGLE, answer=Script(TWO))

    assert [(chunk.index, chunk.text, chunk.finish_reason) for chunk in found] == [
        (0, "a", "STOP"),
        (1, "x", "MAX_TOKENS"),
    ]


def test_several_candidates_are_streamed_side_by_side(collect: Collect) -> None:
    chunks = collect(SEVERAL, GOOGLE, answer=Script(TWO))

    assert [(chunk.index, chunk.text) for chunk in chunks] == [(0, "a"), (1, "x"), (0, ""), (1, "")]


def test_a_candidate_that_nobody_asked_for_is_not_mixed_into_a_stream(collect: Collect) -> None:
    assert text(collect(PROMPT, GOOGLE, answer=Script(TWO))) == "a"


@pytest.mark.parametrize("prompt", [PROMPT, SEVERAL], ids=["one asked for", "two asked for"])
def test_generate_does_not_mix_candidates(prompt: Prompt, collect: Collect) -> None:
    answer = collect.generate(prompt, GOOGLE, answer=Script(TWO))

    assert (0, "a", "STOP", Usage(prompt=3)) == (answer.index, answer.text, answer.finish_reason, answer.usage)


def test_a_compressed_answer_is_read(collect: Collect) -> None:
    response = httpx.Response(200, headers={"content-encoding": "gzip"}, content=gzip.compress(GOOD))

    assert text(collect(PROMPT, GOOGLE, answer=Script(response))) == "Hello"


def test_nothing_is_read_behind_done(collect: Collect) -> None:
    """A server that keeps the connection open after `[DONE]` holds nobody up."""

    def script(connection: Connection) -> None:
        connection.head()
        connection.chunk(GOOD + b"data: [DONE]\n\n")
        connection.wait_for_close()

    with Loopback(script) as server:
        assert text(collect(PROMPT, at(server))) == "Hello"
        assert server.connections[0].closed_by_client.wait(LONGEST_S)


# -- asking again -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529])
def test_a_status_that_may_heal_is_asked_again(status: int, collect: Collect) -> None:
    script = Script(status, status, GOOD)

    assert text(collect(PROMPT, GOOGLE, answer=script, max_retries=NOW)) == "Hello"
    assert len(script.requests) == 3
    assert len({request.content for request in script.requests}) == 1


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("refused"),
        httpx.ReadError("reset"),
        httpx.RemoteProtocolError("closed"),
        httpx.ReadTimeout("slow"),
        httpx.ConnectTimeout("slow"),
        b"",
        b"data: [DONE]\n\n",
        events(json.loads(BUSY)),
        events(said("", finish="STOP")),
        events({"candidates": [{"finishReason": "MALFORMED_FUNCTION_CALL"}]}),
        b"upstream connect error",
    ],
    ids=repr,
)
def test_a_failure_before_the_first_chunk_is_asked_again(answer: Any, collect: Collect) -> None:
    script = Script(answer, GOOD)

    assert text(collect(PROMPT, GOOGLE, answer=script, max_retries=NOW)) == "Hello"
    assert len(script.requests) == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (400, InvalidRequestError),
        (401, AuthenticationError),
        (402, QuotaError),
        (httpx.Response(200, content=b"<html><title>Console</title></html>"), StreamError),
        (events({"promptFeedback": {"blockReason": "SAFETY"}}), ContentBlockedError),
        (httpx.Response(429, headers={"retry-after": "3600"}), RateLimitError),
    ],
)
def test_what_will_not_heal_is_asked_once(answer: Any, error: type[GStreamError], collect: Collect) -> None:
    script = Script(answer)
    with pytest.raises(error):
        collect(PROMPT, GOOGLE, answer=script, max_retries=NOW)

    assert len(script.requests) == 1


@pytest.mark.parametrize(("retries", "requests"), [(0, 1), (1, 2), (NOW, 3)])
def test_there_are_no_more_requests_than_allowed(retries: Any, requests: int, collect: Collect) -> None:
    script = Script(httpx.Response(503, content=BUSY, headers={"retry-after": "0"}))
    with pytest.raises(OverloadedError) as caught:
        collect(PROMPT, GOOGLE, answer=script, max_retries=retries)

    assert requests == len(script.requests)
    assert len(caught.value.attempts) == (0 if requests == 1 else requests)
    assert (
        caught.value.endpoint,
        caught.value.model,
        caught.value.provider_message,
    ) == ("google", "gemini-2.5-flash", "Busy.")


def test_nothing_is_asked_again_once_a_chunk_was_delivered(collect: Collect) -> None:
    script, seen = Script(events(said("a"), json.loads(BUSY)), GOOD), list[Chunk]()
    with pytest.raises(OverloadedError) as caught:
        collect(PROMPT, GOOGLE, Target(ENDPOINTS["apigo"], "key-2"), answer=script, max_retries=NOW, seen=seen)

    assert (text(seen), len(script.requests)) == ("a", 1)
    assert caught.value.partial is not None
    assert caught.value.partial.text == "a"


def test_generate_asks_again_until_the_answer_is_whole(collect: Collect) -> None:
    script = Script(events(said("a")), events(said("b"), json.loads(BUSY)), GOOD)

    assert collect.generate(PROMPT, GOOGLE, answer=script, max_retries=NOW).text == "Hello"
    assert len(script.requests) == 3


def test_generate_attaches_what_the_last_attempt_brought(collect: Collect) -> None:
    script = Script(events(said("first")), events(said("second")))
    with pytest.raises(IncompleteStreamError) as caught:
        collect.generate(PROMPT, GOOGLE, answer=script, max_retries=RetryPolicy(1, base_s=0.0))

    assert caught.value.partial is not None
    assert caught.value.partial.text == "second"
    assert [number for number, _ in enumerate(caught.value.attempts, start=1)] == [1, 2]


def test_the_endpoints_wish_to_wait_is_obeyed() -> None:
    """Asked of the part without clocks: what the loop is told to wait."""
    call = Call(PROMPT, [GOOGLE], timeout=Timeout(), policy=RetryPolicy(2))
    call.request()
    call.opened(429, {"retry-after": "17"})
    assert list(call.finish()) == []

    assert (call.wait_s, call.complete) == (17.0, False)


def test_a_wait_beyond_the_total_limit_is_not_begun() -> None:
    call = Call(PROMPT, [GOOGLE], timeout=Timeout(total=5.0), policy=RetryPolicy(2))
    call.request()
    call.opened(429, {"retry-after": "17"})
    with pytest.raises(RateLimitError):
        list(call.finish())


# -- fallbacks ----------------------------------------------------------------------------------------------------


def test_a_fallback_is_asked_with_its_own_url_key_dialect_and_model(collect: Collect) -> None:
    script = Script(401, GOOD)
    other = Target(ENDPOINTS["juheai"], "key-other", "gemini-x")

    assert text(collect(PROMPT, GOOGLE, other, answer=script)) == "Hello"
    first, second = script.requests
    assert first.headers["x-goog-api-key"] == KEY
    assert (
        str(second.url) == "https://api.juheai.top/v1beta/models/gemini-x:streamGenerateContent?alt=sse&key=key-other"
    )
    assert "x-goog-api-key" not in second.headers
    assert "Secret" not in f"{second.url} {second.headers} {second.content!r}"


def test_fallbacks_are_tried_in_order_and_all_attempts_are_told(collect: Collect) -> None:
    script = Script(401, httpx.ConnectError("refused"), 404)
    targets = (GOOGLE, Target(ENDPOINTS["apigo"], "key-2"), Target(ENDPOINTS["juheai"], "key-3"))
    with pytest.raises(EndpointError) as caught:
        collect(PROMPT, *targets, answer=script, max_retries=0)

    assert [r.url.host for r in script.requests] == [
        "generativelanguage.googleapis.com",
        "maas.apigo.ai",
        "api.juheai.top",
    ]
    assert [attempt.endpoint for attempt in caught.value.attempts] == ["google", "apigo", "juheai"]
    assert all(name in str(caught.value) for name in ("google", "apigo", "juheai"))


@pytest.mark.parametrize("answer", [400, events({"promptFeedback": {"blockReason": "SAFETY"}})], ids=["400", "blocked"])
def test_no_fallback_is_asked_for_what_lies_in_the_question(answer: Any, collect: Collect) -> None:
    script = Script(answer)
    with pytest.raises(GStreamError):
        collect(PROMPT, GOOGLE, Target(ENDPOINTS["apigo"], "key-2"), answer=script)

    assert len(script.requests) == 1


def test_a_fallback_that_cannot_say_the_request_hides_no_earlier_failure(collect: Collect) -> None:
    """`undocumented="error"` may let the first target pass and refuse the second, before anything is sent."""
    prompt = replace(PROMPT, settings=Settings(seed=1, undocumented="error"))
    with pytest.raises(GStreamError) as caught:
        collect(prompt, GOOGLE, Target(ENDPOINTS["juheai"], "key-2"), answer=Script(401))

    assert "401" in str(caught.value)


def test_an_error_of_the_request_says_where_it_was_to_go(collect: Collect) -> None:
    with pytest.raises(RequestError) as caught:
        collect(Prompt("m", ()), GOOGLE, answer=Script(GOOD))

    assert (caught.value.endpoint, caught.value.model) == ("google", "m")


# -- every way a transport can fail ---------------------------------------------------------------------------------


def subclasses(cls: type[Exception]) -> Iterator[type[Exception]]:
    yield cls
    for below in cls.__subclasses__():
        if below.__module__.split(".")[0] == "httpx":  # other libraries subclass them too, once they are imported
            yield from subclasses(below)


def public_exceptions() -> list[type[Exception]]:
    """Return every exception class that httpx exports, as it is installed."""
    named = [getattr(httpx, name) for name in httpx.__all__]
    return [cls for cls in named if isinstance(cls, type) and issubclass(cls, Exception)]


TRANSPORT = sorted(
    {*public_exceptions(), *subclasses(httpx.HTTPError), *subclasses(httpx.StreamError)}, key=lambda cls: cls.__name__
)
MAPPED: dict[type[Exception], type[GStreamError]] = {
    httpx.ConnectTimeout: RequestTimeout,
    httpx.ReadTimeout: RequestTimeout,
    httpx.WriteTimeout: RequestTimeout,
    httpx.PoolTimeout: RequestTimeout,
    httpx.TimeoutException: RequestTimeout,
    httpx.DecodingError: StreamError,
    httpx.UnsupportedProtocol: ConfigurationError,
    httpx.LocalProtocolError: ConfigurationError,
    httpx.InvalidURL: ConfigurationError,
}


def raised(cls: type[Exception]) -> Exception:
    """Return an exception of a class, with a key in it as a real one may have."""
    request = httpx.Request("POST", f"https://host/?key={KEY}")
    words = f"it failed at https://host/?key={KEY}"
    if cls is httpx.HTTPStatusError:
        return httpx.HTTPStatusError(words, request=request, response=httpx.Response(500, request=request))
    for arguments in ((words,), ()):
        try:
            return cls(*arguments)
        except TypeError:
            continue
    raise AssertionError(cls)


@pytest.mark.parametrize("cls", TRANSPORT, ids=lambda cls: cls.__name__)
def test_every_exception_of_the_transport_becomes_ours_without_a_key(cls: type[Exception], collect: Collect) -> None:
    with pytest.raises(GStreamError) as caught:
        collect(PROMPT, GOOGLE, answer=Script(raised(cls)), max_retries=ONCE)

    assert MAPPED.get(cls, ConnectionFailed) is type(caught.value)
    assert (caught.value.endpoint, caught.value.model) == ("google", "gemini-2.5-flash")
    assert "Secret" not in everything(caught.value)
    assert "sk-" not in str(caught.value)


class Breaking(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that breaks with an exception behind its first bytes."""

    def __init__(self, data: bytes, error: Exception) -> None:
        self._data, self._error = data, error

    def __iter__(self) -> Iterator[bytes]:
        yield self._data
        raise self._error

    async def __aiter__(self) -> Any:
        yield self._data
        raise self._error


@pytest.mark.parametrize("cls", TRANSPORT, ids=lambda cls: cls.__name__)
def test_every_exception_in_mid_stream_becomes_ours_with_what_had_arrived(
    cls: type[Exception], collect: Collect
) -> None:
    answer, seen = httpx.Response(200, stream=Breaking(events(said("a")), raised(cls))), list[Chunk]()
    with pytest.raises(GStreamError) as caught:
        collect(PROMPT, GOOGLE, answer=Script(answer), max_retries=ONCE, seen=seen)

    assert text(seen) == "a"
    assert caught.value.partial is not None
    assert caught.value.partial.text == "a"
    assert "Secret" not in everything(caught.value)
    if issubclass(cls, httpx.NetworkError | httpx.RemoteProtocolError):
        assert IncompleteStreamError is type(caught.value)
    if issubclass(cls, httpx.TimeoutException) and cls is not httpx.ConnectTimeout:
        assert isinstance(caught.value, RequestTimeout)
        assert caught.value.phase == "idle"


def test_a_broken_content_encoding_is_a_stream_error(collect: Collect) -> None:
    response = httpx.Response(
        200, headers={"content-encoding": "gzip"}, stream=Breaking(b"no gzip at all", httpx.ReadError("x"))
    )
    with pytest.raises(StreamError, match="content encoding"):
        collect(PROMPT, GOOGLE, answer=Script(response), max_retries=ONCE)


def packed(body: bytes, encoding: str = "gzip") -> Callable[[Connection], None]:
    """Answer with a body as it stands, said to be packed, and keep the connection open."""

    def script(connection: Connection) -> None:
        connection.head(extra=f"content-encoding: {encoding}")
        connection.chunk(*(body[place : place + 20] for place in range(0, len(body), 20)))
        connection.wait_for_close()

    return script


def test_a_compressed_stream_is_read_as_it_comes(collect: Collect) -> None:
    with Loopback(packed(gzip.compress(GOOD + b"data: [DONE]\n\n"))) as server:
        assert text(collect(PROMPT, at(server), max_retries=ONCE)) == "Hello"
        assert server.connections[0].closed_by_client.wait(LONGEST_S)


@pytest.mark.parametrize(
    ("encoding", "why"), [("br", "it is 'br'"), ("gzip, deflate", "2 encodings"), ("gzip", "Error")]
)
def test_an_encoding_that_cannot_be_removed_is_a_stream_error(encoding: str, why: str, collect: Collect) -> None:
    with Loopback(packed(GOOD, encoding)) as server, pytest.raises(StreamError, match=why) as caught:
        collect(PROMPT, at(server), max_retries=ONCE)

    assert "content encoding is broken" in str(caught.value)
    assert caught.value.retryable


def test_a_broken_encoding_behind_the_end_of_an_answer_loses_nothing() -> None:
    """What has said its finish reason is whole. Without a network, where the reads are the test's own."""
    call = Call(PROMPT, [GOOGLE], timeout=Timeout(), policy=ONCE)
    call.request()
    call.opened(200, {"content-encoding": "gzip"})
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)

    chunks = list(call.feed(packer.compress(GOOD) + packer.flush(zlib.Z_SYNC_FLUSH)))
    assert list(call.feed(b"no gzip any more")) == []
    assert call.done
    chunks += call.finish()
    assert (text(chunks), chunks[-1].finish_reason, call.complete) == ("Hello", "STOP", True)


def test_bytes_that_belong_to_no_response_are_nothing() -> None:
    """The part without a network is there for any transport."""
    call = Call(PROMPT, [GOOGLE], timeout=Timeout(), policy=ONCE)
    call.request()

    assert list(call.feed(GOOD)) == []
    with pytest.raises(ConnectionFailed, match="No answer from"):
        list(call.finish())


def opened(**limits: float) -> Call:
    """Return a call whose response has begun."""
    call = Call(PROMPT, [GOOGLE], timeout=Timeout(**limits), policy=ONCE)
    call.request()
    call.opened(200, {})
    return call


@pytest.mark.parametrize(("limit", "phase"), [("first_byte", "first byte"), ("total", "total")])
def test_bytes_that_only_keep_a_connection_alive_buy_no_time(limit: str, phase: str) -> None:
    """Limits so small that they have passed by the first read; no clock is asked."""
    call = opened(**{limit: 1e-9})

    assert list(call.feed(b": ping\n\n")) == []
    assert call.done
    with pytest.raises(RequestTimeout) as caught:
        list(call.finish())
    assert caught.value.phase == phase


def test_silence_behind_the_end_of_an_answer_loses_nothing() -> None:
    call = opened()
    chunks = list(call.feed(GOOD))
    call.timed_out("idle")

    assert call.done
    chunks += call.finish()
    assert (text(chunks), chunks[-1].finish_reason, call.complete) == ("Hello", "STOP", True)


def test_a_wait_that_is_told_is_kept(collect: Collect) -> None:
    script = Script(httpx.Response(503, content=BUSY, headers={"retry-after": "0.01"}), GOOD)

    assert text(collect(PROMPT, GOOGLE, answer=script, max_retries=1)) == "Hello"
    assert len(script.requests) == 2


@pytest.mark.parametrize(
    "header",
    [
        pytest.param({"x-team": "Secret\n"}),
        pytest.param({"x-team": "Secret\r\nx: y"}),
        {"x-team": "Secret\u6625"},
        {"x team\n": "Secret"},
    ],
)
def test_headers_that_cannot_be_sent_are_a_configuration_error_that_shows_none_of_them(
    header: dict[str, str], collect: Collect
) -> None:
    """They may hold secrets, so they are never shown."""
    prompt = replace(PROMPT, settings=Settings(extra_headers=header))
    with Loopback(answers(GOOD)) as server, pytest.raises(ConfigurationError) as caught:
        collect(prompt, at(server), max_retries=ONCE)

    assert "Secret" not in everything(caught.value)


def test_an_own_client_that_was_closed_is_a_configuration_error() -> None:
    http = httpx.Client()
    http.close()
    with pytest.raises(GStreamError):
        list(Client(GOOGLE, http_client=http, max_retries=ONCE).stream(PROMPT))


async def test_an_own_async_client_that_was_closed_is_a_configuration_error() -> None:
    http = httpx.AsyncClient()
    await http.aclose()
    with pytest.raises(GStreamError):
        async for _ in Client(GOOGLE, http_async_client=http, max_retries=ONCE).astream(PROMPT):
            pass


def test_a_timeout_of_another_library_is_our_error() -> None:
    with pytest.raises(ConfigurationError):
        Client(GOOGLE, timeout=httpx.Timeout(5.0))  # type: ignore[arg-type]  # a likely mistake


def test_a_client_without_a_target_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match="at least one target"):
        Client()


def test_an_answer_of_no_bytes_at_most_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match="max_answer_bytes must be a number of bytes above 0; got 0"):
        Client(GOOGLE, max_answer_bytes=0)


# -- no key anywhere ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("auth", "answer"),
    [
        *((auth, answer) for auth in ("header", "bearer") for answer in (GOOD, 401, httpx.ConnectError("x"))),
        ("query", httpx.ConnectError("x")),
        pytest.param("query", GOOD),
        pytest.param("query", 401),
    ],
)
def test_no_key_is_logged(auth: Any, answer: Any, collect: Collect, caplog: pytest.LogCaptureFixture) -> None:
    """An application that logs at INFO gets a line for each request from the HTTP library: it shows the URL."""
    caplog.set_level(logging.DEBUG)
    try:
        collect(PROMPT, replace(GOOGLE, auth=auth), answer=Script(answer), max_retries=ONCE)
    except GStreamError as error:
        logging.getLogger("app").exception("failed", exc_info=error)

    assert "Secret" not in caplog.text


def test_no_key_is_logged_on_a_real_socket(collect: Collect, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Loopback(answers(GOOD)) as server:
        collect(PROMPT, at(server, auth="query"))

    assert "key=key-Secret" in server.received[0].line
    assert "Secret" not in caplog.text


@pytest.mark.parametrize("auth", ["header", "bearer", "query"])
def test_a_key_that_a_server_echoes_is_not_shown(auth: Any, collect: Collect) -> None:
    said_back = [
        httpx.Response(401, json={"error": {"message": f"Incorrect API key provided: {KEY}", "code": KEY}}),
        httpx.Response(401, json={"error": {"message": "bad url ?key=key-Secret.1234%2B%2F%3D"}}),
        httpx.Response(500, content=f"<html><title>{KEY}</title></html>".encode()),
        httpx.Response(200, content=f"bad key {KEY}".encode()),
        httpx.Response(401, headers={"x-request-id": KEY}),
        httpx.Response(307, headers={"location": f"https://elsewhere.example/{KEY}?key={KEY}"}),
    ]
    for response in said_back:
        with pytest.raises(GStreamError) as caught:
            collect(PROMPT, replace(GOOGLE, auth=auth), answer=Script(response), max_retries=ONCE)

        assert "Secret" not in everything(caught.value)


def test_a_key_of_another_target_is_not_shown_either(collect: Collect) -> None:
    """A gateway in front of both may mix them up."""
    script = Script(401, httpx.Response(401, json={"error": {"message": f"key {KEY} is known to be bad"}}))
    with pytest.raises(AuthenticationError) as caught:
        collect(PROMPT, GOOGLE, Target(ENDPOINTS["apigo"], "key-2"), answer=script)

    assert "Secret" not in everything(caught.value)


# -- real sockets ---------------------------------------------------------------------------------------------------


def at(server: Loopback, *, auth: Any = "header", scheme: str = "http") -> Target:
    url = server.base_url.replace("http://", f"{scheme}://")
    return Target(Endpoint("local", base_url=url), KEY, auth=auth)


def answers(body: bytes, *, status: int = 200) -> Callable[[Connection], None]:
    """Return a script that answers with a whole body, in chunks of 7 bytes."""

    def script(connection: Connection) -> None:
        connection.head(status)
        connection.chunk(*(body[start : start + 7] for start in range(0, len(body), 7)))
        connection.end()

    return script


def test_a_reset_before_the_answer_is_asked_again(collect: Collect) -> None:
    with Loopback(Connection.reset, answers(GOOD)) as server:
        assert text(collect(PROMPT, at(server), max_retries=NOW)) == "Hello"

    assert len(server.received) == 2


def test_a_connection_closed_without_an_answer_is_a_failed_connection(collect: Collect) -> None:
    with Loopback(lambda _: None) as server, pytest.raises(ConnectionFailed) as caught:
        collect(PROMPT, at(server), max_retries=ONCE)

    assert "cut" in str(caught.value)
    assert server.base_url in str(caught.value)


def reset_inside_a_chunk(connection: Connection) -> None:
    connection.head()
    connection.chunk(event(said("a")))
    connection.send(b"ff\r\ndata: {")
    connection.reset()


def close_inside_a_chunk(connection: Connection) -> None:
    connection.head()
    connection.chunk(event(said("a")))
    connection.send(b"ff\r\ndata: {")


def close_between_chunks(connection: Connection) -> None:
    connection.head()
    connection.chunk(event(said("a")))


def close_below_the_content_length(connection: Connection) -> None:
    connection.head(framing="content-length: 9999")
    connection.send(event(said("a")))


def close_where_only_that_ends_the_body(connection: Connection) -> None:
    connection.head(framing="")
    connection.send(event(said("a")))


def end_without_a_reason(connection: Connection) -> None:
    connection.head()
    connection.chunk(event(said("a")))
    connection.end()


@pytest.mark.parametrize(
    "script",
    [
        close_inside_a_chunk,
        close_between_chunks,
        close_below_the_content_length,
        close_where_only_that_ends_the_body,
        end_without_a_reason,
    ],
)
def test_an_answer_that_is_cut_is_incomplete(script: Callable[[Connection], None], collect: Collect) -> None:
    seen: list[Chunk] = []
    with Loopback(script) as server, pytest.raises(IncompleteStreamError) as caught:
        collect(PROMPT, at(server), seen=seen)

    assert (text(seen), len(server.received)) == ("a", 1)
    assert caught.value.partial is not None
    assert caught.value.partial.text == "a"


def test_an_answer_that_is_reset_is_incomplete(collect: Collect) -> None:
    """A reset may overtake what was sent before it, so the text may or may not have come."""
    with Loopback(reset_inside_a_chunk) as server, pytest.raises((IncompleteStreamError, ConnectionFailed)):
        collect(PROMPT, at(server), max_retries=ONCE)

    assert len(server.received) == 1


def test_generate_asks_again_after_an_answer_that_was_cut(collect: Collect) -> None:
    with Loopback(close_inside_a_chunk, end_without_a_reason, answers(GOOD)) as server:
        assert collect.generate(PROMPT, at(server), max_retries=NOW).text == "Hello"

    assert len(server.received) == 3


def test_a_cut_behind_the_finish_reason_loses_nothing(collect: Collect) -> None:
    def script(connection: Connection) -> None:
        connection.head()
        connection.chunk(GOOD)
        connection.send(b"ff\r\n")

    with Loopback(script) as server:
        chunks = collect(PROMPT, at(server))

    assert (text(chunks), chunks[-1].finish_reason) == ("Hello", "STOP")


def test_a_cut_inside_an_event_behind_the_finish_reason_has_lost_something(collect: Collect) -> None:
    """Parts may follow a STOP, and here something did."""

    def script(connection: Connection) -> None:
        connection.head()
        connection.chunk(GOOD)
        connection.send(b"ff\r\ndata: {")

    with Loopback(script) as server, pytest.raises(IncompleteStreamError) as caught:
        collect(PROMPT, at(server), max_retries=ONCE)

    assert caught.value.partial is not None
    assert caught.value.partial.text == "Hello"


def test_an_incomplete_answer_can_be_let_through(collect: Collect) -> None:
    with Loopback(end_without_a_reason) as server:
        assert text(collect(PROMPT, at(server), on_incomplete="ignore")) == "a"


def test_a_port_where_nobody_listens_is_a_failed_connection(collect: Collect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(ConnectionFailed) as caught:
        collect(PROMPT, Target(Endpoint("local", base_url=f"http://127.0.0.1:{port}/v1beta"), KEY), max_retries=ONCE)

    assert f"127.0.0.1:{port}" in str(caught.value)
    assert caught.value.endpoint == "local"


SHORT = 0.15


def stall(connection: Connection) -> None:
    connection.wait_for_close()


def stall_behind_the_head(connection: Connection) -> None:
    connection.head()
    connection.wait_for_close()


def stall_behind_a_chunk(connection: Connection) -> None:
    connection.head()
    connection.chunk(event(said("a")))
    connection.wait_for_close()


def trickle(connection: Connection) -> None:
    connection.head()
    connection.chunk(event(said("a")))
    while not connection.closed_by_client.is_set():
        connection.chunk(b": ping\n\n")
        threading.Event().wait(SHORT / 10)


def test_the_limit_of_the_first_byte_is_kept(collect: Collect) -> None:
    with Loopback(stall) as server, pytest.raises(RequestTimeout) as caught:
        collect(PROMPT, at(server), timeout={"first_byte": SHORT}, max_retries=ONCE)

    assert (caught.value.phase, caught.value.limit_s) == ("first byte", SHORT)
    assert "0.15 s" in str(caught.value)


def test_a_first_byte_that_is_late_is_asked_for_again(collect: Collect) -> None:
    with Loopback(stall, answers(GOOD)) as server:
        assert text(collect(PROMPT, at(server), timeout={"first_byte": 0.5}, max_retries=NOW)) == "Hello"

    assert len(server.received) == 2


@pytest.mark.parametrize(("script", "before"), [(stall_behind_the_head, ""), (stall_behind_a_chunk, "a")])
def test_the_limit_of_silence_is_kept(script: Callable[[Connection], None], before: str, collect: Collect) -> None:
    seen: list[Chunk] = []
    with Loopback(script) as server:
        with pytest.raises(RequestTimeout) as caught:
            collect(PROMPT, at(server), timeout={"idle": SHORT}, max_retries=ONCE, seen=seen)
        assert server.connections[0].closed_by_client.wait(LONGEST_S)

    assert ("idle", SHORT, before) == (caught.value.phase, caught.value.limit_s, text(seen))
    assert before == (caught.value.partial.text if caught.value.partial else "")


@pytest.mark.parametrize("script", [stall, stall_behind_the_head, stall_behind_a_chunk, trickle])
def test_the_limit_of_the_whole_call_is_kept(script: Callable[[Connection], None], collect: Collect) -> None:
    with Loopback(script) as server, pytest.raises(RequestTimeout) as caught:
        collect(PROMPT, at(server), timeout={"total": SHORT}, max_retries=NOW)

    assert (caught.value.phase, caught.value.limit_s) == ("total", SHORT)


def test_the_limit_of_connecting_covers_the_handshake(collect: Collect) -> None:
    """A server that accepts and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        target = Target(Endpoint("local", base_url=f"https://127.0.0.1:{silent.getsockname()[1]}/v1beta"), KEY)
        with pytest.raises(RequestTimeout) as caught:
            collect(PROMPT, target, timeout={"connect": SHORT}, max_retries=ONCE)

    assert (caught.value.phase, caught.value.limit_s) == ("connect", SHORT)


def test_a_redirect_is_not_followed(collect: Collect) -> None:
    with Loopback(answers(GOOD)) as elsewhere:

        def script(connection: Connection) -> None:
            connection.head(307, framing="content-length: 0", extra=f"location: {elsewhere.base_url}?key={KEY}")

        with Loopback(script) as server, pytest.raises(EndpointError, match="not followed with a key") as caught:
            collect(PROMPT, at(server, auth="query"))

    assert (caught.value.status, len(server.received), elsewhere.received) == (307, 1, [])
    assert "Secret" not in everything(caught.value)


def test_an_own_client_that_follows_redirects_does_not_follow_them_here() -> None:
    with Loopback(answers(GOOD)) as elsewhere:

        def script(connection: Connection) -> None:
            connection.head(302, framing="content-length: 0", extra=f"location: {elsewhere.base_url}")

        with Loopback(script) as server, httpx.Client(follow_redirects=True) as http, pytest.raises(EndpointError):
            list(Client(at(server), http_client=http).stream(PROMPT))

    assert elsewhere.received == []


def test_cookies_are_neither_kept_nor_sent(collect: Collect) -> None:
    """One pool serves the keys of several users."""

    def script(connection: Connection) -> None:
        connection.head(extra="set-cookie: session=1; Path=/")
        connection.chunk(GOOD)
        connection.end()

    with Loopback(script) as server:
        for _ in range(2):
            collect(PROMPT, at(server))

    assert ["cookie" in received.headers for received in server.received] == [False, False]


def endless(connection: Connection) -> None:
    connection.head()
    connection.chunk(event(said("a")))
    connection.wait_for_close()


def test_closing_the_iterator_closes_the_connection() -> None:
    with Loopback(endless) as server:
        stream = Client(at(server)).stream(PROMPT)
        assert next(stream).text == "a"
        stream.close()

        assert server.connections[0].closed_by_client.wait(LONGEST_S)


async def test_closing_the_async_iterator_closes_the_connection() -> None:
    with Loopback(endless) as server:
        async with aclosing(Client(at(server)).astream(PROMPT)) as stream:
            assert (await anext(stream)).text == "a"

        assert await asyncio.to_thread(server.connections[0].closed_by_client.wait, LONGEST_S)


async def test_cancelling_a_task_closes_the_connection_and_raises_nothing_else() -> None:
    with Loopback(endless) as server:
        begun = asyncio.Event()

        async def ask() -> None:
            async for _ in Client(at(server)).astream(PROMPT):
                begun.set()

        task = asyncio.create_task(ask())
        await asyncio.wait_for(begun.wait(), LONGEST_S)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert await asyncio.to_thread(server.connections[0].closed_by_client.wait, LONGEST_S)


def test_an_error_of_the_callers_own_leaves_as_it_is_and_closes_the_connection() -> None:
    with Loopback(endless) as server:

        def ask() -> None:
            for _ in Client(at(server)).stream(PROMPT):
                raise KeyError("mine")

        with pytest.raises(KeyError, match="mine"):
            ask()

        assert server.connections[0].closed_by_client.wait(LONGEST_S)


def test_one_client_serves_several_event_loops() -> None:
    with Loopback(answers(GOOD)) as server:
        client = Client(at(server))
        found = [asyncio.run(client.agenerate(PROMPT)).text for _ in range(3)]

    assert found == ["Hello"] * 3


def test_one_client_serves_many_threads() -> None:
    with Loopback(answers(GOOD)) as server, ThreadPoolExecutor(8) as pool:
        client = Client(at(server))
        found = list(pool.map(lambda _: client.generate(PROMPT).text, range(32)))

    assert found == ["Hello"] * 32


def test_one_client_serves_loops_in_many_threads() -> None:
    with Loopback(answers(GOOD)) as server, ThreadPoolExecutor(4) as pool:
        client = Client(at(server))
        found = list(pool.map(lambda _: asyncio.run(client.agenerate(PROMPT)).text, range(12)))

    assert found == ["Hello"] * 12


async def test_many_streams_run_at_once_on_one_loop() -> None:
    with Loopback(answers(GOOD)) as server:
        client = Client(at(server))
        found = await asyncio.gather(*(client.agenerate(PROMPT) for _ in range(50)))

    assert [chunk.text for chunk in found] == ["Hello"] * 50


def test_constructing_a_client_and_a_stream_connects_to_nothing() -> None:
    with Loopback(answers(GOOD)) as server:
        client = Client(at(server))
        client.stream(PROMPT)
        client.astream(PROMPT)

    assert server.connections == []


def test_an_answer_in_single_bytes_is_whole(collect: Collect) -> None:
    def script(connection: Connection) -> None:
        connection.head()
        connection.chunk(*(bytes([byte]) for byte in GOOD))
        connection.end()

    with Loopback(script) as server:
        assert text(collect(PROMPT, at(server))) == "Hello"


def test_an_error_status_has_the_providers_words_on_a_real_socket(collect: Collect) -> None:
    with Loopback(answers(BUSY, status=503)) as server, pytest.raises(OverloadedError, match=r"Busy\."):
        collect(PROMPT, at(server), max_retries=ONCE)


def test_an_error_whose_body_is_cut_is_an_error_of_its_status(collect: Collect) -> None:
    def script(connection: Connection) -> None:
        connection.head(500, framing="content-length: 9999")
        connection.send(BUSY)

    with Loopback(script) as server, pytest.raises(ServerError, match=r"Busy\."):
        collect(PROMPT, at(server), max_retries=ONCE)


def test_an_empty_answer_is_an_error(collect: Collect) -> None:
    with Loopback(answers(events(said("", finish="STOP")))) as server, pytest.raises(EmptyAnswerError):
        collect(PROMPT, at(server), max_retries=ONCE)


TWO_CALLS = events(
    {"candidates": [{"content": {"parts": [{"functionCall": {"name": name, "args": {}}} for name in "fg"]}}]},
    said("", finish="STOP"),
)


def test_an_answer_may_be_held_to_one_call(collect: Collect) -> None:
    """The others are named on the last chunk, also where the whole answer is asked for at once, and after a retry."""
    prompt = replace(PROMPT, parallel_calls=False)
    chunks = collect(prompt, GOOGLE, answer=Script(TWO_CALLS))
    whole = collect.generate(prompt, GOOGLE, answer=Script(503, TWO_CALLS), max_retries=NOW)

    for answered in (chunks, [whole]):
        assert [call.name for chunk in answered for call in chunk.calls] == ["f"]
        assert [call.name for call in answered[-1].dropped] == ["g"]


def test_parallel_calls_pass_by_default(collect: Collect) -> None:
    whole = collect.generate(PROMPT, GOOGLE, answer=Script(TWO_CALLS))

    assert [call.name for call in whole.calls] == ["f", "g"]
    assert whole.dropped == ()
