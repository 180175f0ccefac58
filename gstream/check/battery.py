"""The probes of `gstream check`, as data, in the order in which they are made; and the choice among them.

Rule 1: what a probe asks is in `questions`, what its answer means in `judge_...`; here they are put together.
Rule 2: a model that cannot do something is no fault of the endpoint: `Probe.unable` says so from `gstream.models`.
"""

from __future__ import annotations

import difflib
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gstream.check import judge_answers, judge_errors, judge_tools, questions
from gstream.check.probe import Probe
from gstream.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gstream.check.exchange import Seen
    from gstream.check.probe import Question
    from gstream.messages import Prompt
    from gstream.models import Model

__all__ = ["BATTERY", "chosen"]


def _of_model(make: Callable[[str], Prompt]) -> Question:
    return lambda model, _: make(model)


def _result(model: str, seen: Seen) -> Prompt:
    answer = seen["call"][0].answer
    if answer is None:
        raise ValueError("the probe 'result' is asked only where 'call' passed")
    return questions.result(model, answer)


# -- who can do what --------------------------------------------------------------------------------------------------


def _thinks(model: Model) -> str:
    return f"{model.family} does not think, or is not steered" if model.known and model.thinking == "none" else ""


def _stops_thinking(model: Model) -> str:
    if model.budget is not None and model.budget.can_be_off:
        return ""
    return _thinks(model) or f"{model.family or 'this model'} is not known to let thinking be turned off"


def _calls(model: Model) -> str:
    return "" if model.function_calling else f"{model.family} takes no functions"


def _calls_in_parallel(model: Model) -> str:
    return _calls(model) or ("" if model.parallel_calls else f"{model.family} makes one call at a time")


def _fills_schemas(model: Model) -> str:
    return "" if model.structured_output else f"{model.family} takes no response schema"


def _heeds_system(model: Model) -> str:
    return "" if model.system_instruction else f"{model.family} takes no system instruction"


def _reads(kind: str) -> Callable[[Model], str]:
    return lambda model: "" if kind in model.inputs else f"{model.family} reads no {kind}"


def _draws(model: Model) -> str:
    return "" if "image" in model.outputs else f"{model.family} makes no images"


# -- the probes -------------------------------------------------------------------------------------------------------

_ACCESS: Final = (
    Probe(
        "reach", "access",
        asks="the base URL, and where it leads elsewhere the usual paths of the same host",
        tells="the URL leads to this API",
        failing="No request gets anywhere: base_url is wrong, or the endpoint is down.",
        needs=(),
    ),
    Probe(
        "credential", "access",
        asks="with the key in a header, as bearer, in the query, until one is taken",
        tells="the key is good, and how it must be sent",
        failing="Every call raises an AuthenticationError: check the key, its group and its models.",
        needs=(),
    ),
    Probe(
        "answer", "access",
        asks="for a greeting",
        tells="a plain question gets a whole answer",
        failing="Every call raises this error, so nothing else could be checked.",
        needs=(),
    ),
)  # fmt: skip

_ANSWERS: Final = (
    Probe(
        "speed", "answers",
        asks="for 150 words of prose, as often as --tries says",
        tells="how soon and how quickly an answer comes",
        failing="Calls fail now and then: give max_retries and a fallback.",
        judge=judge_answers.speed, measured=True,
        question=_of_model(questions.long),
        tokens_out=220,
    ),
    Probe(
        "framing", "answers",
        asks="nothing: it is read off speed",
        tells="how the stream is written; gstream reads every form, other clients may not",
        failing="Nothing can be shown before the whole answer is there.",
        judge=judge_answers.framing, reads="speed",
    ),
    Probe(
        "streaming", "answers",
        asks="nothing: it is read off speed",
        tells="chunks come as they are written",
        failing="stream() works, but brings all at the end: users wait, and timeouts must cover the whole answer.",
        judge=judge_answers.streaming, reads="speed",
    ),
    Probe(
        "finish", "answers",
        asks="nothing: it is read off speed",
        tells="an answer says why it ended",
        failing="A cut answer cannot be told from a whole one by its finish reason.",
        judge=judge_answers.finish, reads="speed",
    ),
    Probe(
        "usage", "answers",
        asks="nothing: it is read off speed",
        tells="tokens are counted, and plausibly",
        failing="Budgets and cost reports of agents are wrong.",
        judge=judge_answers.usage, reads="speed",
    ),
    Probe(
        "unicode", "answers",
        asks="for Chinese, Japanese, Korean, emoji and U+2028 back",
        tells="texts arrive letter by letter",
        failing="Names, prices and file names of users are damaged on the way.",
        judge=judge_answers.unicode,
        question=_of_model(questions.unicode),
    ),
    Probe(
        "system", "answers",
        asks="anything, under an instruction that shows",
        tells="the system instruction is heard",
        failing="An agent does not know its role and rules: put them into the first user message.",
        judge=judge_answers.system,
        question=_of_model(questions.system),
        fields=("systemInstruction",), unable=_heeds_system,
    ),
    Probe(
        "turns", "answers",
        asks="for a word of an earlier turn",
        tells="the whole conversation is heard",
        failing="An agent forgets everything but the last message.",
        judge=judge_answers.turns,
        question=_of_model(questions.turns),
        fields=("contents.role",),
    ),
    Probe(
        "stop", "answers",
        asks="for five words, to be ended before the fourth",
        tells="stop sequences end an answer",
        failing="ReAct-style agents read on past their stop word, into made-up observations.",
        judge=judge_answers.stop,
        question=_of_model(questions.stop),
        fields=("generationConfig.stopSequences",),
    ),
)  # fmt: skip

