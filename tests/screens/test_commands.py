"""The commands in a terminal of 80 and of 120 columns: what stands there is judged, and a picture of it is taken."""

from __future__ import annotations

import asyncio
import itertools
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from gstream import ENDPOINTS
from gstream.check import BATTERY
from gstream.emulator import FAULTS, Emulator
from gstream.emulator.delivery import deliver
from tests.screens.screen import width_of
from tests.screens.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gstream.emulator import Fault
    from gstream.emulator.delivery import Answer, Wire
    from tests.screens.screen import Screen

    Draw = Callable[[Screen, str], None]

WIDTHS: Final = (80, 120)
PROMPT: Final = r"\n>$"
FIGURES: Final = r"[\d,]+ -> [\d,]+ tokens(?: \([^)]*\))?, \d+\.\d s, [\w.-]+, [\w.:]+"
"""The line behind an answer."""
QUESTION: Final = "为什么天空是蓝色的？空はなぜ青いのですか。"  # noqa: RUF001 - Chinese writes it so
ANSWER: Final = """\
## 比較 · 比较

Three endpoints, measured **now**, at `https://api.example/v1beta`:

| endpoint | 首包延迟 | 注記 |
|---|---:|---|
| juheai | 420 ms | 国内直连，无需代理 |
| 胜算云 | 1.8 s | 日本からは遅い |
| google | 95 ms | needs a proxy |

1. Ask each of them once.
2. Take the first that streams:

```python
for chunk in llm.stream("天空"):
    print(chunk.text, end="")  # 逐块输出
```

> 引用：流式输出不会丢字。

That is all — 以上です。
"""  # noqa: RUF001 - Chinese writes them so
THOUGHT: Final = "**Comparing**\n\nThe user wants 三つの端点 side by side; a table will do, and a loop shows the rest."


@pytest.fixture(params=WIDTHS)
def columns(request: pytest.FixtureRequest) -> int:
    width: int = request.param
    return width


def variables(*emulators: Emulator) -> dict[str, str]:
    """Return the environment in which an endpoint's name leads to its emulator."""
    told: dict[str, str] = {}
    for emulator in emulators:
        name = emulator.dialect.name.upper()
        told |= {f"{name}_BASE_URL": emulator.base_url, f"{name}_API_KEY": emulator.api_key}
    return told


def documents(thought: str, answer: str) -> list[dict[str, Any]]:
    """Return a response in small pieces, cut anywhere."""
    parts = [{"text": thought[at : at + 24], "thought": True} for at in range(0, len(thought), 24)]
    parts += [{"text": answer[at : at + 7]} for at in range(0, len(answer), 7)]
    usage = {"promptTokenCount": 1234, "candidatesTokenCount": 345, "thoughtsTokenCount": 67, "totalTokenCount": 1646}
    last = {"candidates": [{"content": {"parts": []}, "finishReason": "STOP"}], "usageMetadata": usage}
    return [*({"candidates": [{"content": {"parts": [part]}}]} for part in parts), last]


def assert_neat(screen: Screen, *secrets: str, copied: tuple[str, ...] = ()) -> None:
    """Assert what holds of everything that is drawn.

    Args:
        screen: what stands there.
        secrets: what must stand nowhere.
        copied: how the lines begin that are meant to be copied, which only the terminal may break.
    """
    assert [line for line in screen.overlong if not line.startswith(copied or "\0")] == []
    assert all(width_of(line) <= screen.columns for line in screen.lines)
    assert "…" not in screen.text
    assert "Traceback" not in screen.text
    for secret in secrets:
        assert secret not in "".join(screen.lines)


def rows_of(screen: Screen, header: str) -> tuple[list[int], Iterator[int]]:
    """Return where the columns of the table with that header begin, and the numbers of the rows below its line."""
    top = next(number for number, line in enumerate(screen.lines) if re.match(header, line))
    rule = screen.lines[top + 1]
    assert re.fullmatch(r" *─+ *", rule) is not None, "the line below a table's head has no gap"
    starts = [found.start() for found in re.finditer(r"\S+(?: \S+)*", screen.lines[top])]
    return [width_of(screen.lines[top][:start]) for start in starts], itertools.takewhile(
        lambda number: screen.lines[number].strip(), range(top + 2, len(screen.lines))
    )


# -- check ----------------------------------------------------------------------------------------------------------


