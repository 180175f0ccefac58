"""Chat engines, over a socket: the documents and the conversation so far are in what the model is asked."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from llama_index.core import Document, VectorStoreIndex
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.embeddings import MockEmbedding
from llama_index.core.memory import ChatMemoryBuffer
from llama_index.core.storage.chat_store import SimpleChatStore

if TYPE_CHECKING:
    from pathlib import Path

    from gstream.emulator import Emulator

FACT = "The Elbe rises in the Giant Mountains."
MODES = ["context", "condense_plus_context", "condense_question", "simple"]
ASKED = ["Where does the Elbe rise?", "And the Rhine?", "Which one is longer?", "Thank you."]
THIRD = "gemini-3-flash-preview"


def memory(**options: Any) -> ChatMemoryBuffer:
    """Return a memory in place of core's default one, which opens a database and leaves it open."""
    return ChatMemoryBuffer.from_defaults(token_limit=100_000, **options)


def engine(mode: str, llm: Any, **options: Any) -> Any:
    index: Any = VectorStoreIndex.from_documents([Document(text=FACT)], embed_model=MockEmbedding(embed_dim=8))
    return index.as_chat_engine(chat_mode=mode, llm=llm, **{"memory": memory(), **options})


async def talk(engine: Any) -> list[str]:
    """Ask in each of the four forms, one after the other, inside a running loop."""
    answers = [str(engine.chat(ASKED[0])), str(await engine.achat(ASKED[1]))]
    streamed = list(engine.stream_chat(ASKED[2]).response_gen)
    later = [token async for token in (await engine.astream_chat(ASKED[3])).async_response_gen()]
    assert min(len(streamed), len(later)) > 2
    return [*answers, "".join(streamed), "".join(later)]


@pytest.mark.parametrize("model", ["gemini-2.5-flash", THIRD])
@pytest.mark.parametrize("mode", MODES)
async def test_a_conversation_goes_through_all_four_forms(mode: str, model: str, reseller: Emulator, make: Any) -> None:
    """With Gemini 3 each answer ends in a signed empty text: it comes back with the next question, unharmed."""
    chat = engine(mode, make(reseller, model=model))

    answers = await talk(chat)

    bodies = [json.dumps(request.body, ensure_ascii=False) for request in reseller.requests]
    assert [message.content for message in chat.chat_history] == [
        text for pair in zip(ASKED, answers, strict=True) for text in pair
    ]
    assert all(answers)
    assert (FACT in bodies[-1]) is (mode != "simple")
    if mode == "condense_question":
        assert any(ASKED[0] in body and ASKED[3] in body for body in bodies)
    else:
        assert all(text in bodies[-1] for text in ASKED)
        signed = model == THIRD and mode == "simple"  # the other engines remember the text alone
        assert ("thoughtSignature" in bodies[-1]) is signed


@pytest.mark.parametrize("mode", MODES)
def test_a_conversation_goes_on_outside_a_loop_and_over_several(mode: str, start: Any, make: Any) -> None:
    chat = engine(mode, make(start()))

    first = "".join(chat.stream_chat("Tell me about rivers.").response_gen)
    rest = asyncio.run(talk(chat)) + asyncio.run(talk(chat))

    assert all([first, *rest])
    assert len(chat.chat_history) == 18


def test_the_answer_is_made_of_the_document_that_was_retrieved(start: Any, make: Any) -> None:
    chat = engine("context", make(start()), context_template="{context_str}")

    assert FACT in str(chat.chat("Tell me about it."))


def layout(kept: ChatMemoryBuffer) -> dict[str, Any]:
    """Return a memory as core writes it; `SimpleChatStore` itself fails to, on every message, with pydantic 2.14."""
    messages = [message.model_dump(mode="json") for message in kept.get_all()]
    store = {"store": {kept.chat_store_key: messages}, "class_name": "SimpleChatStore"}
    return {"chat_store": store, "chat_store_key": kept.chat_store_key, "token_limit": kept.token_limit}


@pytest.mark.parametrize("form", ["memory", "store"])
def test_signatures_survive_the_forms_in_which_core_stores_a_conversation(
    form: str, tmp_path: Path, start: Any, make: Any
) -> None:
    """The emulator refuses a signature that is not on the part it was made for."""
    emulator = start()
    llm = make(emulator, model=THIRD, include_thoughts=True)
    kept = memory(chat_store=SimpleChatStore(), chat_store_key="me")
    first = engine("simple", llm, memory=kept)
    list(first.stream_chat("Tell me about rivers.").response_gen)
    first.chat("And about lakes?")

    written = layout(kept)
    if form == "memory":
        again = ChatMemoryBuffer.from_string(json.dumps(written))
    else:
        (tmp_path / "chat.json").write_text(json.dumps(written["chat_store"]))
        store = SimpleChatStore.from_persist_path(str(tmp_path / "chat.json"))
        again = memory(chat_store=store, chat_store_key="me")
    engine("simple", llm, memory=again).chat("And the sea?")
    first.chat("And the sea?")

    *_, one, other = [request.body for request in emulator.requests]
    assert one == other
    assert json.dumps(one).count("thoughtSignature") == 2


def test_the_engines_system_prompt_and_prefix_are_sent_as_system_text(start: Any, make: Any) -> None:
    emulator = start()
    prefix = [ChatMessage(role="system", content="Be brief."), ChatMessage(role="developer", content="Be polite.")]

    str(engine("simple", make(emulator), prefix_messages=prefix).chat("Hello."))

    (request,) = emulator.requests
    assert request.body["systemInstruction"] == {"parts": [{"text": "Be brief."}, {"text": "Be polite."}]}
    assert request.body["contents"] == [{"role": "user", "parts": [{"text": "Hello."}]}]
