"""Tools: declarations, choices, calls as selections, and the loop that answers them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, ToolCallBlock
from llama_index.core.tools import FunctionTool, ToolMetadata

from gstream import BuiltInTool, ConfigurationError, StreamError, Tool, ToolChoice
from llamaindex_gstream import NoToolCallError
from llamaindex_gstream.tools import choice_of, described, first_call_only, tools_of


def get_weather(city: str, days: int = 1) -> str:
    """Get the weather of a city."""
    return json.dumps({"city": city, "days": days, "weather": "sunny"})


def get_time(city: str) -> str:
    """Get the local time of a city."""
    return f"It is noon in {city}."


TOOLS = [FunctionTool.from_defaults(fn=get_weather), FunctionTool.from_defaults(fn=get_time)]
DECLARED = (Tool("f"), Tool("g"))


def test_prepared_keywords_are_json_and_the_callers_lists_stay_as_they_are(wired: Any) -> None:
    llm, _ = wired()
    history = [ChatMessage(role="user", content="Hi"), ChatMessage(role="assistant", content="Hello.")]

    prepared = llm._prepare_chat_with_tools(TOOLS, user_msg="The weather?", chat_history=history, temperature=0.5)

    assert len(history) == 2
    assert [message.content for message in prepared["messages"]] == ["Hi", "Hello.", "The weather?"]
    (weather, _) = json.loads(json.dumps(prepared["tools"]))
    assert weather["function"]["name"] == "get_weather"
    assert "Get the weather of a city." in weather["function"]["description"]
    assert weather["function"]["parameters"]["required"] == ["city"]
    assert prepared["temperature"] == 0.5


def test_tools_are_declared_on_the_wire(wired: Any) -> None:
    llm, bodies = wired()

    llm.chat_with_tools(TOOLS, user_msg="The weather?", tool_choice="get_time")

    (declared,) = bodies[0]["tools"]
    assert [function["name"] for function in declared["functionDeclarations"]] == ["get_weather", "get_time"]
    assert bodies[0]["toolConfig"] == {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["get_time"]}}


@pytest.mark.parametrize(
    ("given", "required", "expected"),
    [
        (None, False, None),
        (None, True, ToolChoice("any")),
        ("auto", True, ToolChoice("auto")),
        ("none", False, ToolChoice("none")),
        ("any", False, ToolChoice("any")),
        ("required", False, ToolChoice("any")),
        ("g", False, ToolChoice("any", ("g",))),
        (["f", "g"], False, ToolChoice("any", ("f", "g"))),
        ({"type": "function", "function": {"name": "f"}}, False, ToolChoice("any", ("f",))),
        ({"type": "auto"}, False, ToolChoice("auto")),
        ({"type": "tool", "name": "g"}, False, ToolChoice("any", ("g",))),
        (ToolChoice("validated"), False, ToolChoice("validated")),
    ],
)
def test_every_form_of_a_choice_is_understood(given: object, required: bool, expected: ToolChoice | None) -> None:  # noqa: FBT001 - a parameter of the test
    assert choice_of(given, DECLARED, required=required) == expected


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("requird", ["'requird'", "f, g", "did you mean 'required'"]),
        (["f", "h"], ["'h'", "f, g"]),
        (7, ["tool_choice=7", "a list of names"]),
    ],
)
def test_a_choice_that_is_not_there_is_an_error_that_names_the_tools(given: object, words: list[str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        choice_of(given, DECLARED)

    assert [word for word in words if word not in str(caught.value)] == []


def test_without_functions_a_choice_is_an_error_unless_it_demands_nothing() -> None:
    assert [choice_of(word, ()) for word in (None, "auto", "none")] == [None, None, None]
    with pytest.raises(ConfigurationError, match="without functions"):
        choice_of("any", ())


def test_built_in_tools_are_taken_beside_functions() -> None:
    tools = tools_of([BuiltInTool("googleSearch"), {"code_execution": {}}, TOOLS[1]])

    assert tools[:2] == (BuiltInTool("googleSearch"), BuiltInTool("codeExecution"))
    assert tools[2].name == "get_time"


def test_what_is_no_tool_is_an_error(wired: Any) -> None:
    llm, bodies = wired()

    with pytest.raises(ConfigurationError, match="which is no tool"):
        llm.chat([ChatMessage(content="Hi")], tools=["search"])
    assert bodies == []


def test_a_tool_loop_runs_in_every_dialect(reseller: Any, make: Any) -> None:
    for model in ("gemini-2.5-flash", "gemini-3-flash-preview"):
        llm = make(reseller, model=model)
        messages = [ChatMessage(role="user", content="What is the weather and the time in Paris?")]

        response = llm.chat_with_tools(TOOLS, chat_history=messages, allow_parallel_tool_calls=True)
        calls = llm.get_tool_calls_from_response(response)
        messages.append(response.message)
        for call in reversed(calls):  # results may come in any order
            tool = next(tool for tool in TOOLS if tool.metadata.name == call.tool_name)
            content = tool(**call.tool_kwargs).content
            known = {"tool_call_id": call.tool_id}
            messages.append(ChatMessage(role="tool", content=content, additional_kwargs=known))
        answer = llm.chat_with_tools(TOOLS, chat_history=messages)

        assert [(call.tool_name, call.tool_kwargs["city"]) for call in calls] == [
            ("get_weather", "Paris"),
            ("get_time", "Paris"),
        ]
        assert "noon in Paris" in str(answer.message.content)


def test_one_call_is_left_where_no_parallel_ones_are_allowed(reseller: Any, make: Any) -> None:
    llm = make(reseller)
    asked = "What is the weather and the time in Paris?"

    whole = llm.chat_with_tools(TOOLS, user_msg=asked)
    last = list(llm.stream_chat_with_tools(TOOLS, user_msg=asked))[-1]

    for response in (whole, last):
        assert [call.tool_name for call in llm.get_tool_calls_from_response(response)] == ["get_weather"]
        assert len(response.message.additional_kwargs["tool_calls"]) == 1
        assert [call["function"]["name"] for call in response.raw["dropped_calls"]] == ["get_time"]


def test_a_response_from_elsewhere_is_trimmed_without_being_changed(wired: Any) -> None:
    llm, _ = wired()
    blocks = [ToolCallBlock(tool_name=name, tool_call_id=name) for name in ("f", "g")]
    response = ChatResponse(
        message=ChatMessage(role="assistant", blocks=blocks, additional_kwargs={"tool_calls": [1, 2]})
    )

    trimmed = llm._validate_chat_with_tools_response(response, TOOLS)

    assert [block.tool_name for block in trimmed.message.blocks] == ["f"]
    assert trimmed.message.additional_kwargs == {"tool_calls": [1]}
    assert len(response.message.blocks) == 2
    assert llm._validate_chat_with_tools_response(response, TOOLS, allow_parallel_tool_calls=True) is response


def test_a_demanded_call_that_is_missing_is_an_error_and_a_value_error(wired: Any) -> None:
    llm, _ = wired()
    response = llm.chat([ChatMessage(content="Hi")])

    with pytest.raises(NoToolCallError, match="Hello") as caught:
        llm.get_tool_calls_from_response(response)
    assert isinstance(caught.value, ValueError)
    assert llm.get_tool_calls_from_response(response, error_on_no_tool_call=False) == []


@pytest.mark.parametrize("arguments", ['{"city": ', "[1]", "Paris"])
async def test_a_call_whose_arguments_are_broken_runs_no_tool(arguments: str, wired: Any) -> None:
    """Core would run it without any."""
    ran: list[str] = []

    def note(city: str = "nowhere") -> str:
        """Note a city."""
        ran.append(city)
        return city

    call = {"functionCall": {"name": "note", "args": arguments}}
    llm, _ = wired({"candidates": [{"content": {"parts": [call]}, "finishReason": "STOP"}]})
    tools = [FunctionTool.from_defaults(note)]

    with pytest.raises(StreamError, match="'note' with arguments that are no JSON object"):
        llm.predict_and_call(tools, user_msg="Hi")
    with pytest.raises(StreamError):
        await llm.apredict_and_call(tools, user_msg="Hi")
    assert ran == []


async def test_predict_and_call_answers_with_the_tools_output(start: Any, make: Any) -> None:
    llm = make(start())

    one = llm.predict_and_call(TOOLS, user_msg="What is the time in Paris?")
    both = await llm.apredict_and_call(
        TOOLS, user_msg="What is the weather and the time in Paris?", allow_parallel_tool_calls=True
    )

    assert one.response == "It is noon in Paris."
    assert len(both.sources) == 2


@pytest.mark.parametrize("model", ["gemini-2.5-flash", "gemini-3-flash-preview"])
async def test_the_four_forms_of_a_chat_with_tools_call_alike(model: str, reseller: Any, make: Any) -> None:
    """One call by default, all of them with `allow_parallel_tool_calls`; the request asks for the same either way."""
    llm = make(reseller, model=model)
    asked = "What is the weather and the time in Paris?"

    for parallel, names in ((False, ["get_weather"]), (True, ["get_weather", "get_time"])):
        options = {"user_msg": asked, "allow_parallel_tool_calls": parallel}
        responses = [
            llm.chat_with_tools(TOOLS, **options),
            await llm.achat_with_tools(TOOLS, **options),
            list(llm.stream_chat_with_tools(TOOLS, **options))[-1],
            [item async for item in await llm.astream_chat_with_tools(TOOLS, **options)][-1],
        ]
        for response in responses:
            calls = llm.get_tool_calls_from_response(response)
            assert [call.tool_name for call in calls] == names
            assert [call["function"]["name"] for call in response.message.additional_kwargs["tool_calls"]] == names
            assert len({call.tool_id for call in calls}) == len(names)
    assert len({json.dumps(request.body) for request in reseller.requests}) == 1


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, None),
        ({"tool_required": True}, {"mode": "ANY"}),
        ({"tool_required": True, "tool_choice": "auto"}, {"mode": "AUTO"}),
        ({"tool_choice": "none"}, {"mode": "NONE"}),
        ({"tool_choice": "required"}, {"mode": "ANY"}),
        ({"tool_choice": "get_time"}, {"mode": "ANY", "allowedFunctionNames": ["get_time"]}),
        (
            {"tool_choice": {"type": "function", "function": {"name": "get_time"}}, "tool_required": True},
            {"mode": "ANY", "allowedFunctionNames": ["get_time"]},
        ),
        ({"tool_choice": ToolChoice("any", ("get_time",))}, {"mode": "ANY", "allowedFunctionNames": ["get_time"]}),
    ],
)
async def test_a_choice_is_sent_by_all_four_forms(
    options: dict[str, Any], expected: dict[str, Any] | None, wired: Any
) -> None:
    llm, bodies = wired()
    options = {"user_msg": "Hi", **options}

    llm.chat_with_tools(TOOLS, **options)
    await llm.achat_with_tools(TOOLS, **options)
    list(llm.stream_chat_with_tools(TOOLS, **options))
    [item async for item in await llm.astream_chat_with_tools(TOOLS, **options)]

    assert len(bodies) == 4
    for body in bodies:
        assert body.get("toolConfig") == (None if expected is None else {"functionCallingConfig": expected})


def test_a_demanded_call_is_made_though_nobody_asks_for_it(reseller: Any, make: Any) -> None:
    llm = make(reseller)

    free = llm.chat_with_tools(TOOLS, user_msg="Hello.")
    demanded = llm.chat_with_tools(TOOLS, user_msg="Hello.", tool_required=True)

    assert llm.get_tool_calls_from_response(free, error_on_no_tool_call=False) == []
    assert len(llm.get_tool_calls_from_response(demanded)) == 1


def test_a_prepared_chat_keeps_the_headers_of_the_call_to_itself(start: Any, make: Any) -> None:
    emulator = start()
    llm = make(emulator)

    prepared = llm._prepare_chat_with_tools(TOOLS, user_msg="Hi", extra_headers={"x-team": "team-secret"})
    llm.chat(**prepared)

    assert "team-secret" not in repr(prepared)
    assert emulator.requests[-1].headers["x-team"] == "team-secret"


async def test_predict_and_call_tells_what_went_wrong(start: Any, make: Any) -> None:
    def get_price(city: str) -> str:
        """Get the price of a city."""
        raise ValueError(f"no price for {city}")

    llm = make(start())
    tools, asked = [FunctionTool.from_defaults(get_price)], "What is the price in Paris?"

    told = llm.predict_and_call(tools, user_msg=asked)
    with pytest.raises(ValueError, match="no price for Paris"):
        await llm.apredict_and_call(tools, user_msg=asked, error_on_tool_error=True)
    with pytest.raises(NoToolCallError):
        llm.predict_and_call(tools, user_msg="Hello.")
    free = await llm.apredict_and_call(tools, user_msg="Hello.", error_on_no_tool_call=False)

    assert "no price for Paris" in told.response
    assert told.sources[0].is_error
    assert "Hello" in free.response


def test_the_arguments_of_a_tool_are_described_once_and_belong_to_the_caller() -> None:
    """Pydantic takes most of a request's time to describe thirty classes anew."""
    asked: list[str] = []

    class Counted(ToolMetadata):
        def get_parameters_dict(self) -> dict[str, Any]:
            asked.append("once")
            return super().get_parameters_dict()

    plain = FunctionTool.from_defaults(fn=lambda city: city, name="look", description="Look at a city.")
    tool = FunctionTool(fn=lambda city: city, metadata=Counted("Look.", "look", plain.metadata.fn_schema))
    first, second = described(tool), described(tool)
    first["function"]["parameters"]["properties"].clear()

    assert asked == ["once"]
    assert second["function"]["parameters"] == plain.metadata.get_parameters_dict()
    assert described(tool) == second


def test_a_tool_without_a_name_is_told() -> None:
    nameless = FunctionTool(fn=get_time, metadata=ToolMetadata(description="Tell the time.", name=None))

    with pytest.raises(
        ConfigurationError, match=r"has no name: give its ToolMetadata one \(description 'Tell the time"
    ):
        described(nameless)


def test_a_tool_without_a_class_of_arguments_takes_one_text() -> None:
    """LlamaIndex's own words for it."""
    plain = FunctionTool(fn=get_time, metadata=ToolMetadata(description="Tell the time.", name="time", fn_schema=None))

    assert described(plain)["function"]["parameters"]["properties"].keys() == {"input"}


def test_an_answer_without_old_fashioned_calls_is_trimmed_too() -> None:
    """Older versions of LlamaIndex repeat the calls beside the blocks; where they are not, nothing is added."""
    calls = [ToolCallBlock(tool_call_id=str(number), tool_name="f", tool_kwargs={}) for number in range(2)]
    response = ChatResponse(message=ChatMessage(role="assistant", blocks=calls))

    trimmed = first_call_only(response).message
    assert (trimmed.blocks, trimmed.additional_kwargs) == (calls[:1], {})
    assert response.message.blocks == calls