def test_a_check_of_one_endpoint(columns: int, clean_environment: dict[str, str], draw: Draw) -> None:
    """It asks first; then a probe is a row, and what it found, with what a failure means, is whole."""
    with (
        Emulator("juheai", fault="usage_nowhere", pace_s=0.005) as emulator,
        Terminal(
            "check", "--endpoint", "juheai", "--tries", "2",
            environ={**clean_environment, **variables(emulator)}, columns=columns,
        ) as terminal,
    ):  # fmt: skip
        asked = terminal.until(r"Go on\? \[Y/n\]")
        terminal.say("y")
        code = terminal.end()
        shown = terminal.whole()
    draw(shown, f"check-{columns}")
    (_, found), rows = rows_of(shown, "probe +what was found")
    told: dict[str, str] = {}
    name = ""
    for row in rows:
        name = re.sub(r"(pass|FAIL|not offered|not run)$", "", shown.between(row, 0, found).strip()).strip() or name
        told[name] = f"{told.get(name, '')} {shown.between(row, found).strip()}".strip()

    assert code == 1
    assert "bills as usual. Go on? [Y/n]" in asked.flowing
    assert_neat(shown, emulator.api_key, copied=("llm = ",))
    assert set(BATTERY) <= set(told)
    assert f"→ {BATTERY['usage'].failing}" in told["usage"]
    assert told["turns"] == "an earlier turn was remembered"
    assert all(line.startswith((" ", "─", "probe")) or len(line.split()) <= 2 for line in shown.lines[5:30])
    assert shown.styles("FAIL") == {(False, True)}
    assert shown.styles("no --image-model was given") == {(True, False)}


def then_silent(count: int) -> Fault:
    """Return the fault of an endpoint that counts no tokens, and takes each request behind the first few for ever."""
    uncounted = FAULTS["usage_nowhere"]
    seen: list[Answer] = []

    async def delivery(wire: Wire, answer: Answer) -> None:
        seen.append(answer)
        if len(seen) > count:
            await asyncio.Event().wait()
        await deliver(wire, answer)

    return replace(uncounted, delivery=delivery)


def test_a_check_shows_how_far_it_is(columns: int, clean_environment: dict[str, str], draw: Draw) -> None:
    """The bar stands on one line, and nothing of it is left in the end."""
    with (
        Emulator("juheai", fault=then_silent(2)) as emulator,
        Terminal(
            "check", "--endpoint", "juheai", "--only", "usage,call", "--tries", "1", "--yes",
            environ={**clean_environment, **variables(emulator)}, columns=columns,
        ) as terminal,
    ):  # fmt: skip
        during = terminal.until(r"juheai call .*5/6")
        terminal.press("C-c")
        assert terminal.end() == 130
        after = terminal.whole()
    draw(during, f"check-progress-{columns}")

    assert_neat(during)
    assert re.search(r"^\S juheai call +[━╸╺ ]+ 5/6 1 failed$", during.lines[-1])
    assert "━" not in after.text


def test_a_check_of_several_endpoints(columns: int, clean_environment: dict[str, str], draw: Draw) -> None:
    """They stand side by side, each status below its endpoint, and every failure is told below the table."""
    with (
        Emulator("juheai", pace_s=0.01) as first,
        Emulator("shengsuanyun", fault="usage_strings", pace_s=0.03) as second,
        Emulator("google", fault="one_object") as third,
        Terminal(
            "check", "--compare", "juheai,shengsuanyun,google", "--tries", "2", "--yes",
            environ={**clean_environment, **variables(first, second, third)}, columns=columns,
        ) as terminal,
    ):  # fmt: skip
        code = terminal.end()
        shown = terminal.whole()
    draw(shown, f"compare-{columns}")
    starts, rows = rows_of(shown, "probe +juheai +shengsuanyun +google")
    statuses = {
        shown.between(row, 0, starts[1]).strip(): [
            shown.between(row, start, end).strip() for start, end in itertools.pairwise([*starts[1:], columns])
        ]
        for row in rows
    }

    assert code == 1
    assert_neat(shown, first.api_key, second.api_key, third.api_key, copied=("llm = ",))
    assert list(statuses)[: len(BATTERY)] == list(BATTERY)
    assert statuses["framing"] == ["pass", "pass", "FAIL"]
    assert {status for name in BATTERY for status in statuses[name]} <= {"pass", "FAIL", "-", "..."}
    assert re.search(r"^first chunk +\d+ ms +\d+ ms +\d+ ms$", shown.text, re.MULTILINE)
    assert re.search(r"^tokens/s +[\d,]+ +[\d,]+ +-$", shown.text, re.MULTILINE)
    assert BATTERY["framing"].failing in shown.flowing


