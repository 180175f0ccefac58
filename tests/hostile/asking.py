"""Two calls on one connection: through a client of their own, as the shared one is a process's."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from gstream import Client
from tests.hostile.servers import PROMPT, target

if TYPE_CHECKING:
    from tests.core.loopback import Loopback


def twice(mode: str, server: Loopback, answers: list[str], timeout: dict[str, Any]) -> None:
    """Ask twice, one after the other, and note the answers."""
    client = Client(target(server), timeout=timeout, max_retries=0)
    if mode == "sync":
        answers.append(client.generate(PROMPT).text)
        answers.append(client.generate(PROMPT).text)
        return

    async def ask() -> None:
        answers.append((await client.agenerate(PROMPT)).text)
        answers.append((await client.agenerate(PROMPT)).text)

    asyncio.run(ask())
