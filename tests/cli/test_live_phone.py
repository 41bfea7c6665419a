"""``offhook phone`` with a person at a terminal."""

from __future__ import annotations

import signal
from pathlib import Path

from offhook_process import terminal

from app.cli.exits import Exit


def test_a_person_presses_keys_while_the_prompt_is_spoken_and_hangs_up(tmp_path: Path) -> None:
    with terminal("phone", "age_gate", cwd=tmp_path) as person:
        person.wait_for("Enter after the last of an entry")
        person.wait_for("keys> ")
        person.type("2")
        person.wait_for("keys> 2")
        person.type("2")
        person.wait_for("keys> 22")
        person.type("\r")
        person.wait_for("in conference (")
        person.type("h")
        assert person.wait() == Exit.OK
    lines = [line[9:] for line in person.lines]
    assert lines[lines.index("asked    for up to 3 keys, 5 s for each") + 1] == "press    22"
    assert "hear     “You are 22 years old.”" in lines
    assert "hang up  by the person" in lines
    assert person.lines[-2] == "Outcome: hung_up."


def test_lines_and_prompts_do_not_garble_each_other(tmp_path: Path) -> None:
    with terminal("phone", "age_gate", cwd=tmp_path) as person:
        person.wait_for("keys> ")
        person.type("2x")
        person.wait_for("'x' is no key of a telephone.")
        person.wait_for("keys> 2")
        person.type("\x1b[A2#")
        person.wait_for("in conference (")
        person.type("*")
        assert person.wait() == Exit.OK
    assert "keys>" not in person.text
    assert "in conference (" not in person.text
    assert "press    22#" in person.text


def test_s_stays_silent_so_that_the_platform_does_not_wait_on(tmp_path: Path) -> None:
    with terminal("phone", "age_gate", cwd=tmp_path) as person:
        for attempt in ("5 s for each", "attempt 2"):
            person.wait_for(attempt)
            person.wait_for("keys> ")
            person.type("s")
        assert person.wait() == Exit.OK
    assert "press" not in person.text
    assert "hang up  by the voice app" in person.text


def test_who_is_busy_needs_nobody_at_the_keys(tmp_path: Path) -> None:
    with terminal("phone", "reminder", "--outbound", "--busy", cwd=tmp_path) as person:
        assert person.wait() == Exit.OK
    assert "end      BUSY" in person.text
    assert "Keys: " not in person.text


def test_a_person_can_decline_and_the_end_of_their_input_hangs_up(tmp_path: Path) -> None:
    with terminal("phone", "reminder", "--outbound", cwd=tmp_path) as person:
        person.wait_for("rings: ")
        person.type("h")
        assert person.wait() == Exit.OK
        assert "end      BUSY" in person.text
    with terminal("phone", "age_gate", cwd=tmp_path) as person:
        person.wait_for("keys> ")
        person.type("\x04")
        assert person.wait() == Exit.OK
    assert "hang up  by the person" in person.text


def test_a_terminal_is_as_it_was_after_an_end_of_any_kind(tmp_path: Path) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        with terminal("phone", "age_gate", cwd=tmp_path) as person:
            assert person.echoes()
            person.wait_for("keys> ")
            assert not person.echoes()
            person.process.send_signal(number)
            person.wait_for("Interrupted.")
            assert person.echoes()
            assert person.wait() == Exit.INTERRUPTED


def test_ctrl_c_interrupts(tmp_path: Path) -> None:
    with terminal("phone", "age_gate", cwd=tmp_path) as person:
        person.wait_for("keys> ")
        person.interrupt()
        assert person.wait() == Exit.INTERRUPTED


def test_with_a_script_a_terminal_is_left_alone(tmp_path: Path) -> None:
    with terminal("phone", "age_gate", "--keys", "22", cwd=tmp_path) as person:
        person.wait_for("call     ")
        assert person.echoes()
        assert person.wait() == Exit.OK
    assert "keys>" not in person.text
