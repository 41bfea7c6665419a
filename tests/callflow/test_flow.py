"""The flow itself: its fingerprint, its drawing, its words."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app.callflow import (
    Call,
    Flow,
    In,
    Media,
    assign,
    branch,
    collect,
    dial,
    hang_up,
    hours,
    menu,
    say,
    to,
)
from app.callflow.kinds.base import Step

ROOT = Path(__file__).parents[2]


def flow(first: Step | None = None, **options: Any) -> Flow:
    steps = {"first": first or say("Hello.", then="bye"), "bye": hang_up("Goodbye.")}
    return Flow(
        options.pop("name", "line"), start="first", steps=options.pop("steps", steps), **options
    )


def one(_: Call) -> str:
    return "one"


def other(_: Call) -> str:
    return "other"


# The fingerprint.


def test_a_fingerprint_is_twelve_hex_digits() -> None:
    assert re.fullmatch("[0-9a-f]{12}", flow().fingerprint)


def test_the_same_flow_has_the_same_fingerprint() -> None:
    steps: Mapping[str, Step] = {"bye": hang_up("Goodbye."), "first": say("Hello.", then="bye")}
    assert flow().fingerprint == flow(steps=steps).fingerprint


CHANGES = {
    "name": flow(name="other"),
    "language": flow(language="fr-FR"),
    "time zone": flow(timezone="UTC"),
    "given": flow(given={"x": ""}),
    "given default": flow(given={"x": "y"}),
    "fallback": flow(fallback="bye"),
    "phrase": flow(phrases={"invalid": "No."}),
    "text": flow(say("Hello!", then="bye")),
    "language of a text": flow(say(In("fr-FR", "Hello."), then="bye")),
    "language of a step": flow(say("Hello.", then="bye", language="fr-FR")),
    "voice": flow(say("Hello.", then="bye", voice="X")),
    "exit": flow(say("Hello.", then="bye", failure="bye")),
    "exit's variable": flow(say("Hello.", then=to("bye", x="1"))),
    "exit's value": flow(say("Hello.", then=to("bye", x=1))),
    "another type": flow(say("Hello.", then=to("bye", x=True))),
    "kind": flow(hang_up("Hello."), steps={"first": hang_up("Hello.")}),
    "function": flow(say(one, then="bye")),
    "another function": flow(say(other, then="bye")),
    "sound": flow(say(Media(callr=1), then="bye")),
    "another sound": flow(say(Media(callr=2), then="bye")),
    "branch": flow(branch("result", {"1": "bye"}, otherwise="bye")),
    "value of a branch": flow(branch("result", {1: "bye"}, otherwise="bye")),
    "boolean of a branch": flow(branch("result", {True: "bye"}, otherwise="bye")),
    "number": flow(dial("+33123456789", no_answer="bye")),
    "seconds": flow(dial("+33123456789", no_answer="bye", ring_s=31)),
    "hours": flow(hours({"mon": "09:00-10:00"}, open="bye", closed_step="bye"), timezone="UTC"),
    "other hours": flow(
        hours({"mon": "09:00-10:01"}, open="bye", closed_step="bye"), timezone="UTC"
    ),
}


def test_every_change_of_a_flow_changes_its_fingerprint() -> None:
    fingerprints = {flow().fingerprint: "none"}
    for change, changed in CHANGES.items():
        same = fingerprints.setdefault(changed.fingerprint, change)
        assert same == change, f"{change} and {same} look alike"


def test_functions_are_named_by_their_module_and_not_by_what_they_are_made_of() -> None:
    assert "test_flow:one" in flow(say(one, then="bye")).declaration


def test_a_fingerprint_is_the_same_in_every_process() -> None:
    code = (
        "from app.flowbook import load_flows\n"
        "print(*[flow.fingerprint for flow in load_flows().values()])"
    )
    runs = {
        subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1
    assert runs != {"\n"}


# What a flow knows of itself.


def test_a_flow_speaks_the_languages_of_its_texts_exits_and_assigns() -> None:
    both = {"en-GB": "Hello.", "fr-FR": "Bonjour.", "de-DE": "Hallo.", "vi-VN": "Xin chào."}
    steps = {
        "first": menu(both, {"1": to("set", language="de-DE")}, failure="bye"),
        "set": assign(language="vi-VN", then="bye"),
        "bye": hang_up(In("it-IT", "Ciao.")),
    }
    assert flow(steps=steps).languages == set(both)


def test_a_flow_knows_its_secrets() -> None:
    steps = {
        "first": collect("PIN?", "pin", secret=True, then="second", failure="bye"),
        "second": collect("Order?", "order", then="bye", failure="bye"),
        "bye": hang_up(),
    }
    assert flow(steps=steps).secrets == {"pin"}


def test_a_flow_cannot_be_changed_through_what_it_was_made_of() -> None:
    steps = {"first": say("Hello.", then="bye"), "bye": hang_up()}
    made = flow(steps=steps)
    steps["first"] = hang_up()
    assert made.steps["first"].kind == "say"


def test_a_flow_shows_its_name_and_fingerprint() -> None:
    shown = flow()
    assert repr(shown) == f"<Flow line {shown.fingerprint}, 2 steps>"


# The drawing.


def test_a_flow_is_drawn_with_its_steps_and_exits() -> None:
    steps = {
        "first": hours({}, open="ask", closed_step="bye"),
        "ask": menu("Sales?", {"1": to("ring", team="sales")}, failure="bye"),
        "ring": dial("+33123456789", no_answer=to("bye", language="fr-FR")),
        "bye": hang_up("Goodbye."),
    }
    assert flow(steps=steps, timezone="UTC", fallback="bye").draw() == (
        "flowchart TD\n"
        '    call(("call")) --> s0\n'
        '    error(("error")) -.-> s3\n'
        '    s0{{"<b>first</b> · hours"}}\n'
        '    s1["<b>ask</b> · menu<br/>Sales?"]\n'
        '    s2[["<b>ring</b> · dial<br/>+33123456789"]]\n'
        '    s3(["<b>bye</b> · hang_up<br/>Goodbye."])\n'
        '    s0 -->|"open"| s1\n'
        '    s0 -->|"closed"| s3\n'
        '    s1 -->|"1 team=sales"| s2\n'
        '    s1 -->|"failure"| s3\n'
        '    s2 -->|"no_answer language=fr-FR"| s3\n'
    )


HOSTILE = [
    '"] --> s9',
    "<script>alert(1)</script>",
    "a|b",
    "`b`",
    "#quot;",
    "&amp;",
    "line\nbreak",
    "\x1b[31m\ud800\x00",
    "'; DROP",
    "\\",
    "%% comment",
    "end",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_can_break_out_of_the_drawing(text: str) -> None:
    steps = {
        "first": branch("result", {text: to("ask", x=text)}, otherwise="bye"),
        "ask": say(text, then="bye"),
        "bye": hang_up(),
    }
    lines = flow(steps=steps).draw().splitlines()
    assert len(lines) == 2 + 3 + 3
    for line in lines[2:]:
        label = line[line.index('"') + 1 : line.rindex('"')]
        bare = re.sub(r"#\d+;|</?b>|<br/>", "", label)
        assert not set(bare) & set("\"<>&'`|#\\\x1b\x00\ud800"), label


def test_a_long_text_is_cut_in_the_drawing() -> None:
    drawn = flow(say("x" * 100, then="bye")).draw()
    assert "x" * 59 + "…" in drawn
    assert "x" * 60 not in drawn
