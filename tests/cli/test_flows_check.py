"""``offhook flows check``."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

from click.testing import CliRunner, Result

from app.cli.exits import Exit
from app.cli.main import offhook
from app.cli.shell import Shell

RIGHT = """
from app.callflow import Flow, hang_up
right = Flow("right", start="bye", steps={"bye": hang_up()})
"""
WRONG = """
from app.callflow import Flow, hang_up, say
wrong = Flow("wrong", start="hello", steps={"hello": say("Hello.", then="nowhere")})
"""
TOO_LONG = """
from app.callflow import Flow, collect, hang_up
too_long = Flow("too_long", start="ask", steps={
    "ask": collect("How many?", into="many", max_digits=99, then="bye", failure="bye"),
    "bye": hang_up(),
})
"""
NO_VOICE = """
from app.callflow import Flow, hang_up
no_voice = Flow("no_voice", start="bye", language="vi-VN", steps={"bye": hang_up("Xin chào.")})
"""


def check(folder: Path, *options: str, **sources: str) -> Result:
    for name, source in sources.items():
        (folder / f"{name}.py").write_text(source)
    shell = Shell(environ={"OFFHOOK_FLOWS": str(folder)}, env_file=None)
    return CliRunner().invoke(offhook, ["flows", "check", *options], obj=shell)


def test_flows_that_are_right_print_nothing_on_stdout(tmp_path: Path) -> None:
    checked = check(tmp_path, right=RIGHT)
    assert checked.exit_code == Exit.OK
    assert checked.stdout == ""
    assert "reception" in checked.stderr
    assert "Errors: 0. Warnings: 0." in checked.stderr


def test_every_finding_of_every_flow_is_told_with_what_to_write_instead(tmp_path: Path) -> None:
    checked = check(tmp_path, wrong=WRONG, too_long=TOO_LONG, no_voice=NO_VOICE)
    assert checked.exit_code == Exit.FLOW
    lines = checked.stdout.splitlines()
    assert len(lines) == 3
    assert any("error" in line and "'wrong'" in line and "'nowhere'" in line for line in lines)
    assert any("error" in line and "Write max_digits=20 or less." in line for line in lines)
    assert any("warning" in line and "OFFHOOK_VOICES=callr/vi-VN=VOICE" in line for line in lines)
    assert "Errors: 2. Warnings: 1." in checked.stderr


def test_one_flow_is_checked_by_its_name_whatever_is_wrong_with_others(tmp_path: Path) -> None:
    checked = check(tmp_path, "right", right=RIGHT, wrong=WRONG, too_long=TOO_LONG, broken="1 / 0")
    assert (checked.exit_code, checked.stdout) == (Exit.OK, "")
    assert "Flows: right. Checked for: callr. Errors: 0. Warnings: 0." in checked.stderr
    for name in ("too_long", "wrong"):
        checked = check(tmp_path, name)
        assert checked.exit_code == Exit.FLOW
        assert len(checked.stdout.splitlines()) == 1
        assert checked.stdout.startswith("error: ")
        assert f"flow '{name}'" in checked.stdout
    for name in ("broken", "nobody"):  # what cannot be loaded may be where it stands
        checked = check(tmp_path, name)
        assert checked.exit_code == Exit.FLOW
        assert f"there is no flow '{name}', unless it stands in what cannot be" in checked.stderr
        assert f"{tmp_path}/broken.py cannot be imported: line 1: ZeroDivision" in checked.stderr
    for name in ("broken", "wrong", "too_long"):
        (tmp_path / f"{name}.py").unlink()
    checked = check(tmp_path, "nobody")
    assert checked.exit_code == Exit.NOT_FOUND
    assert "There is no flow 'nobody'. There are: " in checked.stderr


def test_a_place_that_there_is_not_stops_and_one_without_a_flow_is_warned_of(
    tmp_path: Path,
) -> None:
    checked = check(tmp_path / "nowhere")
    assert checked.exit_code == Exit.FLOW
    assert checked.stdout.startswith("error: OFFHOOK_FLOWS: there is no file, folder or module ")
    checked = check(tmp_path)
    assert checked.exit_code == Exit.OK
    assert checked.stdout.startswith("warning: OFFHOOK_FLOWS: no Flow stands in ")


def test_a_platform_that_there_is_not_is_a_finding(tmp_path: Path) -> None:
    source = "from app.callflow import Flow, hang_up\n"
    source += 'f = Flow("f", start="bye", on=("clalr",), steps={"bye": hang_up()})\n'
    checked = check(tmp_path, f=source)
    assert checked.exit_code == Exit.FLOW
    assert "there is no platform 'clalr'. There are: callr, stringee." in checked.stdout


def test_a_warning_fails_nothing(tmp_path: Path) -> None:
    checked = check(tmp_path, no_voice=NO_VOICE)
    assert checked.exit_code == Exit.OK
    assert checked.stdout.startswith("warning: flow 'no_voice'")


def test_findings_can_be_had_as_json(tmp_path: Path) -> None:
    checked = check(tmp_path, "--json", too_long=TOO_LONG)
    assert checked.exit_code == Exit.FLOW
    (finding,) = json.loads(checked.stdout)
    assert finding == {
        "level": "error",
        "flow": "too_long",
        "step": "ask",
        "field": "max_digits",
        "message": "it is 99; CALLR takes 1 to 20.",
        "mend": "Write max_digits=20 or less.",
    }


NO_FILE = """
from app.callflow import Flow, Media, hang_up
no_file = Flow("no_file", start="bye", language="vi-VN", steps={"bye": hang_up(Media(callr=42))})
"""


def test_flows_are_checked_for_a_platform_that_there_are_no_settings_for(tmp_path: Path) -> None:
    checked = check(tmp_path, no_file=NO_FILE)
    assert "Checked for: callr. Errors: 0." in checked.stderr
    checked = check(tmp_path, "--provider", "stringee")
    assert checked.exit_code == Exit.FLOW
    assert 'Write Media(stringee="FILE").' in checked.stdout
    assert "Checked for: stringee. Errors: 1." in checked.stderr
    assert "For other platforms, and not checked: age_gate, clinic." in checked.stderr
    assert "callr" not in checked.stdout.lower()


def test_shipped_flows_that_are_served_on_every_platform_can_be(tmp_path: Path) -> None:
    for option, platform in product(("--provider", "--platform"), ("callr", "stringee")):
        checked = check(tmp_path, option, platform)
        assert checked.exit_code == Exit.OK, checked.output
        assert f"Checked for: {platform}." in checked.stderr
