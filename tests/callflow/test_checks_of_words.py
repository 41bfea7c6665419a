"""What ``Flow(...)`` finds wrong with variables, secrets, names, languages and hours."""

from __future__ import annotations

from typing import Any

import pytest

from app.callflow import (
    Flow,
    FlowError,
    In,
    Media,
    assign,
    branch,
    collect,
    command,
    conference,
    dial,
    hang_up,
    hours,
    menu,
    record,
    say,
    send_digits,
    to,
)
from app.callflow.errors import Finding
from app.callflow.kinds.base import Step

BYE = hang_up()


def findings(first: Step | None = None, **others: Any) -> tuple[Finding, ...]:
    """What is found wrong in a flow of these steps and options; nothing where it is right."""
    steps = {name: one for name, one in others.items() if isinstance(one, Step)}
    options = {name: one for name, one in others.items() if not isinstance(one, Step)}
    if first is not None:
        steps = {"first": first, **steps}
    arguments: dict[str, Any] = {"name": "line", "start": "first", "steps": steps} | options
    try:
        flow = Flow(arguments.pop("name"), **arguments)
    except FlowError as problem:
        return problem.findings
    return flow.findings


def only(first: Step | None = None, **others: Any) -> tuple[str, str, str, str]:
    """The one finding: step, argument, message and mend."""
    found = findings(first, **others)
    assert len(found) == 1, [str(one) for one in found]
    return found[0].step, found[0].field, found[0].message, found[0].mend


def told(first: Step | None = None, **others: Any) -> str:
    return "\n".join(str(one) for one in findings(first, **others))


# Variables.


def test_a_placeholder_that_nothing_sets() -> None:
    assert only(hang_up("Hello {nmae}."), given={"name": ""}) == (
        "first",
        "prompt",
        "nothing sets {nmae}.",
        "Set are: name; always: caller, called, direction, result, language.",
    )


def test_a_placeholder_that_some_path_leaves_unset() -> None:
    assert only(
        menu("?", {"1": to("told", team="sales"), "2": "told"}, failure="told"),
        told=hang_up("You chose {team}."),
    ) == (
        "told",
        "prompt",
        "some path leads here without {team} being set.",
        "Set it on every exit that leads here, such as to('told', team=\"\").",
    )


@pytest.mark.parametrize(
    "step",
    [
        collect("?", "x", then="told", failure=to("told", x="")),
        assign(x="y", then="told"),
        command("c", {}, then="told", failure=to("told", x=""), into="x"),
        record(into="x", then="told", nothing=to("told", x="")),
        menu("?", {"1": to("told", x="1"), "2": to("told", x="2")}, failure=to("told", x="")),
    ],
    ids=["collect", "assign", "command", "record", "menu"],
)
def test_a_placeholder_that_every_path_sets(step: Step) -> None:
    assert findings(step, told=hang_up("{x}")) == ()


@pytest.mark.parametrize(
    "step",
    [
        collect("?", "x", then="told", failure="told"),
        command("c", {}, then="told", failure="told", into="x"),
        record(into="x", then="told", nothing="told"),
        record(into="x", then="told", failure="told"),
    ],
    ids=["collect", "command", "nothing", "record"],
)
def test_an_exit_that_does_not_set_what_another_sets(step: Step) -> None:
    assert "some path leads here" in only(step, told=hang_up("{x}"))[2]


def test_a_fallback_can_be_reached_with_nothing_set() -> None:
    sorry = hang_up("Sorry {x}.")
    flow = {"ask": collect("?", "x", then="sorry", failure="bye"), "sorry": sorry, "bye": BYE}
    assert "some path" in only(say("Hi.", then="ask"), **flow, fallback="sorry")[2]


@pytest.mark.parametrize(
    ("step", "argument"),
    [
        (say("{x}", then="bye"), "prompt"),
        (menu("{x}", {"1": "bye"}, failure="bye"), "prompt"),
        (menu("?", {"1": "bye"}, failure="bye", invalid="{x}"), "invalid"),
        (collect("?", "y", then="bye", failure="bye", no_input="{x}"), "no_input"),
        (record("{x}", into="y", then="bye"), "prompt"),
        (dial("{x}", no_answer="bye"), "targets"),
        (dial("+33123456789", no_answer="bye", whisper="{x}"), "whisper"),
        (conference("{x}", then="bye"), "room"),
        (conference("r", then="bye", waiting="{x}"), "waiting"),
        (send_digits("{x}", then="bye"), "digits"),
        (command("c", {"p": "{x}"}, then="bye"), "p"),
        (command("c", {"p": In("fr-FR", "{x}")}, then="bye"), "p"),
        (say({"en-GB": "a", "fr-FR": "{x}"}, then="bye"), "prompt"),
    ],
)
def test_placeholders_are_looked_for_everywhere(step: Step, argument: str) -> None:
    assert only(step, bye=BYE)[:3] == ("first", argument, "nothing sets {x}.")


def test_a_branch_on_what_nothing_sets() -> None:
    step = branch("tema", {"x": "bye"}, otherwise="bye")
    assert only(step, bye=BYE, given={"team": ""}) == (
        "first",
        "on",
        "nothing sets 'tema'.",
        "Set are: team.",
    )