# -- chat -----------------------------------------------------------------------------------------------------------


def test_a_chat(columns: int, clean_environment: dict[str, str], draw: Draw) -> None:
    """Questions in Chinese and Japanese, thoughts, a table whose columns are straight, code, and figures at the end."""
    with (
        Emulator("juheai", pace_s=0.01) as emulator,
        Emulator("google", api_key=emulator.api_key, script=documents(THOUGHT, ANSWER), pace_s=0.002) as scripted,
        Terminal(
            "chat", "--endpoint", "juheai", "--model", "gemini-3-flash-preview",
            environ={**clean_environment, **variables(emulator), "GSTREAM_API_KEY": emulator.api_key},
            columns=columns,
        ) as terminal,
    ):  # fmt: skip
        terminal.until(PROMPT)
        terminal.say(QUESTION)
        first = terminal.until(f"{FIGURES}\n+>$")
        terminal.say("/model gemini-2.5-pro")
        terminal.until(r"Asking gemini-2\.5-pro at juheai\.\n>$")
        terminal.say(f"/endpoint {scripted.base_url}")
        terminal.until(r"at 127\.0\.0\.1:\d+\.\n>$")
        terminal.paste("Compare these:\n- juheai\n- 胜算云")
        terminal.press("Enter")
        growing = terminal.until(r"日本からは遅い")
        shown = terminal.until(f"2.5-pro, 127.0.0.1:{scripted.port}\n+>$")
        terminal.press("C-d")
        code = terminal.end()
    draw(shown, f"chat-{columns}")
    draw(growing, f"chat-growing-{columns}")
    asked = scripted.requests[0].body["contents"][-1]["parts"][0]["text"]  # type: ignore[index]  # it has a body

    assert code == 0
    assert asked == "Compare these:\n- juheai\n- 胜算云"
    assert_neat(shown, emulator.api_key)
    assert f"> {QUESTION}" in first.text
    assert f"ご質問は「{QUESTION}」ですね。" in "".join(first.lines)
    assert "".join(first.lines).count("ご依頼だけからエミュレーターに言えるのは以上です。") == 1
    assert re.search(FIGURES, first.text)
    assert re.search(r"1,234 -> 412 tokens \(67 of thoughts\), \d\.\d s, gemini-2\.5-pro", shown.text)
    assert shown.styles("gemini-2.5-pro, 127.0.0.1") == {(True, False)}
    assert shown.styles("The user wants") == {(True, False)}
    assert shown.styles("That is all —") == {(False, False)}
    assert_table(shown)
    for line in ('for chunk in llm.stream("天空"):', '    print(chunk.text, end="")  # 逐块输出'):
        assert line in shown.text
    assert shown.text.count("That is all — 以上です。") == 1
    assert "**" not in shown.text


def assert_table(screen: Screen) -> None:
    """Assert that the table of `ANSWER` is straight, wide characters and all."""
    (_, delay, note), rows = rows_of(screen, r" *endpoint +首包延迟 +注記")
    end = delay + width_of("首包延迟")
    read = {
        screen.between(row, 0, delay).strip(): (screen.between(row, delay, end), screen.between(row, note).strip())
        for row in rows
    }

    assert read == {
        "juheai": ("420 ms".rjust(8), "国内直连，无需代理"),  # noqa: RUF001 - the same
        "胜算云": ("1.8 s".rjust(8), "日本からは遅い"),
        "google": ("95 ms".rjust(8), "needs a proxy"),
    }


