"""What a provider withholds: a refusal block behind the text there is, a refusal error where there is none."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any, Final

import pytest
from langchain_core import exceptions as langchain

import gstream
from gstream.emulator import Emulator
from langchain_gstream import errors
from langchain_gstream.metadata import REFUSALS, refusal
from tests.langchain.conftest import bare, model_of, response

if TYPE_CHECKING:
    from tests.langchain.conftest import Ask, Invoke, Stream

Json = dict[str, Any]


@pytest.mark.parametrize("version", ["v0", "v1"])
async def test_a_withheld_answer_ends_with_a_refusal_where_langchain_knows_it(version: str, ask: Ask) -> None:
    said = {"finishReason": "SAFETY", "finishMessage": "Not this."}
    with Emulator("google", script=response({"text": "Well"}, **said)) as e:
        model = model_of(e, output_version=version)
        message = await ask(model)
        model.invoke([("human", "hi"), message, ("human", "why?")])
        body = e.requests[-1].body
    expected: list[Json] = [{"type": "text", "text": "Well"}]
    if REFUSALS:
        expected.append({"type": "refusal", "refusal": "Not this.", "extras": {"finish_reason": "SAFETY"}})

    assert bare(message.content_blocks) == expected
    assert message.text == "Well"
    assert message.response_metadata["finish_reason"] == "SAFETY"
    assert body is not None
    assert body["contents"][1]["parts"] == [{"text": "Well"}]


REFUSED: Final[dict[str, tuple[list[Json], Json]]] = {
    "blocked prompt": (
        [{"promptFeedback": {"blockReason": "SAFETY", "blockReasonMessage": "No."}}],
        {"block_reason": "SAFETY"},
    ),
    "an answer withheld before its first word": (
        [{"candidates": [{"finishReason": "PROHIBITED_CONTENT", "finishMessage": "No."}]}],
        {"finish_reason": "PROHIBITED_CONTENT"},
    ),
}


@pytest.mark.parametrize(("documents", "extras"), REFUSED.values(), ids=REFUSED)
async def test_a_refusal_without_an_answer_is_langchains_refusal_error_where_it_has_one(
    documents: list[Json], extras: Json, invoke: Invoke, stream: Stream
) -> None:
    refusal = getattr(langchain, "ModelRefusalError", langchain.ModelError)
    for call in (invoke, stream):
        with Emulator("google", script=documents) as e, pytest.raises(refusal, match="No\\.") as caught:
            await call(model_of(e), "hello")
        error: Any = caught.value

        assert isinstance(caught.value, gstream.ContentBlockedError | gstream.EmptyAnswerError)
        assert error.is_retryable is False
        blocks = error.raw_message.content_blocks
        assert blocks == ([{"type": "refusal", "refusal": "No.", "extras": extras}] if REFUSALS else [])
        assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 - our own bytes


def test_an_empty_answer_that_is_no_refusal_is_not_called_one() -> None:
    with (
        Emulator("google", script=[{"candidates": [{"finishReason": "MALFORMED_FUNCTION_CALL"}]}]) as e,
        pytest.raises(errors.EmptyAnswerError) as caught,
    ):
        model_of(e, max_retries=0).invoke("hello")

    assert not isinstance(caught.value, errors.WithheldAnswerError)
    assert caught.value.is_retryable


@pytest.mark.parametrize(
    ("metadata", "extras"),
    [
        ({"finish_reason": "SAFETY", "finish_message": "No."}, {"finish_reason": "SAFETY"}),
        ({"prompt_feedback": {"blockReason": "OTHER"}, "finish_message": "No."}, {"block_reason": "OTHER"}),
    ],
)
def test_what_was_withheld_is_a_refusal_block(metadata: dict[str, Any], extras: dict[str, str]) -> None:
    """Made for every LangChain, shown by those that know it."""
    assert refusal(metadata) == {"type": "refusal", "refusal": "No.", "extras": extras}


@pytest.mark.parametrize(
    "metadata",
    [
        {"finish_reason": "STOP"},
        {"prompt_feedback": {"blockReason": "BLOCK_REASON_UNSPECIFIED"}},
        {"prompt_feedback": 7},
    ],
)
def test_what_was_not_withheld_is_none(metadata: dict[str, Any]) -> None:
    assert refusal(metadata) is None
