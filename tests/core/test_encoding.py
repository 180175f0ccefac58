"""Content encodings removed: what goes in comes out, however it is cut, in pieces of a bounded size."""

from __future__ import annotations

import gzip
import zlib

import pytest

from gstream.encoding import Garbled, Inflater, coding_of

TEXT = b"data: {}\n\n" * 20_000
BARE = zlib.compressobj(wbits=-zlib.MAX_WBITS)
PACKED: dict[str, tuple[str, bytes]] = {
    "gzip": ("gzip", gzip.compress(TEXT)),
    "gzip of two members": ("gzip", gzip.compress(TEXT[:1_000]) + gzip.compress(TEXT[1_000:])),
    "gzip with padding behind it": ("gzip", gzip.compress(TEXT) + b"\0\0\0"),
    "deflate with a header": ("deflate", zlib.compress(TEXT)),
    "deflate without one": ("deflate", BARE.compress(TEXT) + BARE.flush()),
    "deflate with padding behind it": ("deflate", zlib.compress(TEXT) + b"\x1f\x8b"),
}


@pytest.mark.parametrize("step", [1, 7, 1_000_000], ids=["in bytes", "in sevens", "whole"])
@pytest.mark.parametrize(("coding", "data"), PACKED.values(), ids=PACKED)
def test_a_packed_body_comes_out_as_it_went_in(coding: str, data: bytes, step: int) -> None:
    inflater = Inflater(coding)
    pieces = [piece for place in range(0, len(data), step) for piece in inflater.feed(data[place : place + step])]

    assert b"".join(pieces) == TEXT
    assert max(map(len, pieces)) <= 65_536


def test_what_came_before_a_wrong_checksum_comes_out_also_where_both_came_in_one_read() -> None:
    pieces: list[bytes] = []
    with pytest.raises(Garbled):
        pieces.extend(Inflater("gzip").feed(gzip.compress(TEXT)[:-8] + bytes(8)))

    assert b"".join(pieces) == TEXT


def test_a_body_of_nothing_is_nothing() -> None:
    assert list(Inflater("deflate").feed(b"")) == []
    assert list(Inflater("gzip").feed(b"")) == []


def test_what_a_body_unpacks_to_is_made_only_as_it_is_asked_for() -> None:
    """A kilobyte that stands for a megabyte costs no more than the piece that was wanted."""
    pieces = Inflater("gzip").feed(gzip.compress(bytes(10_000_000)))

    assert len(next(pieces)) == 65_536


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_what_is_not_packed_is_garbled(coding: str) -> None:
    with pytest.raises(Garbled, match="Error"):
        list(Inflater(coding).feed(b"no such thing at all"))


@pytest.mark.parametrize(
    ("header", "coding"),
    [("gzip", "gzip"), (" X-GZIP ", "x-gzip"), ("deflate, identity", "deflate"), ("", None), ("utf-8, none", None)],
)
def test_one_known_encoding_is_found_among_words(header: str, coding: str | None) -> None:
    assert coding_of(header) == coding


@pytest.mark.parametrize(
    ("header", "why"), [("br", "it is 'br'"), ("gzip, zstd", "2 encodings around each other"), ("gzip,gzip", "2 enc")]
)
def test_an_encoding_that_was_not_asked_for_is_garbled(header: str, why: str) -> None:
    with pytest.raises(Garbled, match=f"{why}.*not asked for"):
        coding_of(header)