def test_a_phrase_may_hold_only_what_is_always_set() -> None:
    ask = collect("?", "x", then="bye", failure="bye")
    wrong = only(ask, bye=BYE, phrases={"invalid": "Not {x}."})
    assert wrong == (
        "",
        "phrases['invalid']",
        "it can be said before {x} is set.",
        "Always set are: called, caller, direction, language, result.",
    )
    assert "nothing sets {y}." in told(ask, bye=BYE, phrases={"invalid": "Not {y}."})
    assert findings(ask, bye=BYE, phrases={"invalid": "No, {caller}."}) == ()


def test_a_phrase_that_there_is_not() -> None:
    assert only(BYE, phrases={"invlaid": "No."})[1:] == (
        "phrases",
        "'invlaid' is no phrase.",
        "There are: invalid, no_input, after_the_tone, apology.",
    )


def test_an_apology_that_needs_a_call() -> None:
    assert findings(BYE, phrases={"apology": "We are sorry."}) == ()
    for needs_a_call in ("Sorry, {caller}.", str, Media(callr=7)):
        assert only(BYE, phrases={"apology": needs_a_call})[1:] == (
            "phrases['apology']",
            "it is said when nothing is known of the call.",
            "Write plain text: no placeholder, sound or function.",
        )


# Secrets.


@pytest.mark.parametrize(
    ("step", "argument"),
    [
        (say("{pin}", then="bye"), "prompt"),
        (say("{pin:digits}", then="bye"), "prompt"),
        (dial("{pin}", no_answer="bye"), "targets"),
        (command("c", {"p": "{pin}"}, then="bye"), "p"),
        (branch("pin", {"1": "bye"}, otherwise="bye"), "on"),
        (conference("{pin}", then="bye"), "room"),
    ],
)
def test_a_secret_in_a_text_or_a_branch(step: Step, argument: str) -> None:
    ask = collect("PIN?", "pin", secret=True, then="use", failure="bye")
    assert only(ask, use=step, bye=BYE) == (
        "use",
        argument,
        "'pin' is secret and may be read by functions only.",
        "Leave it out of texts and branches.",
    )


def test_a_secret_in_a_phrase() -> None:
    ask = collect("PIN?", "pin", secret=True, then="bye", failure="bye")
    assert "'pin' is secret" in only(ask, bye=BYE, phrases={"invalid": "Not {pin}."})[2]


@pytest.mark.parametrize(
    "step",
    [
        collect("?", "pin", then="bye", failure="bye"),
        record(into="pin", then="bye"),
        command("read", {}, into="pin", then="bye"),
    ],
    ids=["collect", "record", "command"],
)
def test_a_secret_that_another_step_keeps_openly(step: Step) -> None:
    ask = collect("PIN?", "pin", secret=True, then="use", failure="bye")
    assert only(ask, use=step, bye=BYE) == (
        "use",
        "into",
        "'pin' is secret at another step.",
        "Use another name, or collect(..., secret=True) here too.",
    )


def test_a_secret_may_be_emptied() -> None:
    ask = collect("PIN?", "pin", secret=True, then=to("bye", pin=""), failure="bye")
    assert findings(ask, bye=BYE) == ()


# Names.


@pytest.mark.parametrize("name", ["", "Line", "my-line", "1st", "é", "x" * 33, "a b"])
def test_a_flow_or_step_with_no_name(name: str) -> None:
    assert f"{name!r} is no name." in told(BYE, name=name)
    assert f"{name!r} is no name." in told(start=name, **{name: BYE})


@pytest.mark.parametrize("name", ["Order", "my-order", "_x", "x" * 33])
def test_a_variable_with_no_name(name: str) -> None:
    for step in (
        collect("?", name, then="bye", failure="bye"),
        record(into=name, then="bye"),
        command("c", into=name, then="bye"),
        say("Hi.", then=to("bye", **{name: "x"})),
        assign(then="bye", **{name: "x"}),
    ):
        assert f"{name!r} is no name." in told(step, bye=BYE)
    assert f"{name!r} is no name." in told(BYE, given={name: ""})


@pytest.mark.parametrize("name", ["caller", "called", "direction", "result"])
def test_a_name_that_is_taken(name: str) -> None:
    for step in (
        collect("?", name, then="bye", failure="bye"),
        say("Hi.", then=to("bye", **{name: "x"})),
        assign(then="bye", **{name: "x"}),
    ):
        assert only(step, bye=BYE) == (
            "first",
            "",
            f"'{name}' is taken.",
            "Use another name than caller, called, direction, result, language.",
        )
    assert only(BYE, given={name: ""})[2] == f"'{name}' is taken."


def test_a_given_variable_whose_default_is_no_text() -> None:
    assert only(BYE, given={"n": 5})[1:] == (
        "given",
        "'n' is 5.",
        'Write its default as text: "".',
    )


# Languages, time zone, hours.


