"""What is particular to a proxy: keys, retries, clients that leave, many at once, bytes that are no text."""

from __future__ import annotations

import asyncio
import base64
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from langchain_core.messages import HumanMessage

from gstream import InvalidRequestError, RetryPolicy, ServerError, StreamError, Target
from gstream.emulator import Emulator
from langchain_gstream import ChatGStream
from tests.gateways.proxy import Gateway, Upstream

if TYPE_CHECKING:
    from collections.abc import Callable

    Start = Callable[..., Upstream]

MODEL = "gemini-2.5-flash"
STRANGER = "sk-made-up-key-of-a-stranger"
_PASSING = ("first_google", "body_openai_word", "status_openai_null", "empty", "stop_empty", "ends_early")
"""Faults that heal when the same is asked again, each with another way to end."""


def chat(upstream: Upstream, **parameters: Any) -> ChatGStream:
    """Return a model that knows the proxy by `base_url` alone."""
    named = {"model": MODEL, "base_url": upstream.base_url, "api_key": upstream.api_key, **parameters}
    return ChatGStream(**named)


def test_the_proxy_takes_its_own_key_and_shows_another_one_upstream(start: Start) -> None:
    """So that what the emulator was sent proves that the proxy is in the way."""
    upstream = start()
    answer = chat(upstream).invoke("Tell me about rivers.")
    (received,) = upstream.requests
    shown = received.query.get("key") or received.headers["x-goog-api-key"]

    assert "rivers" in answer.text
    assert shown == upstream.upstream_key != upstream.api_key
    assert upstream.api_key not in repr(received)


@pytest.mark.parametrize("auth", ["header", "query"])
def test_the_key_is_taken_in_the_header_and_in_the_query(start: Start, auth: str) -> None:
    upstream = start()

    assert "rivers" in chat(upstream, auth=auth).invoke("Tell me about rivers.").text


def test_a_key_that_the_proxy_does_not_know_is_a_typed_error_without_it(start: Start) -> None:
    """Without a database the proxy calls it a bad request; nothing reaches the upstream."""
    upstream = start()

    with pytest.raises(InvalidRequestError) as caught:
        chat(upstream, api_key=STRANGER).invoke("hi")

    assert "No connected db" in caught.value.message
    assert STRANGER not in f"{caught.value} {caught.value!r} {vars(caught.value)}"
    assert upstream.requests == []


@pytest.mark.parametrize("fault", _PASSING)
def test_a_fault_that_passes_is_healed_by_asking_again(start: Start, fault: str) -> None:
    upstream = start(fault=fault, fault_times=1)
    model = chat(upstream)
    model.core_client().policy = RetryPolicy(2, base_s=0.0)

    assert "rivers" in model.invoke("Tell me about rivers.").text
    assert [request.fault for request in upstream.requests] == [fault, ""]


def test_a_proxy_whose_upstream_is_gone_is_fallen_back_from(gateway: Gateway) -> None:
    """Nobody listens behind the proxy; a second address is asked in its place."""
    with Emulator("google") as second:
        nobody = Upstream(gateway, "native")
        model = chat(nobody, fallbacks=[Target(second.endpoint, second.api_key)], max_retries=0)

        with pytest.raises(ServerError, match="Cannot connect"):
            chat(nobody, max_retries=0).invoke("hi")
        assert "rivers" in model.invoke("Tell me about rivers.").text


async def test_fifty_streams_at_once_each_get_their_own_answer(start: Start) -> None:
    upstream = start()
    model = chat(upstream)

    async def ask(number: int) -> str:
        return "".join([chunk.text async for chunk in model.astream(f"Tell me about river number {number}.")])

    told = await asyncio.gather(*(ask(number) for number in range(50)))

    assert all(f"river number {number}." in answer for number, answer in enumerate(told))
    assert len(upstream.requests) == 50


def test_a_client_that_leaves_is_told_to_the_upstream(start: Start) -> None:
    """So that what nobody reads is not generated, and billed, to its end."""
    upstream = start(pace_s=0.05)
    with closing(chat(upstream).stream("Tell me about rivers.")) as stream:  # type: ignore[type-var]  # a generator
        next(stream)

    assert upstream.wait_until(lambda requests: requests[-1].disconnected, timeout_s=10)


_BROKEN = (
    b'data: {"candidates": [{"content": {"parts": [{"text": "caf\xe9 au lait"}], "role": "model"}, '
    b'"finishReason": "STOP"}]}\r\n\r\n'
)


def test_bytes_that_are_no_text_are_an_error_unless_the_proxy_repairs_them(gateway: Gateway) -> None:
    """A loss that nobody behind the native route can see: U+FFFD is a character like any other."""
    with Upstream(gateway, "native", script=_BROKEN) as upstream:
        assert chat(upstream).invoke("hi").text == "caf\ufffd au lait"
    with Upstream(gateway, "passthrough", script=_BROKEN) as upstream, pytest.raises(StreamError, match="UTF-8"):
        chat(upstream, max_retries=0).invoke("hi")


@pytest.mark.parametrize("megabytes", [8])
def test_a_large_image_goes_and_comes_whole(start: Start, megabytes: int) -> None:
    data = base64.b64encode(bytes(range(256)) * 4096 * megabytes).decode()
    image = {"candidates": [{"content": {"parts": [{"inlineData": {"mimeType": "image/png", "data": data}}]}}]}
    upstream = start(script=[[image, {"candidates": [{"finishReason": "STOP"}]}]])
    asked = HumanMessage(
        [{"type": "text", "text": "Paint it."}, {"type": "image", "mime_type": "image/png", "base64": data}]
    )
    answer = chat(upstream).invoke([asked])
    (received,) = upstream.requests

    assert [block["base64"] for block in answer.content_blocks if block["type"] == "image"] == [data]
    assert received.body is not None
    assert received.body["contents"][0]["parts"][1]["inlineData"]["data"] == data
