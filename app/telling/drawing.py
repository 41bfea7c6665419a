"""Draws the flow of a call with the way that it took, as SVG made from the journalled declaration.

The flow is kept as Mermaid text too, but what turns Mermaid into a picture is a large JavaScript
program: a page that has to load it is not self-contained, and one that brings it runs foreign code
beside what callers chose. So the steps stand here one below the other, in the order in which a call
comes to them, and each exit is a line along the right-hand side to the step that it leads to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

_LEFT, _TOP = 12, 14
_ROW_GAP = 14
_LINE = 18
_LETTER = 7.2
_BOX = 300
_LONGEST = 38
_LANE = 14

Declared = Mapping[str, Any]
"""A flow's canonical declaration, as ``app.callflow.flow.Flow.declaration`` writes it."""


@dataclass(frozen=True, slots=True)
class Way:
    """The way that a call took.

    Attributes:
        passed: (step, exit) in the order in which they were passed.
        stood_at: every step that it stood at.
        last: where it stands, or stood when it was over; "" where that is not known.
        over: whether it is over.
    """

    passed: Sequence[tuple[str, str]]
    stood_at: frozenset[str]
    last: str
    over: bool


@dataclass(slots=True)
class _Row:
    """A step in the drawing, and where it stands."""

    name: str
    kind: str
    text: str
    exits: Mapping[str, tuple[str, str]]
    top: float = 0.0
    height: float = field(init=False)

    def __post_init__(self) -> None:
        lines = max(2 + bool(self.text), len(self.exits) + 1)
        self.height = _LINE * lines + 6

    @property
    def entry(self) -> float:
        """Where lines come in."""
        return self.top + 10

    def exit(self, number: int) -> float:
        """Where the line of an exit goes out."""
        return self.top + 16 + _LINE * (number + 1)


def drawing(declared: Declared, way: Way, shown: Callable[[str], str]) -> str:
    """The flow as an SVG element, what the call passed in colour.

    Args:
        declared: the flow as it was.
        way: the call's.
        shown: makes text that cannot be seen visible; everything is quoted besides.
    """
    rows = _rows(declared)
    places = {row.name: row for row in rows}
    labels = [label for row in rows for label, _ in _labelled(row)]
    label_width = max((len(label) for label in labels), default=0) * _LETTER + 24
    lanes = _lanes(rows, places)
    lane_left = _LEFT + _BOX + label_width
    width = lane_left + _LANE * (max(lanes.values(), default=0) + 1) + 8
    height = (rows[-1].top + rows[-1].height if rows else 0) + _TOP
    taken = frozenset(way.passed)

    def text(at: tuple[float, float], kind: str, words: str) -> str:
        return f'<text x="{at[0]:g}" y="{at[1]:g}" class="{kind}">{escape(shown(words))}</text>'

    plain: list[str] = []
    coloured: list[str] = []
    boxes: list[str] = []
    for row in rows:
        boxes += _box(row, way, text)
        for number, (label, target) in enumerate(_labelled(row)):
            name = list(row.exits)[number]
            was_taken = (row.name, name) in taken
            to = places.get(target)
            if to is not None:
                lane = lane_left + _LANE * lanes[target]
                line = _line(row.exit(number), to.entry, lane, taken=was_taken)
                (coloured if was_taken else plain).append(line)
            kind = "exit taken" if was_taken else "exit"
            boxes.append(text((_LEFT + _BOX + 8, row.exit(number) - 4), kind, label))
    parts = "\n".join([*plain, *coloured, *boxes])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img" '
        f'aria-label="{escape(shown(str(declared.get("name", "flow"))))}">\n'
        f"{_ARROWS}\n{parts}\n</svg>"
    )


_ARROWS = (
    '<defs><marker id="to" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
    'orient="auto"><path d="M0 0L8 4L0 8z" class="head"/></marker>'
    '<marker id="went" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="5" markerHeight="5" '
    'orient="auto"><path d="M0 0L8 4L0 8z" class="head taken"/></marker></defs>'
)

_Text = Callable[[tuple[float, float], str, str], str]


