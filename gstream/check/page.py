"""Reports as one web page that needs nothing else: no script, no font, no picture from elsewhere.

Every text that came from outside (reasons hold providers' words) is escaped where it is put in.
"""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Final

from gstream._version import __version__
from gstream.check.charts import bars
from gstream.check.speed import shown_s

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gstream.check.probe import Probe
    from gstream.check.report import Report
    from gstream.check.verdict import Status, Verdict

__all__ = ["page"]

_CLASSES: Final[dict[Status, str]] = {"pass": "pass", "fail": "fail", "not offered": "off", "not run": "soft"}
_SIGNS: Final[dict[Status, str]] = {"pass": "✓", "fail": "✗", "not offered": "○", "not run": "·"}
_STYLE: Final = """
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5d6878;--ground:#fff;--card:#f5f7fa;--line:#dde3ea;--pass:#17773c;
--fail:#bf1d2d;--off:#7d6310;--bar:#3a76c4;--try:#15304f}
@media(prefers-color-scheme:dark){:root{--ink:#e4e9f0;--soft:#98a4b5;--ground:#12161c;--card:#1b212a;--line:#313a47;
--pass:#5fce8b;--fail:#ff7b86;--off:#d9bc55;--bar:#4d8fe0;--try:#dbe9fb}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1080px;padding:32px 20px 64px;background:var(--ground);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI","Noto Sans","PingFang SC","Hiragino Sans",sans-serif}
h1{font-size:26px;margin:0 0 4px}h2{font-size:19px;margin:40px 0 10px}h3{font-size:15px;margin:20px 0 6px}
p{margin:6px 0}.soft{color:var(--soft)}.url{overflow-wrap:anywhere}
.cards{display:flex;flex-wrap:wrap;gap:12px;margin:22px 0}
.card{flex:1 1 220px;background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px}
.card b{display:block;font-size:17px;overflow-wrap:anywhere}
.card .figure{font-size:22px;font-weight:650;margin-right:6px}
.count,.whole{white-space:nowrap;margin-right:8px}.whole{margin:0}
.scroll{overflow-x:auto;background:linear-gradient(var(--ground),var(--ground)) right/32px 100% no-repeat local,
linear-gradient(to left,var(--line),transparent) right/14px 100% no-repeat}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:baseline;padding:6px 12px 6px 0;border-bottom:1px solid var(--line)}
th{font-weight:600;color:var(--soft);white-space:nowrap}td.name,td.state{white-space:nowrap}
td.name{font-family:ui-monospace,SFMono-Regular,Consolas,monospace;font-size:13.5px}
td.found{overflow-wrap:anywhere}.beside td.name,.beside th:first-child{position:sticky;left:0;
background:var(--ground)}tr.group td:first-child{color:var(--soft);font-size:12.5px;letter-spacing:.05em;
text-transform:uppercase}tr.group td{padding-top:16px}
.legend{display:none}
.pass{color:var(--pass)}.fail{color:var(--fail);font-weight:650}.off{color:var(--off)}
.means{display:block;color:var(--soft);margin-top:2px}
pre{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:12px 14px;white-space:pre-wrap;
overflow-wrap:anywhere;
font:13.5px/1.5 ui-monospace,SFMono-Regular,Consolas,monospace}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:20px}
figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 14px}
figcaption{font-weight:600;margin-bottom:6px}
svg{width:100%;height:auto;display:block}svg text{font-size:13px;fill:var(--ink)}
svg .tick{fill:var(--soft);font-size:11.5px}svg .name{font-weight:600}
svg .grid{stroke:var(--line)}svg .bar{fill:var(--bar)}svg .try{fill:var(--try);fill-opacity:.75}
@media(max-width:640px){
body{padding-top:20px}svg text{font-size:19px}svg .tick{font-size:17px}
.beside .word{display:none}.beside th,.beside td{padding-right:14px}.legend{display:block}
.details thead{display:none}.details tr{display:flex;flex-wrap:wrap;justify-content:space-between;
border-bottom:1px solid var(--line);padding:6px 0}
.details td{border:0;padding:0}.details td.found{flex-basis:100%}.details tr.group{padding-top:16px}
.details tr.group td{padding-top:0}
}
"""


