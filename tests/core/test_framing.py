"""Bytes in, documents out: every framing that was seen, however it is cut."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gstream.frames import Excessive
from gstream.framing import Framer
from gstream.values import Values
from tests.core.feeding import cuttings, framed, singles

A = {"a": 1}
B = {"b": {"c": [1, "}]"]}}
RAW_A = b'{"a": 1}'
RAW_B = b'{"b": {"c": [1, "}]"]}}'
BOM = b"\xef\xbb\xbf"
LINE_SEPARATOR, PARAGRAPH_SEPARATOR, NEXT_LINE = "\u2028", "\u2029", "\u0085"
SEPARATED = {"text": f"a{LINE_SEPARATOR}b{PARAGRAPH_SEPARATOR}c{NEXT_LINE}d\u000be\u000cf\u001cg"}


@dataclass(frozen=True)
class Case:
    id: str
    body: bytes
    frames: tuple[Any, ...]
    framing: str | None = "sse"


def raw(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


NESTED = b"data: " + RAW_A + b'\n\ndata:{"a":\ndata:{"b": 1}\ndata:}\n\ndata: ' + RAW_A + b"\n\n"
"""An event of three lines, of which the second would be one by itself."""
UNFINISHED = b'data:{"a":\n\ndata:' + RAW_A + b"\n\n"
SSE = (
    Case("crlf", b"data: " + RAW_A + b"\r\n\r\ndata: " + RAW_B + b"\r\n\r\n", (A, B)),
    Case("lf", b"data: " + RAW_A + b"\n\ndata: " + RAW_B + b"\n\n", (A, B)),
    Case("bare cr", b"data: " + RAW_A + b"\r\rdata: " + RAW_B + b"\r\r", (A, B)),
    Case("mixed line ends", b"data: " + RAW_A + b"\r\n\ndata: " + RAW_B + b"\n\r\n", (A, B)),
    Case("no space behind the colon", b"data:" + RAW_A + b"\n\ndata:" + RAW_B + b"\n\n", (A, B)),
    Case("one newline between events", b"data: " + RAW_A + b"\ndata: " + RAW_B + b"\n", (A, B)),
    Case("many blank lines", b"\n\n\ndata: " + RAW_A + b"\n\n\n\n\ndata: " + RAW_B + b"\n\n", (A, B)),
    Case("last line without end", b"data: " + RAW_A + b"\n\ndata: " + RAW_B, (A, B)),
    Case("ping comments", b": ping\n\n: PING\n\ndata: " + RAW_A + b"\n::PING\n\n:\n\ndata: " + RAW_B + b"\n\n", (A, B)),
    Case(
        "other fields",
        b"event: message\nid: 7\nretry: 3000\ndata: " + RAW_A + b"\n\ndata: " + RAW_B + b"\n\n",
        (A, B),
    ),
    Case("a field of nobody", b"data: " + RAW_A + b"\nx-note: b\ndata: " + RAW_B + b"\n\n", (A, "stray: x-note: b", B)),
    Case("data of several lines", b'data: {"b":\ndata: {"c": [1,\ndata: "}]"]}}\n\ndata: ' + RAW_A + b"\n\n", (B, A)),
    Case("a comment inside an event", b'data: {"b":\n: ping\ndata: {"c": [1, "}]"]}}\n\n', (B,)),
    Case("byte order mark", BOM + b"data: " + RAW_A + b"\n\n", (A,)),
    Case("empty data", b"data:\n\ndata: \n\ndata: " + RAW_A + b"\n\n", (A,)),
    Case("empty object", b"data: {}\n\ndata: " + RAW_A + b"\n\n", ({}, A)),
    Case("null", b"data: null\n\ndata: " + RAW_A + b"\n\n", (A,)),
    Case("done", b"data: " + RAW_A + b"\n\ndata: [DONE]\n\n", (A, "done")),
    Case("done without a space", b"data: " + RAW_A + b"\n\ndata:[DONE]\n\n", (A, "done")),
    Case("done without data", b"data: " + RAW_A + b"\n\n[DONE]\n", (A, "done")),
    Case("done at the very end", b"data: " + RAW_A + b"\n\ndata: [DONE]", (A, "done")),
    Case("separators of unicode", b"data: " + raw(SEPARATED) + b"\n\n", (SEPARATED,)),
    Case("several bytes a character", b"data: " + raw({"t": "\u6625\u304c\U0001f600"}) + b"\n\n", ({"t": "春が😀"},)),
    Case("an array in one event", b"data: [" + RAW_A + b"," + RAW_B + b"]\n\n", (A, B)),
    Case(
        "an array over several data lines", b"data: [\ndata: " + RAW_A + b",\ndata: " + RAW_B + b"\ndata: ]\n\n", (A, B)
    ),
    Case("two objects in one event", b"data: " + RAW_A + RAW_B + b"\n\n", (A, B)),
    Case("raw line feed in a string", b'data: {"t": "x\ny"}\n\ndata: ' + RAW_A + b"\n\n", ({"t": "x\ny"}, A)),
    Case("raw blank line in a string", b'data: {"t": "x\n\ny"}\n\ndata: ' + RAW_A + b"\n\n", ({"t": "x\n\ny"}, A)),
    Case("raw tab and bell in a string", b'data: {"t": "x\ty\x07"}\n\n', ({"t": "x\ty\x07"},)),
    Case(
        "escapes at the edge",
        b'data: {"t": "\\\\", "u": "\\"}{", "v": "\\u6625"}\n\n',
        ({"t": "\\", "u": '"}{', "v": "春"},),
    ),
    Case(
        "bare pretty error in mid-stream",
        b"data: " + RAW_A + b'\r\n\r\n{\r\n  "error": {\r\n    "code": 503\r\n  }\r\n}\r\n',
        (A, {"error": {"code": 503}}),
    ),
    Case(
        "bare pretty error, then events",
        b"data: " + RAW_A + b'\n\n{\n  "error": {\n\n    "code": 503\n  }\n}\ndata: ' + RAW_B + b"\n\n",
        (A, {"error": {"code": 503}}, B),
    ),
    Case("plain text in mid-stream", b"data: " + RAW_A + b"\n\nunexpected EOF\n", (A, "stray: unexpected EOF")),
    Case("plain text as data", b"event: error\ndata: upstream died\n\n", ("stray: upstream died",)),
    Case("a string as data", b'data: "busy"\n\n', ("stray: busy",)),
    Case("half an event", b"data: " + RAW_A + b'\n\ndata: {"candidates": [{"con', (A, "cut")),
    Case("half a character", b"data: " + RAW_A + b'\n\ndata: {"t": "\xe6\x98', (A, "cut")),
    Case("broken json", b'data: {"a": nonsense}\n\ndata: ' + RAW_A + b"\n\n", ("malformed", A)),
    Case("an event that is never finished", b'data: {"a": "unclo\n\ndata: ' + RAW_A + b"\n\n", ("malformed", A)),
    Case("an event that is never finished, then a last line", b'data: {"a": "un\n\ndata: ' + RAW_A, ("malformed", A)),
    Case("not utf-8", b'data: {"t": "\xff\xfe"}\n\ndata: ' + RAW_A + b"\n\n", ("malformed", A)),
    Case("not utf-8, without a space", b'data:{"t": "\xff\xfe"}\n\ndata:' + RAW_A + b"\n\n", ("malformed", A)),
    Case("lf, then cr", b"data: " + RAW_A + b"\n\ndata: " + RAW_B + b"\r\r", (A, B)),
    Case("one carriage return between events", b"data: " + RAW_A + b"\rdata: " + RAW_B + b"\r", (A, B)),
    *(
        Case(f"a whole value on a line of an event, {name}", NESTED.replace(b"\n", end), (A, {"a": {"b": 1}}, A))
        for name, end in (("lf", b"\n"), ("cr", b"\r"), ("crlf", b"\r\n"))
    ),
    *(
        Case(f"a whole value behind one that is not finished, {name}", UNFINISHED.replace(b"\n", end), ("malformed", A))
        for name, end in (("lf", b"\n"), ("cr", b"\r"), ("crlf", b"\r\n"))
    ),
    Case("a blank line of another kind", UNFINISHED.replace(b"\n\n", b"\r\n\n"), ("malformed", A)),
    Case("a whole value on a line of the first event", NESTED[NESTED.index(b"data:{") :], ({"a": {"b": 1}}, A)),
    Case(
        "text that looks like a field inside an event",
        b"data: data: x\n\ndata::y\n\ndata: " + RAW_A + b"\n\n",
        ("stray: data: x", "stray: :y", A),
    ),
)

VALUES = (
    Case(
        "array as google sends it",
        b'[{\n  "a": 1\n}\n,\r\n{\n  "b": {\n    "c": [\n      1,\n      "}]"\n    ]\n  }\n}\n]',
        (A, B),
        "json-array",
    ),
    Case("compact array", b"[" + RAW_A + b"," + RAW_B + b"]", (A, B), "json-array"),
    Case("one element a line", b"[\n" + RAW_A + b",\n" + RAW_B + b"\n]\n", (A, B), "json-array"),
    Case("array with a mark", BOM + b"[" + RAW_A + b"]", (A,), "json-array"),
    Case("array in an array", b"[[" + RAW_A + b"]," + RAW_B + b"]", (A, B), "json-array"),
    Case("empty array", b"[]", (), "json-array"),
    Case("array that is cut", b"[" + RAW_A + b',\r\n{\n  "candidates": [', (A, "cut"), "json-array"),
    Case("array cut between elements", b"[" + RAW_A + b"\n,", (A,), "json-array"),
    Case("ndjson", RAW_A + b"\n" + RAW_B + b"\n", (A, B), "ndjson"),
    Case("ndjson with crlf", RAW_A + b"\r\n" + RAW_B + b"\r\n", (A, B), "ndjson"),
    Case("json text sequence", b"\n" + RAW_A + b"\n\x1e" + RAW_B + b"\n", (A, B), "ndjson"),
    Case("one object", RAW_B, (B,), "json-object"),
    Case("one pretty object", b'{\r\n  "b": {\r\n    "c": [1, "}]"]\r\n  }\r\n}\r\n', (B,), "json-object"),
    Case("leading white space", b" \r\n\t" + RAW_A, (A,), "json-object"),
    Case("separators in an object", raw(SEPARATED), (SEPARATED,), "json-object"),
    Case("raw line feed in an object's string", b'{"t": "x\ny"}', ({"t": "x\ny"},), "json-object"),
    Case("several bytes a character in an array", b"[" + raw({"t": "春が😀"}) + b"]", ({"t": "春が😀"},), "json-array"),
    Case("half an object", b'{"a": "\\', ("cut",), "json-object"),
    Case("a broken object", b'{"a": nonsense}' + RAW_B, ("malformed", B), "ndjson"),
    Case("not utf-8 in an object", b'{"t": "\xff\xfe"}', ("malformed",), "json-object"),
    Case("a comment, then ndjson", b": ping\n\n" + RAW_A + b"\n" + RAW_B + b"\n", (A, B), "sse"),
)

NOTHING = (
    Case("nothing", b"", (), None),
    Case("white space", b"\r\n \r\n", (), None),
    Case("only comments", b": ping\n\n: ping\n\n", ()),
    Case("only done", b"data: [DONE]\n\n", ("done",)),
    Case(
        "page",
        b"\n<!DOCTYPE html><html><title>x</title>\n</html>",
        ("stray: <!DOCTYPE html><html><title>x</title>\n</html>",),
        "text",
    ),
    Case("text", b"upstream connect error\n", ("stray: upstream connect error",)),
    Case("number", b"404", ("stray: 404",)),
)

# What depends on the cut, although it should not.
FRAGILE = (
    Case("only a bare done", b"[DONE]\n", ("done",), "json-array"),
    Case("ndjson, then done", RAW_A + b"\n[DONE]\n", (A, "done"), "json-object"),
    Case("an object, then events", RAW_A + b"\n\ndata: " + RAW_B + b"\n\ndata: [DONE]\n\n", (A, B, "done")),
    Case("an object, then text", RAW_A + b"\nunexpected EOF\n", (A, "stray: unexpected EOF"), "json-object"),
    Case("ndjson with text between", RAW_A + "\n错误\n".encode() + RAW_B, (A, "stray: 错误", B), "ndjson"),
    Case("array with nulls", b"[null," + RAW_A + b", null]", (A,), "json-array"),
    Case("a mark between values", RAW_A + b"\n" + BOM + RAW_B, (A, B), "ndjson"),
)


@pytest.mark.parametrize("case", [*SSE, *VALUES, *NOTHING, *FRAGILE], ids=lambda case: case.id)
def test_a_body_gives_the_same_frames_however_it_is_cut(case: Case) -> None:
    for reads in cuttings(case.body):
        assert (list(case.frames), case.framing) == framed(reads), reads


def test_a_text_that_looks_like_an_unknown_field_is_not_lost_where_nothing_else_came() -> None:
    """`error: ...` is a field of the standard by its looks; as the whole body it is the server's own words."""
    frames, _ = framed([b"error: insufficient balance\n"])

    assert frames == ["stray: error: insufficient balance"]


