"""States that cannot be used, flows that cannot go on, and the last resort."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from callr_line import SECRET_KEY, BrokenJournal, CallrCall, Line

from app.callflow import Call, Flow, assign, command, dial, hang_up, menu, say
from app.ports import WireReply
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
    assert "test_lost_states.py, line" in incident
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


def test_the_apology_is_in_the_flows_own_words_where_it_has_them() -> None:
    steps = {
        "ask": menu("Press.", {"1": "break"}, failure="bye"),
        "break": say(lambda call: call["x"], then="bye"),
        "bye": hang_up(),
    }
    line = Line([a_flow(steps=steps, phrases={"apology": "Oh dear | we broke."})])
    line.rings().presses("1").hears("Oh dear , we broke.").is_hung_up()


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


def test_the_apology_is_not_said_again_where_the_platform_loses_its_command_id() -> None:
    call = Line([LINE]).rings("nowhere").hears(APOLOGY)
    call.reports(command_id=0)
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
