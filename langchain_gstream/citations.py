"""Grounding in, citations on text blocks out; pure, but for telling LangChain where to find the translator.

An answer of blocks has each citation on the text block it speaks of. An answer whose text is a string keeps them beside
it (`additional_kwargs[SIDE]["citations"]`), with places counted in characters of its whole text, and `content_blocks`
puts them on its blocks; the refusal that a finish reason means, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessageChunk
from langchain_core.messages.block_translators import register_translator

from gstream.parts import value_of
from langchain_gstream.messages import PROVIDER, SIDE
from langchain_gstream.metadata import REFUSALS, refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_core.messages import AIMessage
    from langchain_core.messages.content import ContentBlock

__all__ = ["citations", "divided"]

Citation = dict[str, Any]


def citations(candidate: dict[str, Any], text: str) -> list[Citation]:
    """Return the citations of an answer as LangChain's annotations.

    Args:
        candidate: what the candidate said besides parts: `groundingMetadata`, `citationMetadata`.
        text: the answer's whole visible text; the API counts places in bytes of it (discovery: `Segment.endIndex`).
    """
    data = text.encode("utf-8", "surrogatepass")
    grounding = value_of(candidate, "groundingMetadata")
    found = _grounded(grounding, data) if isinstance(grounding, dict) else []
    recited = value_of(candidate, "citationMetadata")
    if isinstance(recited, dict):
        listed = value_of(recited, "citationSources") or recited.get("citations")
        for source in _dicts(listed):
            found.append(_citation(source.get("uri"), source.get("title"), _span(source, data), None))
    return found


def _grounded(grounding: dict[str, Any], data: bytes) -> list[Citation]:
    """Return one citation for each source of each supported passage."""
    sources = _dicts(value_of(grounding, "groundingChunks"))
    found: list[Citation] = []
    for support in _dicts(value_of(grounding, "groundingSupports")):
        segment = support.get("segment")
        segment = segment if isinstance(segment, dict) else {}
        for index in value_of(support, "groundingChunkIndices") or ():
            if type(index) is int and 0 <= index < len(sources):
                source = next((value for value in sources[index].values() if isinstance(value, dict)), {})
                cited = segment.get("text")
                found.append(_citation(source.get("uri"), source.get("title"), _span(segment, data), cited))
    return found


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _span(place: dict[str, Any], data: bytes) -> tuple[int, int] | None:
    """Return a passage's place in characters; `None` if it names no end."""
    start, end = value_of(place, "startIndex") or 0, value_of(place, "endIndex")
    if type(start) is not int or type(end) is not int:
        return None
    return len(data[:start].decode("utf-8", "ignore")), len(data[:end].decode("utf-8", "ignore"))


def _citation(url: object, title: object, span: tuple[int, int] | None, cited: object) -> Citation:
    citation: Citation = {"type": "citation"}
    for name, value in (("url", url), ("title", title), ("cited_text", cited)):
        if isinstance(value, str) and value:
            citation[name] = value
    if span is not None:
        citation["start_index"], citation["end_index"] = span
    return citation


def divided(found: list[Citation], lengths: Sequence[int]) -> list[list[Citation]]:
    """Return which of the citations of a whole text stand on which of its blocks, their places counted from its start.

    Args:
        found: citations, their places counted in characters of the whole text.
        lengths: how many characters each block has; at least one block. What lies behind the last one stands on it.
    """
    result: list[list[Citation]] = []
    left, start = found, 0
    for number, length in enumerate(lengths):
        end = start + length
        mine = [one for one in left if one.get("start_index", 0) < end or number == len(lengths) - 1]
        left = [one for one in left if one not in mine]
        result.append([_moved(one, start) for one in mine])
        start = end
    return result


def _moved(citation: Citation, start: int) -> Citation:
    """Return a citation with its place counted from the start of its block."""
    return {
        name: max(0, value - start) if name in {"start_index", "end_index"} else value
        for name, value in citation.items()
    }


def _content_blocks(message: AIMessage) -> list[ContentBlock]:
    """Return a message's standard blocks, its citations on the text they speak of, and what was refused at the end."""
    metadata = {name: value for name, value in message.response_metadata.items() if name != "model_provider"}
    blocks: list[Any] = message.model_copy(update={"response_metadata": metadata}).content_blocks
    found = list((message.additional_kwargs.get(SIDE) or {}).get("citations") or ())
    texts = [position for position, block in enumerate(blocks) if block["type"] == "text"]
    if found and not texts:  # the last chunk of a stream: what it says belongs to the text before it
        blocks.append({"type": "text", "text": "", "annotations": found})
    elif found:
        shares = divided(found, [len(blocks[position]["text"]) for position in texts])
        for position, mine in zip(texts, shares, strict=True):
            if mine:  # a new block, as this one may be the message's own
                already = blocks[position].get("annotations") or ()
                blocks[position] = {**blocks[position], "annotations": [*already, *mine]}
    if REFUSALS and (refused := refusal(message.response_metadata)) is not None:
        # An index of its own kind: LangChain merges it with no other block when it adds up chunks.
        blocks.append({**refused, "index": "lc_refusal"} if isinstance(message, AIMessageChunk) else refused)
    return blocks


register_translator(PROVIDER, _content_blocks, _content_blocks)
