"""A call as one HTML file: it loads nothing, runs nothing, and draws the way that was taken."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from app.cli.console import shown
from app.flows.reception import reception
from app.ports import CallRow, TurnRecord
from app.telling import FlowAsItWas, Told, page
from app.telling.drawing import Way, drawing

BEGAN = datetime(2026, 1, 9, 12, 27, 55, tzinfo=UTC)
DECLARED = json.loads(reception.declaration)
HOSTILE = "<script>alert(1)</script>\"' onload=x & \x1b[2J\u202e"


class Elements(HTMLParser):
    """Everything that a browser would see as an element."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def turn(key: str, **changes: Any) -> TurnRecord:
    values: dict[str, Any] = {
        "call_key": "callr:1",
        "report_key": key,
        "kind": "turn",
        "turn": 1,
        "received_at": BEGAN,
        "raw": b'{"callid": 1}',
        "digest": "",
        "event": {"is": "CallArrived"},
        "reply": b'{"command": "play"}',
        "fingerprint": "aaaaaaaaaaaa",
    }
    return TurnRecord(**{**values, **changes})


TURNS = (
    turn("0:UP", step_after="welcome", trail=(("open_now", "open"),)),
    turn("1:UP", step_before="welcome", step_after="choose", trail=(("welcome", "then"),)),
    turn("2:HANGUP", event={"is": "HungUp"}, step_before="choose", step_after="choose"),
)
VERSION = FlowAsItWas("aaaaaaaaaaaa", DECLARED, reception.draw(), BEGAN)


def told(**changes: Any) -> Told:
    call = CallRow(
        key="callr:1",
        provider="callr",
        platform_id="1",
        flow="reception",
        direction="inbound",
        caller="+33612345678",
        called="+33199001020",
        started_at=BEGAN,
        ended_at=BEGAN,
        outcome="hung_up",
    )
    values: dict[str, Any] = {
        "call": call,
        "turns": TURNS,
        "variables": {"team": "sales"},
        "versions": (VERSION,),
    }
    return Told(**{**values, **changes})


