"""Grounding in, citations on text blocks out; pure, but for telling LangChain where to find the translator.

An answer keeps its citations beside it (`additional_kwargs[SIDE]["citations"]`), with places counted in characters of
its whole text; `content_blocks` puts each on the text block it speaks of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.messages.block_translators import register_translator

from gstream.parts import value_of
from langchain_gstream.messages import PROVIDER, SIDE

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage
    from langchain_core.messages.content import ContentBlock

__all__ = ["citations"]

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


def _content_blocks(message: AIMessage) -> list[ContentBlock]:
    """Return a message's standard blocks, its citations on the text they speak of."""
    metadata = {name: value for name, value in message.response_metadata.items() if name != "model_provider"}
    blocks = message.model_copy(update={"response_metadata": metadata}).content_blocks
    left = list((message.additional_kwargs.get(SIDE) or {}).get("citations") or ())
    texts: list[Any] = [block for block in blocks if block["type"] == "text"]
    if left and not texts:  # the last chunk of a stream: what it says belongs to the text before it
        blocks.append({"type": "text", "text": "", "annotations": left})
        return blocks
    start = 0
    for number, block in enumerate(texts):
        end = start + len(block["text"])
        mine = [one for one in left if one.get("start_index", 0) < end or number == len(texts) - 1]
        if mine:
            left = [one for one in left if one not in mine]
            block["annotations"] = [*(block.get("annotations") or ()), *(_moved(one, start) for one in mine)]
        start = end
    return blocks


def _moved(citation: Citation, start: int) -> Citation:
    """Return a citation with its place counted from the start of its block."""
    return {
        name: max(0, value - start) if name in {"start_index", "end_index"} else value
        for name, value in citation.items()
    }


register_translator(PROVIDER, _content_blocks, _content_blocks)
