"""Each endpoint's dialect over the socket: keys, framing bytes, spelling, refusals in its own shape."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gstream.emulator import DIALECTS, Emulator
from gstream.endpoints import ENDPOINTS
from gstream.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAMES = sorted(DIALECTS)


@pytest.fixture(scope="module", params=NAMES)
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator(request.param) as one:
        yield one


def carried(place: str, key: str) -> dict[str, dict[str, str]]:
    """Where a key of that kind travels: arguments for `ask`."""
    return {
        "x-goog-api-key": {"headers": {"x-goog-api-key": key}, "query": {"alt": "sse"}},
        "query": {"headers": {}, "query": {"alt": "sse", "key": key}},
        "bearer": {"headers": {"Authorization": f"Bearer {key}"}, "query": {"alt": "sse"}},
        "raw": {"headers": {"Authorization": key}, "query": {"alt": "sse"}},
    }[place]


def test_there_is_a_dialect_for_every_endpoint() -> None:
    assert set(DIALECTS) == set(ENDPOINTS)


def test_every_fact_of_a_dialect_names_its_source() -> None:
    for dialect in DIALECTS.values():
        assert {"stream", "credentials", "wrong_key", "unknown_path"} <= dialect.sources.keys()


def test_an_unknown_endpoint_is_refused_with_the_choices() -> None:
    with pytest.raises(ConfigurationError, match=r"endpoint='shuyo' .* shuyou"):
        Emulator("shuyo")


@pytest.mark.parametrize("place", ["x-goog-api-key", "query", "bearer", "raw"])
def test_the_right_key_is_taken_where_the_dialect_looks_and_nowhere_else(
    emulator: Emulator, ask: Callable[..., Any], place: str
) -> None:
    heard = ask(emulator, "Hello", **carried(place, emulator.api_key))

    assert (heard.response.status_code == 200) == (place in emulator.dialect.credentials)


def test_the_endpoints_own_way_of_sending_a_key_is_taken(emulator: Emulator, ask: Callable[..., Any]) -> None:
    place = {"header": "x-goog-api-key", "bearer": "bearer", "query": "query"}[emulator.endpoint.auth]
    heard = ask(emulator, "Hello", **carried(place, emulator.api_key))

    assert heard.response.status_code == 200
    assert emulator.requests[-1].credential == place


def test_a_wrong_key_is_refused_in_the_dialects_shape(emulator: Emulator, ask: Callable[..., Any]) -> None:
    heard = ask(emulator, "Hello", **carried(emulator.dialect.credentials[0], "not-the-key"))
    expected = emulator.dialect.wrong_key

    assert heard.response.status_code == expected.status
    assert heard.error.keys() == expected.body["error"].keys()


def test_a_missing_key_is_refused_in_the_dialects_shape(emulator: Emulator, ask: Callable[..., Any]) -> None:
    heard = ask(emulator, "Hello", headers={})

    assert heard.response.status_code == emulator.dialect.missing_key.status
    assert emulator.requests[-1].credential == ""


def test_an_unknown_model_is_refused_in_the_dialects_shape(emulator: Emulator, ask: Callable[..., Any]) -> None:
    key = carried(emulator.dialect.credentials[0], emulator.api_key)
    heard = ask(emulator, "Hello", model="claude-9", **key)

    assert heard.response.status_code == emulator.dialect.unknown_model.status
    assert "claude-9" in heard.error["message"]


def test_the_model_of_the_path_comes_back_as_model_version(emulator: Emulator, ask: Callable[..., Any]) -> None:
    key = carried(emulator.dialect.credentials[0], emulator.api_key)
    heard = ask(emulator, "Hello", model="google%2Fgemini-2.5-pro", **key)
    spelled = "model_version" if emulator.dialect.snake_case else "modelVersion"

    assert heard.documents[0][spelled] == "google/gemini-2.5-pro"
    assert emulator.requests[-1].model == "google/gemini-2.5-pro"


def test_the_model_list_is_given_below_the_endpoints_prefix(emulator: Emulator) -> None:
    response = httpx.get(f"{emulator.base_url}/models", **key_for(emulator))
    names = [model["name"] for model in response.json()["models"]]

    assert f"{emulator.dialect.model_prefix}gemini-2.5-flash" in names


def test_a_model_says_that_tokens_are_counted_where_they_are(emulator: Emulator) -> None:
    place = f"{emulator.base_url}/models/gemini-2.5-flash"
    offered = httpx.get(place, **key_for(emulator)).json()["supportedGenerationMethods"]
    counted = httpx.post(
        f"{place}:countTokens", json={"contents": [{"parts": [{"text": "Hello"}]}]}, **key_for(emulator)
    )

    assert ("countTokens" in offered) is ("totalTokens" in counted.text)
    assert {"generateContent", "streamGenerateContent"} <= set(offered)


def key_for(emulator: Emulator) -> dict[str, Any]:
    place = carried(emulator.dialect.credentials[0], emulator.api_key)
    return {"headers": place["headers"], "params": place["query"]}


def test_the_endpoint_value_points_at_the_emulator_with_the_endpoints_prefix(emulator: Emulator) -> None:
    known = ENDPOINTS[emulator.dialect.name]

    assert emulator.endpoint.base_url == f"http://127.0.0.1:{emulator.port}{known.path}"
    assert emulator.endpoint.auth == known.auth


def stream(name: str, query: dict[str, str]) -> httpx.Response:
    script: list[dict[str, Any]] = [{"candidates": [{"index": 0, "finishReason": "STOP"}]}, {"responseId": "é"}]
    with Emulator(name, script=script) as e:
        place = carried(e.dialect.credentials[0], e.api_key)
        return httpx.post(
            f"{e.base_url}/models/gemini-2.5-flash:streamGenerateContent",
            params={**place["query"], **query},
            headers=place["headers"],
            json={},
        )


@pytest.mark.parametrize(
    ("name", "content_type", "body"),
    [
        (
            "google",
            "text/event-stream",
            'data: {"candidates": [{"index": 0,"finishReason": "STOP"}]}\r\n\r\ndata: {"responseId": "é"}\r\n\r\n',
        ),
        (
            "maisi",
            "text/event-stream",
            (
                '::PING\n\ndata: {"candidates": [{"index": 0,"finishReason": "STOP"}]}\r\n\r\n'
                'data: {"responseId": "é"}\r\n\r\n'
            ),
        ),
        (
            "shuyou",
            "application/json",
            'data: {"candidates":[{"index":0,"finish_reason":"STOP"}]}\n\ndata: {"response_id":"é"}\n\n',
        ),
        (
            "shengsuanyun",
            "application/json",
            '[{"candidates":[{"index":0,"finishReason":"STOP"}]},\n{"responseId":"é"}]\n',
        ),
        (
            "juheai",
            "text/event-stream",
            ': PING\n\ndata: {"candidates": [{"index": 0,"finishReason": "STOP"}]}\n\ndata: {"responseId": "é"}\n\n',
        ),
    ],
)
def test_a_stream_is_framed_byte_for_byte_as_the_dialect_says(name: str, content_type: str, body: str) -> None:
    response = stream(name, {"alt": "sse"})

    assert response.headers["content-type"] == content_type
    assert response.content.decode() == body


def test_google_without_alt_sends_a_pretty_array_as_recorded() -> None:
    response = stream("google", {"alt": ""})

    assert response.content.startswith(b'[{\n  "candidates": [')
    assert b"}\n,\r\n{" in response.content
    assert response.content.endswith(b"}\n]")
    assert response.headers["content-type"] == "application/json; charset=UTF-8"


def test_google_without_alt_wraps_an_error_in_an_array(google: Emulator, ask: Callable[..., Any]) -> None:
    response = ask(google, [], query={}).response

    assert response.json()[0]["error"]["status"] == "INVALID_ARGUMENT"


def test_apigo_sends_the_finish_reason_in_a_last_chunk_without_parts(ask: Callable[..., Any]) -> None:
    with Emulator("apigo") as emulator:
        heard = ask(emulator, "Hello, café")
    *answer, last = heard.documents

    assert all("finishReason" not in candidate for document in answer for candidate in document["candidates"])
    assert last["candidates"][0].keys() == {"finishReason", "index", "safetyRatings"}
    assert heard.response.content.startswith(b'data:{"candidates"')
    assert heard.response.content.isascii()


def test_snake_case_never_touches_the_arguments_of_a_call(
    ask: Callable[..., Any], function: Callable[..., Any]
) -> None:
    tool = function("find_person", {"fullName": {"type": "STRING"}})
    with Emulator("shuyou") as emulator:
        heard = ask(emulator, "Find the person Ada Lovelace", tools=[{"functionDeclarations": [tool]}])
    parts = [part for document in heard.documents for part in document["candidates"][0]["content"]["parts"]]

    assert parts[0] == {"function_call": {"name": "find_person", "args": {"fullName": "Ada Lovelace"}}}


def test_juheai_answers_a_path_outside_the_api_with_its_console() -> None:
    with Emulator("juheai") as emulator:
        outside = httpx.post(f"http://127.0.0.1:{emulator.port}/gemini/models/x:streamGenerateContent", json={})
        inside = httpx.post(f"http://127.0.0.1:{emulator.port}/v1beta/nothing", json={})

    assert (outside.status_code, outside.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert inside.status_code == 404
    assert inside.json()["error"]["message"] == "Invalid URL (POST /v1beta/nothing)"


def test_juheai_passes_a_refusal_on_under_the_headers_of_a_stream(ask: Callable[..., Any]) -> None:
    with Emulator("juheai") as emulator:
        response = ask(emulator, []).response

    assert response.status_code == 400
    assert response.headers["content-type"] == "text/event-stream"
    assert "X-Oneapi-Request-Id" in response.headers
    assert json.loads(response.content)["error"] == {
        "message": "* GenerateContentRequest.contents: contents is not specified\n",
        "type": "upstream_error",
        "param": "",
        "code": 400,
    }


def test_google_counts_tokens_as_usage_does(google: Emulator, ask: Callable[..., Any]) -> None:
    counted = ask(google, "How many tokens are these?", action="countTokens").response.json()
    used = ask(google, "How many tokens are these?").usage

    assert counted["totalTokens"] == used["promptTokenCount"]


def test_generate_content_gives_the_stream_in_one_document(google: Emulator, ask: Callable[..., Any]) -> None:
    streamed = ask(google, "Tell me about whales")
    whole = ask(google, "Tell me about whales", action="generateContent").response.json()

    assert whole["candidates"][0]["content"]["parts"] == [{"text": streamed.text}]
    assert whole["candidates"][0]["finishReason"] == "STOP"
    assert whole["usageMetadata"] == streamed.usage
