"""The vendor's own sample: asks for an age, says it back, and lets adults into a room named by it.

Source: docs.callr.com/voice/real-time/reference; THECALLR/sdk-php 3b6ade6
``examples/realtime.php``. It lets the platform count the tries (``attempts``), as the sample does;
``collect`` counts itself.
"""

from app.callflow import Call, Flow, In, branch, command, conference, hang_up, say

ADULT = 18


def is_adult(call: Call) -> bool:
    """Whether the age that was typed is one of an adult; a typed * is none."""
    age = str(call["age"])
    return age.isdecimal() and int(age) >= ADULT


age_gate = Flow(
    "age_gate",
    start="ask_age",
    language="en-GB",
    on=("callr",),
    steps={
        "ask_age": command(
            "read",
            {
                "media_id": In("en-GB", "Hello there. How old are you?"),
                "attempts": 2,
                "max_digits": 3,
                "timeout_ms": 5000,
            },
            into="age",
            then="say_age",
            failure="end",
        ),
        "say_age": say("You are {age} years old.", then="adult"),
        "adult": branch(is_adult, {True: "room"}, otherwise="end"),
        "room": conference("{age}", shared=True, auto_leave_when_alone=True, then="end"),
        "end": hang_up(),
    },
)
