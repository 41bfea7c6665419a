"""What the vendor's public material leaves open and flows stand on: the one table of it.

``app.callr.verifying`` asks it of an account, ``app.callr.hearing`` reads the answers out of the
reports, ``app.callr.heard`` keeps them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that nobody documents, or that the vendor's sources tell in two ways.

    Attributes:
        asks: the question, for people.
        assumed: the answers that Offhook is made for; the first is the one that it says.
        answers: each answer, with what follows from it for whoever writes flows.
    """

    asks: str
    assumed: tuple[str, ...]
    answers: Mapping[str, str]


_NO_MATTER = "Offhook takes it all the same."
_NOTHING_ENTERED = {
    "TIMEOUT": "it counts as nothing entered.",
    "empty": "it counts as nothing entered.",
    "null": "it counts as nothing entered.",
    "error": "a menu or collect takes `failure` at once, without another try.",
    "other": "a menu or collect counts it as a wrong entry, and says so to the caller.",
}

QUESTIONS: Mapping[str, Question] = {
    "record_tone": Question(
        "Does the caller hear a tone before `record`?",
        ("yes",),
        {
            "yes": "prompts may say 'after the tone'.",
            "no": "say no 'after the tone' before a record: give each its own prompt, or put the "
            "sound of a tone last in it.",
        },
    ),
    "hangup_in_record": Question(
        "Does HANGUP in mid-`record` bring the file?",
        ("nothing", "-1", "error"),
        {
            "file": "who hangs up instead of pressing # is heard too: the message is kept.",
            "nothing": "who hangs up while speaking leaves no message: have prompts ask for #.",
            "-1": "who hangs up while speaking leaves no message: have prompts ask for #.",
            "error": "who hangs up while speaking leaves no message: have prompts ask for #.",
        },
    ),
    "hangup_report": Question(
        "Does HANGUP carry the command that it interrupts?",
        ("merged",),
        {"merged": _NO_MATTER, "separate": _NO_MATTER},
    ),
    "read_nothing": Question(
        "What does `read` bring when no key is pressed?", ("TIMEOUT", "empty"), _NOTHING_ENTERED
    ),
    "read_hash": Question(
        "What does `read` bring for a bare #?",
        ("empty", "TIMEOUT", "#"),
        {**_NOTHING_ENTERED, "#": "it counts as nothing entered."},
    ),
    "wait_key": Question(
        "Which parameter of `wait` is obeyed?",
        ("seconds", "both"),
        {
            "seconds": "the step wait sends it.",
            "wait": "the step wait sends `wait` from now on.",
            "both": "the step wait sends `seconds`.",
            "neither": "the step wait lasts as long as CALLR likes: do not build on it.",
        },
    ),
    "keys_stop_play": Question(
        "Does a key end what `play` plays?",
        ("no",),
        {
            "yes": "who presses a key during a say hears the next step at once.",
            "no": "a say is heard to its end.",
        },
    ),
    "keys_kept": Question(
        "Do keys pressed during `play` count for the next `read`?",
        ("no",),
        {
            "yes": "a key pressed during a say answers the next menu or collect, unheard.",
            "no": "keys pressed during a say are lost.",
        },
    ),
    "basic": Question(
        "Are the Basic credentials sent unasked?",
        ("unasked",),
        {
            "unasked": "each report takes one request.",
            "challenged": "each report takes two requests; refusals are part of each call, and "
            "`GET /api/refusals` counts them.",
        },
    ),
}
"""The order is that in which they are told."""
