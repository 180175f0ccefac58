"""The model: a deterministic answer out of nothing but the request.

It thinks where it is asked to, calls the functions that the prompt means, fills schemas, draws, speaks, runs sums,
cites; otherwise it answers in prose. The same request gets the same answer, byte for byte, whatever came before.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from gstream.emulator.arguments import Filling
from gstream.emulator.arithmetic import expression_in, value_of
from gstream.emulator.calls import Call, calls_for
from gstream.emulator.media import picture, speech
from gstream.emulator.prose import as_json, prose, thoughts, units
from gstream.emulator.reading import Reading
from gstream.emulator.signatures import signed
from gstream.emulator.stream import Candidate, documents, identity, text_chunks
from gstream.emulator.tokens import Tally, text_tokens

if TYPE_CHECKING:
    from gstream.emulator.errors import JsonObject

__all__ = ["respond"]

_CALLED: Final = "Model generated function call(s)."
_ID_LENGTH: Final = 8
_LOGPROB: Final = -0.125
"""Every chosen token's; the alternatives' fall by one each."""


def respond(request: JsonObject, model: str) -> list[JsonObject]:
    """Return the documents of the stream that answers an accepted request.

    Args:
        request: what `refuse.accepted` returned.
        model: the model name of the path; it comes back as `modelVersion`.
    """
    reading = Reading(request, model)
    count = reading.config.get("candidateCount", 1)
    return documents(reading, [_candidate(reading, number) for number in range(count)])


def _candidate(reading: Reading, number: int) -> Candidate:
    candidate = Candidate()
    thinking = reading.config.get("thinkingConfig", {})
    if thinking.get("includeThoughts") and thinking.get("thinkingBudget") != 0:
        candidate.chunks += [[{"text": piece, "thought": True}] for piece in thoughts(reading)]
    calls = calls_for(reading)
    if calls:
        return _calling(reading, candidate, calls)
    modalities = reading.config.get("responseModalities", [])
    if "AUDIO" in modalities:
        candidate.chunks += [[part] for part in speech(reading.prompt)]
        return _ended(reading, candidate)
    if reading.has_tool("codeExecution"):
        _compute(reading, candidate)
    if modalities != ["IMAGE"]:
        _write(reading, candidate, number)
    if "IMAGE" in modalities:
        image = picture(f"{reading.prompt}{number or ''}")
        candidate.chunks.append([signed(image) if reading.third else image])
    return _ended(reading, candidate)


def _calling(reading: Reading, candidate: Candidate, calls: list[Call]) -> Candidate:
    """Add the calls: signed on the first, with ids and one a chunk from Gemini 3 on; together before."""
    parts: list[JsonObject] = []
    for place, call in enumerate(calls):
        inner: JsonObject = {"name": call.name, "args": call.args}
        if reading.third:
            inner["id"] = identity(reading, "call", place)[:_ID_LENGTH]
        part: JsonObject = {"functionCall": inner}
        parts.append(signed(part) if reading.third and place == 0 else part)
    if reading.third:
        candidate.chunks += [*([part] for part in parts), [{"text": ""}]]
    else:
        candidate.chunks.append(parts)
    candidate.extras["finishMessage"] = _CALLED
    return candidate


def _ended(reading: Reading, candidate: Candidate) -> Candidate:
    """Give the answer its end: from Gemini 3 on a last chunk with an empty, signed text."""
    if reading.third or not candidate.chunks:
        candidate.chunks.append([signed({"text": ""}) if reading.third else {"text": ""}])
    return candidate


def _compute(reading: Reading, candidate: Candidate) -> None:
    """Add code and what it printed, if the prompt holds a sum."""
    expression = expression_in(reading.prompt)
    if expression is None:
        return
    code: JsonObject = {"language": "PYTHON", "code": f"result = {expression}\nprint(result)"}
    result: JsonObject = {"outcome": "OUTCOME_OK", "output": f"{value_of(expression)}\n"}
    if reading.third:
        code["id"] = result["id"] = identity(reading, "code")[:_ID_LENGTH]
    executable: JsonObject = {"executableCode": code}
    candidate.chunks.append([signed(executable) if reading.third else executable])
    candidate.chunks.append([{"codeExecutionResult": result}])
    candidate.tool_tokens += text_tokens(code["code"] + result["output"])


def _write(reading: Reading, candidate: Candidate, number: int) -> None:
    """Add the text of the answer, as far as the limits let it go."""
    text, finish = _limited(reading, _text(reading, number))
    candidate.finish = finish
    candidate.chunks += [[{"text": piece}] for piece in text_chunks(text)]
    if reading.has_tool("googleSearch", "googleSearchRetrieval") and finish == "STOP":
        candidate.extras["groundingMetadata"] = _grounding(reading, text)
        candidate.tool_tokens += text_tokens(reading.words.topic)
    if reading.config.get("responseLogprobs"):
        candidate.extras |= _logprobs(text, reading.config.get("logprobs", 0))


def _text(reading: Reading, number: int) -> str:
    if reading.wants_json:
        return as_json(reading, number)
    if reading.config.get("responseMimeType") == "text/x.enum":
        return str(Filling(reading.words, reading.response_schema).value(reading.response_schema))
    text = prose(reading, number)
    expression = expression_in(reading.prompt) if reading.has_tool("codeExecution") else None
    return text if expression is None else f"{expression} = {value_of(expression)}. {text}"


def _limited(reading: Reading, text: str) -> tuple[str, str]:
    """Return the text up to the first stop sequence or the last token allowed, and the finish reason."""
    for stop in reading.config.get("stopSequences", ()):
        text = text.split(stop, 1)[0] if stop else text
    most = reading.config.get("maxOutputTokens")
    if most is None or text_tokens(text) <= most:
        return text, "STOP"
    tally, kept = Tally(), []
    for unit in units(text):
        if tally.add(unit) > most:
            break
        kept.append(unit)
    return "".join(kept), "MAX_TOKENS"


def _grounding(reading: Reading, text: str) -> JsonObject:
    """Return `groundingMetadata` for the text: two pages, the first two sentences; offsets are bytes of UTF-8."""
    topic = reading.words.topic
    slug = "-".join(word.lower() for word in topic.split()) or "topic"
    pages = [
        {"web": {"uri": f"https://encyclopedia.example/{slug}", "title": "encyclopedia.example"}},
        {"web": {"uri": f"https://news.example/{slug}", "title": "news.example"}},
    ]
    supports = []
    start = 0
    for place, sentence in enumerate(_sentences(text)[: len(pages)]):
        end = start + len(sentence.encode())
        segment = {"startIndex": start, "endIndex": end, "text": sentence}
        supports.append({"segment": segment, "groundingChunkIndices": [place]})
        start = end
    return {
        "searchEntryPoint": {"renderedContent": f'<div class="container"><a class="chip">{topic}</a></div>'},
        "groundingChunks": pages[: len(supports)],
        "groundingSupports": supports,
        "webSearchQueries": [topic],
    }


def _sentences(text: str) -> list[str]:
    result = [""]
    for unit in units(text):
        result[-1] += unit
        if unit.endswith((".", "。", "”", "！", "？")):  # noqa: RUF001 - ends of Chinese sentences
            result.append("")
    return [sentence for sentence in result if sentence]


def _logprobs(text: str, alternatives: int) -> JsonObject:
    chosen = [{"token": unit, "tokenId": sum(unit.encode()), "logProbability": _LOGPROB} for unit in units(text)]
    result: JsonObject = {"chosenCandidates": chosen}
    if alternatives:
        result["topCandidates"] = [
            {
                "candidates": [
                    {**token, "token": f"{token['token']}{'*' * place}", "logProbability": _LOGPROB - place}
                    for place in range(alternatives)
                ]
            }
            for token in chosen
        ]
    return {"avgLogprobs": _LOGPROB, "logprobsResult": json.loads(json.dumps(result))}