_THINKING: Final = (
    Probe(
        "thinking", "thinking",
        asks="a riddle, with includeThoughts",
        tells="thoughts are shown when asked for",
        failing="Thoughts are paid for and not seen.",
        judge=judge_answers.thinking,
        question=_of_model(questions.thinking),
        fields=("generationConfig.thinkingConfig",), unable=_thinks, tokens_out=300,
    ),
    Probe(
        "thinking_off", "thinking",
        asks="with thinkingBudget 0",
        tells="thinking can be turned off",
        failing="Every step of an agent waits and pays for thoughts that nobody wanted.",
        judge=judge_answers.unthinking,
        question=_of_model(questions.unthinking),
        fields=("generationConfig.thinkingConfig",), unable=_stops_thinking,
    ),
)  # fmt: skip

_TOOLS: Final = (
    Probe(
        "call", "tools",
        asks="what only the one tool can tell",
        tells="the model calls functions",
        failing="No agent works here: tools are never called, or not as they must be.",
        judge=judge_tools.call,
        question=_of_model(questions.call),
        fields=("tools.functionDeclarations.parameters",), unable=_calls, tokens_in=120,
    ),
    Probe(
        "parallel", "tools",
        asks="for two cities' weather at once",
        tells="an answer may hold several calls",
        failing="An agent needs a step for each call, or mixes up their results.",
        judge=judge_tools.parallel,
        question=_of_model(questions.parallel),
        needs=("answer", "call"),
        fields=("tools.functionDeclarations.parameters",), unable=_calls_in_parallel, tokens_in=120,
    ),
    Probe(
        "forced", "tools",
        asks="with mode ANY, for nothing that needs a tool",
        tells="a call can be demanded",
        failing="tool_choice='any' and with_structured_output by function calling give no call.",
        judge=judge_tools.forced,
        question=_of_model(questions.forced),
        needs=("answer", "call"),
        fields=("toolConfig.functionCallingConfig",), unable=_calls, tokens_in=120,
    ),
    Probe(
        "forbidden", "tools",
        asks="with mode NONE, what only the tool can tell",
        tells="calls can be forbidden",
        failing="tool_choice='none' does not end a tool loop.",
        judge=judge_tools.forbidden,
        question=_of_model(questions.forbidden),
        needs=("answer", "call"),
        fields=("toolConfig.functionCallingConfig",), unable=_calls, tokens_in=120,
    ),
    Probe(
        "result", "tools",
        asks="with the tool's result",
        tells="results are read, so that a tool loop ends",
        failing="A tool loop never gets past its first call.",
        judge=judge_tools.result,
        question=_result,
        needs=("answer", "call"),
        fields=("contents.parts.functionCall", "contents.parts.functionResponse"), unable=_calls, tokens_in=120,
    ),
    Probe(
        "signatures", "tools",
        asks="nothing: it is read off call and result",
        tells="thought signatures come with calls and are taken back",
        failing="Gemini 3 and later refuse the second step of a tool loop, or think anew at each step.",
        overall=judge_tools.signatures, reads="call",
        needs=("answer", "call"),
        fields=("contents.parts.thoughtSignature",), unable=_calls, tokens_in=120,
    ),
)  # fmt: skip

