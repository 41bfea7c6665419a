"""The call flow by which ``offhook callr verify`` asks an account what nobody documents.

Every server serves it by its name; no list shows it, since it answers no number. What each step
brings is read by ``app.callr.hearing``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.callflow import Flow, collect, command, hang_up, menu, say
from app.callflow.kinds.base import Step

NOTHING_S: Final = 4
"""How long the read lasts in which nothing is pressed, seconds."""

HASH_S: Final = 20
"""How long the read lasts in which # is pressed: so much longer that one without it shows."""

SHORT_S, LONG_S = 1, 9
"""Seconds of two waits by one parameter. The first is what the SDKs have as the default, which is
what a parameter that is not obeyed comes to."""

WAITS: Final = tuple((key, seconds) for key in ("seconds", "wait") for seconds in (SHORT_S, LONG_S))
"""The parameter of each wait, and the seconds that it asks for."""

_GO = "Now."
_COUNT = "One. Two. Three. Four. Five. Six. Seven. Eight. Nine. Ten. Eleven. Twelve."


def wait_step(key: str, seconds: int) -> str:
    """The step that waits so long by this parameter."""
    return f"wait_{key}_{seconds}"


def _waits(then: str) -> dict[str, Step]:
    names = [wait_step(*one) for one in WAITS]
    return {
        name: command("wait", {key: seconds}, then=after, failure=after)
        for name, after, (key, seconds) in zip(names, [*names[1:], then], WAITS, strict=True)
    }


_STEPS: Mapping[str, Step] = {
    "hello": say(
        "This is Offhook. It wants to know how this telephone platform behaves, and takes about "
        "two minutes. Please hear each request to its end before you do anything.",
        then="ask_nothing",
    ),
    "ask_nothing": say(
        "First. I will say now. Then press nothing at all, until I speak again.", then="nothing"
    ),
    "nothing": collect(
        _GO, "entry", tries=1, timeout_s=NOTHING_S, then="ask_hash", failure="ask_hash"
    ),
    "ask_hash": say(
        "Second. I will say now again. Then press the hash key, once, and nothing else.",
        then="hash",
    ),
    "hash": collect(_GO, "entry", tries=1, timeout_s=HASH_S, then="count", failure="count"),
    "count": say(
        "Third. I will count to twelve. Press the seven while I count, once, and nothing else. "
        f"{_COUNT}",
        then="counted",
    ),
    "counted": collect(
        "Thank you. Please wait.",
        "entry",
        max_digits=1,
        tries=1,
        timeout_s=3,
        then="stopped",
        failure="stopped",
    ),
    "stopped": menu(
        "If I stopped counting when you pressed the seven, press 1. If I counted to twelve all "
        "the same, press 2. If you did not press it while I counted, press 3.",
        dict.fromkeys("123", "ask_tone"),
        tries=2,
        timeout_s=8,
        failure="ask_tone",
    ),
    "ask_tone": say(
        "Fourth. Listen whether a tone comes now. Then say a few words, and press the hash key.",
        then="tone_record",
    ),
    "tone_record": command(
        "record", {"max_duration": 10, "silence": 0}, then="tone", failure="tone"
    ),
    "tone": menu(
        "If there was a tone, press 1. If there was none, press 2. If you are not sure, press 3.",
        dict.fromkeys("123", "ask_waits"),
        tries=2,
        timeout_s=8,
        failure="ask_waits",
    ),
    "ask_waits": say(
        "Fifth. For twenty seconds there is nothing to do, and nothing to hear.",
        then=wait_step(*WAITS[0]),
    ),
    **_waits("ask_hang_up"),
    "ask_hang_up": say(
        "Thank you. Last, hang up. Say a few words first, and hang up while you are still "
        "speaking. You are being recorded from now.",
        then="cut_record",
    ),
    "cut_record": command(
        "record", {"max_duration": 30, "silence": 0}, then="too_late", failure="too_late"
    ),
    "too_late": hang_up(
        "You are still there, so one question stays open. Goodbye.", disposition="stayed"
    ),
}

VERIFY: Final = Flow("offhook_verify", start="hello", steps=_STEPS, on=("callr",))
"""Its ``collect``s and ``menu``s go on whatever is entered: what counts is what stands in the
reports."""