def _box(row: _Row, way: Way, text: _Text) -> Iterator[str]:
    passed = row.name in way.stood_at or any(step == row.name for step, _ in way.passed)
    kind = "step taken" if passed else "step"
    yield (
        f'<rect x="{_LEFT}" y="{row.top:g}" width="{_BOX}" height="{row.height:g}" rx="7" '
        f'class="{kind}"/>'
    )
    yield text((_LEFT + 10, row.top + 17), "name", row.name)
    yield text((_LEFT + 10, row.top + 34), "kind", row.kind)
    if row.text:
        yield text((_LEFT + 10, row.top + 51), "said", row.text)
    if row.name == way.last:
        ended = "ended here" if way.over else "is here"
        yield text((_LEFT + _BOX - 10, row.top + 17), "here", ended)


def _line(out: float, into: float, lane: float, *, taken: bool) -> str:
    """From an exit along its lane into a step."""
    left = _LEFT + _BOX
    kind, head = ("line taken", "went") if taken else ("line", "to")
    return (
        f'<path d="M{left} {out:g}H{lane:g}V{into:g}H{left + 2}" class="{kind}" '
        f'marker-end="url(#{head})"/>'
    )


def _lanes(rows: Sequence[_Row], places: Mapping[str, _Row]) -> dict[str, int]:
    """A lane for each step that lines lead to: the innermost that is free along the way."""
    spans: dict[str, tuple[float, float]] = {}
    for row in rows:
        for number, (_, target) in enumerate(_labelled(row)):
            if target in places:
                ends = (row.exit(number), places[target].entry)
                low, high = spans.get(target, (min(ends), max(ends)))
                spans[target] = (min(low, *ends), max(high, *ends))
    lanes: dict[str, int] = {}
    for target, (low, high) in sorted(spans.items(), key=lambda one: one[1][1] - one[1][0]):
        busy = {
            lanes[other]
            for other, (their_low, their_high) in spans.items()
            if other in lanes and their_low <= high and low <= their_high
        }
        lanes[target] = next(lane for lane in range(len(spans)) if lane not in busy)
    return lanes


def _labelled(row: _Row) -> Iterator[tuple[str, str]]:
    """Each exit with what it sets on the way, and where it leads."""
    for name, (target, assigned) in row.exits.items():
        yield " ".join(filter(None, (name, assigned))), target


def _rows(declared: Declared) -> list[_Row]:
    steps: Mapping[str, Any] = declared.get("steps") or {}
    rows = [_row(name, steps[name]) for name in _ordered(declared)]
    top = float(_TOP)
    for row in rows:
        row.top = top
        top += row.height + _ROW_GAP
    return rows


def _row(name: str, step: Mapping[str, Any]) -> _Row:
    exits = {}
    for exit_, to in (step.get("exits") or {}).items():
        assigned = [f"{variable}={value}" for variable, value in to.get("assigned") or ()]
        if to.get("language"):
            assigned.append(f"language={to['language']}")
        exits[exit_] = (str(to.get("step", "")), " ".join(assigned))
    return _Row(name, str(step.get("", "")), _said(step), exits)


def _said(step: Mapping[str, Any]) -> str:
    """What a step says first, shortened; "" where it says nothing that is written in the flow."""
    prompt = step.get("prompt")
    for piece in (prompt.get("pieces") or ()) if isinstance(prompt, Mapping) else ():
        for text in (piece.get("by_language") or {}).values():
            if isinstance(text, str) and text.strip():
                line = " ".join(text.split())
                return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
    return ""


def _ordered(declared: Declared) -> list[str]:
    """The steps in the order in which calls come to them; last those that no exit leads to.

    A step stands below all that lead to it, but for what leads back (reverse postorder).
    """
    steps: Mapping[str, Any] = declared.get("steps") or {}
    done: list[str] = []
    seen: set[str] = set()
    for first in (declared.get("fallback"), declared.get("start")):
        waiting = [(str(first), False)]
        while waiting:
            name, below_are_done = waiting.pop()
            if below_are_done:
                done.append(name)
            elif name in steps and name not in seen:
                seen.add(name)
                exits = (steps[name].get("exits") or {}).values()
                waiting += [(name, True), *((str(to.get("step")), False) for to in exits)]
    return [*reversed(done), *(name for name in steps if name not in seen)]
