"""Indexes and their query engines, over a socket: the answer is made of the documents, in every mode and form."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from llama_index.core import Document, KeywordTableIndex, SimpleKeywordTableIndex, SummaryIndex, VectorStoreIndex
from llama_index.core.embeddings import MockEmbedding
from llama_index.core.prompts import PromptTemplate
from llama_index.core.query_engine import RouterQueryEngine
from llama_index.core.selectors import PydanticSingleSelector
from llama_index.core.tools import QueryEngineTool

if TYPE_CHECKING:
    from collections.abc import Callable

    from gstream.emulator import Emulator

MODES = ["compact", "refine", "tree_summarize", "accumulate", "compact_accumulate", "simple_summarize"]
UNSTREAMED = {"accumulate", "compact_accumulate"}
"""Modes that core does not stream."""
FACTS = ["The Elbe rises in the Giant Mountains.", "The Rhine rises in the Alps."]
OTHERS = ["The Elbe rises on Mars.", "The Rhine rises on Venus."]
ASKED = "Where does the Elbe rise?"

ASK = PromptTemplate("{context_str} | {query_str}")
REFINE = PromptTemplate("{context_msg} | {query_str} | {existing_answer}")
SHORT = {"text_qa_template": ASK, "summary_template": ASK, "refine_template": REFINE}
"""Prompts short enough for the emulator to quote them: its answer repeats the first 160 characters it was asked."""


def documents(facts: list[str]) -> list[Document]:
    return [Document(text=fact) for fact in facts]


def vectors(facts: list[str], _: Any) -> VectorStoreIndex:
    return VectorStoreIndex.from_documents(documents(facts), embed_model=MockEmbedding(embed_dim=8))


def summary(facts: list[str], _: Any) -> SummaryIndex:
    return SummaryIndex.from_documents(documents(facts))


def simple_keywords(facts: list[str], llm: Any) -> SimpleKeywordTableIndex:
    return SimpleKeywordTableIndex.from_documents(documents(facts), llm=llm)


def keywords(facts: list[str], llm: Any) -> KeywordTableIndex:
    """Keywords are what the model says they are."""
    return KeywordTableIndex.from_documents(documents(facts), llm=llm)


def texts(emulator: Emulator, start: int = 0) -> list[str]:
    """Return what each request asked, from the number `start` on."""
    return [
        "".join(part["text"] for turn in (request.body or {})["contents"] for part in turn["parts"])
        for request in emulator.requests[start:]
    ]


def engine(index: Any, llm: Any, mode: str, *, streaming: bool = False) -> Any:
    return index.as_query_engine(llm=llm, response_mode=mode, streaming=streaming, **SHORT)


async def answers(index: Any, llm: Any, mode: str) -> list[str]:
    """Return the answer of each form: plain, async, and both again while streaming; all inside a running loop."""
    plain = engine(index, llm, mode)
    found = [str(plain.query(ASKED)), str(await plain.aquery(ASKED))]
    if mode not in UNSTREAMED:
        streamed = engine(index, llm, mode, streaming=True)
        tokens = list(streamed.query(ASKED).response_gen)
        later = [token async for token in (await streamed.aquery(ASKED)).async_response_gen()]
        assert min(len(tokens), len(later)) > 2
        found += ["".join(tokens), "".join(later)]
    return found


@pytest.mark.parametrize("mode", MODES)
async def test_answers_are_made_of_the_documents_in_every_mode_and_dialect(
    mode: str, reseller: Emulator, make: Any
) -> None:
    llm = make(reseller)

    found = await answers(vectors(FACTS, llm), llm, mode)
    asked = texts(reseller)
    others = await answers(vectors(OTHERS, llm), llm, mode)

    assert len(set(found)) == len(set(others)) == 1
    for fact, other in zip(FACTS, OTHERS, strict=True):
        assert any(fact in text for text in asked)
        assert fact in found[0]
        assert fact not in others[0]
        assert other in others[0]
    assert all(ASKED in text for text in asked)


def test_every_form_works_outside_a_loop_and_over_several(start: Any, make: Any) -> None:
    llm = make(start())
    index = vectors(FACTS, llm)

    found = [str(engine(index, llm, "compact").query(ASKED))]
    found += asyncio.run(answers(index, llm, "compact")) + asyncio.run(answers(index, llm, "compact"))

    assert FACTS[0] in found[0]
    assert set(found) == {found[0]}


@pytest.mark.parametrize("build", [summary, simple_keywords, keywords])
async def test_other_indexes_answer_from_what_they_retrieve(
    build: Callable[[list[str], Any], Any], start: Any, make: Any
) -> None:
    emulator = start("juheai")
    llm = make(emulator)
    index = build(FACTS, llm)
    begun = len(emulator.requests)

    found = [await answers(index, llm, mode) for mode in MODES]

    assert all(len(set(forms)) == 1 for forms in found)
    assert all(FACTS[0] in forms[0] for forms in found)
    assert any(FACTS[0] in text and ASKED in text for text in texts(emulator, begun))


def test_a_keyword_index_asks_the_model_for_the_keywords_of_each_document(start: Any, make: Any) -> None:
    emulator = start()

    index = keywords(FACTS, make(emulator))

    assert [next(fact for fact in FACTS if fact in text) for text in texts(emulator)] == FACTS
    assert {"elbe", "rhine"} <= set(index.index_struct.table)


def test_an_answer_that_is_refined_goes_from_one_request_into_the_next(start: Any, make: Any) -> None:
    emulator = start()

    answer = str(engine(summary(FACTS, None), make(emulator), "refine").query(ASKED))

    first, second = texts(emulator)
    assert (FACTS[0] in first, FACTS[1] in first) == (True, False)
    assert second.startswith(f"{FACTS[1]} | {ASKED} | You asked: “{FACTS[0]}")
    assert FACTS[1] in answer


def test_core_cuts_what_does_not_fit_into_the_window_that_the_model_tells(start: Any, make: Any) -> None:
    """Two requests for one answer: the prompts are planned with `metadata`."""
    emulator = start()
    llm = make(emulator, context_window=900, num_output=100)
    long = [f"Fact {number}: the river number {number} is {number} miles long." for number in range(50)]

    assert str(engine(summary([" ".join(long)], None), llm, "compact").query(ASKED))

    asked = texts(emulator)
    assert len(asked) > 1
    assert all(any(fact in text for text in asked) for fact in long[::10])


async def test_a_router_asks_the_engine_that_the_model_selects(reseller: Emulator, make: Any) -> None:
    """The model selects by calling a function whose index counts from 1."""
    llm = make(reseller)
    engines = [engine(vectors([fact], llm), llm, "compact") for fact in FACTS]
    tools = [
        QueryEngineTool.from_defaults(one, name=name, description=f"About the {name}")
        for one, name in zip(engines, ("Elbe", "Rhine"), strict=True)
    ]
    router = RouterQueryEngine.from_defaults(tools, llm=llm, selector=PydanticSingleSelector.from_defaults(llm=llm))

    plain, later = router.query(ASKED), await router.aquery(ASKED)

    (selection, question, *_) = reseller.requests
    assert "SingleSelection" in json.dumps(selection.body)
    assert [FACTS[0] in str(answer) for answer in (plain, later)] == [True, True]
    assert FACTS[0] in json.dumps(question.body)
    assert FACTS[1] not in json.dumps(question.body)
