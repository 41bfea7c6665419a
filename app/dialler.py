"""Places outbound calls: checks them, writes them down, dials, and writes what came of it.

The row is written before the platform is asked, because the call's first turn reads it. A start is
never tried
again by itself: one whose answer did not come may have dialled.
"""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.callflow.checks import MAX_GIVEN_CHARS
from app.callflow.errors import OffhookError, PlacingError
from app.callflow.flow import Flow
from app.dial_rules import StartRules
from app.numbers import read_number
from app.ports import Journal, Placer, Start

RING_S = (5, 300)
_FIELD = re.compile(r"[A-Za-z0-9]{0,16}\Z")
_KEY = re.compile(r"[\x21-\x7e]{0,128}\Z")
_TOKEN_CHARS = string.ascii_lowercase + string.digits


class RequestError(OffhookError):
    """A call was asked for in a way that cannot be; nothing was done."""

    status = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRequest:
    """A call to be placed, as somebody asks for it.

    Attributes:
        number: whom to call, as people write it.
        caller_id: our number to show, as people write it; "" for CALLER_ID.
        ring_s: how long to let it ring, seconds, 5 to 300.
        variables: values for what the flow declares in ``given``.
        field: comes back in the platform's own records; at most 16 letters and digits.
        app: CALLR's voice app, "" to find it by its URL.
        provider: the platform that dials, "" for the usual one that the flow is served on.
        idempotency_key: a key that gives back the same call when it is used again; at most 128
            characters.
    """

    number: str
    flow: str
    caller_id: str = ""
    ring_s: int = 30
    variables: Mapping[str, str] = field(default_factory=dict)
    field: str = ""
    app: str = ""
    provider: str = ""
    idempotency_key: str = ""


class Dialler:
    """Places calls.

    Args:
        flows: every flow, by name.
        journal: where starts are written.
        placers: by the platform's name.
        usual: the platform that dials where nobody says which.
        country: of numbers written without +.
        caller_id: our number where a request does not say.
        clock: the time, UTC.
        rules: what is asked of every call; None where nobody is really called.
    """

    def __init__(
        self,
        flows: Mapping[str, Flow],
        journal: Journal,
        placers: Mapping[str, Placer],
        *,
        usual: str,
        country: str,
        caller_id: str,
        clock: Callable[[], datetime],
        rules: StartRules | None,
    ) -> None:
        self._flows = flows
        self._journal = journal
        self._placers = placers
        self._usual = usual
        self._country = country
        self._caller_id = caller_id
        self._clock = clock
        self._rules = rules

    def place(self, request: CallRequest) -> tuple[Start, bool]:
        """Place a call.

        Returns:
            the start, and whether it was dialled now; not, where its idempotency key was used
            before.

        Raises:
            OffhookError: it was refused; says by whom, and whether it may have dialled all the
                same.
        """
        start = self._checked(request)
        known = self._journal.start_of_key(request.idempotency_key)
        if known is not None:
            return _same(known, start), False
        if self._rules is not None:
            self._rules.check(start.number, start.created_at)
        start, is_new = self._journal.write_start(start)
        if not is_new:  # somebody else used the key in the same moment
            return start, False
        try:
            platform_id = self._placers[start.provider].place(start)
        except PlacingError as problem:
            status = "unknown" if problem.may_have_dialled else "failed"
            self._journal.finish_start(start.token, status, detail=problem.message)
            raise
        except OffhookError as problem:
            self._journal.finish_start(start.token, "failed", detail=problem.message)
            raise
        self._journal.finish_start(start.token, "placed", platform_id)
        return replace(start, status="placed", platform_id=platform_id), True

    def _checked(self, request: CallRequest) -> Start:
        flow = self._flow(request)
        placer = self._placer(request, flow)
        low, high = RING_S
        if not low <= request.ring_s <= high:
            msg = f"ring is {request.ring_s}; it is {low} to {high} seconds."
            raise RequestError(msg, mend="Write --ring 30.")
        if not _FIELD.match(request.field):
            msg = f"field is {request.field!r}; it is at most 16 letters and digits."
            raise RequestError(msg, mend="Write --field ORDER42.")
        if not _KEY.match(request.idempotency_key):
            msg = "the idempotency key is no text of at most 128 visible ASCII characters."
            raise RequestError(msg, mend="Send a UUID.")
        caller_id = request.caller_id or self._caller_id
        return Start(
            token="oh" + "".join(secrets.choice(_TOKEN_CHARS) for _ in range(14)),
            provider=placer.name,
            flow=flow.name,
            number=read_number(request.number, self._country),
            caller_id=read_number(caller_id, self._country) if caller_id else "",
            ring_s=request.ring_s,
            field=request.field,
            variables=_variables(flow, request.variables),
            created_at=self._clock(),
            idempotency_key=request.idempotency_key,
            app=placer.voice_app(flow.name, request.app),
        )

    def _flow(self, request: CallRequest) -> Flow:
        flow = self._flows.get(request.flow)
        if flow is None:
            known = ", ".join(sorted(self._flows)) or "none"
            msg = f"there is no flow '{request.flow}'."
            raise RequestError(msg, mend=f"There are: {known}.", status=404)
        return flow

    def _placer(self, request: CallRequest, flow: Flow) -> Placer:
        """The platform that dials: the one asked for, else the usual, else the flow's own."""
        usual = self._usual if not flow.on or self._usual in flow.on else flow.on[0]
        name = request.provider or usual
        if name not in self._placers:
            msg = f"there is no platform '{name}'."
            raise RequestError(msg, mend=f"There are: {', '.join(self._placers)}.")
        if flow.on and name not in flow.on:
            msg = f"flow '{flow.name}' is not served on {name}."
            raise RequestError(msg, mend=f"Add it to the flow's on={flow.on!r}.")
        return self._placers[name]


def _same(known: Start, asked: Start) -> Start:
    """The start that a key placed.

    Raises:
        RequestError: the key is used for another call now.
    """
    if (known.number, known.flow) != (asked.number, asked.flow):
        msg = "this idempotency key has placed another call."
        raise RequestError(msg, mend="Use a new key for every call.", status=409)
    return known


def _variables(flow: Flow, given: Mapping[str, str]) -> dict[str, str]:
    """The request's variables, all declared and none too long."""
    unknown = sorted(given.keys() - flow.given.keys())
    if unknown:
        declared = ", ".join(flow.given) or "none"
        msg = f"flow '{flow.name}' declares no variable {', '.join(unknown)} in given."
        raise RequestError(msg, mend=f"It declares: {declared}.")
    for name, value in given.items():
        if len(value) > MAX_GIVEN_CHARS:
            msg = f"variable '{name}' has {len(value)} characters; at most {MAX_GIVEN_CHARS}."
            raise RequestError(msg, mend="Shorten it: it rides with the call.")
    return {**flow.given, **given}
