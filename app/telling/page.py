"""Tells a call as one HTML file, which loads nothing and runs nothing.

Every text in it is quoted, and the page itself forbids the browser all but its own style sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from app.ports import CallRow, Notice, TurnRecord
from app.sounds import Recording
from app.telling.bodies import pretty, title_of
from app.telling.dialogue import OUTCOMES, Line, Who, in_order, tell
from app.telling.drawing import Declared, Way, drawing
from app.telling.sounds import Sounds


@dataclass(frozen=True, slots=True)
class FlowAsItWas:
    """A version of a flow that took turns of a call.

    Attributes:
        fingerprint: names it.
        declared: the flow's declaration; None where it was not kept.
        drawing: the flow as Mermaid text.
        first_seen: when a server first had it; None where it was not kept.
    """

    fingerprint: str
    declared: Declared | None = None
    drawing: str = ""
    first_seen: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Everything that a page tells of a call.

    Attributes:
        turns: in the order in which they were journalled.
        variables: at the end, or where they stand.
        versions: of its flow, in the order in which they took turns.
        zone: IANA name of the time zone of the page's times.
    """

    call: CallRow
    turns: Sequence[TurnRecord]
    variables: Mapping[str, Any]
    versions: Sequence[FlowAsItWas]
    recordings: Sequence[Recording] = ()
    notices: Sequence[Notice] = ()
    zone: str = "UTC"


def page(told: Told, shown: Callable[[str], str], *, raw: bool = False) -> str:
    """The HTML of a page.

    Args:
        told: the call.
        shown: makes text that cannot be seen, or turns the direction of writing, visible.
        raw: add each report and its reply.
    """
    return "\n".join(_Page(told, shown).parts(raw=raw)) + "\n"


class _Page:
    def __init__(self, told: Told, shown: Callable[[str], str]) -> None:
        self._told = told
        self._shown = shown
        self._zone = ZoneInfo(told.zone)

    def parts(self, *, raw: bool) -> Iterator[str]:
        call = self._told.call
        title = f"Call {call.key}"
        yield (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="referrer" content="no-referrer">\n'
            f"<title>{self._text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>"
        )
        yield f"<h1>{self._text(title)}</h1>"
        yield from self._facts()
        yield "<h2>What was said and done</h2>"
        yield from self._dialogue(raw=raw)
        yield from self._drawings()
        yield "</body>\n</html>"

    def _facts(self) -> Iterator[str]:
        told, call = self._told, self._told.call
        sounds = Sounds(told.turns, told.recordings, told.notices)
        outcome = call.outcome or "live"
        facts = {
            "Flow": call.flow,
            "Direction": call.direction + " (a test)" * call.test,
            "Caller": call.caller or "withheld",
            "Called": call.called,
            "Began": self._moment(call.started_at),
            "Ended": self._moment(call.ended_at) if call.ended_at else "",
            "Came to": f"{outcome}: {OUTCOMES[outcome]}" if outcome in OUTCOMES else outcome,
            "Disposition": call.disposition,
            "Variables": ", ".join(
                f"{name} = {sounds.value(value)}" for name, value in told.variables.items()
            ),
        }
        yield '<dl class="facts">'
        for name, value in facts.items():
            if value:
                yield f"<dt>{self._text(name)}</dt><dd>{self._text(value)}</dd>"
        yield "</dl>"

    def _dialogue(self, *, raw: bool) -> Iterator[str]:
        told = self._told
        *lines, ending = tell(told.call, told.turns, told.recordings, told.notices)
        yield '<table class="dialogue">'
        for number, came in in_order(told.turns, told.notices):
            is_notice = isinstance(came, Notice)
            if raw:
                yield self._body(title_of(came), came.raw)
            of_it = [one for one in lines if number == (one.notice if is_notice else one.turn)]
            for place, line in enumerate(of_it):
                yield self._line(line, with_time=not place)
            if raw and isinstance(came, TurnRecord):
                yield self._body(f"Reply in {came.took_ms:.1f} ms", came.reply)
        yield self._line(ending, with_time=True)
        yield "</table>"

    def _line(self, line: Line, *, with_time: bool) -> str:
        they = "caller" if self._told.call.direction == "inbound" else "called"
        who = {Who.THEY: they, Who.INCIDENT: "!"}.get(line.who, str(line.who))
        minutes, seconds = divmod(round(line.at_s, 1), 60)
        at = f"{minutes:.0f}:{seconds:04.1f}" if with_time else ""
        step = f" <code>{self._text(line.step)}</code>" if line.step else ""
        return (
            f'<tr class="{line.who}"><td>{at}</td><th scope="row">{self._text(who)}</th>'
            f"<td>{self._text(line.text)}{step}</td></tr>"
        )

    def _body(self, title: str, body: bytes) -> str:
        told = self._text(pretty(body), lines=True) if body else "empty"
        return (
            f'<tr class="raw"><td></td><td></td><td><details><summary>{self._text(title)}</summary>'
            f"<pre>{told}</pre></details></td></tr>"
        )

    def _drawings(self) -> Iterator[str]:
        told = self._told
        if len(told.versions) > 1:
            yield "<p>The flow was changed while the call went on; each version took a part.</p>"
        for version in told.versions:
            name = f"{told.call.flow}, as it was: {version.fingerprint}"
            yield f"<h2>{self._text(name)}</h2>"
            if version.declared is None or version.first_seen is None:
                yield "<p>This version of the flow is not in the journal.</p>"
                continue
            yield f"<p>First served {self._text(self._moment(version.first_seen))}.</p>"
            way = _way(told.call, [t for t in told.turns if t.fingerprint == version.fingerprint])
            yield f"<figure>{drawing(version.declared, way, self._shown)}</figure>"
            yield (
                "<details><summary>The same as Mermaid text</summary>"
                f"<pre>{self._text(version.drawing, lines=True)}</pre></details>"
            )

    def _moment(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%a %Y-%m-%d %H:%M:%S} {self._told.zone}"

    def _text(self, text: str, *, lines: bool = False) -> str:
        """Text that is nothing but text; what it would hide is shown."""
        parts = text.split("\n") if lines else [text]
        return "\n".join(escape(self._shown(part)) for part in parts)


