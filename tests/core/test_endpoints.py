"""Where requests go: the facts of endpoints, base URLs in any form, keys and who is asked."""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from gstream import ENDPOINTS, ConfigurationError, Endpoint, Target, normalise_base_url, resolve
from tests.core.seed_documents import read

if TYPE_CHECKING:
    from pathlib import Path

    from gstream.endpoints import Fields

KEY = "key-Secret.1234"
V = "https://host.example/v1beta"


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("https://host.example", V),
        ("https://host.example/", V),
        ("https://host.example//", V),
        ("  https://host.example \n", V),
        ("host.example", V),
        ("host.example/", V),
        ("HTTPS://host.example", V),
        ("https://host.example/v1beta", V),
        ("https://host.example/v1beta/", V),
        ("https://host.example//v1beta", V),
        ("https://host.example/v1beta/models", V),
        ("https://host.example/v1beta/models/", V),
        ("https://host.example/v1beta/models/gemini-2.5-flash", V),
        ("https://host.example/v1beta/models/gemini-2.5-flash:streamGenerateContent", V),
        ("https://host.example/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse", V),
        ("https://host.example/v1beta/models/google/gemini-2.5-flash:generateContent", V),
        ("https://host.example/v1beta/models/{model}:streamGenerateContent", V),
        ("https://host.example/v1beta#top", V),
        ("https://host.example/v1", V),
        ("https://host.example/v1/", V),
        ("https://host.example/v1/chat/completions", V),
        ("https://host.example/v1beta/openai", V),
        ("https://host.example/v1beta/openai/", V),
        ("https://host.example/v1beta/openai/chat/completions", V),
        ("https://host.example/v1/models", V),
        ("https://host.example/v1alpha", "https://host.example/v1alpha"),
        ("https://host.example/v2", "https://host.example/v2"),
        ("https://host.example/gemini", "https://host.example/gemini/v1beta"),
        ("https://host.example/gemini/", "https://host.example/gemini/v1beta"),
        ("https://host.example/gemini/v1beta", "https://host.example/gemini/v1beta"),
        ("https://host.example/api/v1/models", "https://host.example/api/v1beta"),
        ("https://host.example/a/b/c", "https://host.example/a/b/c/v1beta"),
        ("https://host.example/v1/acc/gw/google-ai-studio", "https://host.example/v1/acc/gw/google-ai-studio/v1beta"),
        pytest.param("https://host.example/chat/v1beta", "https://host.example/chat/v1beta"),
        pytest.param("https://host.example/openai/gemini/v1beta", "https://host.example/openai/gemini/v1beta"),
        pytest.param("https://host.example/models/gemini/v1beta", "https://host.example/models/gemini/v1beta"),
        ("https://host.example:8443", "https://host.example:8443/v1beta"),
        ("http://host.example", "http://host.example/v1beta"),
        ("localhost:8000", "http://localhost:8000/v1beta"),
        ("127.0.0.1:8000/gemini", "http://127.0.0.1:8000/gemini/v1beta"),
        ("[::1]:8000", "http://[::1]:8000/v1beta"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1beta"),
        ("localhost", "http://localhost/v1beta"),
        ("host_name.example", "https://host_name.example/v1beta"),
    ],
)
def test_a_base_url_in_any_form_becomes(typed: str, url: str) -> None:
    assert url == normalise_base_url(typed)


@pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=lambda endpoint: endpoint.name)
def test_the_base_url_of_an_endpoint_is_in_its_final_form(endpoint: Endpoint) -> None:
    if endpoint.base_url is not None:
        assert endpoint.base_url == normalise_base_url(endpoint.base_url, endpoint.path)
        assert endpoint.base_url == normalise_base_url(endpoint.base_url.removesuffix(endpoint.path), endpoint.path)


@pytest.mark.parametrize(
    ("typed", "path", "url"),
    [
        ("https://host.example", "/gemini/v1beta", "https://host.example/gemini/v1beta"),
        ("https://host.example/v1", "/api/v1beta", "https://host.example/v1beta"),
        ("https://host.example/api/v1", "/api/v1beta", "https://host.example/api/v1beta"),
        ("https://host.example/x", "/v1", "https://host.example/x/v1"),
        ("https://host.example/x/v1", "/v1", "https://host.example/x/v1"),
    ],
)
def test_the_path_of_an_endpoint_stands_behind_a_bare_host(typed: str, path: str, url: str) -> None:
    assert url == normalise_base_url(typed, path)


