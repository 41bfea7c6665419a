"""The REST API's calls: start one, end one, and act on one that runs.

Paths and bodies are those of the vendor's pages; that faults of a call come with HTTP 200 and an
`r`, and what a wrong body is told, customers have seen.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from app.simulator.in_progress import AllLinesBusyError
from app.simulator.person import Answer
from app.simulator.stringee.actions import End, Prompt
from app.simulator.stringee.call import StringeeCall
from app.simulator.stringee.codes import (
    BAD_SCCO,
    FROM_NOT_FOUND,
    FROM_OF_ANOTHER_PROJECT,
    NO_ANSWER_URL,
    NO_MONEY,
    SUCCESS,
    TOO_MANY_CALLS,
    WAIT_FOR_SPEECH,
    RefusedError,
)
from app.simulator.stringee.connecting import reach
from app.simulator.stringee.connects import read_end
from app.simulator.stringee.objects import OwnProject
from app.simulator.stringee.platform import StringeePlatform
from app.simulator.stringee.replies import with_numbers_checked
from app.simulator.stringee.scco import Scco, read_actions

ENDED: Final = 1
"""`r` of a call that is over; this and the next are one customer's observation."""

NOT_FOUND: Final = 2
JOINS_WITHIN_S: Final = 60.0

UNREADABLE: Final = "Could not decode POST data"

Body = Mapping[str, Any]
Told = dict[str, Any]


class CallsApi:
    """What `/v1/call2/...` does, for one platform. Each method takes a body and gives the answer.

    Raises:
        RefusedError: from any method; the answer is then its `r` and text.
    """

    def __init__(self, platform: StringeePlatform) -> None:
        self._platform = platform

    def methods(self) -> Mapping[str, Callable[[OwnProject, Body], Told]]:
        """The methods by the last part of their path."""
        return {
            "callout": self.callout,
            "stop": self.stop,
            "putactions": self.put_actions,
            "transfer": self.transfer,
            "adduser": self.add_user,
            "whisper": self.whisper,
        }

    def callout(self, project: OwnProject, body: Body) -> Told:
        """Call somebody. Of several in `to`, the first: nobody has shown what more would do."""
        readings = self._platform.conditions.readings
        from_, to = self._ends(project, body)
        if from_.type == "internal" and readings.internal_callout == "refused":
            raise RefusedError(BAD_SCCO, UNREADABLE)
        answer_url = _text(body, "answer_url")
        actions = self._actions(project, body) if body.get("actions") is not None else None
        if actions is None and not answer_url:
            raise RefusedError(NO_ANSWER_URL, "there are neither actions nor an answer_url")
        if self._platform.conditions.hostility.no_money:
            raise RefusedError(NO_MONEY, "not enough money")
        try:
            call_id = self._platform.call_out(
                project, from_, to, answer_url=answer_url, actions=actions
            )
        except AllLinesBusyError as error:
            raise RefusedError(TOO_MANY_CALLS, str(error)) from error
        waits = readings.speech == "waits" and actions is not None and _speaks(actions)
        told = {"r": WAIT_FOR_SPEECH if waits else SUCCESS, "message": "success"}
        if readings.callout_id != "none":
            told[readings.callout_id] = call_id
        return told

    def stop(self, project: OwnProject, body: Body) -> Told:
        """End a call."""
        self._call(project, body).line.hang_up(by="api")
        return _done()

    def put_actions(self, project: OwnProject, body: Body) -> Told:
        """Carry out other actions from now on."""
        call = self._call(project, body)
        call.put_actions(self._actions(project, body))
        return _done()

    def transfer(self, project: OwnProject, body: Body) -> Told:
        """Connect the caller with somebody else, in the place of whom they talk with."""
        call = self._call(project, body)
        if not _text(body, "fromUserId"):
            raise RefusedError(BAD_SCCO, "fromUserId is missing")
        to = _end(body.get("to"), "to")
        from_ = call.leg.events.from_
        connect = {"action": "connect", "from": _end_json(from_), "to": _end_json(to)}
        call.put_actions(self._checked(project, read_actions([connect])))
        return _done()

    def add_user(self, project: OwnProject, body: Body) -> Told:
        """Ring somebody, to make a conference of a conversation."""
        call = self._call(project, body)
        _end(body.get("from"), "from")
        to = _end(body.get("to"), "to")
        if reach(call.leg, to.party, JOINS_WITHIN_S).answer is Answer.ANSWER:
            call.leg.joined.append(to.party)
            call.line.nudge()
        return _done()

    def whisper(self, project: OwnProject, body: Body) -> Told:
        """Let a user speak to one side alone; on this line that is heard by nobody."""
        call = self._call(project, body)
        if not _text(body, "userId"):
            raise RefusedError(BAD_SCCO, "userId is missing")
        return {**_done(), "callId": call.facts.call_id}

    def _call(self, project: OwnProject, body: Body) -> StringeeCall:
        call_id = _text(body, "callId")
        call = self._platform.call(call_id, project)
        if call is not None:
            return call
        ended = self._platform.store.ended_call(call_id)
        if ended is not None and ended.project.id == project.id:
            raise RefusedError(ENDED, "the call has ended")
        raise RefusedError(NOT_FOUND, "there is no such call")

    def _actions(self, project: OwnProject, body: Body) -> Scco:
        return self._checked(project, read_actions(body.get("actions")))

    def _checked(self, project: OwnProject, scco: Scco) -> Scco:
        checked = with_numbers_checked(scco, self._platform.store.identity(project))
        if checked.refusal is not None:
            raise RefusedError(checked.refusal.r, checked.refusal.why)
        return checked

    def _ends(self, project: OwnProject, body: Body) -> tuple[End, End]:
        """Who calls whom."""
        callees = body.get("to")
        if not isinstance(callees, list) or not callees:
            raise RefusedError(BAD_SCCO, UNREADABLE)
        from_, to = _end(body.get("from"), "from"), _end(callees[0], "to")
        if from_.type == "external":
            own = self._platform.store.number_of(from_.number)
            if own is None:
                raise RefusedError(FROM_NOT_FOUND, f"from: {from_.number} is no number of ours")
            if own.project_id != project.id:
                why = f"from: {from_.number} is of project {own.project_id}"
                raise RefusedError(FROM_OF_ANOTHER_PROJECT, why)
        return from_, to


def _speaks(scco: Scco) -> bool:
    return any(isinstance(one, Prompt) and one.action == "talk" for one in scco.actions)


def _done() -> Told:
    return {"r": SUCCESS, "message": "success"}


def _text(body: Body, name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise RefusedError(BAD_SCCO, UNREADABLE)
    return value


def _end(value: object, name: str) -> End:
    if not isinstance(value, dict):
        raise RefusedError(BAD_SCCO, UNREADABLE)
    return read_end(value, name, name, [])


def _end_json(end: End) -> dict[str, Any]:
    return {"type": end.type, "number": end.number, "alias": end.alias or end.number}
