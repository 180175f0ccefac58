"""A local reseller: every endpoint's dialect on loopback, behind a real HTTP server, for demos and users' own tests.

    with Emulator("shuyou") as e:
        ChatGStream(model="gemini-2.5-flash", endpoint=e.endpoint, api_key=e.api_key)

It refuses what Google refuses, answers only from the request, and can break in named ways (`FAULTS`). Its modules:
`server` (thread and life cycle), `reseller` (one request), `received` (what was seen), `dialects` (facts of each
endpoint), `framing` (documents to bytes), `delivery` (bytes to the socket), `faults`; what is refused: `fields`,
`payload`, `refuse`, `turns`, `declared`, `signatures`, `families`, `errors`; the model: `model`, `reading`, `calls`,
`arguments`, `strings`, `patterns`, `prose`, `words`, `lexicon`, `media`, `arithmetic`, `tokens`, `stream`. Nothing here
imports an HTTP client or a framework.
"""

from __future__ import annotations

try:
    import aiohttp  # noqa: F401 - asked here so that its absence is told in one sentence
except ImportError as error:
    raise ImportError(
        'gstream.emulator is an HTTP server made with aiohttp: pip install "gstream[emulator]"'
    ) from error

from gstream.emulator.dialects import DIALECTS, Dialect
from gstream.emulator.faults import FAULTS, Fault
from gstream.emulator.received import Received
from gstream.emulator.server import Emulator

__all__ = ["DIALECTS", "FAULTS", "Dialect", "Emulator", "Fault", "Received"]
