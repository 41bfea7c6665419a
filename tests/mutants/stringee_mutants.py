"""Changed copies of Stringee's adapter: what Stringee would not understand, or we not of it."""

from __future__ import annotations

from collections.abc import Mapping

from wire_mutants import Mutant

WIRE = "app/stringee/wire.py"
SPELLING = "app/stringee/spelling.py"
READING = "app/stringee/reading.py"
POSTS = "app/stringee/posts.py"
ENDS = "app/stringee/ends.py"
BODIES = "app/stringee/bodies.py"


def renamed(token: str, *files: str) -> Mutant:
    """A quoted word under another name."""
    name = f"{token} in {', '.join(file.rpartition('/')[2] for file in files)}"
    return Mutant(name, f'"{token}"', f'"{token}_"', files)


def option(name: str) -> Mutant:
    """An option of an action that the schemas know by another name."""
    return Mutant(f"{name} in wire.py", f"    {name} = ", f"    {name}_ = ", (WIRE,))


ACTIONS = [
    *(renamed(name, SPELLING) for name in ("talk", "play", "input", "connect", "recordMessage")),
    *(renamed(name, WIRE) for name in ("stream", "record", "talk", "connect")),
    Mutant("internal renamed", 'INTERNAL = "internal"', 'INTERNAL = "inside"', (WIRE,)),
    Mutant("external renamed", 'EXTERNAL = "external"', 'EXTERNAL = "outside"', (WIRE,)),
    Mutant("connect asks nothing", '{"input", "connect"}', '{"input"}', (WIRE,)),
    Mutant("input asks nothing", "isinstance(command, Collect | Dial)", "False", (SPELLING,)),
]

OPTIONS_WRITTEN = [
    renamed(name, SPELLING)
    for name in (
        "action",
        "text",
        "voice",
        "bargeIn",
        "fileName",
        "eventUrl",
        "submitOnHash",
        "maxDigits",
        "maxConnectTime",
        "peerToPeerCall",
        "continueOnFail",
        "onFailEventUrl",
        "from",
        "to",
        "type",
        "number",
        "alias",
        "format",
        "endOnKey",
        "beepStart",
        "silenceTimeout",
        "loop",
        "silenceTime",
    )
]

OPTIONS_CHECKED = [
    option(name)
    for name in (
        "recordStereo",
        "fileName",
        "speed",
        "bargeIn",
        "loop",
        "silenceTime",
        "customData",
        "maxConnectTime",
        "voice",
        "text",
    )
]

UNITS = [
    Mutant("keys in ms", "math.ceil(collect.timeout_s)", "collect.timeout_s * 1000", (SPELLING,)),
    Mutant("messages in seconds", "record.max_s * 1000", "record.max_s", (SPELLING,)),
    Mutant("silence in s", "record.silence_s * 1000", "record.silence_s", (SPELLING,)),
    Mutant("ringing in ms", "dial.ring_s,", "dial.ring_s * 1000,", (SPELLING,)),
    Mutant("numbers with +", 'number.removeprefix("+")', "number", (SPELLING,)),
    Mutant("flags as text", '"continueOnFail": True', '"continueOnFail": "true"', (SPELLING,)),
    Mutant("prompts that keys do not end", "collect.prompt, barge_in=True",
           "collect.prompt, barge_in=False", (SPELLING,)),
]  # fmt: skip

READ = [
    *(
        renamed(name, READING)
        for name in ("callId", "fromInternal", "userId", "custom", "dtmf", "state", "from", "to")
    ),
    *(renamed(name, POSTS) for name in ("call_status", "recording_url", "ended", "at")),
    *(renamed(name, READING, POSTS) for name in ("turn", "call")),
    *(
        renamed(name, ENDS)
        for name in ("endCallCause", "answerDuration", "callCreatedReason", "endedBy", "callType",
                     "USER_END_CALL", "EXTERNAL", "IVR")
    ),
    Mutant("SERVER_CALL_OUT in ends.py", '"SERVER_CALL_OUT"', '"SERVER_CALLED"', (ENDS,)),
    Mutant("busy by another code", r"\b486\b|\b600\b|busy", r"\b487\b", (ENDS,)),
    Mutant("declined by another code", r"\b603\b|reject|declin", r"\b604\b", (ENDS,)),
    Mutant("congestion by another code", r"\b503\b|\b502\b|congest|can_not_make_call",
           r"\b504\b", (ENDS,)),
    Mutant("encoded twice", "unquote(text) if _ENCODED.search(text) else text", "text", (BODIES,)),
]  # fmt: skip

MUTANTS: Mapping[str, Mutant] = {
    f"stringee: {mutant.name}": mutant
    for mutant in (*ACTIONS, *OPTIONS_WRITTEN, *OPTIONS_CHECKED, *UNITS, *READ)
}
