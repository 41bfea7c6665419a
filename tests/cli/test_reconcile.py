"""``offhook calls reconcile``: what CALLR had on the line, and Offhook did not answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine
from serving import LOGIN, Server, serving
from serving import PASSWORD as WEBHOOK_PASSWORD

from app.callr.cdrs import Cdr, read_cdrs
from app.callr.refusals import CallrError
from app.cli.exits import Exit
from app.cli.reconciling import LATE, Kind, compare, concerned
from app.journal import LOST, JournalledCall
from app.ports import CallRow
from app.simulator import Account, Answer, Conditions, Hostility, Script, Scripted, Simulator
from app.simulator.commands import Target

BEGAN = datetime(2026, 1, 9, 12, 27, 55, tzinfo=UTC)
NOW = BEGAN + timedelta(days=1)


def cdr(**changes: Any) -> Cdr:
    values: dict[str, Any] = {
        "callid": "1",
        "direction": "inbound",
        "caller": "+33612345678",
        "called": "+33199001020",
        "began": BEGAN,
        "answered": BEGAN,
        "ended": BEGAN + timedelta(seconds=40),
        "lasted_s": 40.0,
        "talked_s": 30.0,
        "status": "",
        "app": "ABCD1234",
        "app_kind": "REALTIME10",
        "second_leg": False,
    }
    return Cdr(**{**values, **changes})


def call(lasted_s: float = 40.0, turns: int = 3, **changes: Any) -> JournalledCall:
    values: dict[str, Any] = {
        "key": "callr:1",
        "provider": "callr",
        "platform_id": "1",
        "flow": "reception",
        "direction": "inbound",
        "caller": "+33612345678",
        "called": "+33199001020",
        "started_at": BEGAN,
        "ended_at": BEGAN + timedelta(seconds=lasted_s),
        "outcome": "hung_up",
    }
    row = CallRow(**{**values, **changes})
    return JournalledCall(row, turns, BEGAN, row.ended_at, 0, {})


def told(
    cdrs: list[Cdr], calls: list[JournalledCall], now: datetime = NOW
) -> list[tuple[Kind, str]]:
    return [(one.kind, one.what) for one in compare(cdrs, calls, now=now, tolerance_s=10)]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (cdr(), call()),
        (cdr(), call(lasted_s=31)),
        (cdr(direction="outbound", status="ANSWER"), call(lasted_s=30, direction="outbound")),
        (cdr(direction="outbound", status="BUSY"), call(0, 1, outcome="busy")),
        (cdr(direction="outbound", status="NOANSWER"), call(0, 1, outcome="no_answer")),
        (cdr(direction="outbound", status="CHANUNAVAIL"), call(0, 1, outcome="congestion")),
        (cdr(direction="outbound", status="NODIAL"), call(0, 1, outcome="rejected")),
        (cdr(ended=None, lasted_s=None), call(ended_at=None, outcome="")),
    ],
)
def test_a_call_that_both_tell_alike_does_not_differ(theirs: Cdr, ours: JournalledCall) -> None:
    alike = [one for one in told([theirs], [ours]) if one[0] is not Kind.LENGTH]
    assert alike == []


def test_a_caller_of_whom_nothing_came_here_went_unheard() -> None:
    ((kind, what),) = told([cdr()], [])
    assert kind is Kind.UNHEARD
    assert "nothing of it came here" in what


def test_so_did_one_of_whom_only_the_end_was_reported() -> None:
    assert told([cdr()], [call(0, 1)]) == [(Kind.UNHEARD, "only its end was reported")]


def test_somebody_whom_we_called_and_who_answered_can_go_unheard_too() -> None:
    answered = cdr(direction="outbound", status="ANSWER")
    assert told([answered], [])[0][0] is Kind.UNHEARD
    busy = cdr(direction="outbound", status="BUSY", answered=None)
    assert told([busy], []) == [(Kind.NOT_JOURNALLED, "CALLR says BUSY")]


@pytest.mark.parametrize("outcome", ["", LOST])
def test_an_end_that_was_not_reported_is_told(outcome: str) -> None:
    ((kind, what),) = told([cdr()], [call(ended_at=None, outcome=outcome)])
    assert (kind, what) == (Kind.END, "over at 12:28:35 UTC, which was not reported")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("BUSY", "no_answer"), ("ANSWER", "busy"), ("ANSWER", "rejected"), ("BUSY", "completed")],
)
def test_another_end_is_told(status: str, outcome: str) -> None:
    theirs = cdr(direction="outbound", status=status)
    assert told([theirs], [call(direction="outbound", outcome=outcome)]) == [
        (Kind.END, f"{status} at CALLR, {outcome} here")
    ]


def test_another_length_is_told_with_both() -> None:
    assert told([cdr()], [call(lasted_s=29)]) == [(Kind.LENGTH, "40 s at CALLR, 29 s here")]


def test_a_call_that_is_here_alone_is_told_once_its_record_cannot_come_any_more() -> None:
    ours = call()
    assert ours.row.ended_at is not None
    assert told([], [ours])[0][0] is Kind.NOT_AT_CALLR
    assert told([], [ours], now=ours.row.ended_at + LATE - timedelta(seconds=1)) == []
    assert told([], [call(ended_at=None, outcome="")]) == []


def test_only_calls_of_callr_and_of_the_time_are_compared() -> None:
    early = call(platform_id="2", started_at=BEGAN - timedelta(seconds=1))
    late = call(platform_id="3", started_at=BEGAN + timedelta(seconds=1))
    other = call(platform_id="4", provider="stringee")
    mine = call(started_at=BEGAN - timedelta(seconds=9))  # as our clock has it
    found = concerned([early, late, other, mine], [cdr()], BEGAN, BEGAN)
    assert found == [mine]


def record(**changes: Any) -> dict[str, Any]:
    """CDR.In as THECALLR/sdk-dotnet 7f3f35b has it."""
    return {
        "callid": 242359184129,
        "cli_number": None,
        "did_intl_number": "+33199001020",
        "start": "2026-01-09 12:27:55",
        "answer": "2026-01-09 12:27:56",
        "hangup": "2026-01-09 12:28:35",
        "duration": "40",
        "duration_answered": 39,
        "scenario_hash": "ABCD1234",
        "package_name": "REALTIME10",
        "hangupcause": 16,
        **changes,
    }


def test_a_record_is_read_tolerantly() -> None:
    (found,) = read_cdrs("cdr.get", {"3": record(answer="0000-00-00 00:00:00")}, "IN")
    assert (found.callid, found.caller, found.called) == ("242359184129", "", "+33199001020")
    assert (found.began, found.answered, found.lasted_s) == (BEGAN, None, 40.0)
    (out,) = read_cdrs("cdr.get", [record(number="+33611111111", dialstatus="busy")], "OUT")
    assert (out.called, out.status, out.second_leg) == ("+33611111111", "BUSY", False)
    (leg,) = read_cdrs("cdr.get", [record(callid_in="7")], "OUT")
    assert leg.second_leg
    assert read_cdrs("cdr.get", None, "IN") == []


@pytest.mark.parametrize("result", ["x", [1], [{"callid": 1}], [record(start="tomorrow")]])
def test_what_is_no_record_is_refused_with_the_method(result: Any) -> None:
    with pytest.raises(CallrError, match=r"cdr\.get"):
        read_cdrs("cdr.get", result, "IN")


@dataclass
class Line:
    """A deployed app that a number of the simulated platform rings."""

    server: Server
    simulator: Simulator
    run: CommandLine

    def rings(self, script: Script | None = None, **hostility: Any) -> str:
        """Somebody calls, while this goes wrong; gives the callid."""
        platform = self.simulator.platform
        platform.conditions = Conditions(speed=1000, hostility=Hostility(**hostility))
        person = Scripted(script or Script(hangup_at=1))
        ringing = platform.ring(self.simulator.account.numbers[0], person=person)
        assert ringing.wait(30) is not None
        return str(ringing.callid)

    def reconcile(self, *args: str) -> tuple[int, dict[str, str], str]:
        ran = self.run("calls", "reconcile", "--json", "--tolerance", "1000", *args)
        told = json.loads(ran.stdout) if ran.stdout else []
        return ran.exit_code, {one["callid"]: one["kind"] for one in told}, ran.stderr


@pytest.fixture
def deployed(tmp_path: Path) -> Iterator[Line]:
    account = Account(login="acme", password="a-password-of-callr")
    with Simulator(account) as simulator, serving(tmp_path, WEB_CONCURRENCY="1") as server:
        settings = {
            "CALLR_API_URL": simulator.api_url,
            "CALLR_LOGIN": "acme",
            "CALLR_PASSWORD": "a-password-of-callr",
            "CALLR_WEBHOOK_LOGIN": LOGIN,
            "CALLR_WEBHOOK_PASSWORD": WEBHOOK_PASSWORD,
            "PUBLIC_URL": server.url,
            "DATABASE_URL": server.database_url,
        }
        run = CommandLine(settings)
        number = account.numbers[0]
        made = run("apps", "create", "Reception", "--flow", "reception")
        assert made.exit_code == Exit.OK, made.output
        assert run("apps", "assign-did", "Reception", number, answer=True).exit_code == Exit.OK
        yield Line(server, simulator, run)


def test_callers_whose_posts_were_lost_are_found_and_the_exit_code_says_so(deployed: Line) -> None:
    heard = deployed.rings()
    code, found, said = deployed.reconcile()
    assert (code, found) == (Exit.OK, {}), said
    assert "CALLR has 1 call, the journal 1; none of them differ." in said
    unheard = deployed.rings(lose=frozenset({1, 2}))
    cut_off = deployed.rings(lose=frozenset({1}))
    no_end = deployed.rings(lose=frozenset({2}))
    code, found, said = deployed.reconcile("--since", "1h")
    assert (code, Exit.UNHEARD) == (3, 3)
    assert found == {unheard: Kind.UNHEARD, cut_off: Kind.UNHEARD, no_end: Kind.END}
    assert heard not in found
    assert "2 callers went unheard." in said
    assert "CALLR has 4 calls, the journal 3; 3 of them differ." in said


def test_a_server_that_was_down_is_told_in_a_table(deployed: Line) -> None:
    deployed.server.stop()
    deployed.rings()
    ran = deployed.run("calls", "reconcile")
    assert ran.exit_code == Exit.UNHEARD
    heading, row = ran.stdout.splitlines()
    assert heading.split() == [
        "STARTED", "CALLID", "DIRECTION", "CALLER", "CALLED", "DIFFERS", "HOW",
    ]  # fmt: skip
    assert "unheard" in row
    assert "+33612345678" in row


def test_calls_of_other_voice_apps_are_left_out_and_named(deployed: Line) -> None:
    run = deployed.run
    elsewhere = CommandLine({**run.environ, "PUBLIC_URL": "http://127.0.0.1:1"})
    nothing = elsewhere("calls", "reconcile")
    assert nothing.exit_code == Exit.NOT_FOUND
    assert "--app HASH" in nothing.stderr
    deployed.rings()
    (app,) = json.loads(run("apps", "list", "--json").stdout)
    assert run("apps", "delete", app["hash"], "--yes").exit_code == Exit.OK
    made = run("apps", "create", "Clinic", "--flow", "clinic")
    assert made.exit_code == Exit.OK, made.output
    code, found, said = deployed.reconcile()
    assert "CALLR has 0 calls, the journal 0" in said
    assert f"voice apps that are gone, or post elsewhere ({app['hash']})" in said
    assert code == Exit.OK
    code, found, _ = deployed.reconcile("--app", app["hash"])
    assert (code, found) == (Exit.OK, {})


def test_outbound_calls_are_compared_too(deployed: Line) -> None:
    platform = deployed.simulator.platform
    platform.conditions = Conditions(speed=1000, hostility=Hostility(lose=frozenset({1})))
    (app,) = platform.store.apps()
    people = [Scripted(Script(answer=answer)) for answer in (Answer.BUSY, Answer.ANSWER)]
    platform.people.put("+33611111111", lambda: people.pop(0))
    for _ in range(2):
        ringing = platform.call(app, Target("+33611111111", 30), caller="", cdr_field="")
        assert ringing.wait(30) is not None
    code, found, _ = deployed.reconcile()
    assert sorted(found.values()) == [Kind.NOT_JOURNALLED, Kind.UNHEARD]
    assert code == Exit.UNHEARD


@pytest.mark.parametrize(
    ("args", "said"),
    [(["--since", "soon"], 'write "last tuesday"'), (["--since", "now"], "is not before")],
)
def test_a_time_that_cannot_be_is_refused(args: list[str], said: str) -> None:
    refused = CommandLine()("calls", "reconcile", *args)
    assert refused.exit_code == Exit.USAGE
    assert said in refused.stderr