@pytest.mark.parametrize(
    "typed",
    [
        "ftp://host.example",
        "https://",
        "http:///v1beta",
        pytest.param("https:/host.example"),
        "://host",
        "/v1beta",
        "?",
        "host example",
        "https://host.example:99999",
        "https://host.example:port",
        "https\uff1a//host.example",
        "javascript:alert(1)",
        "https://[::1",
    ],
)
def test_what_is_no_url_is_refused(typed: str) -> None:
    with pytest.raises(ConfigurationError, match="base_url"):
        normalise_base_url(typed)


@pytest.mark.parametrize(
    "typed",
    [
        f"https://host.example/v1beta?key={KEY}",
        f"https://host.example/v1beta/models/m:streamGenerateContent?alt=sse&key={KEY}",
        f"https://user:{KEY}@host.example",
        f"https://{KEY}@host.example",
        f"ftp://user:{KEY}@host.example",
        f"https://host example/?key={KEY}",
        f"https://host.example/?region={KEY}",
    ],
)
def test_a_url_that_carries_a_secret_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        normalise_base_url(typed)

    assert "Secret" not in str(caught.value)


# -- who is asked -------------------------------------------------------------------------------------------------

DEFAULTS = {
    "maisi": ("bearer", None),
    "shuyou": ("bearer", "https://api.shuyou.ai/v1beta"),
    "shengsuanyun": ("header", "https://router.shengsuanyun.com/api/v1beta"),
    "apigo": ("header", "https://maas.apigo.ai/v1beta"),
    "juheai": ("query", "https://api.juheai.top/v1beta"),
    "google": ("header", "https://generativelanguage.googleapis.com/v1beta"),
}


def test_the_endpoints_are_those_of_the_documents() -> None:
    assert {name: (endpoint.auth, endpoint.base_url) for name, endpoint in ENDPOINTS.items()} == DEFAULTS
    assert all(endpoint.name == name for name, endpoint in ENDPOINTS.items())
    assert all(("alt", "sse") in endpoint.query for endpoint in ENDPOINTS.values())


@pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=lambda endpoint: endpoint.name)
def test_every_fact_of_an_endpoint_that_is_no_default_has_its_source(endpoint: Endpoint) -> None:
    plain = Endpoint("x")
    facts = {
        field.name
        for field in dataclasses.fields(endpoint)
        if getattr(endpoint, field.name) != getattr(plain, field.name)
    }
    sourced = facts - {"name", "title", "key_variables", "auths", "document", "sources", "query"}

    assert sourced <= set(endpoint.sources)
    assert endpoint.document
    assert endpoint.auth == endpoint.auths[0]


RESELLERS = sorted(set(ENDPOINTS) - {"google"})


@pytest.mark.shared
@pytest.mark.parametrize("name", RESELLERS)
def test_what_a_document_lists_is_what_its_endpoint_is_said_to_document(name: str, shared: Path) -> None:
    endpoint = ENDPOINTS[name]

    assert read(shared / "seeds" / endpoint.document).fields == endpoint.fields


@pytest.mark.shared
@pytest.mark.parametrize("name", RESELLERS)
def test_an_endpoint_is_asked_where_its_document_says(name: str, shared: Path) -> None:
    endpoint = ENDPOINTS[name]
    address = read(shared / "seeds" / endpoint.document).address
    host = "" if "://" in address else "https://host.example"

    assert normalise_base_url(f"{host}{address}", endpoint.path) == (
        endpoint.base_url or f"https://host.example{endpoint.path}"
    )
    assert re.sub(r"/models/.*", "", urlsplit(address).path) == endpoint.path