def test_a_text_of_one_word_is_not_lost_where_nothing_else_came() -> None:
    frames, _ = framed([b"Unauthorized"])

    assert frames == ["stray: Unauthorized"]


def test_an_element_is_delivered_when_its_last_bracket_came() -> None:
    framer = Framer()
    delivered = [len(framer.feed(data)) for data in (b"[" + RAW_A, b"\n,\r\n" + RAW_B[:-1], RAW_B[-1:], b"]")]

    assert delivered == [1, 0, 1, 0]


@pytest.mark.parametrize(
    ("reads", "framings"),
    [
        ([b"", b" \n", b"data: ", b"{}\n"], [None, None, "sse", "sse"]),
        ([b"\xef\xbb", b"\xbf", b": ping\n"], [None, None, "sse"]),
        ([b"[", b'{"a": 1}', b"]"], ["json-array", "json-array", "json-array"]),
        ([b'{"a": 1}', b"\n{", b"}"], ["json-object", "json-object", "ndjson"]),
        ([b'{"a": 1}', b"\n\nda", b"ta: {}\n"], ["json-object", "json-object", "sse"]),
        ([b"<html", b">"], ["text", "text"]),
    ],
)
def test_the_framing_is_known_as_soon_as_the_bytes_show_it(reads: list[bytes], framings: list[str | None]) -> None:
    framer, shown = Framer(), []
    for data in reads:
        framer.feed(data)
        shown.append(framer.framing)

    assert framings == shown