def _way(call: CallRow, turns: Sequence[TurnRecord]) -> Way:
    stood_at = [step for turn in turns for step in (turn.step_before, turn.step_after) if step]
    return Way(
        passed=[passed for turn in turns for passed in turn.trail],
        stood_at=frozenset(stood_at),
        last=stood_at[-1] if stood_at else "",
        over=bool(call.outcome),
    )


_STYLE = """
:root { color-scheme: light dark; --line: #8a94a0; --went: #0b6bcb; --soft: #e7f1fb; --bad: #b3261e;
  --paper: #fff; --ink: #1a1d21; --dim: #5c6570 }
@media (prefers-color-scheme: dark) { :root { --line: #7b8794; --went: #6cb4ff; --soft: #16324d;
  --bad: #ff8a80; --paper: #14171a; --ink: #e8eaed; --dim: #9aa4af } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem }
.facts dt { color: var(--dim) } .facts dd { margin: 0; overflow-wrap: anywhere }
.dialogue { border-collapse: collapse; width: 100% }
.dialogue td, .dialogue th { padding: .15rem .6rem; text-align: left; vertical-align: top;
  font-weight: normal; overflow-wrap: anywhere }
.dialogue td:first-child { font-variant-numeric: tabular-nums; color: var(--dim); width: 4rem }
.dialogue th { color: var(--dim); width: 5rem }
.they td:last-child, .call td:last-child { font-weight: 600 }
.flow td { color: var(--dim) } .incident td, .incident th { color: var(--bad) }
code { color: var(--dim); font-size: .85em }
code::before { content: "[" } code::after { content: "]" }
pre { overflow: auto; padding: .6rem; border: 1px solid var(--line); border-radius: 6px;
  font-size: .8rem }
figure { margin: 0; overflow-x: auto }
svg text { font: 13px system-ui, sans-serif; fill: var(--ink) }
svg .name { font-weight: 600 } svg .kind, svg .said { fill: var(--dim); font-size: 12px }
svg .here { text-anchor: end; fill: var(--went); font-weight: 600; font-size: 12px }
svg .exit { font-size: 12px; fill: var(--dim) }
svg .exit.taken { fill: var(--went); font-weight: 600 }
svg .step { fill: none; stroke: var(--line) }
svg .step.taken { fill: var(--soft); stroke: var(--went); stroke-width: 2 }
svg .line { fill: none; stroke: var(--line); opacity: .7 }
svg .line.taken { stroke: var(--went); stroke-width: 2.5; opacity: 1 }
svg .head { fill: var(--line) } svg .head.taken { fill: var(--went) }
"""
