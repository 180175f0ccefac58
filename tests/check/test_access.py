"""The search for a way in: which forms and paths are tried in which order, and what is said of where it ended."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gstream import (
    ENDPOINTS,
    AuthenticationError,
    Chunk,
    ConnectionFailed,
    EndpointError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    RateLimitError,
    StreamError,
    Target,
    Text,
)
from gstream.check import Exchange, questions
from gstream.check.access import Search, access_verdicts, base_urls
from gstream.emulator import DIALECTS
from tests.check.conftest import checked

if TYPE_CHECKING:
    from gstream import GStreamError
    from gstream.endpoints import Auth

HERE = "https://gw.example/proxy/v1beta"
TARGET = Target(replace(ENDPOINTS["google"], base_url=HERE), "made-up")
GOOD = Chunk((Text("Hello!"),), "STOP", last=True)
WRONG_KEY = AuthenticationError("Wrong key.", status=401)
NO_PATH = NotFoundError("No.", status=404, provider_message="Invalid URL (POST /x/models/gemini-2.5-flash:stream)")
NO_MODEL = NotFoundError("No such model.", status=404, provider_message="models/gemini-0 is not found")
PAGE = StreamError("A page.", received="<html><title>Console</title></html>")


def walked(target: Target, *heard: GStreamError | Chunk) -> tuple[Search, list[tuple[str, Auth | None]]]:
    """Return a search that heard these, and where it asked."""
    search = Search(target)
    asked: list[tuple[str, Auth | None]] = []
    for one in heard:
        assert search.target is not None
        asked.append((search.target.endpoint.base_url or "", search.target.auth))
        error, answer = (None, one) if isinstance(one, Chunk) else (one, None)
        search.heard(Exchange(questions.plain("m"), answer, error))
    return search, asked


def test_the_endpoint_s_own_form_is_tried_first_and_then_the_others() -> None:
    search, asked = walked(TARGET, WRONG_KEY, PermissionDeniedError("No."), GOOD)

    assert asked == [(HERE, "header"), (HERE, "query"), (HERE, "bearer")]
    assert search.found is not None
    assert search.found.auth == "bearer"
    assert access_verdicts(search)["credential"].reason == (
        "taken as Authorization: Bearer KEY, refused as x-goog-api-key: KEY, ?key=KEY"
    )


def test_a_form_that_was_given_is_the_only_one() -> None:
    search, asked = walked(replace(TARGET, auth="query"), WRONG_KEY)

    assert asked == [(HERE, "query")]
    assert search.target is None
    assert access_verdicts(search)["credential"].status == "fail"


MOVED = EndpointError("Moved.", status=308)
NO_METHOD = EndpointError("No such method.", status=405)


@pytest.mark.parametrize("elsewhere", [NO_PATH, PAGE, MOVED, NO_METHOD])
def test_other_paths_are_tried_where_the_first_leads_elsewhere(elsewhere: GStreamError) -> None:
    search, asked = walked(TARGET, elsewhere, elsewhere, GOOD)

    assert [url for url, _ in asked] == [HERE, "https://gw.example/v1beta", "https://gw.example/gemini/v1beta"]
    assert access_verdicts(search)["reach"].reason == f"it is at https://gw.example/gemini/v1beta, not at {HERE}"


def test_where_no_path_leads_to_the_api_the_first_error_is_told() -> None:
    search, asked = walked(TARGET, PAGE, NO_PATH, NO_PATH, NO_PATH)
    verdicts = access_verdicts(search)

    assert len(asked) == len(base_urls(HERE))
    assert search.target is None
    assert verdicts["reach"].reason.startswith("StreamError: A page. (the same or the like at 3 other usual paths")
    assert {verdicts[name].status for name in ("credential", "answer")} == {"not run"}


@pytest.mark.parametrize(
    ("error", "reach", "credential"),
    [
        (NO_MODEL, "pass", "pass"),
        (RateLimitError("Slow.", status=429), "pass", "not run"),
        (OverloadedError("Busy.", status=503), "pass", "not run"),
        (StreamError("Text."), "pass", "pass"),
        (ConnectionFailed("Nobody."), "fail", "not run"),
    ],
)
def test_any_other_error_ends_the_search(error: GStreamError, reach: str, credential: str) -> None:
    search, asked = walked(TARGET, error)
    verdicts = access_verdicts(search)

    assert len(asked) == 1
    assert search.target is None
    assert (verdicts["reach"].status, verdicts["credential"].status) == (reach, credential)
    assert verdicts["answer"].status == ("fail" if reach == "pass" else "not run")


def test_a_search_that_is_over_hears_nothing_more() -> None:
    search, _ = walked(TARGET, GOOD)
    search.heard(Exchange(questions.plain("m"), None, WRONG_KEY))

    assert len(search.tried) == 1


def test_over_a_socket_the_right_form_is_found() -> None:
    """A gateway that takes the key in the query alone, behind an endpoint that prefers the header."""
    dialect = replace(DIALECTS["google"], credentials=("query",))
    report = checked(dialect)

    assert report.good
    assert report.found is not None
    assert report.found.auth == "query"
    assert report.line("ChatGStream").endswith(', auth="query")')


def test_over_a_socket_the_right_path_is_found() -> None:
    """A gateway of one-hub's kind gives its console's page at a wrong path, and 404 below /v1."""
    report = checked("maisi", at="/console/v1beta")

    assert report.good
    assert "/gemini/v1beta, not at" in report.verdicts["reach"].reason
