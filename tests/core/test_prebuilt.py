"""Instances that are made without validation are what validation would have made."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, MessageRole, TextBlock
from pydantic import BaseModel, ConfigDict, PrivateAttr

from gstream.prebuilt import Prebuilt

message = Prebuilt(AIMessageChunk(content=""))
generation = Prebuilt(ChatGenerationChunk(message=AIMessageChunk(content="")))
text = Prebuilt(TextBlock(text=""))
chat = Prebuilt(ChatMessage(role=MessageRole.ASSISTANT, blocks=[]))
response = Prebuilt(ChatResponse(message=ChatMessage(role=MessageRole.ASSISTANT, blocks=[])))

PAIRS: dict[str, tuple[BaseModel, BaseModel]] = {
    "message": (message({"content": "a"}), AIMessageChunk(content="a")),
    "generation": (
        generation({"message": message({"content": "a"}), "text": "a"}),
        ChatGenerationChunk(message=AIMessageChunk(content="a")),
    ),
    "chat message": (
        chat({"role": MessageRole.ASSISTANT, "blocks": [text({"text": "a"})]}),
        ChatMessage(role=MessageRole.ASSISTANT, blocks=[TextBlock(text="a")]),
    ),
    "response": (
        response({"message": chat({"role": MessageRole.ASSISTANT, "blocks": []}), "delta": "a", "raw": {"x": 1}}),
        ChatResponse(message=ChatMessage(role=MessageRole.ASSISTANT, blocks=[]), delta="a", raw={"x": 1}),
    ),
}


@pytest.mark.parametrize(("made", "validated"), PAIRS.values(), ids=PAIRS)
def test_it_is_what_validation_would_have_made(made: BaseModel, validated: BaseModel) -> None:
    assert made == validated
    assert vars(made).keys() == vars(validated).keys()
    assert made.model_fields_set == validated.model_fields_set
    assert made.model_dump() == validated.model_dump()
    assert repr(made) == repr(validated)
    assert pickle.loads(pickle.dumps(made)) == validated  # noqa: S301 - our own
    assert copy.deepcopy(made) == validated
    assert made.model_copy() == validated


def test_chunks_add_up_as_validated_ones_do() -> None:
    made, validated = PAIRS["generation"]

    assert made + made == validated + validated  # type: ignore[operator]  # message chunks add up


def test_no_list_or_dictionary_is_shared() -> None:
    first, second = message({"content": "a"}), message({"content": "b"})
    first.additional_kwargs["x"] = 1
    first.tool_calls.append({"name": "f", "args": {}, "id": None})

    assert (second.additional_kwargs, second.tool_calls) == ({}, [])
    assert message({"content": "c"}).additional_kwargs == {}


def test_it_takes_further_attributes_where_its_kind_does() -> None:
    """LangChain's messages are open: whoever handles a chunk may note something on it, on that chunk alone."""
    first, second = message({"content": "a"}), message({"content": "b"})
    first.noted = 1  # type: ignore[attr-defined]  # the kind is open

    assert first.model_extra == {"noted": 1}
    assert second.model_extra == AIMessageChunk(content="b").model_extra == {}
    assert text({"text": "a"}).model_extra == TextBlock(text="a").model_extra is None


class Hidden(BaseModel):
    _secret: int = PrivateAttr(default=1)


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")


@pytest.mark.parametrize(
    "template", [AIMessageChunk(content="", additional_kwargs={"x": 1}), Hidden(), Open.model_validate({"x": 1})]
)
def test_a_template_with_more_than_fields_is_refused(template: Any) -> None:
    with pytest.raises(ValueError, match="the template holds"):
        Prebuilt(template)
