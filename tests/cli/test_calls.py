"""``offhook calls``: what happened to calls, out of a journal of real turns."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import ROOT, CommandLine, process
from journalled import Line, line
from serving import serving

from app.cli.exits import Exit
from app.journal import upgrade
from app.simulator import Conditions, Script, Scripted, ring

HOSTILE = '=HYPERLINK("http://x")\x1b[2J[bold]\ncallr:1 \u202e'
CALL = "callr:242359184129"


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[Line]:
    with line(tmp_path) as (posted, _):
        yield posted


@pytest.fixture
def run(tmp_path: Path) -> CommandLine:
    return CommandLine({"DATABASE_URL": f"sqlite:///{tmp_path / 'journal.sqlite3'}"})


def told(run: CommandLine, *args: str) -> list[str]:
    ran = run("calls", *args)
    assert ran.exit_code == Exit.OK, ran.output
    return ran.stdout.splitlines()


def as_json(run: CommandLine, *args: str) -> Any:
    ran = run("calls", *args, "--json")
    assert ran.exit_code == Exit.OK, ran.output
    return json.loads(ran.stdout)


def without_lasted(row: str) -> list[str]:
    """The cells of a row of a call that is over; how long it lasted is whatever it was."""
    *cells, lasted, outcome, disposition = row.split()
    assert re.fullmatch(r"\d+:\d\d", lasted)
    return [*cells, outcome, disposition]


def test_calls_are_listed_newest_first_with_what_they_came_to(
    phone: Line, run: CommandLine
) -> None:
    phone.call("reception", callid=1, date_started="2026-01-09 10:00:00")
    phone.call(
        "reminder",
        "1",
        "1",
        "0",
        callid=2,
        date_started="2026-01-09 11:00:00",
        request_hash="ABCD1234",
        cli_number="+33199001020",
        number="+33612345678",
    )
    heading, newest, oldest = told(run, "list")
    assert heading.split() == [
        "STARTED",
        "CALL",
        "FLOW",
        "DIRECTION",
        "CALLER",
        "CALLED",
        "LASTED",
        "OUTCOME",
        "DISPOSITION",
        "!",
    ]
    assert without_lasted(newest) == [
        "2026-01-09",
        "11:00:00",
        "callr:2",
        "reminder",
        "outbound",
        "+33199001020",
        "+33612345678",
        "completed",
        "confirmed",
    ]
    assert without_lasted(oldest) == [
        "2026-01-09",
        "10:00:00",
        "callr:1",
        "reception",
        "inbound",
        "+33612345678",
        "+33199001020",
        "hung_up",
        "-",
    ]


def test_a_list_has_at_most_as_many_calls_as_asked_for_and_says_that_there_are_more(
    phone: Line, run: CommandLine
) -> None:
    for number in range(3):
        phone.call("reception", callid=number, date_started=f"2026-01-09 10:00:0{number}")
    ran = run("calls", "list", "--limit", "2")
    assert [row.split()[2] for row in ran.stdout.splitlines()[1:]] == ["callr:2", "callr:1"]
    assert "--limit 10" in ran.stderr
    assert "older" not in run("calls", "list", "--limit", "3").stderr


def test_calls_that_a_phone_rang_are_listed_when_asked_for(phone: Line, run: CommandLine) -> None:
    phone.call("reception", app="OFFHOOK0")
    hidden = run("calls", "list")
    assert (hidden.stdout, hidden.exit_code) == ("", Exit.OK)
    assert "--tests" in hidden.stderr
    assert len(told(run, "list", "--tests")) == 2
    refused = run("calls", "show", "last")
    assert refused.exit_code == Exit.NOT_FOUND
    assert "--tests" in refused.stderr
    assert told(run, "show", "last", "--tests")[0].endswith(", 2 reports, a test")


@pytest.mark.parametrize("journal", ["not there", "empty"])
def test_without_calls_it_is_told_how_to_make_one(tmp_path: Path, journal: str) -> None:
    url = f"sqlite:///{tmp_path / 'offhook.sqlite3'}"
    if journal == "empty":
        upgrade(url)
    run = CommandLine({"DATABASE_URL": url})
    listed = run("calls", "list")
    assert (listed.stdout, listed.exit_code) == ("", Exit.OK)
    none = f"No calls yet in {tmp_path / 'offhook.sqlite3'} (DATABASE_URL). Without any account: "
    assert none in listed.stderr
    assert as_json(run, "list") == []
    shown = run("calls", "show", "last")
    assert shown.exit_code == Exit.NOT_FOUND
    assert none in shown.stderr
    assert (tmp_path / "offhook.sqlite3").exists() == (journal == "empty")


def test_a_call_that_lasts_is_live(phone: Line, run: CommandLine) -> None:
    phone.post("reception", json.dumps({"callid": 5, "call_status": "UP"}).encode())
    assert told(run, "list")[1].split()[-3:] == ["-", "live", "-"]
    (call,) = as_json(run, "list")
    assert (call["outcome"], call["ended_at"], call["lasted_s"]) == ("live", None, None)
    assert told(run, "show", "last")[-1].split()[1:] == ["call", "goes", "on"]


def test_a_list_in_json_has_every_field(phone: Line, run: CommandLine) -> None:
    phone.call("reception", "0")
    (call,) = as_json(run, "list")
    assert call.pop("lasted_s") >= 0
    assert call.pop("ended_at").endswith("+00:00")
    assert call == {
        "key": CALL,
        "provider": "callr",
        "platform_id": "242359184129",
        "flow": "reception",
        "direction": "inbound",
        "caller": "+33612345678",
        "called": "+33199001020",
        "started_at": "2026-01-09T12:27:55+00:00",
        "outcome": "hung_up",
        "disposition": "",
        "token": "",
        "test": False,
        "reports": 3,
        "incidents": 0,
        "variables": {},
    }


def keys(run: CommandLine, *args: str) -> list[str]:
    return [call["platform_id"] for call in as_json(run, "list", *args)]


def test_calls_are_found_by_when_they_began_in_the_time_zone_of_the_settings(
    phone: Line, run: CommandLine
) -> None:
    phone.call("reception", callid=1, date_started="2026-01-08 22:59:59")
    phone.call("reception", callid=2, date_started="2026-01-08 23:30:00")  # the 9th in Paris
    ran = run("calls", "list", "--on", "9 jan 2026", TIMEZONE="Europe/Paris")
    assert ran.stdout.splitlines()[1].startswith("2026-01-09 00:30:00  callr:2")
    assert len(ran.stdout.splitlines()) == 2
    assert "from Fri 2026-01-09 00:00 and before Sat 2026-01-10 00:00, Europe/Paris" in ran.stderr
    assert keys(run, "--on", "2026-01-08") == ["2", "1"]
    assert keys(run, "--since", "2026-01-08 23:00") == ["2"]
    assert keys(run, "--until", "2026-01-08 22:59") == ["1"]
    (call,) = as_json(run, "list", "--since", "2026-01-08 23:00")
    assert call["started_at"] == "2026-01-08T23:30:00+00:00"


def test_calls_are_found_by_who_called_in_any_spelling(phone: Line, run: CommandLine) -> None:
    phone.call("reception", callid=1, cli_number="+33612345678")
    phone.call("reception", callid=2, cli_number="")
    phone.call("reception", callid=3, cli_number="3631")
    french = CommandLine({**run.environ, "COUNTRY": "FR"})
    for spelling in ("+33612345678", "0033 6 12 34 56 78", "06 12 34 56 78", "06.12.34.56.78"):
        assert keys(french, "--caller", spelling) == ["1"]
    assert keys(run, "--caller", "") == ["2"]
    assert keys(run, "--caller", "3631") == ["3"]
    assert keys(french, "--called", "01 99 00 10 20") == ["3", "2", "1"]
    refused = run("calls", "list", "--caller", "06 12 34 56 78")
    assert (refused.exit_code, "COUNTRY" in refused.stderr) == (Exit.USAGE, True)


def test_calls_are_found_by_what_they_came_to_in_the_flows_words(
    phone: Line, run: CommandLine
) -> None:
    phone.call("reception", "0", "1", "BUSY", "0", "0", "rt-1", "0", callid=1)
    phone.call("clinic", callid=2)
    assert keys(run, "--disposition", "message") == ["1"]
    assert keys(run, "--disposition", "Message") == []


def test_calls_are_found_by_flow_outcome_step_variable_and_incidents(
    phone: Line, run: CommandLine
) -> None:
    phone.call("reception", "0", "2", "123456", callid=1)
    phone.call("clinic", callid=2)
    phone.call("reception", callid=3, date_started="no date")
    assert keys(run, "--flow", "clinic") == ["2"]
    assert keys(run, "--outcome", "live") == []
    assert keys(run, "--outcome", "dialled") == ["1"]
    assert keys(run, "--step", "order") == ["1"]
    assert keys(run, "--var", "order=123456") == ["1"]
    assert keys(run, "--var", "order=123456", "--var", "team=sales") == []
    assert keys(run, "--incidents") == ["3"]


def test_a_search_without_a_hit_says_so(phone: Line, run: CommandLine) -> None:
    phone.call("reception", app="OFFHOOK0")
    nothing = run("calls", "list", "--flow", "clinic", "--tests")
    assert (nothing.stdout, nothing.exit_code) == ("", Exit.OK)
    assert "No call fits." in nothing.stderr
    assert "--tests shows them" in run("calls", "list", "--flow", "reception").stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--on", "last tuesdy"], 'write "last tuesday"'),
        (["--on", "7d"], "--since '7d'"),
        (["--on", "today", "--since", "7d"], "leave out --since"),
        (["--since", "today", "--until", "yesterday"], "is not before --until"),
        (["--outcome", "lots"], "there are: completed, hung_up"),
        (["--var", "team"], "name=value"),
    ],
)
def test_a_search_that_cannot_be_is_refused_with_the_mend(
    run: CommandLine, args: list[str], said: str
) -> None:
    refused = run("calls", "list", *args)
    assert refused.exit_code == Exit.USAGE
    assert said in " ".join(refused.stderr.split())


def test_a_call_is_told_as_a_dialogue(phone: Line, run: CommandLine) -> None:
    phone.call("reception", "0", "7", "2", "123456", "BUSY", "0", "0", "rt-1", "0")
    heading, *lines = told(run, "show", "last")
    assert heading == f"{CALL}: inbound, flow reception, 2026-01-09 12:27:55 UTC, 11 reports"
    assert all(re.match(r"  \d:\d\d\.\d  | {10}", one) for one in lines)
    assert [one[10:] for one in lines] == [
        "caller    +33612345678 calls +33199001020",
        "flow      open_now: open",
        'we        say "Thanks for calling Acme."  [welcome]',
        "flow      welcome: then",
        'we        ask "For sales, press 1. For support, press 2." for 1 key within 5 s  [choose]',
        "caller    presses 7",
        "flow      choose: invalid",
        (
            'we        ask "That is not a choice. For sales, press 1. For support, press 2." '
            "for 1 key within 5 s  [choose]"
        ),
        "caller    presses 2",
        "flow      choose: 2",
        'we        ask "Type your order number." for up to 6 keys within 5 s  [order]',
        "caller    presses 123456",
        'flow      order: then (order = "123456", team = "support")',
        (
            "we        ring +33123456789, then +33123456780 for 20 s each, whispering "
            '"support"  [team]'
        ),
        "platform  whom we rang was busy",
        "flow      team: no_answer",
        'we        say "Nobody is free at the moment."  [sorry]',
        "flow      sorry: then",
        'we        say "Leave a message after the tone."  [voicemail]',
        "we        record for up to 120 s  [voicemail]",
        'caller    leaves a message: "rt-1"',
        'flow      voicemail: then (message = "rt-1")',
        'we        say "Goodbye."  [goodbye]',
        "platform  is still to keep what was said as recording 1",
        "we        hang up  [goodbye]",
        "call      completed: we hung up, as the flow says; disposition: message",
    ]


@pytest.mark.parametrize("name", ["last", CALL, "242359184129", "callr:2423", "2423"])
def test_a_call_is_found_by_each_of_its_names(phone: Line, run: CommandLine, name: str) -> None:
    phone.call("reception")
    assert told(run, "show", name)[0].startswith(f"{CALL}: ")


@pytest.mark.parametrize(
    ("name", "said"), [("callr:9", "offhook calls list"), ("24", "callr:2"), ("", "calls list")]
)
def test_a_call_that_is_not_there_or_not_alone_is_told_with_the_mend(
    phone: Line, run: CommandLine, name: str, said: str
) -> None:
    phone.call("reception", callid=241)
    phone.call("reception", callid=242)
    refused = run("calls", "show", name)
    assert refused.exit_code == Exit.NOT_FOUND
    assert said in refused.stderr
    assert refused.stdout == ""


def test_raw_adds_each_post_and_reply_with_the_sealed_state_cut_short(
    phone: Line, run: CommandLine
) -> None:
    phone.call("reception", "0")
    shown = "\n".join(told(run, "show", "last", "--raw"))
    posts = [found[1] for found in re.finditer(r"POST (\S+)", shown)]
    assert posts == ["0:INCOMING_CALL", "1:UP", "2:HANGUP"]
    assert len(re.findall(r"REPLY in \d+\.\d ms", shown)) == 3
    assert shown.count('"call_status": "UP"') == 1
    assert re.search(r'"offhook": "1\.\w+\.[\w-]{8}\.\.\. \(\d+ characters\)"', shown)
    assert not re.search(r"[\w-]{100}", shown)
    assert re.search(r"REPLY in \S+ ms: empty\n", shown)


def test_json_has_all_that_is_journalled_with_the_bodies_in_full(
    phone: Line, run: CommandLine
) -> None:
    phone.call("reception", "0")
    call = as_json(run, "show", "last")
    assert call["call"]["key"] == CALL
    assert [one["who"] for one in call["dialogue"]][:2] == ["they", "flow"]
    first, second, _ = call["turns"]
    assert json.loads(first["raw"])["call_status"] == "INCOMING_CALL"
    assert json.loads(second["raw"])["variables"] == json.loads(first["reply"])["variables"]
    assert first["commands"][0]["text"] == "Thanks for calling Acme."
    assert first["trail"] == [["open_now", "open"]]
    assert first["step_after"] == "welcome"


def test_incidents_are_counted_in_the_list_and_told_where_they_happened(
    phone: Line, run: CommandLine
) -> None:
    phone.call("no_such_flow", callid=7)
    assert told(run, "list")[1].split()[-1] == "1"
    lines = [one[10:] for one in told(run, "show", "last")]
    assert lines[1] == "caller    +33612345678 calls +33199001020"
    assert lines[2].startswith("!         there is no flow 'no_such_flow'; there are: age_gate")
    assert lines[3] == 'we        say "We are sorry, something went wrong on our side."'


def test_a_secret_is_starred_in_the_dialogue_the_posts_and_the_json(
    phone: Line, run: CommandLine
) -> None:
    phone.call("clinic", "0", "1", "2", "79927398713", date_started="2026-01-09 10:00:00")
    for args in (["last"], ["last", "--raw"], ["last", "--json"]):
        ran = run("calls", "show", *args)
        assert ran.exit_code == Exit.OK
        assert "*" * 11 in ran.stdout
        assert "79927398713" not in ran.stdout
    assert "caller    presses ***********" in run("calls", "show", "last").stdout


@pytest.mark.parametrize(
    "args", [("list",), ("show", "last"), ("show", "last", "--raw"), ("show", "last", "--json")]
)
def test_what_a_caller_chose_can_do_nothing_to_the_terminal(
    phone: Line, run: CommandLine, args: tuple[str, ...]
) -> None:
    phone.call("reception", "0", cli_number=HOSTILE, cli_name=HOSTILE, command_error=HOSTILE)
    ran = run("calls", *args)
    assert ran.exit_code == Exit.OK
    assert "=HYPERLINK(" in ran.stdout
    assert "[bold]" in ran.stdout
    for doing in ("\x1b", "\u202e", "\ncallr:1"):
        assert doing not in ran.stdout


def test_a_report_that_came_again_with_other_bytes_is_told(phone: Line, run: CommandLine) -> None:
    first = {"callid": 3, "call_status": "INCOMING_CALL"}
    phone.post("reception", json.dumps(first).encode())
    phone.post("reception", json.dumps({**first, "cli_name": "another"}).encode())
    lines = [one[10:] for one in told(run, "show", "last")]
    assert lines[-2].startswith("!         The report 0:INCOMING_CALL of this call came before")
    assert sum(one.startswith("caller") for one in lines) == 1


def test_a_database_that_holds_no_journal_is_told_with_the_mend(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no database" * 100)
    run = CommandLine({"DATABASE_URL": f"sqlite:///{tmp_path / 'notes.txt'}"})
    for args in (("list",), ("show", "last")):
        refused = run("calls", *args)
        assert refused.exit_code == Exit.JOURNAL
        assert "DATABASE_URL" in refused.stderr
        assert "Traceback" not in refused.stderr


def test_a_number_of_calls_that_cannot_be_is_a_usage_error(run: CommandLine) -> None:
    assert run("calls", "list", "--limit", "0").exit_code == Exit.USAGE


def test_in_a_terminal_the_dialogue_is_styled_and_says_the_same(
    phone: Line, run: CommandLine, tmp_path: Path
) -> None:
    phone.call("reception", "0")
    plain = run("calls", "show", "last").stdout
    ours, theirs = pty.openpty()
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TERM": "xterm", **run.environ}
    with subprocess.Popen(
        [sys.executable, "-m", "app", "calls", "show", "last"], stdout=theirs, cwd=tmp_path, env=env
    ) as shown:
        os.close(theirs)
        seen = b""
        while chunk := _read(ours):
            seen += chunk
    os.close(ours)
    assert shown.returncode == Exit.OK
    assert b"\x1b[1m" in seen
    text = re.sub(r"\x1b\[[0-9;]*m", "", seen.decode()).replace("\r\n", "\n")
    assert text == plain


def _read(terminal: int) -> bytes:
    """What comes from a terminal; nothing once its other end is closed."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def test_a_call_to_a_real_server_is_told_by_a_real_process(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        record = ring(
            f"{server.url}/callr/age_gate",
            person=Scripted(Script(keys=("17",))),
            login=server.login,
            password=server.password,
            conditions=Conditions(speed=1000),
        )
        env = {"DATABASE_URL": server.database_url}
        listed = process("calls", "list", "--tests", cwd=tmp_path, env=env)
        shown = process("calls", "show", f"{record.facts.callid}", cwd=tmp_path, env=env)
        missing = process("calls", "show", "callr:x", cwd=tmp_path, env=env)
    assert (listed.returncode, listed.stderr) == (Exit.OK, "")
    assert f"callr:{record.facts.callid}" in listed.stdout
    assert (shown.returncode, shown.stderr) == (Exit.OK, "")
    assert "caller    presses 17" in shown.stdout
    assert 'we        say "You are 17 years old."  [say_age]' in shown.stdout
    assert (missing.returncode, missing.stdout) == (Exit.NOT_FOUND, "")
    assert missing.stderr.startswith("Error: The journal has no call 'callr:x'.")
