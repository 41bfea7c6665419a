"""Flows that are sound, with functions that are not: what no check finds before somebody calls."""

from typing import Any

from app.callflow import (
    Call,
    Flow,
    assign,
    branch,
    collect,
    command,
    conference,
    dial,
    hang_up,
    menu,
    say,
)


def divides_by_zero(call: Call) -> Any:
    return len(call.key) // 0


def reads_what_is_not_set(call: Call) -> Any:
    return call["colour"]


def gives_a_list(_call: Call) -> Any:
    return ["red", "green"]


def gives_nothing(_call: Call) -> Any:
    return None


def gives_an_undeclared_language(_call: Call) -> Any:
    return "de-DE"


def gives_no_language(_call: Call) -> Any:
    return "in German"


def says_maybe(_entry: str) -> Any:
    return "maybe"


def gives_a_long_text(_call: Call) -> Any:
    return "x" * 3000


def gives_a_number(_call: Call) -> Any:
    return 99


SORRY = hang_up("Sorry, we cannot help you now.", disposition="sorry")

BOTH = {"en-GB": "Hello.", "fr-FR": "Bonjour."}

raises = Flow(
    "raises",
    start="hello",
    language="en-GB",
    fallback="sorry",
    steps={
        "hello": say("Hello.", then="which"),
        "which": branch(divides_by_zero, {}, otherwise="end"),
        "end": hang_up(),
        "sorry": SORRY,
    },
)

no_fallback = Flow(
    "no_fallback",
    start="hello",
    language="fr-FR",
    steps={"hello": say(divides_by_zero, then="end"), "end": hang_up()},
)

fallback_fails = Flow(
    "fallback_fails",
    start="hello",
    language="en-GB",
    fallback="sorry",
    steps={
        "hello": say(reads_what_is_not_set, then="end"),
        "end": hang_up(),
        "sorry": hang_up(divides_by_zero),
    },
)

falls_twice = Flow(
    "falls_twice",
    start="hello",
    language="en-GB",
    fallback="ask",
    steps={
        "hello": say(divides_by_zero, then="end"),
        "ask": menu("Press 1.", {"1": "again"}, failure="end"),
        "again": say(gives_a_list, then="end"),
        "end": hang_up(),
    },
)

says_a_list = Flow(
    "says_a_list",
    start="hello",
    language="en-GB",
    fallback="sorry",
    steps={"hello": say(gives_a_list, then="end"), "end": hang_up(), "sorry": SORRY},
)

assigns_a_list = Flow(
    "assigns_a_list",
    start="set",
    language="en-GB",
    fallback="sorry",
    steps={
        "set": assign(colour=gives_a_list, then="end"),
        "end": hang_up("{colour}"),
        "sorry": SORRY,
    },
)

undeclared_language = Flow(
    "undeclared_language",
    start="set",
    language="en-GB",
    fallback="sorry",
    steps={
        "set": assign(language=gives_an_undeclared_language, then="hello"),
        "hello": say(BOTH, then="end"),
        "end": hang_up(),
        "sorry": SORRY,
    },
)

no_language = Flow(
    "no_language",
    start="set",
    language="en-GB",
    fallback="sorry",
    steps={
        "set": assign(language=gives_no_language, then="hello"),
        "hello": say(BOTH, then="end"),
        "end": hang_up(),
        "sorry": SORRY,
    },
)

dials_a_number = Flow(
    "dials_a_number",
    start="dial",
    language="en-GB",
    fallback="sorry",
    steps={"dial": dial(gives_a_number, no_answer="sorry"), "sorry": SORRY},
)

nameless_room = Flow(
    "nameless_room",
    start="room",
    language="en-GB",
    fallback="sorry",
    steps={"room": conference(gives_nothing, then="end"), "end": hang_up(), "sorry": SORRY},
)

says_maybe_to_an_entry = Flow(
    "says_maybe_to_an_entry",
    start="ask",
    language="en-GB",
    fallback="sorry",
    steps={
        "ask": collect("Code?", into="code", valid=says_maybe, then="end", failure="end"),
        "end": hang_up(),
        "sorry": SORRY,
    },
)

out_of_range = Flow(
    "out_of_range",
    start="ask",
    language="en-GB",
    on=("callr",),
    fallback="sorry",
    steps={
        "ask": command("wait", {"seconds": gives_a_number}, then="end"),
        "end": hang_up(),
        "sorry": SORRY,
    },
)

too_much = Flow(
    "too_much",
    start="set",
    language="en-GB",
    fallback="sorry",
    steps={
        "set": assign(colour=gives_a_long_text, then="end"),
        "end": hang_up("{colour}"),
        "sorry": SORRY,
    },
)