@pytest.mark.shared
@pytest.mark.parametrize("name", RESELLERS)
def test_a_key_travels_as_the_document_says(name: str, shared: Path) -> None:
    """Where a page names ways, the preferred one is among them, and none of them is missing."""
    endpoint = ENDPOINTS[name]
    stated = read(shared / "seeds" / endpoint.document).auths

    assert stated <= set(endpoint.auths)
    assert not stated or endpoint.auth in stated
    assert bool(stated) == (name != "shuyou")  # the one page that says nothing of a key


@pytest.mark.shared
@pytest.mark.parametrize("name", RESELLERS)
def test_the_query_a_document_shows_is_sent(name: str, shared: Path) -> None:
    endpoint = ENDPOINTS[name]

    assert read(shared / "seeds" / endpoint.document).query <= set(endpoint.query)


@pytest.mark.shared
def test_google_is_asked_where_its_description_says(shared: Path) -> None:
    endpoint = ENDPOINTS["google"]
    description = json.loads((shared / "specs" / endpoint.document).read_text(encoding="utf-8"))

    assert endpoint.base_url == f"{description['rootUrl']}{description['version']}"
    assert "key" in description["parameters"]
    assert {"json", "media", "proto"} == set(description["parameters"]["alt"]["enum"])  # SSE is documented elsewhere


@pytest.mark.shared
@pytest.mark.parametrize("name", RESELLERS)
def test_a_field_is_sent_where_the_document_lists_it(name: str, shared: Path) -> None:
    """The facts that decide how a request is spelled agree with what the page lists."""
    endpoint = ENDPOINTS[name]
    fields = read(shared / "seeds" / endpoint.document).fields
    result = listed(fields, "contents", "parts", "functionResponse")
    declaration = listed(fields, "tools", "functionDeclarations")

    assert endpoint.response_parts == ("parts" in result)
    assert endpoint.json_schema == ("parametersJsonSchema" in declaration)
    assert endpoint.media_names == ("displayName" in listed(fields, "contents", "parts", "inlineData"))


def listed(fields: Fields, *steps: str) -> Fields:
    """Return what stands below a place, empty where nothing does."""
    for step in steps:
        fields = fields.get(step) or {}
    return fields


def test_documented_fields_are_nested_as_in_the_body() -> None:
    endpoint = Endpoint("x", documented="a{b c{d e{*}}} f g{*}")

    assert endpoint.fields == {"a": {"b": None, "c": {"d": None, "e": None}}, "f": None, "g": None}
    assert Endpoint("x").fields is None


@pytest.mark.parametrize("name", sorted(ENDPOINTS))
def test_an_endpoint_is_found_by_name(name: str) -> None:
    target = resolve(name.upper(), api_key=KEY, base_url="https://host.example", environ={})

    assert (name, KEY, None, None) == (target.endpoint.name, target.api_key, target.model, target.auth)


def test_an_endpoint_without_a_host_must_be_given_one() -> None:
    with pytest.raises(ConfigurationError, match="MAISI_BASE_URL or pass base_url"):
        resolve("maisi", api_key=KEY, environ={})

    assert (
        resolve("maisi", api_key=KEY, environ={"MAISI_BASE_URL": "gw.example"}).endpoint.base_url
        == "https://gw.example/gemini/v1beta"
    )


