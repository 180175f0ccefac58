"""The loop of a chat in the terminal: lines in, commands done, answers drawn. What a line means is `lines`."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gstream import ENDPOINTS, Client, ConfigurationError, GStreamError
from gstream.chunks import collect
from gstream.cli.chat import files
from gstream.cli.chat.answer import Flow, figures, sentence, unfinished
from gstream.cli.chat.keyboard import unechoed
from gstream.cli.chat.lines import Command, Mistake, continues, parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gstream import Chunk, Prompt, Settings, Target
    from gstream.cli.chat.answer import Block
    from gstream.cli.chat.conversation import Conversation
    from gstream.cli.chat.screen import Drawing, Screen

__all__ = ["Session", "conclude", "place", "show"]


@dataclass
class Session:
    """A chat that goes on."""

    target: Target
    conversation: Conversation
    settings: Callable[[str], Settings]
    """The settings for a model of that name."""
    screen: Screen
    folder: Path
    """Where images and sound of answers are written."""
    resolve: Callable[[str], Target]
    """From what was typed behind /endpoint to whom to ask."""
    elapsed: Callable[[], float] = time.monotonic

    def run(self, read: Callable[[str], str]) -> None:
        """Do as each line says until there are no more, or one says that it is over."""
        while True:
            try:
                line = self._line(read)
            except (EOFError, KeyboardInterrupt):
                self.screen.out.print()
                return
            meant = parse(line)
            if meant is None:
                continue
            if isinstance(meant, Mistake):
                self.screen.error(meant.message)
            elif isinstance(meant, Command):
                if meant.name == "quit":
                    return
                try:
                    self._do(meant)
                except GStreamError as error:
                    self.screen.error(sentence(error))
            else:
                self._ask(self.conversation.ask(meant.text))

    def _line(self, read: Callable[[str], str]) -> str:
        count = len(self.conversation.attached)
        line = read(f"[{count} attached] " if count else "")
        while continues(line):
            line = f"{line[:-1]}\n{read('. ')}"
        return line

    def _do(self, command: Command) -> None:
        """Do what a command says."""
        argument = command.argument
        if command.name == "help":
            self.screen.commands()
        elif command.name == "model":
            if argument:
                self.conversation = replace(self.conversation, model=argument)
            self.screen.remark(self.whom())
        elif command.name == "endpoint":
            if argument:
                self.target = self.resolve(argument)
            self.screen.remark(self.whom())
        elif command.name == "system":
            self.conversation = replace(self.conversation, system=argument)
            self.screen.remark("The system instruction is set." if argument else "There is no system instruction now.")
        elif command.name in {"image", "file"}:
            part = files.attachment(argument, image=command.name == "image")
            self.conversation = self.conversation.attach(part)
            self.screen.remark("It goes with the next question.")
        else:
            self._keep(command.name, argument)

    def _keep(self, name: str, argument: str) -> None:
        """Do what a command says that concerns the conversation as a whole."""
        if name == "save":
            path = files.save(argument, self.conversation, self.target.endpoint)
            self.screen.remark(f"Saved in {path}.")
        elif name == "load":
            loaded = files.load(argument)
            self.conversation = replace(loaded, model=loaded.model or self.conversation.model)
            self.screen.remark(f"Going on behind {loaded.count}. {self.whom()}")
        elif name == "clear":
            self.conversation = self.conversation.cleared()
            self.screen.remark("All that was said is forgotten.")
        elif (again := self.conversation.again()) is None:
            raise ConfigurationError("There is no question to ask again.")
        else:
            self._ask(again)

    def whom(self) -> str:
        """Return who is asked, in a sentence."""
        return f"Asking {self.conversation.model} at {place(self.target)}."

    def _ask(self, asked: Conversation) -> None:
        """Ask, draw the answer, and keep it: all of it, what came until it was stopped, or nothing after an error."""
        self.conversation = asked
        came: list[Chunk] = []
        stopped = False
        started = self.elapsed()
        try:
            show(self.target, asked.prompt(self.settings(asked.model)), self.screen, self.folder, came)
        except KeyboardInterrupt:
            stopped = True
        except GStreamError as error:
            self.screen.error(sentence(error))
            self.screen.remark("Nothing of this answer is kept. /retry asks again.\n")
            return
        whole = collect(came)
        if whole.calls:
            self.screen.warning("An answer that calls a function cannot be kept. /retry asks again.\n")
            return
        self.conversation = asked.answered(whole.parts)
        if stopped:
            self.screen.warning("Stopped. What came is kept." if whole.parts else "Stopped. /retry asks again.")
        conclude(whole, self.elapsed() - started, asked.model, self.target, self.screen, stopped=stopped)
        self.screen.out.print()


def show(target: Target, prompt: Prompt, screen: Screen, folder: Path, came: list[Chunk]) -> None:
    """Ask, and draw the answer as it comes. However it ends, the connection is closed, and all that came is drawn.

    Args:
        target: whom to ask.
        prompt: what to ask.
        screen: where to draw.
        folder: where to write images and sound.
        came: gets each chunk as it comes.

    Raises:
        GStreamError: as `Client.stream`.
    """
    flow = Flow()
    stream = Client(target).stream(prompt)
    with (
        unechoed(),
        screen.drawing(f"asking {prompt.model}") as drawing,
        contextlib.closing(stream) as chunks,
    ):
        try:
            for chunk in chunks:
                if chunk.index:  # another candidate, which nobody could tell from the first one here
                    continue
                came.append(chunk)
                for block in flow.feed(chunk.parts):
                    _draw(block, drawing, folder)
                drawing.grow(flow.open)
        finally:
            drawing.grow(None)
            for block in flow.close():
                _draw(block, drawing, folder)


def _draw(block: Block, drawing: Drawing, folder: Path) -> None:
    if block.media is None:
        drawing.add(block)
        return
    path = files.keep(block.media, folder)
    kind = block.media.mime_type.split(";")[0]
    drawing.saved(f"{kind} saved in {path}" if path else f"A {kind} came whose data are damaged.")


def conclude(
    whole: Chunk, seconds: float, model: str, target: Target, screen: Screen, *, stopped: bool = False
) -> None:
    """Print how an answer ended, if that needs words, and its figures."""
    early = None if stopped else unfinished(whole.finish_reason, whole.finish_message)
    if early is not None:
        screen.warning(early)
    screen.remark(figures(whole.usage, seconds, model, place(target)))


def place(target: Target) -> str:
    """Return how people call an endpoint: its name, or the host of one that has none."""
    name = target.endpoint.name
    return name if name in ENDPOINTS else urlsplit(target.endpoint.base_url or "").netloc
