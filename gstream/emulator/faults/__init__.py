"""Named ways to behave badly, as data: one module a subject, all of them together in `FAULTS`.

`fault` says what a fault is, `bending` how documents are bent. A new fault is a new entry in the module of its subject.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gstream.emulator.faults.calls import CALLS
from gstream.emulator.faults.counts import COUNTS
from gstream.emulator.faults.ends import ENDS
from gstream.emulator.faults.fault import Fault, Kind
from gstream.emulator.faults.framing import FRAMING
from gstream.emulator.faults.outcomes import OUTCOMES
from gstream.emulator.faults.parts import PARTS
from gstream.emulator.faults.shapes import SHAPED
from gstream.emulator.faults.statuses import CONSOLE_PAGE, STATUSES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CONSOLE_PAGE", "FAULTS", "GROUPS", "Fault", "Kind"]

GROUPS: Final[Mapping[str, Mapping[str, Fault]]] = MappingProxyType(
    {
        "framing": FRAMING,
        "parts": PARTS,
        "calls": CALLS,
        "counts": COUNTS,
        "ends": ENDS,
        "statuses": STATUSES,
        "outcomes": OUTCOMES,
        "shapes": SHAPED,
    }
)
"""The faults by subject, then by name."""

FAULTS: Final[Mapping[str, Fault]] = MappingProxyType(
    {name: fault for group in GROUPS.values() for name, fault in group.items()}
)
"""The faults by name."""