@pytest.mark.parametrize(
    ("arguments", "environ", "name", "key"),
    [
        ({}, {"GSTREAM_ENDPOINT": "shuyou", "SHUYOU_API_KEY": KEY}, "shuyou", KEY),
        ({}, {"JUHEAI_API_KEY": KEY}, "juheai", KEY),
        ({}, {"GEMINI_API_KEY": KEY}, "google", KEY),
        ({}, {"GOOGLE_API_KEY": KEY, "GEMINI_API_KEY": "key-other"}, "google", KEY),
        ({}, {"GOOGLE_API_KEY": "", "GEMINI_API_KEY": KEY}, "google", KEY),
        pytest.param({}, {"GOOGLE_API_KEY": " ", "GEMINI_API_KEY": KEY}, "google", KEY),
        ({"endpoint": "apigo"}, {"GSTREAM_API_KEY": KEY}, "apigo", KEY),
        ({"endpoint": "apigo"}, {"GSTREAM_API_KEY": "key-other", "APIGO_API_KEY": KEY}, "apigo", KEY),
        ({"endpoint": "apigo", "api_key": KEY}, {"APIGO_API_KEY": "key-other"}, "apigo", KEY),
        ({"endpoint": "apigo"}, {"GSTREAM_ENDPOINT": "shuyou", "APIGO_API_KEY": KEY}, "apigo", KEY),
        ({"endpoint": " Apigo "}, {"APIGO_API_KEY": f" {KEY}\n"}, "apigo", KEY),
        ({"base_url": "host.example"}, {"GSTREAM_API_KEY": KEY}, "custom", KEY),
        ({"endpoint": "custom", "base_url": "host.example"}, {"GSTREAM_API_KEY": KEY}, "custom", KEY),
        ({"base_url": "host.example"}, {"GSTREAM_API_KEY": KEY, "GSTREAM_ENDPOINT": "shuyou"}, "custom", KEY),
        ({"endpoint": "shuyou", "base_url": "host.example"}, {"SHUYOU_API_KEY": KEY}, "shuyou", KEY),
        (
            {"endpoint": Endpoint("own", base_url="host.example", key_variables=("OWN_KEY",))},
            {"OWN_KEY": KEY},
            "own",
            KEY,
        ),
    ],
)
def test_the_endpoint_and_the_key_are_chosen(
    arguments: dict[str, Any], environ: dict[str, str], name: str, key: str
) -> None:
    target = resolve(**arguments, environ=environ)

    assert (name, key) == (target.endpoint.name, target.api_key)


@pytest.mark.parametrize(
    ("arguments", "environ", "words"),
    [
        ({}, {}, "No endpoint given: pass endpoint= one of maisi, shuyou, shengsuanyun, apigo, juheai, google"),
        ({}, {"JUHEAI_API_KEY": KEY, "APIGO_API_KEY": KEY}, r"several endpoints are set \(apigo, juheai\)"),
        ({"endpoint": "shuyo"}, {}, "endpoint='shuyo' is not a known endpoint: choose one of maisi, shuyou"),
        ({}, {"GSTREAM_ENDPOINT": "nowhere"}, "GSTREAM_ENDPOINT='nowhere' is not a known endpoint"),
        (
            {"endpoint": "shuyou"},
            {},
            "No API key for the endpoint 'shuyou': set SHUYOU_API_KEY or GSTREAM_API_KEY, or pass api_key",
        ),
        ({"endpoint": "google"}, {}, "GOOGLE_API_KEY or GEMINI_API_KEY or GSTREAM_API_KEY"),
        ({"endpoint": "custom", "api_key": KEY}, {}, "no base URL of its own"),
        ({"endpoint": "shuyou", "api_key": KEY, "auth": "basic"}, {}, "'header', 'bearer', 'query'; got 'basic'"),
        ({"endpoint": "shuyou", "api_key": "key-Secret 12"}, {}, "spaces, line breaks or non-ASCII"),
        ({"endpoint": "shuyou", "api_key": "key-Secret\n12"}, {}, "spaces, line breaks or non-ASCII"),
        ({"endpoint": "shuyou", "api_key": "密钥-Secret"}, {}, "spaces, line breaks or non-ASCII"),
    ],
)
def test_what_is_missing_is_named_with_the_choices(
    arguments: dict[str, Any], environ: dict[str, str], words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        resolve(**arguments, environ=environ)

    assert "Secret" not in str(caught.value)


def test_a_key_is_never_shown() -> None:
    target = Target(ENDPOINTS["shuyou"], KEY, "m")

    assert "Secret" not in f"{target!r} {target}"
    assert "Secret" not in repr(replace(target, auth="query"))


def test_a_known_endpoint_can_be_changed_and_the_table_cannot() -> None:
    changed = replace(ENDPOINTS["shuyou"], base_url="https://gw.example/api")

    assert resolve(changed, api_key=KEY, environ={}).endpoint.base_url == "https://gw.example/api/v1beta"
    assert ENDPOINTS["shuyou"].base_url == "https://api.shuyou.ai/v1beta"
    with pytest.raises(TypeError):
        ENDPOINTS["shuyou"] = changed  # type: ignore[index]  # that is the point
