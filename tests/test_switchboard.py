"""The one way that each webhook goes, as whole calls."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from callr_line import NOW, BrokenJournal, Line, MemoryJournal

from app.callflow import Call, Flow, collect, dial, hang_up, menu, record, say, to
from app.callflow.errors import PlatformError, UnauthorizedError
from app.callflow.kinds.base import Leave, SilentStep, To
from app.callflow.scene import Scene
from app.ports import Start, WireReply

APOLOGY = "We are sorry, something went wrong on our side."


def a_flow(name: str = "line", **options: Any) -> Flow:
    steps = options.pop("steps", None) or {
        "ask": menu("Press.", {"1": "bye", "2": "team"}, failure="bye"),
        "team": dial("+33123456789", no_answer="bye"),
        "bye": hang_up("Goodbye.", disposition="done"),
    }
    return Flow(name, start="ask", steps=steps, **options)


LINE = a_flow()


# The straight way.


def test_a_call_goes_from_its_first_report_to_its_last() -> None:
    line = Line([LINE])
    call = line.rings().hears("Press.").presses("1").hears("Goodbye.").is_hung_up()
    assert [turn.turn for turn in line.journal.turns] == [1, 2, 3, None]
    assert [turn.kind for turn in line.journal.turns] == ["turn", "turn", "turn", "end"]
    assert call.outcome == "completed"
    assert call.incidents == ""


def test_a_reply_has_the_four_keys_and_the_number_of_the_turn() -> None:
    call = Line([LINE]).rings()
    assert call.told["command_id"] == 1
    assert list(call.told["variables"]) == ["offhook"]
    assert call.reply.content_type == "application/json"


def test_what_is_recorded_tells_the_turn() -> None:
    line = Line([LINE])
    line.rings().presses("2")
    turn = line.journal.last
    assert (turn.call_key, turn.report_key) == ("callr:242359184129", "1:UP")
    assert (turn.step_before, turn.step_after) == ("ask", "team")
    assert turn.trail == (("ask", "2"),)
    assert turn.event == {"is": "CommandDone", "result": "2"}
    assert turn.fingerprint == LINE.fingerprint
    assert turn.received_at == NOW
    assert turn.commands[0]["is"] == "Dial"
    assert turn.commands[0]["targets"] == ["+33123456789"]
    assert json.loads(turn.raw)["command_result"] == "2"
    assert turn.call is None
    json.dumps([turn.event, turn.commands, turn.state, turn.variables, turn.answers])


def test_the_calls_own_row_is_written_with_its_first_turn_and_its_last() -> None:
    line = Line([LINE])
    line.rings().presses("1").hears("Goodbye.").is_hung_up()
    rows = [turn.call for turn in line.journal.turns]
    assert [row is not None for row in rows] == [True, False, False, True]
    first, last = rows[0], rows[-1]
    assert first is not None
    assert last is not None
    assert (first.flow, first.direction, first.platform_id) == ("line", "inbound", "242359184129")
    assert (first.caller, first.called) == ("+33612345678", "+33199001020")
    assert (first.ended_at, first.outcome, first.started_at) == (None, "", NOW)
    assert (last.ended_at, last.outcome, last.disposition) == (NOW, "completed", "done")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("BUSY", "busy"), ("NOANSWER", "no_answer"), ("CONGESTION", "congestion")],
)
def test_an_outbound_call_that_nobody_answers_is_over_at_once(status: str, outcome: str) -> None:
    line = Line([LINE])
    call = line.rings(call_status=status, request_hash="4260XMAQ")
    assert call.reply == WireReply(b"")
    assert call.outcome == outcome
    assert line.journal.last.kind == "end"


def test_the_sealed_flow_wins_over_the_url() -> None:
    other = a_flow("other", steps={"ask": hang_up("Other.")})
    call = Line([LINE, other]).rings().hears("Press.")
    call.flow = "other"
    call.presses("1").hears("Goodbye.")


def test_any_worker_answers_any_turn_without_reading_anything() -> None:
    one = Line([LINE], journal=MemoryJournal())
    call = one.rings().hears("Press.")
    call.line = Line([LINE], journal=BrokenJournal())
    call.presses("1").hears("Goodbye.").is_hung_up()


# Repeats.


def test_a_report_that_comes_twice_gets_the_same_reply() -> None:
    line = Line([LINE])
    call = line.rings()
    assert call.repeats() == call.reply
    call.presses("2")
    assert call.repeats() == call.reply
    call.hangs_up("ANSWER")
    assert call.repeats() == call.reply
    assert len(line.journal.turns) == 3


def test_a_repeat_gets_the_same_bytes_while_the_journal_forgets() -> None:
    line = Line([LINE])
    line.journal.forgets = True
    call = line.rings()
    assert call.repeats() == call.reply
    assert call.presses("2").repeats() == call.reply


def test_the_first_reply_is_given_again_even_after_a_deploy() -> None:
    line = Line([LINE])
    call = line.rings()
    newer = a_flow(steps={"ask": hang_up("Newer.")})
    call.line = Line([newer], journal=line.journal)
    assert call.repeats() == call.reply


def test_a_hang_up_answers_the_same_reply_as_the_report_before_it() -> None:
    line = Line([LINE])
    call = line.rings().presses("9")
    late = json.loads(call.sent) | {"call_status": "HANGUP"}
    assert line.handle(json.dumps(late)).body == b""
    assert [turn.report_key for turn in line.journal.turns][-2:] == ["1:UP", "1:HANGUP"]


# Credentials, and what is no report.


def test_wrong_credentials_are_counted_by_flow_and_refused(
    caplog: pytest.LogCaptureFixture,
) -> None:
    line = Line([LINE])
    for flow in ("line", "line", "nowhere\n"):
        with pytest.raises(UnauthorizedError):
            line.handle(b"{}", flow, password="wrong")
    assert line.refusals.by_hour() == {"2026-03-02T12:00Z": {"line": 2, "?": 1}}
    assert line.journal.turns == []
    assert "login or password is wrong" in caplog.text
    assert "nowhere" not in caplog.text
    assert "wrong:" not in caplog.text


def test_what_is_no_report_is_refused_and_not_recorded() -> None:
    line = Line([LINE])
    with pytest.raises(PlatformError, match="call_status"):
        line.handle(b'{"callid": 5}')
    assert line.journal.turns == []


# What a turn asks of the world.


@dataclass(frozen=True, kw_only=True)
class Lookup(SilentStep):
    """A step that asks the world for the caller's name."""

    kind: ClassVar[str] = "lookup"

    def choose(self, scene: Scene) -> Leave:
        return Leave("then", {"name": scene.ask("lookup", str(scene.call.caller))})

    def sets(self, label: str) -> frozenset[str]:
        del label
        return frozenset({"name"})


