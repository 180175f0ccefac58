"""Verdicts on answers in text, structure and media: each a pure function of the exchanges of a probe."""

from __future__ import annotations

import json
import statistics
from typing import TYPE_CHECKING, Final

from gstream.check import questions
from gstream.check.samples import COLOUR, WORD
from gstream.check.speed import Speed, shown_s
from gstream.check.verdict import Verdict, failed, passed, quoted, told
from gstream.errors import GStreamError, InvalidRequestError, RequestError
from gstream.messages import Text, Thought
from gstream.models import token_estimate
from gstream.schema import conforms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gstream.check.exchange import Exchange
    from gstream.chunks import Usage

__all__ = [
    "document",
    "drawing",
    "finish",
    "framing",
    "image",
    "refusal",
    "schema",
    "speed",
    "stop",
    "streaming",
    "system",
    "thinking",
    "turns",
    "unicode",
    "unthinking",
    "usage",
]

_FRAMINGS: Final = {"sse": "server-sent events", "json-array": "a JSON array", "ndjson": "a JSON document a line"}
_WORDS_OF_GOOGLE: Final = frozenset(
    {
        "STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "LANGUAGE", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII",
        "MALFORMED_FUNCTION_CALL", "IMAGE_SAFETY", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS",
    }
)  # fmt: skip
"""`Candidate.FinishReason` of the discovery document, as far as a text can end with it."""
_AT_ONCE_S: Final = 0.1
"""Chunks that come within it may have been one write; a model that is seen to write takes longer for 150 words."""
_AT_ONCE_SHARE: Final = 0.05
"""... unless the whole answer took hardly longer: then it was quick, and not held back."""
_SOON_S: Final = 0.1
"""... and unless it was whole within this: then it was held back from nobody, as by an emulator that does not pace."""
_FAR_OFF: Final = 5
"""How many times more or less than an estimate a count may be: tokenizers differ by less (`models.token_estimate`)."""
_FEW: Final = 60
"""Tokens that any count may differ by: what a provider adds of its own."""
_IMAGES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF", b"GIF8")
"""How files of images begin: PNG, JPEG, WebP, GIF."""


def refusal(exchange: Exchange) -> Verdict:
    """Return the verdict on an exchange that failed."""
    error = exchange.error or GStreamError("no answer")
    if isinstance(error, InvalidRequestError) and not exchange.arrivals_s:
        return failed(f"refused: {told(error)}")
    return failed(exchange.why)


# -- how it comes -----------------------------------------------------------------------------------------------------


def framing(exchanges: Sequence[Exchange]) -> Verdict:
    """Judge how the response is framed."""
    found = dict.fromkeys(str(one.answer.framing) for one in exchanges if one.answer)
    if "json-object" in found:
        return failed("the answer came as one JSON object, not as a stream", framing="json-object")
    names = " and ".join(_FRAMINGS.get(name, name) for name in found)
    return passed(names, framing="+".join(found))


def streaming(exchanges: Sequence[Exchange]) -> Verdict:
    """Judge whether the chunks are spread over time; one try that streams is enough, as any model may be quick once."""
    verdicts = [_streamed(one) for one in exchanges if one.answer]
    good = next((verdict for verdict in verdicts if verdict.status == "pass"), None)
    return good or (verdicts[0] if verdicts else failed("no answer came"))


def _streamed(exchange: Exchange) -> Verdict:
    times = exchange.arrivals_s
    if len(times) < 2:  # noqa: PLR2004 - one chunk streams nothing
        return failed(f"the whole answer came in one chunk, {shown_s(exchange.ended_s)} after the request", chunks=1)
    spread = times[-1] - times[0]
    if times[-1] >= _SOON_S and spread < _AT_ONCE_S and spread < _AT_ONCE_SHARE * times[-1]:
        return failed(
            f"all {len(times)} chunks came in one lump, {shown_s(times[0])} after the request: they were held back",
            chunks=len(times),
            spread_s=spread,
        )
    return passed(f"{len(times)} chunks over {shown_s(spread)}", chunks=len(times), spread_s=spread)


