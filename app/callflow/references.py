"""What a variable holds in place of a recording that the platform tells of after the step."""

from __future__ import annotations

import re

_REFERENCE = re.compile(r"recording:[0-9]+\.[0-9]+\Z")


def recording_reference(turn: int, at: int) -> str:
    """What stands for a recording that the platform tells of later.

    Args:
        turn: the number of the reply that had the command.
        at: the command's place in that reply, from 0.
    """
    return f"recording:{turn}.{at}"


def is_recording_reference(value: object) -> bool:
    """Whether a variable's value stands for such a recording."""
    return isinstance(value, str) and _REFERENCE.match(value) is not None
