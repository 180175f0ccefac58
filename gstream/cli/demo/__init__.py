"""`gstream demo`: one question through every endpoint and both frameworks, streamed live, then judged.

`command` is the command, `tools` the question and the functions, `with_langchain` and `with_llamaindex` the loop as
each framework's users write it, `events` what both loops tell, `outcome` what became of a loop and what is wrong with
it, `screen` how it looks.
"""

from __future__ import annotations

from gstream.cli.demo.command import demo

__all__ = ["demo"]