def finish(exchanges: Sequence[Exchange]) -> Verdict:
    """Judge the finish reasons of plain answers: STOP each time."""
    reasons = list(dict.fromkeys(one.answer.finish_reason for one in exchanges if one.answer))
    for reason in reasons:
        if reason not in _WORDS_OF_GOOGLE:
            return failed(f"the finish reason is {reason!r}, a word that the API does not define")
        if reason != "STOP":
            return failed(f"the finish reason is {reason}, though no limit was set and nothing offends")
    return passed("STOP")


def usage(exchanges: Sequence[Exchange]) -> Verdict:
    """Judge the token counts: there, and near what the texts make likely."""
    answered = [one for one in exchanges if one.answer]
    for one in answered:
        counts = one.answer.usage if one.answer else None
        if counts is None:
            return failed("no token counts came (usageMetadata)")
        if wrong := _implausible(one, counts):
            return failed(wrong, prompt=counts.prompt, candidates=counts.candidates, total=counts.stated_total)
    last = answered[-1].answer
    counts = last.usage if last else None
    if counts is None:
        return failed("no answer came")
    return passed(
        f"{counts.input} tokens in, {counts.output} out",
        prompt=counts.prompt,
        candidates=counts.candidates,
        thoughts=counts.thoughts,
        total=counts.stated_total,
    )


def _implausible(exchange: Exchange, counts: Usage) -> str:
    """Return what is wrong with the counts; empty: nothing."""
    asked = sum(
        token_estimate(part.text) for turn in exchange.prompt.turns for part in turn.parts if isinstance(part, Text)
    )
    written = token_estimate(exchange.text)
    for name, count, estimate in (("in", counts.input, asked), ("out", counts.candidates, written)):
        if count == 0:
            return f"0 tokens {name} are counted, where about {estimate} went {name}"
        if count > estimate * _FAR_OFF + _FEW or count * _FAR_OFF + _FEW < estimate:
            return f"{count} tokens {name} are counted, where about {estimate} went {name}"
    stated = counts.stated_total
    if stated is not None and stated < counts.input + counts.candidates:
        return f"the total, {stated}, is less than {counts.input} in and {counts.candidates} out"
    return ""


def speed(exchanges: Sequence[Exchange]) -> Verdict:
    """Judge that every try was answered, and give the medians."""
    figures = Speed.of(exchanges)
    broken = [one for one in exchanges if one.error is not None]
    if broken:
        return failed(f"{len(broken)} of {len(exchanges)} tries failed: {broken[0].why}")
    first = statistics.median(figures.first_s) if figures.first_s else None
    rate = statistics.median(figures.tokens_per_s) if figures.tokens_per_s else None
    words = [f"{len(exchanges)} {'try' if len(exchanges) == 1 else 'tries'}"]
    if first is not None:
        words.append(f"first chunk after {shown_s(first)}")
    if rate is not None:
        words.append(f"{rate:,.0f} tokens/s")
    return passed(", ".join(words), first_chunk_s=first, tokens_per_s=rate)


# -- what it says -----------------------------------------------------------------------------------------------------


def unicode(exchanges: Sequence[Exchange]) -> Verdict:
    """Judge that texts of all scripts came back letter by letter."""
    text = exchanges[0].text
    lost = [word for word in questions.UNICODE if word not in text]
    if not lost:
        kept = "U+2028 too" if "\u2028" in text else "U+2028 as another space"
        return passed(f"Chinese, Japanese, Korean and emoji came back, {kept}")
    if "\ufffd" in text:
        return failed(f"letters were replaced by U+FFFD on the way: {quoted(text)}")
    if any(word.encode().decode("latin-1") in text for word in lost if word.isalpha()):
        return failed(f"UTF-8 was read as Latin-1 on the way: {quoted(text)}")
    return failed(f"{', '.join(lost)} did not come back; what came is {quoted(text)}")


def system(exchanges: Sequence[Exchange]) -> Verdict:
    """Judge that the system instruction was heard."""
    if questions.SYSTEM_WORD in exchanges[0].text:
        return passed("the instruction was followed")
    return failed(f"the instruction to end with {questions.SYSTEM_WORD} was not followed: {quoted(exchanges[0].text)}")


