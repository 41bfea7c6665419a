"""The call.

Its frozen state between two turns, and how that state is written into what rides with the call.

The state holds everything that the next turn needs besides the platform's report, so that any
worker on any machine can answer it without reading anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from app.callflow.commands import Value
from app.callflow.errors import FlowError
from app.callflow.events import Direction
from app.callflow.parties import (
    Client,
    Party,
    Phone,
    party_from_state,
    party_to_state,
    target_from_state,
)

STATE_VERSION = 1
"""The version of what ``Call.to_state`` writes; a state of another version is not read."""

SPOKEN_NAMES = ("caller", "called", "direction", "result", "language")
"""What a placeholder or a branch may name besides the flow's own variables."""


class Phase(StrEnum):
    """Where a call is in its life."""

    NEW = "new"
    LIVE = "live"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call leg that a platform lets us control.

    Attributes:
        key: our own name for the call, such as ``callr:242359184129``.
        provider: the platform's name, such as ``callr``.
        flow: the name of the flow that the call runs through.
        fingerprint: the fingerprint of that flow when it gave the last command.
        direction: ``inbound`` (somebody reached us) or ``outbound`` (we placed the call).
        caller: who calls; None where withheld.
        called: who is called.
        began: when the call began (UTC, whole seconds); it does not move while the call lasts.
        timezone: the flow's time zone; not part of the state.
        language: the language that the call is in, BCP 47.
        phase: new, live or ended.
        turn: the number of the last reply, 0 before the first.
        step: the step that gave the last command.
        at: the place of that command among the step's commands, from 0.
        last: whether it is the step's last one, so that its result belongs to the step.
        verb: the kind of that command, to recognise it after a deploy.
        tries: entries at this step that were no match.
        why: what the last try lacked: "", ``invalid`` or ``no_input``.
        counts: how often each ``at_most`` step was passed.
        result: what the last step's command brought, "" for nothing or for a secret.
        ending: the outcome that the call will have when it is hung up next, "" while nothing says
            so.
        disposition: what the call came to, in the flow's own words.
        ahead: what it will have come to once the list at hand is heard to its end, where the
            platform takes lists; "" where that says nothing more.
        fallen: whether the flow's fallback was entered.
        variables: the flow's variables.
        rest: whom the dial at hand still has to ring, where the platform takes one at a time.
        ours: our own number, E.164, where neither end of the call is it.
        ids: the platform's own ids of the call, by what it calls them; none where the key has it.
    """

    key: str
    provider: str
    flow: str
    direction: Direction
    caller: Party
    called: Party
    began: datetime
    language: str
    timezone: str = "UTC"
    fingerprint: str = ""
    phase: Phase = Phase.NEW
    turn: int = 0
    step: str = ""
    at: int = 0
    last: bool = True
    verb: str = ""
    tries: int = 0
    why: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    result: str = ""
    ending: str = ""
    disposition: str = ""
    ahead: str = ""
    fallen: bool = False
    variables: Mapping[str, Value] = field(default_factory=dict)
    rest: tuple[Phone | Client, ...] = ()
    ours: str = ""
    ids: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Value:
        """The value of a variable.

        Raises:
            FlowError: no step that this call passed has set it.
        """
        try:
            return self.variables[name]
        except KeyError:
            msg = f"variable '{name}' is not set in this call."
            known = ", ".join(sorted(self.variables)) or "none"
            raise FlowError(msg, mend=f"Set are: {known}. Use call.get('{name}').") from None

    def get(self, name: str, default: Value = None) -> Value:
        """The value of a variable, or ``default`` where no step has set it."""
        return self.variables.get(name, default)

    def int(self, name: str) -> int:
        """The value of a variable as a whole number: "018" is 18.

        Raises:
            FlowError: it is not set, or is no whole number.
        """
        value = self[name]
        try:
            return int(value)  # type: ignore[arg-type] # None raises the TypeError that is caught
        except (TypeError, ValueError):
            msg = f"variable '{name}' is {value!r}, no whole number."
            raise FlowError(msg, mend="Read it with call['...'] where it can be empty.") from None

    @property
    def now(self) -> datetime:
        """When the call began, UTC. It does not move, so that a replay takes the same way."""
        return self.began

    @property
    def local_now(self) -> datetime:
        """``now`` in the flow's time zone."""
        return self.began.astimezone(ZoneInfo(self.timezone))

    @property
    def our_number(self) -> str | None:
        """Our own number in this call, E.164: who was called in, or who calls out.

        None where the call has none: a user of an app calls whomever they want.
        """
        if self.ours or isinstance(self.caller, Client):
            return self.ours or None
        ours = self.called if self.direction == "inbound" else self.caller
        return ours.number if isinstance(ours, Phone) else None

    def with_variables(self, assigned: Mapping[str, Value]) -> Call:
        """The call with these variables set."""
        return self.but(variables={**self.variables, **assigned}) if assigned else self

    def but(self, **changes: Any) -> Call:
        """The call with these fields changed.

        ``dataclasses.replace`` gathers and sets every field by its name: it takes ten times as
        long, and a turn changes a call about four times.

        Raises:
            TypeError: a call has no such field.
        """
        fields = vars(self)
        changed = fields | changes
        if len(changed) != len(fields):
            msg = f"a call has no {', '.join(sorted(changes.keys() - fields.keys()))}."
            raise TypeError(msg)
        call = object.__new__(Call)
        object.__setattr__(call, "__dict__", changed)  # a frozen one lets nobody else
        return call

    def to_state(self) -> dict[str, Any]:
        """Write the call as a small JSON object: short keys, and nothing that has its default.

        The key, the provider and the flow's time zone are not in it: the first two seal it, and the
        flow brings the last.
        """
        state: dict[str, Any] = {
            "f": self.flow,
            "p": self.fingerprint,
            "d": self.direction[0],
            "b": int(self.began.timestamp()),
            "l": self.language,
            "h": self.phase[0],
            "t": self.turn,
            "s": self.step,
            "v": self.verb,
        }
        if self.caller is not None:
            state["c"] = party_to_state(self.caller)
        if self.called is not None:
            state["n"] = party_to_state(self.called)
        if not self.last:
            state["m"] = 1
        if self.fallen:
            state["x"] = 1
        if self.rest:
            state["q"] = [party_to_state(party) for party in self.rest]
        fields = vars(self)
        state |= {key: value for key, name in _RARE if (value := fields[name])}
        state |= {key: dict(value) for key, name in _RARE_MAPS if (value := fields[name])}
        return state

    @staticmethod
    def from_state(state: Mapping[str, Any], *, key: str, provider: str) -> Call:
        """Read what ``to_state`` wrote.

        Raises:
            KeyError, TypeError, ValueError: it is not such a state.
        """
        return _BLANK.but(
            key=key,
            provider=provider,
            flow=state["f"],
            fingerprint=state["p"],
            direction="inbound" if state["d"] == "i" else "outbound",
            caller=party_from_state(state.get("c")),
            called=party_from_state(state.get("n")),
            began=datetime.fromtimestamp(state["b"], UTC),
            language=state["l"],
            phase=_PHASES[state["h"]],
            turn=state["t"],
            step=state["s"],
            verb=state["v"],
            last="m" not in state,
            fallen="x" in state,
            rest=tuple(target_from_state(party) for party in state.get("q", ())),
            **{name: state[key] for key, name in _RARE if key in state},
            **{name: state.get(key, {}) for key, name in _RARE_MAPS},
        )


_RARE = (
    ("a", "at"),
    ("r", "tries"),
    ("w", "why"),
    ("e", "result"),
    ("g", "ending"),
    ("o", "disposition"),
    ("j", "ahead"),
    ("u", "ours"),
)
_RARE_MAPS = (("k", "counts"), ("y", "variables"), ("i", "ids"))
"""What a state has only where it is not the default: its name there, and the field's."""

_BLANK = Call(
    key="",
    provider="",
    flow="",
    direction="inbound",
    caller=None,
    called=None,
    began=datetime.fromtimestamp(0, UTC),
    language="",
)
"""What a state is read into: ``but`` is quicker than a frozen dataclass's own way."""

_PHASES = {phase[0]: phase for phase in Phase}
