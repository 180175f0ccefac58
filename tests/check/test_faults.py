"""What the check says of an endpoint with each of these faults: the probes that fail, and words of why; no others."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from gstream.check import BATTERY, chosen
from gstream.emulator import FAULTS, Fault
from gstream.emulator.faults.bending import each_call, each_part
from tests.check.conftest import THIRD, checked

if TYPE_CHECKING:
    from gstream.check import Report
    from gstream.emulator.delivery import Answer, Wire


@dataclass(frozen=True)
class Row:
    """A fault, and what must be found."""

    fault: str
    fails: dict[str, str]
    """Probe -> words of its reason."""
    passes: dict[str, str] = field(default_factory=dict)
    """Probes that pass beside it for a reason of their own, and words of that."""
    unlooked: bool = False
    """Whether nobody can have looked at the key."""
    options: dict[str, Any] = field(default_factory=dict)


def broken(fault: str, words: str, *, unlooked: bool = False, **passes: str) -> Row:
    """Return the row of a fault that leaves no whole answer to a plain question."""
    return Row(fault, {"answer": words}, passes, unlooked)


QUICK = {"timeout": 0.3}
ROWS = [
    # nothing is there
    Row("html", {"reach": "HTML page, 'API Console'"}),
    Row("redirect_302", {"reach": "a redirect to http://127.0.0.1:9"}),
    Row("redirect_307", {"reach": "a redirect to http://127.0.0.1:9"}),
    Row("reset_before_headers", {"reach": "ConnectionFailed: No answer from"}),
    Row("close_before_headers", {"reach": "ConnectionFailed: No answer from"}),
    Row("silent_before_headers", {"reach": "RequestTimeout: No part of an answer"}, options=QUICK),
    Row("comments_for_ever", {"reach": "RequestTimeout: No part of an answer"}, options=QUICK),
    # the key
    Row("bad_key_400", {"credential": "API key not valid"}),
    Row("bad_key_401", {"credential": "无效的令牌"}),
    Row("key_expired_400", {"credential": "API key expired"}),
    Row("key_echoed", {"credential": "Incorrect API key provided: [key]"}),
    Row("error_403", {"credential": "Your project has been denied access"}),
    # the account, the model
    broken("quota_402", "QuotaError: The endpoint answered 402", credential="taken as"),
    broken("quota_403", "insufficient_user_quota", credential="taken as"),
    broken("quota_403_words", "余额不足", credential="taken as"),
    broken("quota_429", "insufficient_quota", credential="taken as"),
    broken("model_503", "NotFoundError: The endpoint answered 503 model_not_found", credential="taken as"),
    broken("model_503_words", "无可用渠道", credential="taken as"),
    broken("model_400", "Invalid model name", credential="taken as"),
    broken("error_404", "models/gemini-0 is not found", reach="speaks this API"),
    # refusals and overloads
    broken("error_413", "413 Request Entity Too Large"),
    broken("error_422", "validation_error"),
    broken("error_429", "RateLimitError", unlooked=True, retry_hints="asked to wait 1 s"),
    broken("error_429_retry_after", "您已达到请求数限制", unlooked=True, retry_hints="asked to wait 1 s"),
    broken("error_429_nested", "RateLimitError", unlooked=True, retry_hints="asked to wait 34.1 s"),
    broken("error_500", "ServerError: The endpoint answered 500 INTERNAL", unlooked=True),
    broken("error_502", "502 Bad Gateway", unlooked=True),
    broken("error_503", "OverloadedError", unlooked=True),
    broken("error_524", "524: A timeout occurred", unlooked=True),
    broken("error_529", "overloaded_error", unlooked=True),
    broken("body_error_text", "ServerError", unlooked=True),
    broken("body_text", "sent text instead of an answer"),
    broken("first_typed", "OverloadedError", unlooked=True),
    # an answer that breaks
    broken("mid_google", "after 2 chunks: OverloadedError", credential="taken as"),
    broken("html_mid_stream", "after 2 chunks: IncompleteStreamError"),
    broken("no_finish", "the stream ended without a finish reason"),
    broken("ends_early", "after 2 chunks: IncompleteStreamError"),
    broken("half_event", "the stream ended inside an event"),
    broken("cut_mid_event", "the connection was reset"),
    broken("cut_chunked", "the connection was cut"),
    broken("broken_json", "JSON that cannot be read"),
    broken("broken_utf8", "is no UTF-8"),
    broken("broken_gzip", "content encoding is broken"),
    broken("no_gzip", "content encoding is broken"),
    Row("silent_mid_stream", {"answer": "after 2 chunks: RequestTimeout"}, options=QUICK),
    Row("comments_mid_stream", {"answer": "after 2 chunks: RequestTimeout"}, options=QUICK),
    # no answer
    broken("empty", "the response was empty"),
    broken("no_content", "the response was empty"),
    broken("only_usage", "the stream ended before any part"),
    broken("blocked_prompt", "ContentBlockedError: The prompt was blocked: SAFETY"),
    broken("stop_empty", "EmptyAnswerError: The model ended with STOP and no answer"),
    broken("max_tokens_empty", "ended with MAX_TOKENS and no answer"),
    broken("malformed_call", "MALFORMED_FUNCTION_CALL"),
    broken("safety_mid_stream", "broken off: SAFETY"),
    # an answer with a flaw
    Row(
        "one_object",
        {"framing": "one JSON object, not as a stream", "streaming": "the whole answer came in one chunk"},
    ),
    Row("usage_nowhere", {"usage": "no token counts came"}),
    Row("finish_unknown", {"finish": "'COSMIC_RAY', a word that the API does not define"}),
    Row("finish_trailing", {"finish": "MAX_TOKENS, though no limit was set"}),
    Row("call_args_missing", {"call": "lacks the argument 'city'"}),
    Row("call_args_null", {"call": "lacks the argument 'city'"}),
    Row("call_args_list", {"call": "no JSON object: '[{"}),
    Row("call_args_broken", {"call": "no JSON object: '{\"city\": \"Par'"}),
    Row("call_name_missing", {"call": "a call came that names no function"}),
    Row("signature_last", {"result": "Corrupted thought signature", "signatures": "refused on its way back"}),
    Row("media_no_type", {"image_out": "without its media type"}),
    Row("sse_raw_controls", {"schema": "the answer is no JSON", "json_schema": "the answer is no JSON"}),
]  # fmt: skip


def found(report: Report, row_fails: dict[str, str], honest: dict[str, str], *, unlooked: bool = False) -> None:
    """Hold a report against what must fail: exactly that, for that reason, and what builds on it is not run."""
    failed = {name: verdict.reason for name, verdict in report.verdicts.items() if verdict.status == "fail"}

    assert failed.keys() == row_fails.keys(), failed
    for name, words in row_fails.items():
        assert words in failed[name]
    for name, verdict in report.verdicts.items():
        if verdict.status == "not run":
            ground = verdict.reason.removeprefix("needs ").split(",")[0]
            blind = unlooked and name == "credential"
            assert blind or report.verdicts[ground].status in {"fail", "not run"}, (name, verdict)
        elif verdict.status != "fail" and name != "retry_hints":
            assert verdict.status == honest[name], (name, verdict)
    assert not report.good


@pytest.mark.parametrize("row", [pytest.param(row, id=row.fault) for row in ROWS])
def test_a_fault_is_named(row: Row, honest: dict[str, str]) -> None:
    """The probes that see a fault fail with its name, those that build on them are not run, all others pass."""
    report = checked("google", row.fault, model=THIRD, **row.options)

    found(report, row.fails, honest, unlooked=row.unlooked)
    for name, words in row.passes.items():
        assert report.verdicts[name].status == "pass"
        assert words in report.verdicts[name].reason
    assert (report.verdicts["credential"].status == "not run") == (row.unlooked or "reach" in row.fails)


HARMLESS = [
    name
    for name, fault in FAULTS.items()
    if fault.kind == "answer"
    and name not in {row.fault for row in ROWS}
    # What these say comes back as it came, and the emulator's Google refuses its own fault; one writes byte by byte.
    and name not in {"part_unknown", "signature_huge", "signature_not_base64", "signature_texts", "byte_by_byte"}
    # These put white space that JSON does not know into the text, the schema's among it.
    and name not in {"sse_line_separators", "sse_raw_newlines"}
]


@pytest.mark.parametrize("name", HARMLESS[::2])
def test_what_does_no_harm_fails_nothing(name: str, honest: dict[str, str]) -> None:
    """A fault that gstream cures is not reported: agents do not see it."""
    report = checked("google", name, model=THIRD, timeout=0.3 if name == "stays_open" else 30.0)

    assert {one: verdict.status for one, verdict in report.verdicts.items()} == honest


# -- faults that no gateway was seen to have in this form -------------------------------------------------------------


def _unsigned(part: dict[str, Any]) -> list[Any]:
    part.pop("thoughtSignature", None)
    return [part]


def _twice(call: dict[str, Any]) -> None:
    call["args"] = {"city": "Tokyo"}


async def _held(wire: Wire, answer: Answer) -> None:
    """Keep the answer back for as long as it would take to write, and send it in one piece."""
    wire.pace_s = 0.15
    await wire.open(answer)
    await wire.pause()
    await wire.send(b"".join(answer.pieces))
    await wire.close()


MADE = {
    "unsigned": (
        Fault("No signature comes.", "answer", documents=each_part(_unsigned)),
        {"signatures": "the call came without its signature"},
    ),
    "same call": (
        Fault("All calls are alike.", "answer", documents=each_call(_twice)),
        {"parallel": "where two were to come at once"},
    ),
    "question marks": (
        Fault(
            "Letters beyond ASCII are lost.",
            "answer",
            documents=each_part(
                lambda part: (
                    [{**part, "text": part["text"].encode("ascii", "replace").decode()}] if "text" in part else [part]
                )
            ),
        ),
        {"unicode": "天气很好"},
    ),
}


@pytest.mark.parametrize("name", MADE)
def test_a_flaw_of_one_ability_fails_that_probe_alone(name: str, honest: dict[str, str]) -> None:
    fault, fails = MADE[name]
    report = checked("google", fault, model=THIRD)

    found(report, fails, honest)


def test_an_answer_held_back_to_its_end_does_not_stream() -> None:
    """The one test that looks at a real clock."""
    held = Fault("Held back.", "answer", delivery=_held)
    report = checked(fault=held, probes=chosen(["streaming"]), clock=time.monotonic)

    assert report.verdicts["streaming"].status == "fail"
    assert "came in one lump" in report.verdicts["streaming"].reason
    assert [probe.name for probe, _ in report.failures] == ["streaming"]


def test_a_passing_overload_is_repeated_and_its_hint_noted() -> None:
    waits: list[float] = []
    report = checked(fault="error_429", fault_times=2, wait=waits.append)

    assert report.good
    assert waits == [1.0, 1.0]
    assert report.verdicts["retry_hints"].reason == "asked to wait 1 s"


@pytest.mark.parametrize("fault", ["cut_mid_event", "mid_google"])
def test_a_broken_answer_is_never_repeated(fault: str) -> None:
    report = checked(fault=fault, fault_times=1)

    assert report.verdicts["answer"].status == "fail"
    assert report.requests == 1


def test_what_the_document_does_not_promise_is_no_failure() -> None:
    """Juheai's document lists neither tools nor media: what is broken there is not offered, with both reasons."""
    report = checked("juheai", "call_args_broken")
    verdict = report.verdicts["call"]

    assert verdict.status == "not offered"
    assert "its document does not list tools.functionDeclarations.parameters, and: the arguments" in verdict.reason
    assert report.verdicts["parallel"].status == "not offered"
    assert report.good


def test_an_accident_is_a_failure_also_where_nothing_is_promised() -> None:
    """The endpoint of tools that are not documented fails with 503 on the way: that is no answer to the request."""
    order = [name for name, probe in BATTERY.items() if probe.question or name == "answer"]
    before = order.index("call")

    report = checked("juheai", Fault("Overloaded from the call on.", "error", documents=_after(before)))

    assert report.verdicts["call"].status == "fail"
    assert "OverloadedError" in report.verdicts["call"].reason


def _after(count: int) -> Any:
    """Return what lets `count` answers pass, and makes an overload of each further one."""
    seen: list[int] = []

    def bent(documents: Any) -> list[Any]:
        seen.append(1)
        overload = {"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}
        return list(documents) if len(seen) <= count else [overload]

    return bent