_STRUCTURE: Final = (
    Probe(
        "schema", "structure",
        asks="for an object, with responseSchema",
        tells="answers follow a schema",
        failing="with_structured_output(method='json_schema') gives text that does not parse.",
        judge=judge_answers.schema,
        question=_of_model(questions.schema),
        fields=("generationConfig.responseSchema",), unable=_fills_schemas, json_schema=False, tokens_out=60,
    ),
    Probe(
        "json_schema", "structure",
        asks="for an object, with responseJsonSchema",
        tells="answers follow a JSON Schema as it is",
        failing="Only schemas of the OpenAPI subset can be demanded, which is what gstream sends by itself.",
        judge=judge_answers.schema,
        question=_of_model(questions.schema),
        fields=("generationConfig.responseJsonSchema",), unable=_fills_schemas, json_schema=True, tokens_out=60,
    ),
)  # fmt: skip

_MEDIA: Final = (
    Probe(
        "image", "media",
        asks="for the colour of a picture",
        tells="images reach the model",
        failing="The model answers about images that it never saw.",
        judge=judge_answers.image,
        question=_of_model(questions.image),
        fields=("contents.parts.inlineData",), unable=_reads("image"), tokens_in=290,
    ),
    Probe(
        "pdf", "media",
        asks="for a word of a page",
        tells="PDF documents reach the model",
        failing="The model answers about documents that it never read: send their text instead.",
        judge=judge_answers.document,
        question=_of_model(questions.document),
        fields=("contents.parts.inlineData",), unable=_reads("pdf"), tokens_in=290,
    ),
    Probe(
        "image_out", "media",
        asks="the model of --image-model for a picture",
        tells="images come back",
        failing="Pictures cannot be made here, or arrive damaged.",
        judge=judge_answers.drawing,
        question=_of_model(questions.drawing), asked="image model",
        fields=("generationConfig.responseModalities",), unable=_draws, tokens_out=1300,
    ),
)  # fmt: skip

_ERRORS: Final = (
    Probe(
        "wrong_model", "errors",
        asks="a model that does not exist",
        tells="a missing model is told as one",
        failing="A misspelt model looks like an overload: calls are repeated in vain before they fail.",
        judge=judge_errors.wrong_model,
        question=lambda _, __: questions.plain(questions.NO_MODEL),
        expects_error=True, tokens_out=0,
    ),
    Probe(
        "wrong_key", "errors",
        asks="with a key that does not exist",
        tells="a wrong key is told as one",
        failing="A wrong key looks like another trouble, or whoever finds the URL can use it.",
        judge=judge_errors.wrong_key,
        question=_of_model(questions.plain), asked="model without key",
        expects_error=True, tokens_out=0,
    ),
    Probe(
        "retry_hints", "errors",
        asks="nothing: it is read off all errors that were met",
        tells="a rate limit says how long to wait",
        failing="Clients guess how long to wait, and run into the limit again.",
        overall=judge_errors.retry_hints,
        needs=(),
    ),
)  # fmt: skip

BATTERY: Final[Mapping[str, Probe]] = MappingProxyType(
    {probe.name: probe for probe in (*_ACCESS, *_ANSWERS, *_THINKING, *_TOOLS, *_STRUCTURE, *_MEDIA, *_ERRORS)}
)
"""The probes by name."""


def chosen(only: Sequence[str] = (), skip: Sequence[str] = ()) -> dict[str, Probe]:
    """Return the probes to make, in their order.

    Args:
        only: these, and what they build on; empty: all.
        skip: not these, nor what builds on them. The way in (`reach`, `credential`, `answer`) is always looked for.

    Raises:
        ConfigurationError: a name is none of a probe.
    """
    for option, names in (("--only", only), ("--skip", skip)):
        for name in names:
            if name not in BATTERY:
                near = difflib.get_close_matches(name, BATTERY, n=1)
                hint = f"did you mean {near[0]!r}?" if near else "gstream check --list names them."
                raise ConfigurationError(f"{option} {name!r} is no probe: {hint}")
    wanted = {probe.name for probe in _ACCESS} | (set(only) or set(BATTERY))
    left_out = set(skip) - {probe.name for probe in _ACCESS}
    for probe in reversed(list(BATTERY.values())):  # a probe stands behind what it builds on
        if probe.name in wanted:
            wanted |= {*probe.needs, *filter(None, (probe.reads,))}
    for probe in BATTERY.values():
        if left_out & {*probe.needs, probe.reads}:
            left_out.add(probe.name)
    return {name: probe for name, probe in BATTERY.items() if name in wanted - left_out}
