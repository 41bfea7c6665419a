"""Flows that no server starts with: each mistake is told at once, with what to write instead."""

from __future__ import annotations

from pathlib import Path

from serving import starting_in_vain

HEAD = "from app.callflow import Flow, at_most, branch, collect, hang_up, menu, say\n\n"

BROKEN = {
    "unknown_exit": """{"hello": say("Hello.", then="good_bye"), "goodbye": hang_up()}""",
    "never_reached": """{"hello": hang_up(), "island": hang_up()}""",
    "no_end": """{"hello": menu("Press 1.", {"1": "hello"}, failure="hello")}""",
    "loop": """{
        "hello": say("Hello.", then="which"),
        "which": branch("direction", {"inbound": "hello"}, otherwise="goodbye"),
        "goodbye": hang_up(),
    }""",
    "placeholder": """{
        "hello": collect("How old?", into="age", then="told", failure="told"),
        "told": hang_up("You are {age}."),
    }""",
    "max_digits": """{
        "hello": collect("How old?", into="age", max_digits=99, then="end", failure="end"),
        "end": hang_up(),
    }""",
    "reception": """{"hello": hang_up()}""",
}

FINDINGS = {
    "unknown_exit": ["step 'hello' in flow 'unknown_exit'", "'good_bye'", "goodbye"],
    "never_reached": ["step 'island' in flow 'never_reached'"],
    "no_end": ["flow 'no_end'", "end"],
    "loop": ["flow 'loop'", "at_most"],
    "placeholder": ["step 'told' in flow 'placeholder'", "{age}"],
    "max_digits": ["step 'hello' in flow 'max_digits': max_digits: ", "it is 99", "max_digits=20"],
    "reception": ["flow 'reception': name: ", "both define it.", "Rename one of them."],
}


def test_the_start_stops_with_every_finding_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "flows"
    folder.mkdir()
    for name, steps in BROKEN.items():
        source = f'{HEAD}flow = Flow("{name}", start="hello", language="en-GB", steps={steps})\n'
        (folder / f"{name}.py").write_text(source)
    ended = starting_in_vain(tmp_path, flows=folder)
    assert ended.code == 1
    assert "Traceback" not in ended.said
    assert ended.said.count("flows cannot be used") == 1
    lines = ended.said.splitlines()
    for name, texts in FINDINGS.items():
        told = [line for line in lines if f"flow '{name}'" in line]
        assert told, (name, ended.said)
        for text in texts:
            assert text in " ".join(told), (name, text, told)
        for line in told:
            assert line.count(". ") >= 1, f"a finding says what to write instead: {line}"
    assert not (tmp_path / "offhook.sqlite3").exists(), "nothing was begun"