@pytest.mark.parametrize("raw", [True, False])
def test_a_page_loads_nothing_and_runs_nothing(*, raw: bool) -> None:
    html = page(told(), shown, raw=raw)
    tags = Elements(html).found
    assert not {"script", "link", "img", "iframe", "object", "base", "a", "form"} & {
        tag for tag, _ in tags
    }
    names = {name for _, attributes in tags for name in attributes}
    assert not {name for name in names if name.startswith("on")} | ({"src", "href"} & names)
    assert "@import" not in html
    assert set(re.findall(r"url\(([^)]*)\)", html)) <= {"#to", "#went"}
    policy = next(a["content"] for t, a in tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_whatever_callers_and_platforms_chose_is_text() -> None:
    hostile = turn(
        HOSTILE,
        event={"is": HOSTILE},
        incidents=(HOSTILE,),
        raw=json.dumps({HOSTILE: HOSTILE}).encode(),
        reply=HOSTILE.encode(),
        commands=({"is": "Say", "text": HOSTILE, "step": HOSTILE},),
    )
    call = told().call
    row = CallRow(**{**{f: getattr(call, f) for f in call.__dataclass_fields__}, "caller": HOSTILE})
    version = FlowAsItWas(HOSTILE, _hostile_flow(), HOSTILE, BEGAN)
    html = page(
        told(call=row, turns=(hostile,), variables={HOSTILE: HOSTILE}, versions=(version,)),
        shown,
        raw=True,
    )
    seen = Elements(html)
    assert "script" not in {tag for tag, _ in seen.found}
    assert not {name for _, attributes in seen.found for name in attributes if "onload" in name}
    assert not {"\x1b", "\u202e"} & set(html)
    assert seen.text.count("<script>alert(1)</script>") >= 8


def _hostile_flow() -> dict[str, Any]:
    exits = {HOSTILE: {"step": HOSTILE, "assigned": [[HOSTILE, HOSTILE]], "language": HOSTILE}}
    prompt = {"pieces": [{"by_language": {"": HOSTILE}}]}
    return {
        "name": HOSTILE,
        "start": HOSTILE,
        "steps": {HOSTILE: {"": HOSTILE, "exits": exits, "prompt": prompt}},
    }


def test_the_dialogue_and_the_facts_are_told_in_the_time_zone() -> None:
    text = Elements(page(told(zone="Europe/Paris"), shown)).text
    assert "Fri 2026-01-09 13:27:55 Europe/Paris" in text
    assert "+33612345678 calls +33199001020" in text
    assert 'team = "sales"' in text
    assert "hung_up: the other end hung up" in text
    assert "POST" not in text


def test_raw_adds_each_post_and_its_reply() -> None:
    text = Elements(page(told(), shown, raw=True)).text
    assert text.count("POST ") == text.count("Reply in ") == 3
    assert '"callid": 1' in text


def classes(svg: str, kind: str) -> dict[str, str]:
    """The class of each text or box, by the text that it stands for."""
    root = ET.fromstring(svg)  # noqa: S314 -- our own
    return {
        one.text or "": one.get("class", "")
        for one in root.iter(f"{{http://www.w3.org/2000/svg}}{kind}")
    }


WAY = Way(
    passed=(("open_now", "open"), ("welcome", "then")),
    stood_at=frozenset({"welcome", "choose"}),
    last="choose",
    over=True,
)


def test_no_arrow_stands_on_the_name_of_an_exit() -> None:
    svg = drawing(DECLARED, WAY, shown)
    arrows = {float(into) for into in re.findall(r'd="M\S+ \S+V(\S+)H', svg)}
    names = [float(y) for y in re.findall(r'y="(\S+)" class="exit', svg)]
    assert len(arrows) > 4
    assert len(names) > len(arrows)
    letters, half_an_arrow = 11, 5
    for y in names:
        assert not any(y - letters < into + half_an_arrow < y + letters for into in arrows)


def test_every_step_and_exit_is_drawn_and_what_was_passed_is_marked() -> None:
    svg = drawing(DECLARED, WAY, shown)
    texts = classes(svg, "text")
    assert {name for name, kind in texts.items() if kind == "name"} == set(reception.steps)
    assert texts["open"] == "exit taken"
    assert texts["closed"] == texts["1 team=sales"] == texts["then team=support"] == "exit"
    assert texts["ended here"] == "here"
    exits = sum(len(step.exits) for step in reception.steps.values())
    assert svg.count('class="line') == exits
    assert svg.count('class="line taken"') == len(WAY.passed)
    assert svg.count('class="step taken"') == 3


def test_a_step_stands_below_those_that_lead_to_it() -> None:
    names = [
        name
        for name, kind in classes(drawing(DECLARED, WAY, shown), "text").items()
        if kind == "name"
    ]
    assert names == [
        "open_now", "welcome", "choose", "order", "team", "sorry", "voicemail", "goodbye",
    ]  # fmt: skip


def test_a_call_that_lives_is_where_it_is() -> None:
    svg = drawing(DECLARED, Way((), frozenset({"welcome"}), "welcome", over=False), shown)
    assert classes(svg, "text")["is here"] == "here"


@pytest.mark.parametrize(
    "declared",
    [
        {},
        {"steps": {}},
        {"start": "a", "steps": {"a": {"exits": {"then": {"step": "gone"}}}}},
        {"start": "a", "steps": {"a": {"exits": {"then": {"step": "a"}}}, "alone": {}}},
    ],
)
def test_a_declaration_of_another_release_is_drawn_as_far_as_it_goes(declared: Any) -> None:
    svg = drawing(declared, WAY, shown)
    names = {name for name, kind in classes(svg, "text").items() if kind == "name"}
    assert names == set(declared.get("steps", {}))


def test_a_call_during_which_the_flow_changed_is_drawn_with_each_version() -> None:
    later = turn("2:HANGUP", step_before="choose", fingerprint="bbbbbbbbbbbb")
    both = (VERSION, FlowAsItWas("bbbbbbbbbbbb"))
    html = page(told(turns=(*TURNS[:2], later), versions=both), shown)
    assert html.count("<svg") == 1
    assert "each version took a part" in html
    assert "This version of the flow is not in the journal." in html
    assert html.count('class="step taken"') == 3
