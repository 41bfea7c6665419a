"""A platform that takes a list: the turn runs ahead over what is not reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from phone import CALLER, ENDS, MONDAY_NOON, OUR_NUMBER, flow_of, reread, spoken

from app.callflow import (
    Client,
    Flow,
    FlowError,
    at_most,
    branch,
    collect,
    dial,
    hang_up,
    menu,
    record,
    say,
    to,
)
from app.callflow.call import Call
from app.callflow.commands import Collect, Command, Dial, Hangup
from app.callflow.engine import new_call, take_fallback, take_turn
from app.callflow.events import (
    CallArrived,
    CommandDone,
    Event,
    HungUp,
    NoInput,
    NotAnswered,
    Unanswered,
)
from app.callflow.manner import Manner
from app.callflow.parties import Phone
from app.callflow.scene import Ask
from app.callflow.turn import Turn

ARRIVED = CallArrived("inbound", CALLER, OUR_NUMBER, MONDAY_NOON)
LIST = Manner(reports=lambda command: isinstance(command, Collect | Dial), one_target=True)


class Line:
    """A call on a platform that takes lists."""

    def __init__(self, flow: Flow, allowed: Mapping[str, str] | None = None) -> None:
        self.flow = flow
        self.asked = 0
        self._allowed = allowed or {}
        self._call = new_call(flow, key="stringee:1", provider="stringee", arrived=ARRIVED)
        self.turn = self.takes(ARRIVED)

    @property
    def call(self) -> Call:
        return self.turn.call

    @property
    def told(self) -> Sequence[str]:
        """What the list says and does, a word or a text for each command."""
        return [_told(placed.command) for placed in self.turn.placed]

    def takes(self, event: Event) -> Turn:
        answers: dict[Ask, Any] = {}
        turn = take_turn(self.flow, self._call, event, answers, LIST)
        while isinstance(turn, Ask):
            self.asked += 1
            answers[turn] = {str(number): self._allowed[str(number)] for number in turn.inputs}
            turn = take_turn(self.flow, self._call, event, answers, LIST)
        self.turn, self._call = turn, reread(turn.call)
        return turn


def _told(command: Command) -> str:
    if isinstance(command, Collect):
        return f"{spoken(command)}?"
    if isinstance(command, Dial):
        return f"dial {' '.join(map(str, command.targets))}"
    return spoken(command)


def test_a_list_ends_with_the_call() -> None:
    line = Line(flow_of(say("One.", then="two"), two=hang_up("Two.", disposition="heard")))
    assert line.told == ["One.", "Two.", "<Hangup>"]
    assert (line.call.turn, line.call.ending) == (1, "completed")
    assert line.turn.trail == (("first", "then"),)


def test_what_a_call_comes_to_holds_once_its_list_is_heard_to_the_end() -> None:
    def line() -> Line:
        return Line(flow_of(say("One.", then="two"), two=hang_up("Two.", disposition="heard")))

    assert line().takes(HungUp()).call.disposition == "heard"
    early = line().takes(HungUp(early=True))
    assert (early.outcome, early.call.disposition) == ("hung_up", "")


def test_what_a_list_begins_with_is_said_for_certain() -> None:
    line = Line(
        flow_of(menu("One.", {"1": "two"}, failure="bye"), two=hang_up("Two.", disposition="heard"))
    )
    line.takes(CommandDone("1"))
    assert line.takes(HungUp(early=True)).call.disposition == "heard"


def test_who_did_not_answer_has_heard_nothing() -> None:
    turn = Line(flow_of(hang_up("One.", disposition="heard"))).takes(NotAnswered(Unanswered.BUSY))
    assert (turn.outcome, turn.call.disposition) == ("busy", "")


def test_each_command_says_which_step_gave_it_and_at_which_place() -> None:
    line = Line(flow_of(say("One.", then="two"), two=hang_up("Two.")))
    assert [(one.step, one.at) for one in line.turn.placed] == [
        ("first", 0), ("two", 0), ("two", 1),
    ]  # fmt: skip


def test_a_list_ends_where_keys_are_waited_for() -> None:
    line = Line(flow_of(say("Hello.", then="ask"), ask=menu("One.", {"1": "there"}, failure="bye")))
    assert line.told == ["Hello.", "One.?"]
    line.takes(CommandDone("1"))
    assert line.told == ["There.", "<Hangup>"]
    assert line.call.turn == 2


def test_a_try_in_vain_is_asked_again_in_the_same_way() -> None:
    line = Line(flow_of(menu("One.", {"1": "there"}, failure="bye", tries=2, no_input="Nothing.")))
    line.takes(NoInput())
    assert line.told == ["Nothing. One.?"]
    line.takes(NoInput())
    assert line.told == ["<Hangup>"]


def test_silent_steps_are_passed_on_the_way() -> None:
    count = at_most(2, then="first", failure="bye")
    line = Line(flow_of(say("Hello.", then="count"), count=count))
    assert line.told == ["Hello.", "Hello.", "Hello.", "<Hangup>"]


def test_exits_on_the_way_set_what_they_set() -> None:
    branching = branch("team", {"sales": "there"}, otherwise="bye")
    line = Line(flow_of(say("Hello.", then=to("way", team="sales")), way=branching))
    assert line.told == ["Hello.", "There.", "<Hangup>"]


def test_what_is_recorded_on_the_way_is_a_reference() -> None:
    recording = record("Speak.", into="message", then="bye", nothing="nothing")
    line = Line(flow_of(say("Hello.", then="mail"), mail=recording))
    assert line.told == ["Hello.", "Speak.", "<Record>", "<Hangup>"]
    assert line.call["message"] == "recording:1.2"


def test_a_dial_rings_one_after_the_other() -> None:
    flow = flow_of(dial("+33123456789", Client("user_1"), "+33123456780", no_answer="nothing"))
    line = Line(flow)
    assert line.told == ["dial +33123456789"]
    line.takes(CommandDone("busy"))
    assert line.told == ["dial user_1"]
    line.takes(CommandDone("no_answer"))
    assert line.told == ["dial +33123456780"]
    line.takes(CommandDone("no_answer"))
    assert line.told == ["Nothing.", "<Hangup>"]
    assert line.call.turn == 4


def test_the_last_one_says_which_exit_a_dial_takes() -> None:
    line = Line(flow_of(dial("+33123456789", "+33123456780", no_answer="nothing", busy="busy")))
    line.takes(CommandDone("no_answer"))
    line.takes(CommandDone("busy"))
    assert line.told == ["Busy.", "<Hangup>"]


def test_numbers_from_outside_are_asked_about_once_for_all_of_them() -> None:
    flow = flow_of(dial("{one}", "+33123456780", no_answer="bye"), given={"one": "+33123456789"})
    line = Line(flow, {"+33123456789": ""})
    assert (line.told, line.asked) == (["dial +33123456789"], 1)
    line.takes(CommandDone("busy"))
    assert (line.told, line.asked) == (["dial +33123456780"], 1)


def test_an_app_user_needs_no_permission_and_may_come_from_outside() -> None:
    flow = flow_of(dial(Client("agent_{team}"), no_answer="bye"), given={"team": "sales"})
    assert Line(flow).told == ["dial agent_sales"]


def test_a_function_may_give_app_users_and_numbers() -> None:
    def both(call: Call) -> list[object]:
        return [Client(str(call["team"])), Phone("+331234")]

    flow = flow_of(dial(both, no_answer="bye"), given={"team": "sales"})
    line = Line(flow, {"+331234": "no."})
    assert (line.told, line.call.rest) == (["dial sales"], ())
    assert "no." in line.turn.incidents[0]


def test_an_app_user_without_a_name_is_nobody() -> None:
    flow = flow_of(dial(Client("{user}"), no_answer="nothing"), given={"user": ""})
    assert Line(flow).told == ["Nothing.", "<Hangup>"]
    given = flow_of(dial(lambda _: [Client(""), Client("user_1")], no_answer="bye"))
    assert Line(given).told == ["dial user_1"]


def test_a_hang_up_at_a_dial_says_what_it_came_to() -> None:
    line = Line(flow_of(dial("+33123456789", no_answer="bye")))
    assert line.takes(HungUp("answered")).outcome == "transferred"
    line = Line(flow_of(dial("+33123456789", no_answer="bye")))
    assert line.takes(HungUp()).outcome == "dialled"


def test_the_end_of_a_list_is_an_end_by_us() -> None:
    line = Line(flow_of(hang_up("Bye.")))
    assert line.takes(HungUp()).outcome == "completed"


def test_a_list_that_is_too_long_is_an_error_of_the_flow() -> None:
    count = at_most(60, then="first", failure="bye")
    with pytest.raises(FlowError, match="more than 50 commands, and nothing asked of the caller"):
        Line(flow_of(say("Hello.", then="count"), count=count))


def test_a_fallback_runs_ahead_too() -> None:
    flow = flow_of(
        collect("Key?", "key", then="bye", failure="bye"), oh=say("Sorry.", then="bye"),
        fallback="oh",
    )  # fmt: skip
    turn = take_fallback(flow, Line(flow).call, {}, LIST)
    assert isinstance(turn, Turn)
    assert [_told(one.command) for one in turn.placed] == ["Sorry.", "<Hangup>"]


def test_after_a_deploy_that_took_the_dial_away_its_step_is_begun_anew() -> None:
    line = Line(flow_of(dial("+33123456789", "+33123456780", no_answer="bye")))
    line.flow = flow_of(say("We moved.", then="bye"))
    line.takes(CommandDone("busy"))
    assert line.told == ["We moved.", "<Hangup>"]
    assert isinstance(line.turn.placed[-1].command, Hangup)
    assert replace(line.call, rest=()) == line.call


def test_every_end_is_reached_by_its_name() -> None:
    assert {name for name in ENDS if Line(flow_of(say("x", then=name))).told} == set(ENDS)
