"""The battery behind `gstream check`: what an endpoint and a model really do, found out by asking.

    check = Check(resolve("juheai"), "gemini-2.5-flash", chosen())
    for probe in check.run():
        print(probe.name)
    print(check.report.verdicts)

Its modules: `battery` (the probes, as data, made of `questions` and of the pure verdicts in `judge_answers`,
`judge_tools` and `judge_errors`), `access` (the search for a way in), `runner` (the only one that asks), `report` (what
was found), `page` and `charts` (the same as HTML); values: `probe`, `exchange`, `verdict`, `speed`, `samples`.
"""

from __future__ import annotations

from gstream.check.battery import BATTERY, chosen
from gstream.check.exchange import Exchange
from gstream.check.probe import Probe
from gstream.check.report import Report, document
from gstream.check.runner import Check, Cost
from gstream.check.verdict import Verdict

__all__ = ["BATTERY", "Check", "Cost", "Exchange", "Probe", "Report", "Verdict", "chosen", "document"]