def test_an_event_is_delivered_when_its_line_ends() -> None:
    """The blank line behind an event may come much later; the answer is not held back for it."""
    framer = Framer()
    delivered = [len(framer.feed(data)) for data in (b"data: " + RAW_A, b"\n", b"\n", b"data: " + RAW_B + b"\r")]

    assert delivered == [0, 1, 0, 1]


def test_a_nested_array_keeps_its_order() -> None:
    frames, _ = framed([b"data: [[" + RAW_A + b"]," + RAW_B + b"]\n\n"])

    assert frames == [A, B]


@pytest.mark.parametrize("lead", [b"", b"data: "], ids=["values", "events"])
def test_a_value_nested_too_deeply_is_excessive_wherever_that_shows(lead: bytes) -> None:
    body = lead + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"\n\n" + lead + RAW_A + b"\n\n"
    frames, _ = framed([body])

    assert isinstance(frames[0], Excessive)


def test_any_number_of_broken_values_in_one_read_is_survived() -> None:
    frames, _ = framed([b"{a}" * 3_000])

    assert {"malformed"} == set(frames)


def test_a_number_too_long_for_python_is_malformed() -> None:
    frames, _ = framed([b'data: {"a": ' + b"1" * 5_000 + b"}\n\n"])

    assert frames == ["malformed"]


