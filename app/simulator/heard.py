"""What was heard of the real platform, as readings: how the simulator reads `callr-verified.json`.

The file is a JSON object with `format` 1, and in `facts`, by question, an object with an `answer`.
What has no reading here (a question or an answer that is not known) leaves the usual one.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from app.simulator.readings import Readings

FORMAT: Final = 1

_YES_NO: Final = {"yes": True, "no": False}
_READINGS: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "record_tone": ("record_beeps", _YES_NO),
    "hangup_in_record": (
        "interrupted",
        {"file": "kept", "nothing": "empty", "-1": "-1", "error": "error"},
    ),
    "hangup_report": ("hangup", {"merged": "merged", "separate": "separate"}),
    "read_nothing": (
        "read_timeout",
        {"TIMEOUT": "TIMEOUT", "empty": "empty", "null": "null", "error": "error"},
    ),
    "read_hash": ("bare_hash_result", {"empty": "", "TIMEOUT": "TIMEOUT", "#": "#"}),
    "wait_key": (
        "wait_key",
        {"seconds": "seconds", "wait": "wait", "both": "either", "neither": "neither"},
    ),
    "keys_stop_play": ("keys_stop_play", _YES_NO),
    "keys_kept": ("keys_kept", _YES_NO),
    "basic": ("basic", {"unasked": "preemptive", "challenged": "challenged"}),
}
"""By question: the reading that it settles, and what each answer makes of it."""


def readings_heard(text: str) -> Readings:
    """The readings that what was heard leads to.

    Args:
        text: the file's.

    Raises:
        ValueError: it is no such file.
    """
    try:
        told = json.loads(text)
    except RecursionError:
        msg = "it is nested too deep"
        raise ValueError(msg) from None
    facts = told.get("facts") if isinstance(told, dict) else None
    if not isinstance(facts, dict) or told.get("format") != FORMAT:
        msg = f"it is no object with format {FORMAT} and facts"
        raise ValueError(msg)
    changes = {}
    for question, fact in facts.items():
        reading, meant = _READINGS.get(question, ("", {}))
        answer = fact.get("answer") if isinstance(fact, dict) else None
        if isinstance(answer, str) and answer in meant:
            changes[reading] = meant[answer]
    return replace(Readings(), **changes)
