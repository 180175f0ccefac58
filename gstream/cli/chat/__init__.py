"""`gstream chat`: a conversation in the terminal, one question from the shell, or a step of a pipe.

`command` reads the options, `session` moves lines and chunks between the terminal and `gstream.Client`, `screen` draws,
`keyboard` and `files` read; what they decide with is pure: `lines` (what a line means), `conversation` (what was said),
`answer` (what of a chunk is shown).
"""

from __future__ import annotations

from gstream.cli.chat.command import chat

__all__ = ["chat"]