def test_a_chat_in_which_things_go_wrong(columns: int, clean_environment: dict[str, str], draw: Draw) -> None:
    """A stopped answer, a mistyped command, an endpoint that refuses: a line each, and the prompt is there again."""
    with (
        Emulator("juheai", pace_s=0.2) as emulator,
        Emulator("google", api_key=emulator.api_key, fault="quota_403") as broke,
        Terminal(
            "chat", "--endpoint", "juheai",
            environ={**clean_environment, **variables(emulator), "GSTREAM_API_KEY": emulator.api_key}, columns=columns,
        ) as terminal,
    ):  # fmt: skip
        terminal.until(PROMPT)
        terminal.say("Why is the sky blue?")
        terminal.until("You asked")
        terminal.press("C-c")
        terminal.until(r"Stopped\.[^\n]*\n[^\n]*juheai\n+>$")
        for typed in ("/modle gemini-2.5-pro", "/image nowhere.png", "/help", f"/endpoint {broke.base_url}", "Hello"):
            terminal.say(typed)
            shown = terminal.until(rf"> {re.escape(typed)}\n(?:[^\n]*\n)+>$")
    draw(shown, f"chat-wrong-{columns}")

    assert_neat(shown, emulator.api_key)
    assert "^C" not in shown.text
    assert "Did you mean /model?" in shown.flowing
    assert "Error: nowhere.png cannot be read: No such file or directory." in shown.flowing
    assert "Nothing of this answer is kept. /retry asks again." in shown.flowing


# -- the others -----------------------------------------------------------------------------------------------------


def test_the_demo(columns: int, clean_environment: dict[str, str], draw: Draw) -> None:
    with Terminal("demo", environ=clean_environment, columns=columns) as terminal:
        code = terminal.end()
        shown = terminal.whole()
    draw(shown, f"demo-{columns}")
    (*_, verdict), rows = rows_of(shown, "(?: +first)?.*verdict")
    verdicts = [shown.between(row, verdict).strip() for row in rows]

    assert code == 0
    assert_neat(shown, copied=("llm = ",))
    assert verdicts == ["ok"] * (2 * len(ENDPOINTS))
    for endpoint in ENDPOINTS.values():
        assert re.search(rf"^{endpoint.name}  {re.escape(endpoint.title)} ─+$", shown.text, re.MULTILINE)


def test_the_list_of_endpoints(columns: int, clean_environment: dict[str, str], draw: Draw) -> None:
    with Terminal("endpoints", environ=clean_environment, columns=columns) as terminal:
        code = terminal.end()
        shown = terminal.whole()
    draw(shown, f"endpoints-{columns}")
    starts, _ = rows_of(shown, "name")
    tops = [number for number, line in enumerate(shown.lines) if line.split(" ")[0] in ENDPOINTS]

    assert code == 0
    assert_neat(shown)
    assert len(tops) == len(ENDPOINTS)
    for row, endpoint in zip(tops, ENDPOINTS.values(), strict=True):
        assert all(shown.between(row, start - 1, start) == " " for start in starts[1:])
        assert endpoint.title in shown.text
        assert endpoint.base_url or endpoint.base_url_variable in shown.text


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--endpoint", "juheai", "--tries", "1", "--yes"),
        ("check", "--compare", "juheai,shengsuanyun,google", "--only", "usage", "--tries", "1", "--yes"),
        ("check", "--list"),
        ("demo", "--endpoint", "juheai"),
        ("endpoints",),
    ],
    ids=["check", "compare", "list", "demo", "endpoints"],
)
def test_a_narrow_terminal_cuts_nothing(
    arguments: tuple[str, ...], clean_environment: dict[str, str], draw: Draw, request: pytest.FixtureRequest
) -> None:
    """Of 40 columns: no word gives way to an ellipsis, and what is said at full width is said here too."""
    with (
        Emulator("juheai", fault="usage_nowhere") as first,
        Emulator("shengsuanyun") as second,
        Emulator("google", fault="usage_nowhere") as third,
        Terminal(*arguments, environ={**clean_environment, **variables(first, second, third)}, columns=40) as terminal,
    ):
        terminal.end()
        shown = terminal.whole()
    draw(shown, f"narrow-{request.node.callspec.id}")

    assert_neat(shown, copied=("llm = ", "POST"))
    if arguments[0] == "check" and "--list" not in arguments:
        assert "no token counts came (usageMetadata)" in shown.flowing
        assert BATTERY["usage"].failing in shown.flowing


@pytest.mark.parametrize("command", ["", "check", "chat", "demo", "endpoints", "request", "replay", "serve"])
def test_help(command: str, clean_environment: dict[str, str], draw: Draw) -> None:
    with Terminal(*filter(None, [command]), "--help", environ=clean_environment, columns=80) as terminal:
        code = terminal.end()
        shown = terminal.whole()
    draw(shown, f"help-{command or 'gstream'}-80")

    assert code == 0
    assert_neat(shown)