def turns(exchanges: Sequence[Exchange]) -> Verdict:
    """Judge that earlier turns were heard."""
    if questions.EARLIER_WORD in exchanges[0].text:
        return passed("an earlier turn was remembered")
    return failed(f"the word {questions.EARLIER_WORD} of an earlier turn is forgotten: {quoted(exchanges[0].text)}")


def stop(exchanges: Sequence[Exchange]) -> Verdict:
    """Judge that the answer ended before the stop sequence."""
    text = exchanges[0].text
    if questions.STOP in text.lower():
        return failed(f"the answer runs past the stop sequence {questions.STOP!r}: {quoted(text)}")
    if questions.WORDS[0] not in text.lower():
        return failed(f"the answer does not even begin as asked: {quoted(text)}")
    return passed(f"the answer ended before {questions.STOP!r}")


def thinking(exchanges: Sequence[Exchange]) -> Verdict:
    """Judge that thoughts came when asked for."""
    answer = exchanges[0].answer
    counted = answer.usage.thoughts if answer and answer.usage else 0
    thoughts = [part for part in answer.parts if isinstance(part, Thought)] if answer else []
    if thoughts:
        size = sum(len(part.text) for part in thoughts)
        return passed(f"{size} characters of thoughts came, {counted} tokens are counted", tokens=counted)
    if counted:
        return failed(f"{counted} tokens of thought are counted, but includeThoughts brought none of it")
    return failed("no thoughts came, though includeThoughts asked for them")


def unthinking(exchanges: Sequence[Exchange]) -> Verdict:
    """Judge that a budget of 0 turned thinking off."""
    answer = exchanges[0].answer
    counted = answer.usage.thoughts if answer and answer.usage else 0
    if counted or (answer and answer.thoughts):
        return failed(f"{counted} tokens of thought are counted, though thinkingBudget was 0", tokens=counted)
    return passed("thinkingBudget 0 turns it off")


def schema(exchanges: Sequence[Exchange]) -> Verdict:
    """Judge that the answer is JSON of the schema."""
    text = exchanges[0].text
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return failed(f"the answer is no JSON: {quoted(text)}")
    try:
        wrong = conforms(value, questions.SCHEMA)
    except RequestError as error:
        wrong = error.message
    if wrong is not None:
        return failed(f"the answer is JSON of another shape: {wrong}")
    return passed("the answer is JSON of the schema")


# -- media ------------------------------------------------------------------------------------------------------------


def image(exchanges: Sequence[Exchange]) -> Verdict:
    """Judge that the picture was seen: named, or counted in tokens of images."""
    return _seen_media(exchanges[0], ("image",), (COLOUR, "image/png"), f"the picture is {COLOUR}")


def document(exchanges: Sequence[Exchange]) -> Verdict:
    """Judge that the page was read: its word named, or its tokens counted."""
    return _seen_media(
        exchanges[0], ("document", "image"), (WORD.lower(), "application/pdf"), f"the word on the page is {WORD}"
    )


def _seen_media(exchange: Exchange, modalities: Sequence[str], words: Sequence[str], truth: str) -> Verdict:
    text = exchange.text.lower()
    if any(word in text for word in words):
        return passed("it was read: the answer says so")
    counts = exchange.answer.usage.details.get("prompt", {}) if exchange.answer and exchange.answer.usage else {}
    tokens = sum(counts.get(name, 0) for name in modalities)
    if tokens:
        return passed(f"it was read: {tokens} tokens are counted for it")
    return failed(f"it never reached the model: {truth}, and the answer is {quoted(exchange.text)}")


def drawing(exchanges: Sequence[Exchange]) -> Verdict:
    """Judge that an image came, whole and said to be one."""
    answer = exchanges[0].answer
    blobs = [blob for blob in answer.blobs if not blob.thought] if answer else []
    if not blobs:
        return failed(f"no image came; the answer is {quoted(exchanges[0].text)}")
    blob = blobs[0]
    if not blob.mime_type.startswith("image/"):
        return failed(f"an image came without its media type: it says {blob.mime_type!r}")
    try:
        content = blob.content()
    except ValueError as error:
        return failed(f"the image cannot be read: {error}")
    if not content.startswith(_IMAGES):
        return failed(f"what is called {blob.mime_type} is no such file: it begins with {content[:8].hex()}")
    return passed(f"{blob.mime_type}, {len(content):,} bytes")
