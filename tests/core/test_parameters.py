"""The constructor that both adapters share, checked without either of them."""

from __future__ import annotations

import pytest

from gstream import ConfigurationError, UrlFetcher
from gstream.parameters import ModelParameters


class HalfAFetcher:
    def fetch(self, url: str) -> tuple[bytes, str | None]:
        return url.encode(), None


@pytest.mark.parametrize("fetcher", [object(), HalfAFetcher(), "https://a.example"], ids=["object", "half", "text"])
def test_a_fetcher_that_cannot_fetch_both_ways_is_told_at_once(fetcher: object) -> None:
    with pytest.raises(ConfigurationError, match=r"must have fetch\(url\) and an async afetch\(url\)") as caught:
        ModelParameters(model="gemini-2.5-flash", endpoint="google", api_key="made-up", fetcher=fetcher)

    assert type(fetcher).__name__ in str(caught.value)


def test_a_fetcher_that_can_is_taken() -> None:
    fetcher = UrlFetcher(max_bytes=10)

    assert (
        ModelParameters(model="gemini-2.5-flash", endpoint="google", api_key="made-up", fetcher=fetcher).fetcher
        is fetcher
    )
