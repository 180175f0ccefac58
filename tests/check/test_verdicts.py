"""The verdicts as functions of exchanges: both sides of each, without a network."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from gstream import (
    AuthenticationError,
    Blob,
    Chunk,
    FunctionCall,
    InvalidRequestError,
    NotFoundError,
    OverloadedError,
    RateLimitError,
    ServerError,
    Text,
    Thought,
    Usage,
)
from gstream.check import Exchange, judge_answers, judge_errors, judge_tools, questions
from gstream.check.samples import picture, sheet
from gstream.check.speed import Speed, shown_s
from gstream.check.verdict import failed, passed, plain, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gstream import Part, Prompt
    from gstream.check import Verdict

FLASH = "gemini-2.5-flash"
THIRD = "gemini-3-flash-preview"
TOKYO = FunctionCall("get_weather", {"city": "Tokyo"}, "a")
PARIS = FunctionCall("get_weather", {"city": "Paris"}, "b")


def heard(
    *parts: Part | str,
    prompt: Prompt | None = None,
    usage: Usage | None = None,
    finish: str | None = "STOP",
    times: tuple[float, ...] = (0.5, 1.0, 1.5),
    framing: Any = "sse",
) -> list[Exchange]:
    """Return the one exchange in which these parts were answered."""
    made = tuple(Text(part) if isinstance(part, str) else part for part in parts)
    answer = Chunk(made, finish, usage, last=True, framing=framing)
    return [Exchange(prompt or questions.plain(FLASH), answer, None, times, times[-1] if times else 0.0)]


@dataclass(frozen=True)
class Case:
    id: str
    judge: Callable[[Sequence[Exchange]], Verdict]
    exchanges: list[Exchange]
    status: str
    words: str


LONG = questions.long(FLASH)
SEA = "The sea rises and falls. " * 30
TOTAL = heard(SEA, prompt=LONG, usage=Usage(15, 190, stated_total=20))
MOJIBAKE = heard(" ".join(questions.UNICODE).encode().decode("latin-1"))
COUNTED = heard("?", usage=Usage(details={"prompt": {"image": 258}}))
CASES: list[Case] = [
    Case("sse", judge_answers.framing, heard("a"), "pass", "server-sent events"),
    Case("object", judge_answers.framing, heard("a", framing="json-object"), "fail", "not as a stream"),
    Case("spread", judge_answers.streaming, heard("a"), "pass", "3 chunks over 1.0 s"),
    Case("one chunk", judge_answers.streaming, heard("a", times=(2.0,)), "fail", "in one chunk, 2.0 s after"),
    Case("lump", judge_answers.streaming, heard("a", times=(4.0, 4.001, 4.002)), "fail", "3 chunks came in one lump"),
    Case("at once", judge_answers.streaming, heard("a", times=(0.05, 0.051, 0.051)), "pass", "3 chunks over 1 ms"),
    Case("quick", judge_answers.streaming, heard("a", times=(0.01, 0.03, 0.05)), "pass", "3 chunks over 40 ms"),
    Case("after a thought", judge_answers.streaming, heard("a", times=(9.0, 9.2, 9.4)), "pass", "3 chunks"),
    Case("one lump of two", judge_answers.streaming, heard("a", times=(2.0,)) + heard("a"), "pass", "3 chunks"),
    Case("stop reason", judge_answers.finish, heard("a"), "pass", "STOP"),
    Case("max tokens", judge_answers.finish, heard("a") + heard("a", finish="MAX_TOKENS"), "fail", "MAX_TOKENS"),
    Case("no such reason", judge_answers.finish, heard("a", finish="DONE"), "fail", "'DONE', a word"),
    Case("counted", judge_answers.usage, heard(SEA, prompt=LONG, usage=Usage(15, 190)), "pass", "15 tokens in, 190"),
    Case("uncounted", judge_answers.usage, heard(SEA, prompt=LONG), "fail", "no token counts"),
    Case("none in", judge_answers.usage, heard(SEA, prompt=LONG, usage=Usage(0, 190)), "fail", "0 tokens in"),
    Case("none out", judge_answers.usage, heard(SEA, prompt=LONG, usage=Usage(15, 0)), "fail", "0 tokens out"),
    Case("padded", judge_answers.usage, heard(SEA, prompt=LONG, usage=Usage(900, 190)), "fail", "900 tokens in"),
    Case("inflated", judge_answers.usage, heard(SEA, prompt=LONG, usage=Usage(15, 9000)), "fail", "9000 tokens out"),
    Case(
        "total", judge_answers.usage, TOTAL, "fail", "the total, 20, is less"
    ),
    Case("letters", judge_answers.unicode, heard(" ".join(questions.UNICODE)), "pass", "as another space"),
    Case("separator", judge_answers.unicode, heard("\u2028".join(questions.UNICODE)), "pass", "U+2028 too"),
    Case("replaced", judge_answers.unicode, heard("\ufffd\ufffd"), "fail", "U+FFFD"),
    Case(
        "mojibake", judge_answers.unicode, MOJIBAKE, "fail", "Latin-1"
    ),
    Case("lost", judge_answers.unicode, heard("???"), "fail", "did not come back; what came is '???'"),
    Case("system", judge_answers.system, heard(f"Red. {questions.SYSTEM_WORD}"), "pass", "followed"),
    Case("no system", judge_answers.system, heard("Red."), "fail", "was not followed: 'Red.'"),
    Case("turns", judge_answers.turns, heard(questions.EARLIER_WORD), "pass", "remembered"),
    Case("no turns", judge_answers.turns, heard("You told me none."), "fail", "forgotten"),
    Case("stop", judge_answers.stop, heard("alpha bravo charlie "), "pass", "ended before"),
    Case("no stop", judge_answers.stop, heard("alpha bravo charlie delta echo"), "fail", "runs past"),
    Case("nothing to stop", judge_answers.stop, heard("I will not."), "fail", "does not even begin"),
    Case("thoughts", judge_answers.thinking, heard(Thought("Hm."), "9", usage=Usage(thoughts=7)), "pass", "7 tokens"),
    Case("hidden thoughts", judge_answers.thinking, heard("9", usage=Usage(thoughts=7)), "fail", "brought none of it"),
    Case("no thoughts", judge_answers.thinking, heard("9"), "fail", "no thoughts came"),
    Case("off", judge_answers.unthinking, heard("7", usage=Usage(5, 1)), "pass", "turns it off"),
    Case("not off", judge_answers.unthinking, heard("7", usage=Usage(5, 1, 90)), "fail", "90 tokens of thought"),
    Case("json", judge_answers.schema, heard('{"title": "M", "year": 1851, "tags": ["sea"]}'), "pass", "of the schema"),
    Case("fenced", judge_answers.schema, heard('```json\n{"title": "M"}\n```'), "fail", "no JSON"),
    Case("other shape", judge_answers.schema, heard('{"title": "M", "year": "1851", "tags": []}'), "fail", "shape"),
    Case("red", judge_answers.image, heard("Red."), "pass", "says so"),
    Case("counted image", judge_answers.image, COUNTED, "pass", "258 tokens"),
    Case("unseen", judge_answers.image, heard("I see no picture."), "fail", "the picture is red, and the answer is"),
    Case("word", judge_answers.document, heard("It is OBOE58."), "pass", "says so"),
    Case("unread", judge_answers.document, heard("No page."), "fail", "the word on the page is OBOE58"),
    Case("drawn", judge_answers.drawing, heard(Blob.of(picture(), "image/png")), "pass", "image/png"),
    Case("undrawn", judge_answers.drawing, heard("Imagine it."), "fail", "no image came"),
    Case("draft", judge_answers.drawing, heard(Blob("image/png", "AAAA", thought=True)), "fail", "no image came"),
    Case("no image", judge_answers.drawing, heard(Blob.of(b"<html>", "image/png")), "fail", "is no such file"),
    Case("no base64", judge_answers.drawing, heard(Blob("image/png", "!")), "fail", "cannot be read"),
    Case("call", judge_tools.call, heard(TOKYO), "pass", "get_weather(city='Tokyo')"),
    Case("no call", judge_tools.call, heard("Sunny."), "fail", "no call came; the answer is 'Sunny.'"),
    Case("other city", judge_tools.call, heard(PARIS), "fail", "about 'Paris', not 'Tokyo'"),
    Case("other name", judge_tools.call, heard(replace(TOKYO, name="search")), "fail", "names 'search'"),
    Case("two calls", judge_tools.parallel, heard(TOKYO, PARIS), "pass", "2 calls"),
    Case("one of two", judge_tools.parallel, heard(TOKYO), "fail", "1 call came, where two"),
    Case("shared id", judge_tools.parallel, heard(TOKYO, replace(PARIS, id="a")), "fail", "share the id 'a'"),
    Case("forced", judge_tools.forced, heard(TOKYO), "pass", "ANY"),
    Case("not forced", judge_tools.forced, heard("Morning!"), "fail", "ANY was ignored"),
    Case("forbidden", judge_tools.forbidden, heard("I cannot look."), "pass", "NONE"),
    Case("not forbidden", judge_tools.forbidden, heard(TOKYO), "fail", "NONE was ignored"),
    Case("result", judge_tools.result, heard("Hail at 31.7 °C."), "pass", "speaks of the result"),
    Case("again", judge_tools.result, heard(TOKYO), "fail", "made again"),
    Case("unheard", judge_tools.result, heard("It is nice."), "fail", "says nothing of the result"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_what_came_decides(case: Case) -> None:
    verdict = case.judge(case.exchanges)

    assert case.status == verdict.status
    assert case.words in verdict.reason


def called(signature: str | None, model: str = THIRD) -> list[Exchange]:
    return heard(replace(TOKYO, signature=signature), prompt=questions.call(model))


def refused(error: Exception, prompt: Prompt | None = None) -> list[Exchange]:
    return [Exchange(prompt or questions.plain(FLASH), None, error)]  # type: ignore[arg-type]  # errors of gstream


SIGNED_BACK = InvalidRequestError("The endpoint answered 400: Corrupted thought signature.")


@pytest.mark.parametrize(
    ("first", "second", "status", "words"),
    [
        (called("c2ln"), heard("Hail."), "pass", "1 came (4 characters) and went back"),
        (called("c2ln"), [], "pass", "1 came (4 characters)"),
        (called(None), heard("Hail."), "fail", "without its signature"),
        (called("c2ln"), refused(SIGNED_BACK), "fail", "refused on its way back"),
        (called("c2ln"), refused(ServerError("Broken.")), "not run", "failed for another reason"),
        (called(None, FLASH), heard("Hail."), "not offered", "gives none, and needs none back"),
        (called("c2ln", FLASH), heard("Hail."), "pass", "went back"),
    ],
)
def test_signatures_must_come_where_they_are_demanded(
    first: list[Exchange], second: list[Exchange], status: str, words: str
) -> None:
    verdict = judge_tools.signatures({"call": tuple(first), "result": tuple(second)})

    assert (verdict.status, words in verdict.reason) == (status, True), verdict


NO_MODEL = NotFoundError("No.", status=503, code="model_not_found", provider_message="No channel.")
NO_KEY = AuthenticationError("No.", status=401, provider_message="Wrong.")


def test_provoked_errors_must_say_what_is_wrong() -> None:
    assert judge_errors.wrong_model(refused(NO_MODEL)).reason == "503 model_not_found: No channel."
    assert judge_errors.wrong_key(refused(NO_KEY)).reason == "401: Wrong."
    for judge in (judge_errors.wrong_model, judge_errors.wrong_key):
        assert judge(refused(OverloadedError("Busy."))).status == "fail"
        assert "was answered" in judge(heard("Hello!")).reason


@pytest.mark.parametrize(
    ("errors", "status", "words"),
    [
        ((), "not offered", "no rate limit was met"),
        ((OverloadedError("Busy."),), "not offered", "no rate limit"),
        ((RateLimitError("Slow."),), "fail", "nothing said how long"),
        ((RateLimitError("Slow."), RateLimitError("Slow.", retry_after_s=7.0)), "pass", "asked to wait 7 s"),
    ],
)
def test_a_rate_limit_should_say_for_how_long(errors: tuple[Any, ...], status: str, words: str) -> None:
    verdict = judge_errors.retry_hints({"call": (replace(heard("a")[0], earlier=errors),)})

    assert (verdict.status, words in verdict.reason) == (status, True), verdict


def test_speed_is_the_median_of_the_tries_and_fails_with_one_of_them() -> None:
    tries = [heard(SEA, usage=Usage(9, 100), times=(first, first + 1, first + 2))[0] for first in (0.2, 0.9, 0.4)]
    verdict = judge_answers.speed(tries)

    assert verdict.reason == "3 tries, first chunk after 400 ms, 50 tokens/s"
    assert verdict.details == {"first_chunk_s": 0.4, "tokens_per_s": 50.0}
    assert "1 of 4 tries failed: OverloadedError: Busy." in judge_answers.speed(
        [*tries, *refused(OverloadedError("Busy."))]
    ).reason  # fmt: skip


def test_a_lump_has_no_rate_and_uncounted_tokens_are_estimated() -> None:
    lump, uncounted = heard(SEA, times=(2.0,)), heard("word " * 80, times=(1.0, 3.0))

    assert Speed.of(lump) == Speed((2.0,), ())
    assert Speed.of(uncounted) == Speed((1.0,), (50.0,))
    assert Speed.of(refused(OverloadedError("Busy."))) == Speed()
    assert (shown_s(0.0456), shown_s(1.84)) == ("46 ms", "1.8 s")


def test_a_refusal_and_a_break_are_told_apart() -> None:
    broke = replace(refused(OverloadedError("Busy."))[0], arrivals_s=(0.1,))

    assert judge_answers.refusal(refused(SIGNED_BACK)[0]).reason.startswith("refused: InvalidRequestError: ")
    assert judge_answers.refusal(broke).reason == "after 1 chunk: OverloadedError: Busy."


def test_a_reason_is_one_line_that_no_terminal_obeys() -> None:
    assert passed("a\x1b[31mb\r\nc\u2028d").reason == "a [31mb c d"
    assert len(failed("x" * 900).reason) == 300
    assert plain("é 天") == "é 天"
    assert (quoted(""), quoted("it's")) == ("nothing", '"it\'s"')


def test_the_samples_are_what_they_are_called() -> None:
    assert picture().startswith(b"\x89PNG\r\n\x1a\n")
    body = sheet()
    start = int(body.split(b"startxref\n")[1].split(b"\n")[0])

    assert body.startswith(b"%PDF-1.4")
    assert body[start:].startswith(b"xref\n0 6\n")
    for number, line in enumerate(body[start:].split(b"\n")[3:8], start=1):
        assert body[int(line[:10]) :].startswith(b"%d 0 obj" % number)
