"""One way to check an emulator: without waiting, by a clock of its own, so no verdict hangs on a machine's speed."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from gstream import Target
from gstream.check import Check, Report, chosen
from gstream.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Callable

    from gstream.emulator import Dialect, Fault

FLASH = "gemini-2.5-flash"
THIRD = "gemini-3-flash-preview"
DRAWS = "gemini-2.5-flash-image"


def ticking(step_s: float = 0.25) -> Callable[[], float]:
    """Return a clock that moves on by `step_s` each time it is looked at."""
    ticks = count()
    return lambda: next(ticks) * step_s


def checked(
    dialect: str | Dialect = "google",
    fault: str | Fault | None = None,
    *,
    model: str = FLASH,
    fault_times: int | None = None,
    at: str = "",
    **options: Any,
) -> Report:
    """Return what a check of an emulator finds.

    Args:
        dialect: as `Emulator` takes it.
        fault: as `Emulator` takes it.
        model: the model that is asked.
        fault_times: as `Emulator` takes it.
        at: the path to look at first; empty: where the emulator is.
        options: further parameters of `Check`.
    """
    defaults: dict[str, Any] = {
        "probes": chosen(), "image_model": DRAWS, "tries": 1, "timeout": 30.0, "clock": ticking(),
        "wait": lambda _: None,
    }  # fmt: skip
    with Emulator(dialect, fault=fault, fault_times=fault_times) as emulator:
        endpoint = emulator.endpoint
        if at:
            endpoint = replace(endpoint, base_url=f"http://{emulator.host}:{emulator.port}{at}")
        check = Check(Target(endpoint, emulator.api_key), model, **{**defaults, **options})
        assert [probe.name for probe in check.run()][:1] == ["reach"]
        assert emulator.api_key not in repr(check.report.verdicts)
        return check.report


@pytest.fixture(scope="session")
def honest() -> dict[str, str]:
    """The statuses that an emulator of Google's dialect without a fault gets."""
    return {name: verdict.status for name, verdict in checked(model=THIRD).verdicts.items()}
