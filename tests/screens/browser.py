"""A headless Chromium: pages are opened, asked, and photographed, and every request and complaint of theirs is noted.

It is spoken to in its own protocol (https://chromedevtools.github.io/devtools-protocol/) over two pipes.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import select
import signal
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from matplotlib.image import imread

from tests.screens.programs import CHROMIUM, demand_program

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Browser", "Page"]

_OPTIONS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    "--force-color-profile=srgb", "--remote-debugging-pipe",
)  # fmt: skip
_IN: Final = 3
_OUT: Final = 4
"""The descriptors of the two pipes in the browser."""
_HIGH: Final = 16
_PATIENCE_S: Final = 60.0


@dataclass
class Page:
    """A page that was opened."""

    browser: Browser
    session: str
    asked: list[str] = field(default_factory=list)
    """The URL of every request."""
    complaints: list[str] = field(default_factory=list)
    """What was written to the console, and what failed."""

    def value(self, expression: str) -> Any:
        """Return the value of an expression in JavaScript, as JSON has it."""
        given = self.browser.ask(
            "Runtime.evaluate", {"expression": expression, "returnByValue": True, "awaitPromise": True}, self.session
        )
        assert "exceptionDetails" not in given, given
        return given["result"].get("value")

    def picture(self, file: Path, *, of: str = "document.documentElement") -> Path:
        """Write a picture of an element, all of it, and return its file. A blank one is an error."""
        box = self.value(f"(e => ({{width: e.scrollWidth, height: e.scrollHeight}}))({of})")
        clip = {"x": 0, "y": 0, "width": box["width"], "height": box["height"], "scale": 1}
        given = self.browser.ask(
            "Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True, "clip": clip}, self.session
        )
        file.write_bytes(base64.b64decode(given["data"]))
        assert float(imread(file).std()) > 0.01, f"{file} is blank"
        return file


class Browser:
    """A browser with a profile of its own; `close` ends it."""

    def __init__(self) -> None:
        program = demand_program(CHROMIUM)
        self._profile = tempfile.TemporaryDirectory(prefix="gstream-chromium-", ignore_cleanup_errors=True)
        theirs_in, self._in = _pipe()
        self._out, theirs_out = _pipe()
        self._log = Path(self._profile.name) / "log"
        with self._log.open("wb") as log:
            self._process = os.posix_spawn(
                program,
                [program, *_OPTIONS, f"--user-data-dir={self._profile.name}", "about:blank"],
                os.environ,
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, theirs_in, _IN),
                    (os.POSIX_SPAWN_DUP2, theirs_out, _OUT),
                    (os.POSIX_SPAWN_DUP2, log.fileno(), 2),
                ],
                setpgroup=0,
            )
        os.close(theirs_in)
        os.close(theirs_out)
        self._unread = b""
        self._count = 0
        self._pages: dict[str, Page] = {}

    def open(self, url: str, *, width: int, height: int = 800, dark: bool = False, phone: bool = False) -> Page:
        """Open a page, and return it when it has been loaded.

        Args:
            url: its address.
            width: of the window, in CSS pixels.
            height: of the window.
            dark: whether the user prefers dark pages.
            phone: whether it is a phone that opens it.
        """
        target = self.ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self.ask("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        page = self._pages[session] = Page(self, session)
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable", {}, session)
        size = {"width": width, "height": height, "deviceScaleFactor": 2 if phone else 1, "mobile": phone}
        self.ask("Emulation.setDeviceMetricsOverride", size, session)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", {"features": [scheme]}, session)
        self.ask("Page.navigate", {"url": url}, session)
        for message in self._messages():
            if message.get("method") == "Page.loadEventFired" and message.get("sessionId") == session:
                break
        page.value("document.fonts.ready.then(() => true)")
        return page

    def ask(self, method: str, parameters: dict[str, Any] | None = None, session: str = "") -> dict[str, Any]:
        """Return the result of a method of the protocol."""
        self._count += 1
        number = self._count
        message = {"id": number, "method": method, "params": parameters or {}}
        os.write(self._in, json.dumps({**message, **({"sessionId": session} if session else {})}).encode() + b"\0")
        answer = next(given for given in self._messages() if given.get("id") == number)
        assert "error" not in answer, (method, answer["error"])
        result: dict[str, Any] = answer["result"]
        return result

    def _messages(self) -> Iterator[dict[str, Any]]:
        """Yield what the browser says; what a page did is noted at the page."""
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            while b"\0" not in self._unread:
                ready, _, _ = select.select([self._out], [], [], max(0.0, deadline - time.monotonic()))
                piece = os.read(self._out, 1 << 20) if ready else b""
                assert piece, f"the browser fell silent: {self._log.read_text(errors='replace')[-2000:]}"
                self._unread += piece
            text, self._unread = self._unread.split(b"\0", 1)
            message: dict[str, Any] = json.loads(text)
            if (page := self._pages.get(message.get("sessionId", ""))) is not None:
                _note(page, message.get("method", ""), message.get("params", {}))
            yield message

    def close(self) -> None:
        """End the browser, and all it started: in order, so that nothing is written behind its end."""
        with contextlib.suppress(BrokenPipeError):
            os.write(self._in, b'{"id": 0, "method": "Browser.close"}\0')
        ended = os.pidfd_open(self._process)
        select.select([ended], [], [], _PATIENCE_S)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)
        for descriptor in (ended, self._in, self._out):
            os.close(descriptor)
        self._profile.cleanup()


def _note(page: Page, method: str, told: dict[str, Any]) -> None:
    if method == "Network.requestWillBeSent":
        page.asked.append(told["request"]["url"])
    elif method == "Runtime.consoleAPICalled":
        page.complaints.append(" ".join(str(one.get("value", one.get("description"))) for one in told["args"]))
    elif method == "Runtime.exceptionThrown":
        page.complaints.append(str(told["exceptionDetails"].get("exception", told["exceptionDetails"])))
    elif method == "Log.entryAdded":
        page.complaints.append(str(told["entry"]["text"]))
    elif method == "Network.loadingFailed":
        page.complaints.append(str(told["errorText"]))


def _pipe() -> tuple[int, int]:
    """Return a pipe whose ends are none of the first few descriptors, which the browser's take."""
    ends = os.pipe()
    read, write = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _HIGH) for end in ends)
    for end in ends:
        os.close(end)
    return read, write
