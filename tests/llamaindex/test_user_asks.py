"""What users of LlamaIndex's Gemini classes reported, each held here unless another module of these tests holds it."""

from __future__ import annotations

from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage, MessageRole
from llama_index.core.tools import FunctionTool

from gstream import AuthenticationError, BuiltInTool, GStreamError
from llamaindex_gstream import GStream
from tests.llamaindex.forms import CHATS, ask

ASK = [ChatMessage(role="user", content="Tell me about rivers.")]


def get_time(city: str) -> str:
    """Get the local time of a city."""
    return f"It is noon in {city}."


TOOL = FunctionTool.from_defaults(get_time)


async def every_chat(llm: Any) -> list[str]:
    """Return the answer of each of the four chat methods, inside a running loop."""
    return [
        str(llm.chat(ASK).message.content),
        str((await llm.achat(ASK)).message.content),
        "".join(response.delta or "" for response in llm.stream_chat(ASK)),
        "".join([response.delta or "" async for response in await llm.astream_chat(ASK)]),
    ]


@pytest.mark.parametrize("model", ["gemini-2.5-flash", "models/gemini-2.5-flash", "google/gemini-2.5-flash"])
async def test_a_model_may_be_spelled_as_the_endpoint_does(model: str, start: Any, make: Any) -> None:
    """run-llama/llama_index 21799 and 18070: constructing asks nobody, so no name fails there."""
    emulator = start()

    llm = make(emulator, model=model)
    asked_so_far = len(emulator.requests)

    assert asked_so_far == 0
    assert llm.metadata.context_window == 1_048_576
    assert all(await every_chat(llm))


@pytest.mark.parametrize("role", list(MessageRole))
def test_every_role_of_core_is_taken(role: MessageRole, wired: Any) -> None:
    """run-llama/llama_index 21799; a result needs its call, so those two roles stand elsewhere."""
    llm, bodies = wired()

    if role in {MessageRole.TOOL, MessageRole.FUNCTION}:
        with pytest.raises(GStreamError):
            llm.chat([*ASK, ChatMessage(role=role, content="Hi"), *ASK])
    else:
        llm.chat([*ASK, ChatMessage(role=role, content="Hi"), *ASK])
        assert '"text": "Hi"' in str(bodies[0]).replace("'", '"')


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"candidates": []},
        {"candidates": None},
        {"candidates": [{}]},
        {"candidates": [{"content": None}]},
        {"candidates": [{"content": {"parts": None}}]},
        {"candidates": [{"content": {"parts": [{"text": ""}]}}]},
        {"automaticFunctionCallingHistory": None, "candidates": [{"content": {}}]},
    ],
)
async def test_chunks_without_content_are_borne_in_every_form(odd: dict[str, Any], wired: Any) -> None:
    """run-llama/llama_index 19267: they ended async streams with an AttributeError."""
    said = [{"candidates": [{"content": {"parts": [{"text": text}]}}]} for text in ("One ", "two")]
    llm, _ = wired(odd, said[0], odd, said[1], odd, {"candidates": [{"finishReason": "STOP"}]}, odd)

    assert await every_chat(llm) == ["One two"] * 4


async def test_a_wrong_key_is_told_at_once_in_every_form(reseller: Any, make: Any) -> None:
    """run-llama/llama_index 11989: such errors must not be retried."""
    llm = make(reseller, api_key="made-up-wrong-key", max_retries=5)

    for method in CHATS:
        with pytest.raises(GStreamError) as caught:
            await ask(llm, method, ASK)
        assert not caught.value.retryable
        assert "made-up-wrong" not in str(caught.value)
    assert len(reseller.requests) == 4


async def test_any_gateway_takes_a_base_url_and_a_bearer_token(start: Any) -> None:
    """mozilla-ai/any-llm 797 and LlamaIndexTS 1524: a reseller's address with `Authorization: Bearer`."""
    emulator = start("shuyou")

    for pasted in (emulator.base_url, f"{emulator.base_url}/", f"{emulator.base_url}/models"):
        llm = GStream(model="gemini-2.5-flash", base_url=pasted, auth="bearer", api_key=emulator.api_key)
        assert all(await every_chat(llm))

    assert {request.credential for request in emulator.requests} == {"bearer"}


async def test_functions_are_called_at_an_address_of_ones_own(start: Any) -> None:
    """run-llama/llama_index 18937: "Expected at least one tool call" with a custom endpoint."""
    emulator = start("shuyou")
    llm = GStream(model="gemini-2.5-flash", base_url=emulator.base_url, auth="bearer", api_key=emulator.api_key)

    first = llm.predict_and_call([TOOL], user_msg="What is the time in Paris?")
    second = await llm.apredict_and_call([TOOL], user_msg="What is the time in Paris?")

    assert first.response == second.response == "It is noon in Paris."


async def test_tools_that_run_at_the_endpoint_answer_in_every_form(reseller: Any, make: Any) -> None:
    """run-llama/llama_index 19405; the peer drops functions beside them without a word."""
    llm = make(reseller)
    search = {"tools": [BuiltInTool("googleSearch")]}
    code: dict[str, Any] = {"tools": [{"code_execution": {}}]}
    sum_asked = [ChatMessage(role="user", content="What is 12 * 12?")]

    found = [llm.chat(ASK, **search), list(llm.stream_chat(ASK, **search))[-1]]
    found += [await llm.achat(ASK, **search), [item async for item in await llm.astream_chat(ASK, **search)][-1]]
    computed = llm.chat(sum_asked, **code)
    again = llm.chat([*sum_asked, computed.message, ChatMessage(role="user", content="Thanks.")], **code)

    assert all("encyclopedia.example" in str(response.raw) for response in found)
    assert "12 * 12 = 144" in str(computed.message.content)
    assert again.message.content
    sent = reseller.requests[-1].body["contents"][1]["parts"]
    assert [next(iter(part)) for part in sent] == ["executableCode", "codeExecutionResult", "text"]


def test_a_refused_key_is_an_authentication_error(start: Any, make: Any) -> None:
    with pytest.raises(AuthenticationError):
        make(start("juheai"), api_key="made-up-wrong-key").complete("Hi")