def looking_up(**options: Any) -> Flow:
    steps = {
        "ask": Lookup(exits={"then": To("told")}),
        "told": hang_up("Hello {name}."),
        **options.pop("more", {}),
    }
    return a_flow(steps=steps, **options)


def test_what_a_turn_asks_is_fetched_and_recorded() -> None:
    line = Line([looking_up()], fetches={"lookup": lambda number: f"Eve of {number}"})
    line.rings().hears("Hello Eve of +33612345678.")
    answers = line.journal.turns[0].answers
    assert answers == {"ask: lookup(+33612345678)": "Eve of +33612345678"}


def test_an_ask_that_nothing_answers_takes_the_fallback() -> None:
    flow = looking_up(more={"sorry": hang_up("Sorry.")}, fallback="sorry")
    call = Line([flow]).rings().hears("Sorry.")
    assert "asks for 'lookup', which nothing answers." in call.incidents


def test_a_fetch_that_raises_takes_the_fallback() -> None:
    def fetch(_: str) -> str:
        raise TimeoutError("no answer")

    flow = looking_up(more={"sorry": hang_up("Sorry.")}, fallback="sorry")
    call = Line([flow], fetches={"lookup": fetch}).rings().hears("Sorry.")
    assert "TimeoutError: no answer" in call.incidents


