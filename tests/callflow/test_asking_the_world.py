"""What a turn asks of the world, and what comes from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from phone import CALLER, MONDAY_NOON, OUR_NUMBER, flow_of, play

from app.callflow import branch, dial, hang_up, say
from app.callflow.engine import new_call, take_fallback, take_turn
from app.callflow.events import CallArrived
from app.callflow.flow import Flow
from app.callflow.kinds.base import Leave, SilentStep, To
from app.callflow.parties import Phone
from app.callflow.scene import Ask, Scene
from app.callflow.turn import Turn


@dataclass(frozen=True, kw_only=True)
class Lookup(SilentStep):
    """A step that asks the world, as a lookup in a customer's records will."""

    kind: ClassVar[str] = "lookup"

    question: str

    def choose(self, scene: Scene) -> Leave:
        found = scene.ask("lookup", self.question, str(scene.call.caller))
        return Leave("then" if found else "failure", {"found": found} if found else {})

    def sets(self, label: str) -> frozenset[str]:
        return frozenset({"found"}) if label == "then" else frozenset()


def looking_up(**options: Any) -> Flow:
    lookup = Lookup(question="name", exits={"then": To("told"), "failure": To("failed")})
    return flow_of(lookup, told=hang_up("Hello {found}."), **options)


ARRIVED = CallArrived("inbound", CALLER, OUR_NUMBER, MONDAY_NOON)
ASKED = Ask("first", "lookup", ("name", CALLER.number))


def test_a_turn_that_needs_the_world_is_an_ask() -> None:
    flow = looking_up()
    call = new_call(flow, key="callr:1", provider="callr", arrived=ARRIVED)
    assert take_turn(flow, call, ARRIVED) == ASKED


def test_the_turn_is_taken_again_with_the_answer() -> None:
    flow = looking_up()
    call = new_call(flow, key="callr:1", provider="callr", arrived=ARRIVED)
    turn = take_turn(flow, call, ARRIVED, {ASKED: "Eve"})
    assert isinstance(turn, Turn)
    assert turn.answers == {ASKED: "Eve"}
    assert turn.trail == (("first", "then"),)
    assert turn.call["found"] == "Eve"


def test_an_answer_of_nothing_is_an_answer() -> None:
    play(looking_up(), fetches={"lookup": lambda *_: None}).hears("Failed.")


def test_an_answer_leads_on_and_is_asked_for_once() -> None:
    call = play(looking_up(), fetches={"lookup": lambda *_: "Eve"}).hears("Hello Eve.")
    assert call.asked == [ASKED]


def test_a_fallback_may_ask_too() -> None:
    flow = looking_up(fallback="first")
    call = play(flow, fetches={"lookup": lambda *_: "Eve"})
    assert take_fallback(flow, call.call) == ASKED
    call.falls_back().hears("Hello Eve.")


# Variables from outside.


GIVEN = {"name": "", "time": "tomorrow"}


def reminding(**options: Any) -> Flow:
    return flow_of(hang_up("{name} {time}"), given=GIVEN, **options)


def test_what_is_declared_has_its_default() -> None:
    assert play(reminding()).call.variables == GIVEN


def test_the_configured_urls_query_gives_variables() -> None:
    play(reminding(), given={"name": "Eve"}).hears("Eve tomorrow")


def test_what_is_not_declared_is_an_incident_and_no_variable() -> None:
    call = play(reminding(), given={"nmae\n": "Eve"})
    assert call.call.variables == GIVEN
    assert "the URL gives 'nmae\\n', which the flow does not declare in given." in call.incidents


def test_what_is_given_is_cut_and_made_safe() -> None:
    call = play(reminding(), given={"name": "x" * 300, "time": "a\ud800\x00b|c"})
    assert call.call["name"] == "x" * 200
    assert call.call["time"] == "a  b|c"


def start(**variables: str) -> Mapping[str, Any]:
    return {"variables": variables, "caller_id": OUR_NUMBER.number}


def test_an_outbound_call_brings_its_variables_and_our_number() -> None:
    call = play(
        reminding(),
        direction="outbound",
        caller=None,
        called=CALLER,
        token="oh01234567890123",
        fetches={"start": lambda _: start(name="Eve", time="x" * 300, other="y")},
    )
    assert call.asked == [Ask("first", "start", ("oh01234567890123",))]
    assert call.call.variables == {"name": "Eve", "time": "x" * 200}
    assert call.call.caller == OUR_NUMBER
    assert call.call.our_number == OUR_NUMBER.number


def test_a_number_that_the_platform_told_is_kept() -> None:
    other = Phone("+33188888888")
    call = play(
        reminding(),
        direction="outbound",
        caller=other,
        token="oh01234567890123",
        fetches={"start": lambda _: start()},
    )
    assert call.call.caller == other


def test_an_outbound_call_whose_variables_cannot_be_had_goes_on_with_the_defaults() -> None:
    call = play(reminding(), token="oh01234567890123", fetches={"start": lambda _: None})
    call.hears(" tomorrow")
    assert "variables of this outbound call could not be read; defaults used" in call.incidents


def test_a_branch_may_ask_about_what_was_given() -> None:
    flow = flow_of(branch("mode", {"night": "there"}, otherwise="bye"), given={"mode": ""})
    play(flow, given={"mode": "night"}).hears("There.")


def test_every_number_from_outside_is_asked_about_by_its_target() -> None:
    step = dial("{first}", "+33123456789", "{second}", no_answer="bye")
    flow = flow_of(say("Hello.", then="ring"), ring=step, given={"first": "+331", "second": "+332"})
    call = play(flow, fetches={"may_dial": lambda number: {number: ""}}).hears("Hello.")
    assert [ask.inputs for ask in call.asked] == [("+331",), ("+332",)]


@pytest.mark.parametrize(
    ("direction", "ours"), [("inbound", OUR_NUMBER.number), ("outbound", CALLER.number)]
)
def test_our_number_is_the_end_that_is_ours(direction: Any, ours: str) -> None:
    assert play(reminding(), direction=direction).call.our_number == ours
