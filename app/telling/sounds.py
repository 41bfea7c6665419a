"""Which recording a call's variable and a status post mean.

A platform that takes a list of commands tells of a recording after the flow went on. Until then a
variable holds where it was asked for (``recording_reference``); what was told later names that
place, and the recording.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.callflow.references import recording_reference
from app.ports import Notice, TurnRecord
from app.sounds import Recording


class Sounds:
    """The recordings of one call.

    Args:
        turns: of the call.
        recordings: of the call.
        notices: of the call.
    """

    def __init__(
        self,
        turns: Sequence[TurnRecord] = (),
        recordings: Sequence[Recording] = (),
        notices: Sequence[Notice] = (),
    ) -> None:
        self._replies = {turn.turn: turn for turn in turns if turn.kind == "turn"}
        by_file = {one.file: one for one in recordings}
        self._by_reference = {
            recording_reference(one.about["turn"], one.about["at"]): by_file[one.about["file"]]
            for one in notices
            if is_of_a_sound(one) and one.about["file"] in by_file
        }
        self._references = {one.id: name for name, one in self._by_reference.items()}

    def told_by(self, notice: Notice) -> Recording | None:
        """The recording that a status post tells of; None where it is not in the journal."""
        about = notice.about
        return self._by_reference.get(recording_reference(about["turn"], about["at"]))

    def asked_for(self, notice: Notice) -> Mapping[str, Any]:
        """The command that had it recorded; empty where it is not in the journal."""
        turn = self._replies.get(notice.about["turn"])
        at = notice.about["at"]
        return turn.commands[at] if turn and at < len(turn.commands) else {}

    def reference(self, recording: Recording) -> str:
        """What stands for a recording in variables; "" where a report brought it."""
        return self._references.get(recording.id, "")

    def value(self, value: object) -> str:
        """A variable's value: JSON, but for a recording, which is told by its number."""
        told = self.resolved(value)
        return str(told) if told is not value else json.dumps(value, ensure_ascii=False)

    def resolved(self, value: object) -> object:
        """A variable's value, or "recording 3" where it stands for that one."""
        meant = self._by_reference.get(value) if isinstance(value, str) else None
        return f"recording {meant.id}" if meant else value


def is_of_a_sound(notice: Notice) -> bool:
    """Whether a status post tells of a sound, and where that was asked for."""
    about = notice.about
    return isinstance(about.get("turn"), int) and isinstance(about.get("at"), int)
