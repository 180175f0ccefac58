"""The server itself: life cycle, records, replays, scripts, faults, clients that go away."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gstream.emulator import FAULTS, Emulator
from gstream.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HELLO: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}


def url(emulator: Emulator) -> str:
    return f"{emulator.base_url}/models/gemini-2.5-flash:streamGenerateContent?alt=sse&key={emulator.api_key}"


# --- life cycle


def test_stop_leaves_no_thread_and_no_open_port() -> None:
    before = threading.active_count()
    emulator = Emulator().start()
    emulator.stop()
    emulator.stop()

    assert threading.active_count() == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", emulator.port), timeout=1)


def test_stop_does_not_wait_for_an_open_stream() -> None:
    with Emulator(pace_s=60) as emulator, httpx.Client() as client, client.stream("POST", url(emulator), json=HELLO):
        emulator.stop()  # the stream would go on for minutes

        assert emulator.requests[0].disconnected is False


def test_it_can_be_started_again() -> None:
    emulator = Emulator()
    for _ in range(2):
        with emulator:
            assert httpx.post(url(emulator), json=HELLO).status_code == 200

    assert len(emulator.requests) == 2


def test_a_port_that_is_taken_raises_at_start() -> None:
    with Emulator() as first:
        second = Emulator(port=first.port)
        with pytest.raises(OSError, match="address already in use"):
            second.start()
        second.stop()


def test_many_emulators_run_at_once() -> None:
    with Emulator("maisi") as first, Emulator("maisi") as second:
        assert first.port != second.port
        assert first.api_key != second.api_key
        refused = httpx.post(url(second), json=HELLO, headers={"x-goog-api-key": first.api_key})

    assert refused.status_code == 401


def test_it_serves_async_callers_in_their_own_loop() -> None:
    async def many(emulator: Emulator) -> list[int]:
        async with httpx.AsyncClient() as client:
            responses = await asyncio.gather(*(client.post(url(emulator), json=HELLO) for _ in range(50)))
        return [response.status_code for response in responses]

    with Emulator() as emulator:
        assert asyncio.run(many(emulator)) == [200] * 50


def test_gstream_itself_never_imports_aiohttp() -> None:
    import subprocess  # noqa: PLC0415 - a clean interpreter is the point

    code = "import sys, gstream; sys.exit('aiohttp' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_aiohttp_the_import_says_what_to_install() -> None:
    import subprocess  # noqa: PLC0415 - a clean interpreter is the point

    code = "import sys; sys.modules['aiohttp'] = None; import gstream.emulator"
    result = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)

    assert 'pip install "gstream[emulator]"' in result.stderr.splitlines()[-1]


# --- records


def test_a_request_is_recorded_with_what_became_of_it() -> None:
    with Emulator("juheai") as emulator:
        httpx.post(url(emulator), json=HELLO)
        assert emulator.wait_until(lambda requests: requests[-1].finished)
        received = emulator.requests[0]

    assert (received.method, received.status, received.model) == ("POST", 200, "gemini-2.5-flash")
    assert received.action == "streamGenerateContent"
    assert received.body == HELLO
    assert received.query == {"alt": "sse", "key": emulator.api_key}
    assert received.headers["content-type"] == "application/json"
    assert received.credential == "query"
    assert received.usage is not None
    assert received.usage["promptTokenCount"] == 2
    assert received.disconnected is False


def test_a_client_that_leaves_is_seen_at_once() -> None:
    begun_at_s = time.monotonic()
    with Emulator(pace_s=30) as emulator:
        with httpx.Client() as client, client.stream("POST", url(emulator), json=HELLO) as response:
            next(response.iter_raw())

        closed_at_s = time.monotonic()

        assert emulator.wait_until(lambda requests: requests[0].disconnected)
        assert emulator.requests[0].finished is False
        noticed_at_s = emulator.requests[0].disconnected_at_s

    assert noticed_at_s is not None
    assert begun_at_s <= noticed_at_s < closed_at_s + 30  # before the next piece was due


def test_a_client_that_stays_never_left() -> None:
    with Emulator() as emulator:
        httpx.post(url(emulator), json=HELLO)
        assert emulator.wait_until(lambda requests: requests[-1].finished)

        assert emulator.requests[0].disconnected_at_s is None


def test_the_pace_separates_chunks() -> None:
    with Emulator(pace_s=0.02) as emulator, httpx.Client() as client:
        with client.stream("POST", url(emulator), json=HELLO) as response:
            pieces = list(response.iter_raw())

        assert len(pieces) >= 4


# --- replays and scripts


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        (b'data: {"candidates": []}\r\n\r\n', "text/event-stream"),
        (b'[{"candidates": []}]', "application/json; charset=UTF-8"),
        (b"<html></html>", "text/html; charset=utf-8"),
    ],
)
def test_a_replay_answers_every_request_with_its_bytes(raw: bytes, content_type: str, tmp_path: Path) -> None:
    path = tmp_path / "response.raw"
    path.write_bytes(raw)
    for replay in (raw, path):
        with Emulator("shuyou", replay=replay) as emulator:
            headers = {"Authorization": f"Bearer {emulator.api_key}"}
            responses = [httpx.post(url(emulator), json={}, headers=headers) for _ in range(2)]
            assert emulator.requests[0].sent_pieces > 1

        assert [response.content for response in responses] == [raw, raw]
        assert responses[0].headers["content-type"] == content_type


def test_the_content_type_of_a_replay_can_be_given() -> None:
    with Emulator(replay=b"[]", replay_type="text/plain") as emulator:
        assert httpx.post(url(emulator), json={}).headers["content-type"] == "text/plain"


def test_a_script_answers_in_turn_and_its_last_answer_stays() -> None:
    script: list[Any] = [[{"responseId": "1"}], b"raw"]
    with Emulator(script=script) as emulator:
        bodies = [httpx.post(url(emulator), json={}).content for _ in range(3)]

    assert bodies == [b'data: {"responseId": "1"}\r\n\r\n', b"raw", b"raw"]


def test_a_script_may_be_made_from_the_body() -> None:
    with Emulator(script=lambda body: [{"responseId": body["id"]}]) as emulator:
        body = httpx.post(url(emulator), json={"id": "7"}).content

    assert body == b'data: {"responseId": "7"}\r\n\r\n'


# --- faults


def test_every_fault_says_in_a_sentence_what_it_does() -> None:
    assert all(fault.summary.endswith(".") for fault in FAULTS.values())


def test_an_unknown_fault_is_refused_with_the_choices() -> None:
    with pytest.raises(ConfigurationError, match=r"fault='x' .* no_finish"):
        Emulator(fault="x")


def test_a_fault_meets_only_the_first_requests_it_is_asked_for(ask: Callable[..., Any]) -> None:
    with Emulator("juheai", fault="error_429", fault_times=2) as emulator:
        statuses = [ask(emulator, "Hello").response.status_code for _ in range(4)]

    assert statuses == [429, 429, 200, 200]
    assert [request.fault for request in emulator.requests] == ["error_429", "error_429", "", ""]


def test_error_429_asks_to_wait_one_second(ask: Callable[..., Any]) -> None:
    with Emulator(fault="error_429") as emulator:
        error = ask(emulator, "Hello").error

    assert (error["code"], error["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert error["details"][-1] == {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1s"}


def test_error_503_is_googles_overload(ask: Callable[..., Any]) -> None:
    with Emulator(fault="error_503") as emulator:
        heard = ask(emulator, "Hello")

    assert heard.response.status_code == 503
    assert heard.error["status"] == "UNAVAILABLE"


def test_cut_mid_event_resets_the_connection_inside_an_event() -> None:
    got: list[bytes] = []

    def read(client: httpx.Client, emulator: Emulator) -> None:
        with client.stream("POST", url(emulator), json=HELLO) as response:
            got.extend(response.iter_raw())

    with Emulator(fault="cut_mid_event") as emulator, httpx.Client() as client:
        with pytest.raises(httpx.ReadError, match="reset by peer"):
            read(client, emulator)

        assert emulator.requests[0].finished is False
        assert emulator.requests[0].disconnected is False
    body = b"".join(got)

    assert body.count(b"data:") == 3
    assert not body.endswith(b"\r\n\r\n")


def test_no_finish_ends_properly_without_a_reason(ask: Callable[..., Any]) -> None:
    for name in ("google", "apigo"):
        with Emulator(name, fault="no_finish") as emulator:
            heard = ask(emulator, "Hello")

        assert heard.text
        assert heard.finish == []


def test_blocked_prompt_has_feedback_and_no_candidates(ask: Callable[..., Any]) -> None:
    with Emulator(fault="blocked_prompt") as emulator:
        (document,) = ask(emulator, "Hello").documents

    assert document["promptFeedback"]["blockReason"] == "SAFETY"
    assert "candidates" not in document


def test_error_mid_stream_comes_after_two_chunks(ask: Callable[..., Any]) -> None:
    with Emulator(fault="error_mid_stream") as emulator:
        first, second, error = ask(emulator, "Hello").documents

    assert "candidates" in first
    assert "candidates" in second
    assert error["error"]["status"] == "INTERNAL"


def test_html_is_a_page_with_status_200(ask: Callable[..., Any]) -> None:
    with Emulator("maisi", fault="html") as emulator:
        response = ask(emulator, "Hello").response

    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert response.text.startswith("<!doctype html>")
