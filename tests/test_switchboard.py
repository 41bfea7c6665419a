"""The one way that each webhook goes, and what becomes of it when something is wrong."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from callr_line import NOW, SECRET_KEY, BrokenJournal, CallrCall, Line, MemoryJournal

from app.callflow import Call, Flow, assign, collect, command, dial, hang_up, menu, record, say, to
from app.callflow.errors import PlatformError, UnauthorizedError
from app.callflow.kinds.base import Leave, SilentStep, To
from app.callflow.scene import Scene
from app.ports import Start, WireReply
from app.sealing import Seal

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


# A state that cannot be used.


def forged(call: CallrCall) -> str:
    sealed: str = call.report["variables"]["offhook"]
    return sealed[:-4] + ("AAAA" if not sealed.endswith("AAAA") else "BBBB")


def foreign(_: CallrCall) -> str:
    other = Line([LINE]).rings(callid=7)
    sealed: str = other.report["variables"]["offhook"]
    return sealed


def of_another_key(_: CallrCall) -> str:
    other = Line([LINE], secret_key="z" * 40).rings()
    sealed: str = other.report["variables"]["offhook"]
    return sealed


def newer(call: CallrCall) -> str:
    return "9" + str(call.report["variables"]["offhook"])[1:]


def nonsense(_: CallrCall) -> str:
    return "\ud800.\x00." + "é" * 50


def missing(_: CallrCall) -> str:
    return ""


def unreadable(_: CallrCall) -> str:
    return Seal(SECRET_KEY).seal({"t": 1}, provider="callr", call_key="callr:242359184129")


UNUSABLE = [
    (forged, "was changed, or is another call's"),
    (foreign, "was changed, or is another call's"),
    (of_another_key, "sealed with a key that is not known here"),
    (newer, "has a newer format"),
    (nonsense, "has a unknown format"),
    (missing, "no state came back with the report"),
    (unreadable, "the state that came back cannot be read"),
]


@pytest.mark.parametrize(("make", "told"), UNUSABLE)
def test_a_state_that_cannot_be_used_is_that_of_the_journal(
    make: Callable[[CallrCall], str], told: str
) -> None:
    call = Line([LINE]).rings()
    call.reports(command_result="1", variables={"offhook": make(call)}).hears("Goodbye.")
    assert told in call.incidents
    assert "resumed from the journal." in call.incidents
    call.is_hung_up()
    assert call.outcome == "completed"


@pytest.mark.parametrize(("make", "told"), UNUSABLE)
def test_a_state_that_neither_can_give_is_an_apology(
    make: Callable[[CallrCall], str], told: str
) -> None:
    line = Line([LINE])
    line.journal.forgets = True
    call = line.rings()
    line.journal.forgets = False
    call.reports(command_result="1", variables={"offhook": make(call)})
    assert told in call.incidents
    assert "the journal has no such turn either." in call.incidents
    assert line.journal.last.kind == "last_resort"
    assert line.journal.last.state is None
    call.hears(APOLOGY).is_hung_up()
    assert call.outcome == "failed"


def test_a_stale_state_is_not_used() -> None:
    line = Line([LINE])
    call = line.rings()
    stale = call.report["variables"]
    call.presses("9").reports(command_result="2", variables=stale)
    assert call.told["command"] == "dialout"
    assert "the state that came back is of reply 1, not 2." in call.incidents


def test_a_report_of_an_older_reply_than_the_journals_last_is_an_apology() -> None:
    line = Line([LINE])
    call = line.rings()
    old = json.loads(call.presses("9").sent)
    call.presses("9")
    reply = line.handle(json.dumps(old | {"call_status": "ODD", "variables": {}}))
    assert json.loads(reply.body)["command_id"] == "offhook-bye"


@pytest.mark.parametrize("command_id", ["ask_age", "99", -1, 5.5, [1], None])
def test_a_report_that_names_none_of_our_replies_is_an_apology(command_id: object) -> None:
    line = Line([LINE])
    call = line.rings()
    call.reports(command_result="1", command_id=command_id).hears(APOLOGY).is_hung_up()
    assert call.outcome == "failed"


def test_a_state_of_the_key_before_is_still_read() -> None:
    call = Line([LINE]).rings()
    call.line = Line([LINE], secret_key="n" * 40, secret_key_old=SECRET_KEY)
    call.presses("1").hears("Goodbye.").is_hung_up()
    assert call.incidents == ""


def test_a_hang_up_without_a_state_ends_the_call_as_the_journal_knows_it() -> None:
    line = Line([LINE])
    call = line.rings().presses("2").reports(call_status="HANGUP", variables={})
    assert (call.outcome, line.journal.last.kind) == ("dialled", "end")
    assert call.reply == WireReply(b"")


def test_a_hang_up_of_a_call_that_nobody_knows_is_noted() -> None:
    line = Line([LINE])
    call = line.rings(call_status="HANGUP", command="play", command_id=7)
    assert (call.outcome, line.journal.last.kind) == ("hung_up", "end")
    assert line.journal.last.call is not None
    assert line.journal.last.call.flow == "line"


# Flows that are not there, or cannot go on.


def test_a_flow_that_there_is_not_is_an_apology_in_english() -> None:
    line = Line([LINE])
    call = line.rings("nowhere\x1b[31m")
    assert "there is no flow 'nowhere [31m'; there are: line." in call.incidents
    call.hears(APOLOGY).is_hung_up()


def test_a_flow_that_was_deleted_in_mid_call_is_an_apology_in_the_urls_language() -> None:
    french = a_flow("french", language="fr-FR", steps={"ask": hang_up("Bonjour.")})
    call = Line([LINE, french]).rings()
    call.line = Line([french], journal=call.line.journal)
    call.flow = "french"
    call.presses("1")
    assert call.said.startswith("Nous sommes désolés")


def broken(call: Call) -> str:
    raise ValueError(f"no luck with {call['caller_name']}\n\x1b[31m")


def failing(**options: Any) -> Flow:
    steps = {
        "ask": menu("Press.", {"1": "break"}, failure="bye"),
        "break": say(broken, then="bye"),
        "bye": hang_up("Goodbye."),
        "sorry": hang_up("Sorry.", disposition="broken"),
    }
    return Flow(
        "line", start="ask", steps=steps, fallback="sorry", given={"caller_name": "Eve"}, **options
    )


def test_a_function_that_raises_takes_the_call_to_the_fallback_by_a_numbered_turn(
    caplog: pytest.LogCaptureFixture,
) -> None:
    line = Line([failing()])
    call = line.rings().presses("1")
    assert call.told["command_id"] == 2
    incident = line.journal.last.incidents[0]
    assert "break" in incident
    assert "test_switchboard.py, line" in incident
    assert "in broken: ValueError: no luck with Eve" in incident
    assert "\x1b" not in caplog.text + incident
    assert len(caplog.text.splitlines()) == 1
    call.hears("Sorry.").is_hung_up()
    row = line.journal.last.call
    assert row is not None
    assert (row.outcome, row.disposition) == ("failed", "broken")


def test_without_a_fallback_a_call_that_cannot_go_on_is_an_apology() -> None:
    steps = {
        "ask": menu("Press.", {"1": "break"}, failure="bye"),
        "break": say(lambda call: call["x"], then="bye"),
        "bye": hang_up(),
    }
    line = Line([a_flow(steps=steps)])
    call = line.rings().presses("1").hears(APOLOGY).is_hung_up()
    assert call.outcome == "failed"
    assert [turn.turn for turn in line.journal.turns] == [1, None, None, None]


def test_a_fallback_that_fails_too_is_an_apology() -> None:
    steps = {
        "ask": menu("Press.", {"1": "break"}, failure="bye"),
        "break": say(broken, then="bye"),
        "bye": hang_up(),
    }
    flow = Flow("line", start="ask", steps=steps, fallback="break", given={"caller_name": ""})
    line = Line([flow])
    line.rings().presses("1").hears(APOLOGY).is_hung_up()
    assert len(line.journal.turns[1].incidents) == 2


def test_a_first_turn_that_fails_goes_to_the_fallback_too() -> None:
    steps = {"ask": say(broken, then="bye"), "bye": hang_up("Sorry {caller_name}.")}
    flow = Flow("line", start="ask", steps=steps, fallback="bye", given={"caller_name": "Eve"})
    call = Line([flow]).rings().hears("Sorry Eve.").is_hung_up()
    assert call.outcome == "failed"


def test_a_command_that_the_platform_does_not_take_is_not_sent() -> None:
    def too_long(_: Call) -> int:
        return 99

    steps = {
        "ask": command("wait", {"seconds": too_long}, then="bye"),
        "bye": hang_up("Sorry."),
    }
    flow = Flow("line", start="ask", steps=steps, fallback="bye")
    call = Line([flow]).rings().hears("Sorry.")
    assert "seconds: it is 99; CALLR takes 1 to 30." in call.incidents


def test_a_state_that_is_too_large_to_ride_along_takes_the_fallback() -> None:
    steps = {
        "ask": assign(essay=lambda _: "é" * 2000, then="told"),
        "told": hang_up("Hello."),
        "bye": hang_up("Sorry."),
    }
    flow = Flow("line", start="ask", steps=steps, fallback="bye")
    call = Line([flow]).rings().hears("Sorry.")
    assert "The largest variable is 'essay' with 2000 characters." in call.incidents


def test_a_hostile_caller_id_does_not_outgrow_the_state() -> None:
    call = Line([LINE]).rings(cli_number="👋" * 1000, number="é" * 1000, cli_name="x" * 9000)
    call.hears("Press.").presses("1").hears("Goodbye.").is_hung_up()


def test_the_fallback_of_a_call_is_taken_once_and_then_the_apology() -> None:
    steps = {
        "ask": menu("Press.", {"1": "break"}, failure="bye"),
        "break": say(broken, then="bye"),
        "sorry": menu("Sorry?", {"1": "break"}, failure="bye"),
        "bye": hang_up(),
    }
    flow = Flow("line", start="ask", steps=steps, fallback="sorry", given={"caller_name": ""})
    Line([flow]).rings().presses("1").hears("Sorry?").presses("1").hears(APOLOGY).is_hung_up()


# The last resort never loops.


def test_the_apology_is_followed_by_the_end_whatever_is_reported() -> None:
    line = Line([LINE])
    call = line.rings("nowhere")
    assert call.told["command_id"] == "offhook-bye"
    call.reports(command_error="NO_SUCH_VOICE")
    assert (call.told["command_id"], call.told["command"]) == ("offhook-end", "hangup")
    for _ in range(3):
        call.reports(command_error="ERR")
        assert (call.told["command_id"], call.told["command"]) == ("offhook-end", "hangup")


def test_the_apology_is_followed_by_the_fallback_number_once() -> None:
    line = Line([LINE], fallback_number="+33177777777")
    call = line.rings("nowhere").hears(APOLOGY)
    assert call.told["command_id"] == "offhook-dial"
    assert call.told["params"]["targets"] == [{"number": "+33177777777", "timeout": 60}]
    call.reports(command_result="NOANSWER")
    assert call.told["command_id"] == "offhook-end"
    call.is_hung_up()
    assert call.outcome == "failed"


def test_an_outbound_call_is_not_connected_to_the_fallback_number() -> None:
    line = Line([LINE], fallback_number="+33177777777")
    call = line.rings("nowhere", request_hash="4260XMAQ", call_status="UP").hears(APOLOGY)
    assert call.told["command_id"] == "offhook-end"


# The journal fails.


def test_a_journal_that_raises_changes_no_reply(caplog: pytest.LogCaptureFixture) -> None:
    good = Line([LINE]).rings().presses("1")
    call = Line([LINE], journal=BrokenJournal()).rings().presses("1")
    assert call.reply == good.reply
    call.hears("Goodbye.").is_hung_up()
    assert "could not be recorded" in caplog.text


def test_a_journal_that_raises_when_asked_is_an_apology() -> None:
    line = Line([LINE], journal=BrokenJournal())
    line.rings().reports(variables={}).hears(APOLOGY).is_hung_up()


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