def test_a_language_that_is_none() -> None:
    assert "'english' is no tag." in told(BYE, language="english")
    assert "'fr_FR' is no language tag." in told(say("Hi.", then="bye", language="fr_FR"), bye=BYE)
    assert "'x' is no language tag." in told(say("Hi.", then=to("bye", language="x")), bye=BYE)
    assert "'x' is no language tag." in told(assign(language="x", then="bye"), bye=BYE)
    assert "None is no language tag." in told(assign(language=None, then="bye"), bye=BYE)


def test_a_text_that_lacks_a_language_of_the_flow() -> None:
    both = {"en-GB": "Hello.", "fr-FR": "Bonjour."}
    assert only(
        menu(both, {"1": to("third", language="de-DE")}, failure="third"), third=hang_up()
    ) == ("first", "prompt", "a text has no de-DE.", "Write it in every language of the flow.")
    assert "a text has no vi-VN." in told(hang_up(both), language="vi-VN")
    assert "a text has no fr-FR." in told(
        say(both, then="second"), second=hang_up({"en-GB": "Hi."})
    )
    assert "a text has no fr-FR." in told(
        say(both, then="second"), second=hang_up({"en-GB": "Hi.", "de-DE": "Hallo."})
    )


def test_a_phrase_that_lacks_a_language_of_the_flow() -> None:
    both = {"en-GB": "Hello.", "fr-FR": "Bonjour."}
    ask = menu(both, {"1": "bye"}, failure="bye")
    right = {"invalid": {"en-GB": "No.", "fr-FR": "Non."}}
    assert findings(ask, bye=BYE, phrases=right) == ()
    text = told(ask, bye=BYE, phrases={"invalid": {"en-GB": "No.", "de-DE": "Nein."}})
    assert "phrases['invalid']: a text has no fr-FR." in text


def test_a_language_that_an_assign_sets_is_one_of_the_flow() -> None:
    step = assign(language="fr-FR", then="bye")
    assert "has no fr-FR" in told(step, bye=hang_up({"en-GB": "Hi.", "de-DE": "Hallo."}))


def test_languages_that_differ_in_their_pieces() -> None:
    step = say({"en-GB": ["Hello.", "You."], "fr-FR": "Bonjour."}, then="bye")
    assert only(step, bye=BYE)[2] == (
        "the languages differ in how many pieces they have (en-GB 2, fr-FR 1). Write equally many."
    )


@pytest.mark.parametrize("zone", ["Europe/Paname", "../etc/passwd", "/etc/localtime", "Europe"])
def test_a_time_zone_that_is_none(zone: str) -> None:
    assert only(BYE, timezone=zone)[1:] == (
        "timezone",
        f"there is no time zone {zone!r}.",
        "Write like Europe/London.",
    )


def test_hours_without_a_time_zone() -> None:
    step = hours({"mon": "09:00-10:00"}, open="bye", closed_step="bye")
    assert only(step, bye=BYE)[2:] == (
        "hours needs the flow's time zone.",
        'Write Flow(timezone="Europe/London").',
    )


@pytest.mark.parametrize(
    ("week", "message"),
    [
        ({"monday": "09:00-10:00"}, "'monday' is no day."),
        ({"mon-fry": "09:00-10:00"}, "'mon-fry' is no day."),
        ({"mon": "9-10"}, "'9-10' are no hours."),
        ({"mon": "09:00-24:01"}, "'09:00-24:01' are no hours."),
        ({"mon": "09:60-10:00"}, "'09:60-10:00' are no hours."),
        ({"mon": "09:00-09:00"}, "'09:00-09:00' are no hours."),
        ({"mon": "09:00 - 10:00"}, "'-' are no hours."),
        ({"mon": "09:00-10:00 25:00-26:00"}, "'25:00-26:00' are no hours."),
        ({"mon": 9}, "9 are no hours."),
        ({5: "09:00-10:00"}, "5 is no day."),
    ],
)
def test_opening_hours_that_cannot_be_read(week: Any, message: str) -> None:
    step = hours(week, open="bye", closed_step="bye")
    assert f"week: {message} Write" in told(step, bye=BYE, timezone="UTC")


@pytest.mark.parametrize(
    "day", ["25-12", "02-30", "2026-02-29", "christmas", "12/25", "W01-1", "12-25 ", "1-1", 5]
)
def test_closed_days_that_cannot_be_read(day: Any) -> None:
    step = hours({}, open="bye", closed_step="bye", closed=(day,))
    assert only(step, bye=BYE, timezone="UTC")[1:3] == (
        "closed",
        f"{day!r} is no day. Write 12-25 or 2026-12-25.",
    )


def test_closed_days_that_are_one_text() -> None:
    step = hours({}, open="bye", closed_step="bye", closed="12-25")
    mend = "'12-25' is one text. Write a sequence: ('12-25',)."
    assert only(step, bye=BYE, timezone="UTC")[1:3] == ("closed", mend)


def test_days_of_a_leap_year_and_of_one_year_are_days() -> None:
    step = hours({}, open="bye", closed_step="bye", closed=("02-29", "2028-02-29"))
    assert findings(step, bye=BYE, timezone="UTC") == ()