def page(reports: Sequence[Report], *, now: datetime | None = None) -> str:
    """Return the whole page.

    Args:
        reports: what was found, one an endpoint.
        now: the time that the page bears; `None`: the present.
    """
    when = (now or datetime.now(tz=UTC)).strftime("%Y-%m-%d %H:%M UTC")
    names = ", ".join(report.name for report in reports) or "nothing"
    model = reports[0].model if reports else ""
    body = [
        f"<h1>{escape(names)}</h1>",
        f'<p class="soft">{escape(model)} · {when} · gstream {escape(__version__)}</p>',
        f'<div class="cards">{"".join(map(_card, reports))}</div>',
    ]
    if any(report.speed.first_s for report in reports):
        body += ["<h2>Speed</h2>", _charts(reports)]
    if len(reports) > 1:
        body += ["<h2>Side by side</h2>", _side_by_side(reports)]
    body += [_details(report) for report in reports]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>gstream check: {escape(names)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def _card(report: Report) -> str:
    counts = "".join(
        _count(report.count(status), status)
        for status in _CLASSES
        if report.count(status) or status in {"pass", "fail"}
    )
    tokens_in, tokens_out = report.tokens
    interrupted = ' <span class="off">interrupted</span>' if report.interrupted else ""
    facts = (f"{report.requests} requests in {report.took_s:.1f} s", f"{tokens_in:,} tokens in, {tokens_out:,} out")
    sums = ", ".join(f'<span class="whole">{fact}</span>' for fact in facts)
    return f'<div class="card"><b>{escape(report.name)}</b><p>{counts}{interrupted}</p><p class="soft">{sums}</p></div>'


def _count(count: int, status: Status) -> str:
    style = _CLASSES[status] if count else "soft"
    return f'<span class="{style} count"><span class="figure">{count}</span>{escape(status)}</span> '


def _charts(reports: Sequence[Report]) -> str:
    first = [(report.name, report.speed.first_s) for report in reports]
    rates = [(report.name, report.speed.tokens_per_s) for report in reports]
    drawn = (
        ("Time to the first chunk (less is better)", bars("Time to the first chunk", first, shown_s)),
        ("Tokens a second (more is better)", bars("Tokens a second", rates, lambda value: f"{value:,.0f}")),
    )
    figures = "".join(f"<figure><figcaption>{escape(words)}</figcaption>{svg}</figure>" for words, svg in drawn)
    return f'<div class="charts">{figures}</div><p class="soft">Bars end at the median; each dot is a try.</p>'


def _side_by_side(reports: Sequence[Report]) -> str:
    head = "".join(f"<th>{escape(report.name)}</th>" for report in reports)
    rows = []
    for name in reports[0].probes:
        cells = "".join(_cell(report.verdicts.get(name)) for report in reports)
        rows.append(f'<tr><td class="name">{escape(name)}</td>{cells}</tr>')
    legend = "".join(f'<span class="count">{_SIGNS[status]} {escape(status)}</span>' for status in _SIGNS)
    return f'{_table("beside", f"<th>probe</th>{head}", rows)}<p class="soft legend">{legend}</p>'


def _table(kind: str, head: str, rows: Sequence[str]) -> str:
    """Return a table that scrolls sideways where it is wider than the page."""
    body = f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"
    return f'<div class="scroll"><table class="{kind}">{body}</table></div>'


def _cell(verdict: Verdict | None) -> str:
    if verdict is None:
        return "<td></td>"
    return f'<td class="state" title="{escape(verdict.reason)}">{_state(verdict)}</td>'


def _state(verdict: Verdict) -> str:
    words = f'{_SIGNS[verdict.status]} <span class="word">{escape(verdict.status)}</span>'
    return f'<span class="{_CLASSES[verdict.status]}">{words}</span>'


def _details(report: Report) -> str:
    rows = []
    for group in report.groups:
        whole = group.whole
        title = f'<td colspan="{3 if whole is None else 1}">{escape(group.name)}</td>'
        if whole is not None:
            title += f'<td class="state">{_state(whole)}</td><td class="found">{escape(whole.reason)}</td>'
        rows.append(f'<tr class="group">{title}</tr>')
        rows += [_row(probe, verdict) for probe, verdict in group.rows if whole is None]
    lines = "\n".join(line for name in ("ChatGStream", "GStream") if (line := report.line(name)))
    paste = f"<h3>{escape(report.use)}</h3><pre>{escape(lines)}</pre>" if lines else ""
    url = (report.found or report.target).endpoint.base_url or ""
    table = _table("details", "<th>probe</th><th></th><th>what was found</th>", rows)
    return f'<h2>{escape(report.name)}</h2><p class="soft url">{escape(url)}</p>{table}{paste}'


def _row(probe: Probe, verdict: Verdict) -> str:
    means = f'<span class="means">{escape(probe.failing)}</span>' if verdict.status == "fail" else ""
    return (
        f'<tr><td class="name" title="{escape(probe.tells)}">{escape(probe.name)}</td>'
        f'<td class="state">{_state(verdict)}</td><td class="found">{escape(verdict.reason)}{means}</td></tr>'
    )
