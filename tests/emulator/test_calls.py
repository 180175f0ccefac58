"""Which functions the model calls: all that the prompt means, at once or in order, never again once answered."""

# ruff: noqa: E501 - one case a line

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from gstream.emulator import Emulator

PRO3 = "gemini-3-pro-preview"
STRING = {"type": "STRING"}
INTEGER = {"type": "INTEGER"}


def declared(name: str, *, description: str = "", **properties: Any) -> dict[str, Any]:
    result: dict[str, Any] = {"name": name, "description": description}
    if properties:
        result["parameters"] = {"type": "OBJECT", "properties": properties, "required": list(properties)}
    return result


WEATHER = declared("get_weather", description="Get the weather in a location.", location=STRING)
TIME = declared("get_time", description="Get the time in a city.", city=STRING)
MAGIC = declared("magic_function", description="Apply a magic function to an input.", input=INTEGER)
ADDER = declared("my_adder_tool", description="Tool that adds two integers.", a=INTEGER, b=INTEGER)
CUSTOMER = declared(
    "unicode_customer", description="Tool for creating a customer.", customer_name=STRING, description_=STRING
)
CHINESE_WEATHER = declared("query", description="查询城市天气", city=STRING)


@dataclass(frozen=True)
class Case:
    prompt: str
    tools: list[dict[str, Any]]
    calls: list[tuple[str, dict[str, Any]]]
    mode: str = "AUTO"


CASES = [
    Case("What is the value of magic_function(3)? Use the tool.", [MAGIC], [("magic_function", {"input": 3})], "ANY"),
    Case("What is the weather in San Francisco, CA?", [WEATHER], [("get_weather", {"location": "San Francisco, CA"})]),
    Case("weather in paris please", [WEATHER, TIME], [("get_weather", {"location": "paris"})]),
    Case(
        "What is the weather in Paris and the time in Tokyo?",
        [TIME, WEATHER],
        [("get_weather", {"location": "Paris"}), ("get_time", {"city": "Tokyo"})],
    ),
    Case(
        "What's the weather in Tokyo and Paris?",
        [WEATHER],
        [("get_weather", {"location": "Tokyo"}), ("get_weather", {"location": "Paris"})],
    ),
    Case("First the weather in Paris, then the time in Tokyo.", [TIME, WEATHER], [("get_weather", {"location": "Paris"})]),
    Case("What is 1 + 2", [ADDER], [("my_adder_tool", {"a": 1, "b": 2})]),
    Case("Call magic_function_no_args", [declared("magic_function_no_args")], [("magic_function_no_args", {})]),
    Case(
        "Using the tool, generate a Pirate greeting.",
        [declared("greeting_generator", answer_style=STRING)],
        [("greeting_generator", {"answer_style": "Pirate"})],
    ),
    Case("北京和上海今天的天气怎么样？", [CHINESE_WEATHER], [("query", {"city": "北京"}), ("query", {"city": "上海"})]),  # noqa: RUF001 - a Chinese question
    Case("東京の天気を教えてください", [WEATHER], [("get_weather", {"location": "東京"})]),
    Case(
        "Send an email to bob@example.org saying 'see you soon'",
        [declared("send_email", to_email=STRING, body=STRING)],
        [("send_email", {"to_email": "bob@example.org", "body": "see you soon"})],
    ),
    Case("Hello!", [WEATHER, MAGIC], []),
    Case("What is the weather in Paris?", [WEATHER], [], "NONE"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.prompt)
@pytest.mark.parametrize("model", ["gemini-2.5-flash", PRO3])
def test_it_calls_what_the_prompt_means(google: Emulator, ask: Callable[..., Any], case: Case, model: str) -> None:
    choice = {"functionCallingConfig": {"mode": case.mode}}
    heard = ask(google, case.prompt, model=model, tools=[{"functionDeclarations": case.tools}], toolConfig=choice)

    assert heard.calls == case.calls
    assert bool(heard.text) == (not case.calls)


@pytest.mark.parametrize("name", ["你好啊集团", "こんにちは株式会社"])
def test_an_east_asian_name_arrives_verbatim(google: Emulator, ask: Callable[..., Any], name: str) -> None:
    prompt = f"Create a customer named '{name}' (Hello Group) - a technology company"
    heard = ask(google, prompt, tools=[{"functionDeclarations": [CUSTOMER]}])

    assert heard.calls[0][1]["customer_name"] == name


def test_mode_any_always_calls_and_only_what_is_allowed(google: Emulator, ask: Callable[..., Any]) -> None:
    choice = {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["get_time"]}}
    heard = ask(google, "Hello!", tools=[{"functionDeclarations": [WEATHER, TIME]}], toolConfig=choice)

    assert [name for name, _ in heard.calls] == ["get_time"]


def test_gemini_3_calls_have_ids_and_only_the_first_is_signed(google: Emulator, ask: Callable[..., Any]) -> None:
    heard = ask(google, "Weather in Tokyo and Paris?", model=PRO3, tools=[{"functionDeclarations": [WEATHER]}])
    first, second, end = heard.parts

    assert "thoughtSignature" in first
    assert "thoughtSignature" not in second
    assert end == {"text": ""}
    assert first["functionCall"]["id"] != second["functionCall"]["id"]
    assert len(heard.documents) == 3


def test_gemini_2_calls_have_no_ids_and_come_together(google: Emulator, ask: Callable[..., Any]) -> None:
    heard = ask(google, "Weather in Tokyo and Paris?", tools=[{"functionDeclarations": [WEATHER]}])

    assert len(heard.documents) == 1
    assert all("id" not in part["functionCall"] for part in heard.parts)


@pytest.mark.parametrize("model", ["gemini-2.5-flash", PRO3])
def test_a_loop_over_ordered_tools_takes_one_a_step_and_ends_with_the_results(
    google: Emulator, ask: Callable[..., Any], user: Callable[..., Any], model: str
) -> None:
    contents = [user("First get the weather in Paris, then the time in Tokyo.")]
    made = []
    for _ in range(5):
        heard = ask(google, contents, model=model, tools=[{"functionDeclarations": [WEATHER, TIME]}])
        if not heard.calls:
            break
        made += heard.calls
        results = [
            {"functionResponse": {**part["functionCall"], "response": {"result": f"{name} says 21"}}}
            for part, (name, _) in zip(heard.parts, heard.calls, strict=False)
        ]
        for result in results:
            result["functionResponse"].pop("args")
        contents += [{"role": "model", "parts": heard.parts if heard.parts[-1] != {"text": ""} else heard.parts[:-1]}]
        contents += [{"role": "user", "parts": results}]

    assert made == [("get_weather", {"location": "Paris"}), ("get_time", {"city": "Tokyo"})]
    assert "get_weather says 21" in heard.text
    assert "get_time says 21" in heard.text


def test_mode_any_after_the_results_calls_what_was_not_called_yet(
    google: Emulator, ask: Callable[..., Any], user: Callable[..., Any]
) -> None:
    call = {"functionCall": {"name": "get_weather", "args": {"location": "Paris"}}}
    result = {"functionResponse": {"name": "get_weather", "response": {"result": "sunny in Paris, 21 degrees"}}}
    contents = [user("What is the weather in Paris?"), {"role": "model", "parts": [call]}, user(result)]
    final = declared("final_answer", temperature=INTEGER)
    choice = {"functionCallingConfig": {"mode": "ANY"}}
    heard = ask(google, contents, tools=[{"functionDeclarations": [WEATHER, final]}], toolConfig=choice)

    assert heard.calls == [("final_answer", {"temperature": 21})]
