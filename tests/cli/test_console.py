"""What the command line prints, and what it makes of text that somebody else chose."""

from __future__ import annotations

import json

import pytest

from app.cli.console import Output, json_text, shown


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("Réception 東京 🙂 [bold]x[/] :smile:", "Réception 東京 🙂 [bold]x[/] :smile:"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\r\nb\tc\x00", "a\\r\\nb\\tc\\x00"),
        ("\x7f\x9b31m", "\\x7f\\x9b31m"),
        ("\u202eevil\u200b", "\\u202eevil\\u200b"),
        ("\u2028\ud800\U000e0041", "\\u2028\\ud800\\U000e0041"),
    ],
)
def test_what_cannot_be_seen_is_shown(text: str, safe: str) -> None:
    assert shown(text) == safe


def test_only_a_line_end_may_stay_in_text_of_our_own() -> None:
    assert shown("a\nb\r\x1b", lines=True) == "a\nb\\r\\x1b"


def test_json_holds_the_same_text_with_what_cannot_be_seen_escaped() -> None:
    value = {"é東\x1b\u202e\x7f\ud800": ["a\nb", 1, None, True, "\U000e0041"]}
    text = json_text(value)
    assert json.loads(text) == value
    assert "é東" in text
    assert all(char == "\n" or char.isprintable() for char in text)


def test_data_and_the_rest_go_to_their_own_streams(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output()
    output.data("[red]data[/red]")
    output.note("a note")
    output.warn("a warning")
    output.error("an error")
    told = capsys.readouterr()
    assert told.out == "[red]data[/red]\n"
    assert told.err == "a note\nWarning: a warning\nError: an error\n"


def test_a_long_line_is_not_broken(capsys: pytest.CaptureFixture[str]) -> None:
    Output().error("word " * 100)
    assert capsys.readouterr().err.count("\n") == 1


def test_a_table_in_a_pipe_has_whole_lines_without_spaces_at_their_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    long = "https://" + "x" * 300
    Output().table(("A", "URL"), [("1", long), ("[b]2", "")], empty="none")
    assert capsys.readouterr().out == f"A     URL\n1     {long}\n[b]2\n"


def test_an_empty_table_is_a_note_beside_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    Output().table(("A",), [], empty="Nothing yet.")
    assert capsys.readouterr() == ("", "Nothing yet.\n")


def test_secrets_are_starred_wherever_they_turn_up(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output()
    output.hide(["hunter2-long", "hunter2", "short", ""])
    output.data("data hunter2")
    output.json({"password": "hunter2"})
    output.table(("WORD",), [("hunter2-long",)], empty="")
    output.trace("line\nhunter2")
    output.error("short hunter2-long")
    told = capsys.readouterr()
    assert "hunter2" not in told.out + told.err
    assert told.err.endswith("Error: short ***\n")