class Calls:
    """Counts what the interpreter calls: a measure of work that does not depend on the machine."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, _frame: object, event: str, _argument: object) -> None:
        self.count += event in {"call", "c_call"}


class Copied(str):
    """A text that counts the characters that slices of it copy."""

    __slots__ = ("characters",)

    def __getitem__(self, key: Any) -> str:
        part = super().__getitem__(key)
        self.characters = getattr(self, "characters", 0) + len(part)
        return part


def test_words_between_values_are_copied_once_however_many_they_are() -> None:
    """A body of many short words in one read must not copy the rest of it for each of them."""
    text = Copied("[" + "ab," * 2_000)
    frames: list[Any] = []
    Values()._scan(text, 0, frames)

    assert len(frames) == 2_000
    assert text.characters <= 3 * len(text)


BIG = 2 * 1024 * 1024
BODIES = {
    "one event": b'data: {"t": "' + b"x" * BIG + b'"}\n\n',
    "one object": b'{"t": "' + b"x" * BIG + b'"}',
    "an array's element": b'[{"a": 1}\n,\r\n{"t": "' + b"x" * BIG + b'"}]',
    "an event of many lines": b'data: {"t": [\n' + b"data: 1,\n" * 60_000 + b"data: 1]}\n\n",
    "a page": b"<html>" + b"x" * BIG,
    "text": b"x y" * (BIG // 3),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_the_cost_is_linear_in_the_bytes_however_they_are_cut(body: bytes) -> None:
    """In reads of half the size there may be twice the calls; a reader that looks back would need four times."""

    def calls(size: int, part: int) -> int:
        framer, counter = Framer(), Calls()
        reads = [body[:part][start : start + size] for start in range(0, part, size)]
        sys.setprofile(counter)
        try:
            for data in reads:
                framer.feed(data)
            framer.close()
        finally:
            sys.setprofile(None)
        return counter.count

    half, whole = calls(1024, len(body) // 2), calls(1024, len(body))
    assert whole <= 2.5 * half + 100


def test_a_big_event_in_small_reads_is_joined_once() -> None:
    """Growing a buffer at each read would copy gigabytes here; the peak of memory shows that it is not done."""
    import tracemalloc  # noqa: PLC0415 - this test's alone

    body = b'data: {"t": "' + b"x" * BIG + b'"}\n\n'
    framer = Framer()
    reads = [body[start : start + 1024] for start in range(0, len(body), 1024)]
    tracemalloc.start()
    try:
        frames = [frame for data in reads for frame in framer.feed(data)]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert frames == [{"t": "x" * BIG}]
    assert peak < 6 * BIG


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.lists(st.dictionaries(st.text(), JSON, max_size=4), max_size=4)
LAYOUTS = {
    "events": lambda texts: "".join(f"data: {text}\r\n\r\n" for text in texts),
    "events in lines": lambda texts: "".join(f"data:{text}\n" for text in texts),
    "array": lambda texts: "[" + "\n,\r\n".join(texts) + "\n]",
    "ndjson": "\n".join,
}


@settings(deadline=None)
@given(documents=DOCUMENTS, layout=st.sampled_from(sorted(LAYOUTS)), data=st.data())
def test_any_documents_in_any_layout_come_out_as_they_went_in(
    documents: list[dict[str, Any]], layout: str, data: st.DataObject
) -> None:
    indent = data.draw(st.sampled_from([None, 2])) if layout == "array" else None
    texts = [json.dumps(document, ensure_ascii=False, indent=indent) for document in documents]
    body = LAYOUTS[layout](texts).encode()
    cut = data.draw(st.integers(0, len(body)))

    for reads in ([body], singles(body), [body[:cut], body[cut:]]):
        frames, _ = framed(reads)
        assert documents == frames


@settings(deadline=None)
@given(
    st.lists(
        st.binary(max_size=40) | st.sampled_from([b"data: ", b"{", b"}", b"[", b'"', b"\\", b"\n", b"\r", b"[DONE]"])
    )
)
def test_no_bytes_whatsoever_raise(reads: list[bytes]) -> None:
    framed(reads)