def test_a_turn_that_asks_in_circles_takes_the_fallback() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Curious(SilentStep):
        kind: ClassVar[str] = "curious"

        def choose(self, scene: Scene) -> Leave:
            return Leave("then", {"x": scene.ask("more", len(scene.answers))})

    steps = {
        "ask": Curious(exits={"then": To("told")}),
        "told": hang_up("Hello."),
        "sorry": hang_up("Sorry."),
    }
    flow = a_flow(steps=steps, fallback="sorry")
    call = Line([flow], fetches={"more": lambda number: number}).rings().hears("Sorry.")
    assert "asked more than 8 questions" in call.incidents


def a_start(token: str, **variables: str) -> Start:
    return Start(
        token=token,
        provider="callr",
        flow="line",
        number="+33612345678",
        caller_id="+33199001020",
        ring_s=30,
        field="",
        variables=variables,
        created_at=NOW,
    )


def test_an_outbound_call_brings_what_it_was_started_with() -> None:
    token = "oh0123456789abcd"
    line = Line(
        [a_flow(steps={"ask": hang_up("Hello {name}.")}, given={"name": ""})],
        fetches={"start": lambda _: {"variables": {"name": "Eve"}, "caller_id": "+33199001020"}},
    )
    line.journal.starts[token] = a_start(token, name="Eve")
    line.rings(
        call_status="UP",
        request_hash="4260XMAQ",
        cli_number="",
        number="+33612345678",
        cdr_field=f"FIELD42{token}",
    ).hears("Hello Eve.")
    row = line.journal.turns[0].call
    assert row is not None
    assert (row.direction, row.token, row.caller) == ("outbound", token, "+33199001020")


def test_the_configured_urls_query_reaches_the_flow() -> None:
    flow = a_flow(steps={"ask": hang_up("Hello {name}.")}, given={"name": ""})
    call = Line([flow]).rings(query={"name": "Eve", "x\n": "y"}).hears("Hello Eve.")
    assert "the URL gives 'x ', which the flow does not declare" in call.incidents


# Incidents are told, harmlessly.


def test_incidents_are_logged_with_the_calls_key_and_turn(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    Line([LINE]).rings(call_status="ODD\n\x1b[31m")
    assert "call callr:242359184129 turn 1: call_status 'ODD" in caplog.text
    assert len(caplog.text.splitlines()) == 1
    assert "\x1b" not in caplog.text


def test_numbers_in_incidents_are_masked_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    def fail(call: Call) -> str:
        raise LookupError(f"{call.caller} is not a customer")

    Line([a_flow(steps={"ask": hang_up(fail)})]).rings()
    assert "+33612345678" not in caplog.text
    assert "+336******78 is not a customer" in caplog.text


@pytest.mark.parametrize(
    "written", ["0033612345678", "33612345678", "+33 6 12 34 56 78", "+33-612345678", "0612345678"]
)
def test_a_number_is_masked_in_the_log_however_it_is_written(
    caplog: pytest.LogCaptureFixture, written: str
) -> None:
    line = Line([a_flow(steps={"ask": say("Hello.", then="bye"), "bye": hang_up()})])
    line.rings().reports(command_error=f"cannot call {written}")
    assert "cannot call" in caplog.text
    assert written not in caplog.text


def test_a_call_that_a_phone_rings_is_recorded_as_a_test() -> None:
    line = Line([LINE])
    line.rings(app="OFFHOOK0")
    row = line.journal.last.call
    assert row is not None
    assert row.test


def test_a_message_is_kept_when_its_recording_ends_with_the_call() -> None:
    steps = {"ask": record("", into="message", then="bye"), "bye": hang_up()}
    line = Line([a_flow(steps=steps)])
    line.rings().hangs_up("REC_1.wav")
    assert line.journal.last.variables == {"message": "REC_1.wav"}


def test_an_exit_sets_the_language_for_the_turns_after() -> None:
    both = {"en-GB": "Order?", "fr-FR": "Commande ?"}
    steps = {
        "ask": menu("2?", {"2": to("order", language="fr-FR")}, failure="bye"),
        "order": collect(both, "order", then="bye", failure="bye"),
        "bye": hang_up(),
    }
    call = Line([a_flow(steps=steps)]).rings().presses("2").hears("Commande ?").presses("*")
    call.hears("Désolé, je n'ai pas compris. Commande ?")
