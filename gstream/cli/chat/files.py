"""Files of a chat: what goes with a question, what an answer brought, and conversations that were saved."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gstream import Blob, ConfigurationError, Text
from gstream.cli.chat.conversation import Conversation
from gstream.cli.chat.lines import path_of
from gstream.media import type_by_name, type_of_content
from gstream.parts import is_pcm
from gstream.sound import wav_of

if TYPE_CHECKING:
    from gstream import Endpoint, Part

__all__ = ["attachment", "keep", "load", "save"]

_HEAD: Final = 16
"""Bytes that are enough to tell a media type."""
_ENDINGS: Final = {
    "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif", "audio/wav": "wav",
    "audio/mp3": "mp3", "audio/mpeg": "mp3", "audio/ogg": "ogg", "video/mp4": "mp4", "application/pdf": "pdf",
}  # fmt: skip


def attachment(argument: str, *, image: bool) -> Part:
    """Return the part that goes with a question: media as they are, anything in UTF-8 as text under its name.

    Args:
        argument: the path as it was typed.
        image: only an image will do.

    Raises:
        ConfigurationError: the file cannot be read, is empty, or is of no kind that can be sent.
    """
    path, content = _read(argument)
    kind = type_of_content(content[:_HEAD]) or type_by_name(path.name)
    if image and not (kind or "").startswith("image/"):
        raise ConfigurationError(f"{path} is no image: send it with /file.")
    if not content:
        raise ConfigurationError(f"{path} is empty.")
    if kind is not None and not kind.startswith("text/") and kind != "application/json":
        return Blob.of(content, kind)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path} is no text in UTF-8 and no medium that is known: convert it.") from None
    return Text(f"{path.name}:\n\n{text.rstrip()}\n\n")


def keep(media: Blob, folder: Path) -> Path | None:
    """Write what an answer brought into `folder` under a new name (where that cannot be, into a folder of its own).

    Returns:
        The file; `None` if the data are not base64, so that there is nothing to write.

    Raises:
        ConfigurationError: it cannot be written anywhere.
    """
    try:
        content = media.content()
    except ValueError:
        return None
    mime_type = media.mime_type.lower()
    if is_pcm(media):
        content, mime_type = wav_of(content, media.mime_type), "audio/wav"
    ending = _ENDINGS.get(type_of_content(content[:_HEAD]) or mime_type.split(";")[0].strip(), "bin")
    try:
        return _write_new(folder, ending, content)
    except OSError:
        try:
            return _write_new(Path(tempfile.mkdtemp(prefix="gstream-chat-")), ending, content)
        except OSError as error:
            raise ConfigurationError(f"{folder} cannot be written to: {error.strerror or error}.") from None


def _write_new(folder: Path, ending: str, content: bytes) -> Path:
    number = 1
    while True:
        path = folder / f"answer-{number}.{ending}"
        try:
            with path.open("xb") as file:
                file.write(content)
        except FileExistsError:
            number += 1
        else:
            return path


def save(argument: str, conversation: Conversation, endpoint: Endpoint) -> Path:
    """Write the conversation to a new file, or over one that was saved before.

    Raises:
        ConfigurationError: the file holds something else, or cannot be written.
    """
    path = Path(path_of(argument)).expanduser()
    if path.exists():
        try:
            load(argument)
        except ConfigurationError:
            raise ConfigurationError(f"{path} is there already and is no saved chat: choose another name.") from None
    try:
        path.write_text(conversation.dump(endpoint) + "\n", encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}.") from None
    return path


def load(argument: str) -> Conversation:
    """Return the conversation that was saved in a file.

    Raises:
        ConfigurationError: the file cannot be read, or holds none.
    """
    path, content = _read(argument)
    return Conversation.load(content.decode("utf-8", "replace"), str(path))


def _read(argument: str) -> tuple[Path, bytes]:
    path = Path(path_of(argument)).expanduser()
    try:
        return path, path.read_bytes()
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
