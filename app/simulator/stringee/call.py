"""A Stringee call from its answer_url to its event `ended`: the platform's side of the loop."""

import threading
from collections.abc import Callable, Collection
from typing import Final, assert_never

from app.simulator.exchange import Exchange
from app.simulator.line import CommandBrokenError, Line, LineDroppedError
from app.simulator.person import Answer, Person
from app.simulator.stringee.actions import Action, Connect, Input, Prompt, RecordMessage
from app.simulator.stringee.actions import Record as RecordAction
from app.simulator.stringee.codes import NO_ANSWER_URL, NOT_ALLOWED, Refusal
from app.simulator.stringee.conditions import StringeeConditions
from app.simulator.stringee.connecting import REFUSED_AFTER_S, cause_of, connect
from app.simulator.stringee.events import ENDED, Events
from app.simulator.stringee.facts import StringeeFacts, plus
from app.simulator.stringee.leg import CUT_BY, Leg, Next, OverError, Step
from app.simulator.stringee.prompts import asked_for, collect, play
from app.simulator.stringee.recording import finish_recording, record, record_message
from app.simulator.stringee.records import StringeeRecord, Urls
from app.simulator.stringee.replies import (
    CAN_NOT_MAKE_CALL,
    read_answered,
    steps_of,
    with_numbers_checked,
)
from app.simulator.stringee.scco import Scco
from app.simulator.stringee.urls import answer_url
from app.simulator.stringee.webhooks import Webhooks
from app.simulator.transcript import (
    Began,
    Ended,
    Fault,
    HungUp,
    Listener,
    PickedUp,
    Warned,
)

API_ORIGIN: Final = "https://api.stringee.com"
PATIENCE_S: Final = 60.0
"""Simulated seconds for which a phone that a server calls rings; the vendor names none."""

_LIST_IS_OVER: Final = "USER_END_CALL"
"""`endCallCause` where the last action is done; what the platform sends then is unknown."""


class StringeeCall:
    """One call, with one person on it.

    Args:
        urls: of its project or number.
        facts: what stays the same in it.
        person: who calls, or is called where the server calls.
        exchange: keeps what is recorded.
        conditions: speed, readings and hostility.
        actions: of a callout that brings them along; `urls.answer` is then not asked.
        origin: of the URLs of recordings.
        files: names the sounds that `play` can play; None lets it play any.
        listeners: told each event as it happens, in the call's thread; they must not block.
    """

    def __init__(
        self,
        urls: Urls,
        facts: StringeeFacts,
        person: Person,
        *,
        exchange: Exchange,
        conditions: StringeeConditions,
        actions: Scco | None = None,
        origin: str = API_ORIGIN,
        files: Callable[[], Collection[str]] | None = None,
        listeners: tuple[Listener, ...] = (),
    ) -> None:
        self.facts = facts
        self.line = Line(
            speed=conditions.speed,
            listeners=(person.notice, *listeners),
            patience_s=person.patience_s,
        )
        self._urls = urls
        self._person = person
        self._conditions = conditions
        self._actions = actions
        webhooks = Webhooks(self.line, facts.project.signing_key, conditions)
        self.leg = Leg(
            facts=facts,
            line=self.line,
            person=person,
            exchange=exchange,
            webhooks=webhooks,
            events=Events(urls.event, facts, self.line, webhooks, conditions),
            readings=conditions.readings,
            hostility=conditions.hostility,
            origin=origin,
            files=files,
        )
        self._lock = threading.Lock()
        self._put: tuple[Step, ...] | None = None
        self._refusal: Refusal | None = None

    def run(self) -> StringeeRecord:
        """Run the call to its end, in this thread."""
        facts, line = self.facts, self.line
        self._person.meet(line)
        line.tell(
            Began,
            callid=facts.call_id,
            direction=facts.direction,
            caller=facts.user_id if facts.from_app else plus(facts.caller),
            called=plus(facts.called),
        )
        leg = self.leg
        try:
            status = self._run()
        finally:
            leg.webhooks.settle()
        line.tell(Ended, status=status)
        return StringeeRecord(line.events, facts, self._refusal, tuple(leg.kept), leg.answered_at)

    def put_actions(self, scco: Scco) -> None:
        """Carry out these actions from now on, whatever runs. From any thread."""
        with self._lock:
            self._put = steps_of(scco)
            self.line.break_command()  # void before the call's thread begins with them

    # -- the call's thread --------------------------------------------------------------------

    def _run(self) -> str:
        """The call without its frame; returns how it ended."""
        try:
            steps = self._begin()
            if steps is None:
                return self._refusal.name if self._refusal else ""
            self._carry_out(steps)
            over = OverError(_LIST_IS_OVER, by="voice app")
        except OverError as error:
            over = error
        except LineDroppedError as dropped:
            over = self._dropped(dropped.by)
        self._end(over)
        return over.cause

    def _begin(self) -> tuple[Step, ...] | None:
        """Get the first list; None where the app that calls is refused.

        Raises:
            OverError: the call ends before it has one.
        """
        self._plan_the_end()
        if self.facts.kind == "callout":
            self._ring()
        scco = self._first_scco()
        for text in scco.warnings:
            self.line.tell(Warned, text=text)
        refusal = scco.refusal
        if refusal is None and self.facts.from_app and not scco.actions:
            refusal = Refusal(NOT_ALLOWED, "the SCCO is empty")
        elif refusal is not None:
            self.line.tell(Fault, reason=str(refusal))
        if refusal is not None and self.facts.from_app:
            self._refusal = refusal
            self.line.tell(HungUp, by="platform")
            return None
        if self.facts.kind != "callout":
            self.leg.events.tell("created")
        if refusal is not None:
            raise OverError(CAN_NOT_MAKE_CALL, by="platform, for want of a proper reply")
        return steps_of(scco)

    def _first_scco(self) -> Scco:
        if self._actions is not None:
            return with_numbers_checked(self._actions, self.facts.project)
        if not self._urls.answer:
            return Scco(refusal=Refusal(NO_ANSWER_URL, "there is no answer_url"))
        url = answer_url(self._urls.answer, self.facts, self._conditions)
        answered = self.leg.webhooks.get("answer_url", url)
        return read_answered(answered, self.facts.project, self._conditions.readings)

    def _ring(self) -> None:
        """Ring the person whom the server calls. Hanging up while it rings declines.

        Raises:
            OverError: they are not reached.
        """
        events, person = self.leg.events, self._person
        for status in ("created", "started", "ringing"):
            events.tell(status)
        answer, seconds = person.answer, person.ring_s
        if answer is Answer.NO_ANSWER or (answer is Answer.ANSWER and seconds > PATIENCE_S):
            answer, seconds = Answer.NO_ANSWER, PATIENCE_S
        elif answer is not Answer.ANSWER:
            seconds = REFUSED_AFTER_S
        try:
            self.line.wait(seconds)
        except LineDroppedError as dropped:
            if dropped.by != "person":
                raise
            answer = Answer.REJECTED
        if answer is not Answer.ANSWER:
            raise OverError(cause_of(answer, self._conditions.readings), by="", ended_by="EXTERNAL")
        self.line.tell(PickedUp)
        self.leg.answer(self.facts.called)

    def _plan_the_end(self) -> None:
        readings, hostility = self._conditions.readings, self._conditions.hostility
        self.line.hang_up(after=readings.longest_call_s, by="platform")
        if hostility.hang_up_after_s is not None:
            self.line.hang_up(after=hostility.hang_up_after_s, by=CUT_BY)

    def _carry_out(self, steps: tuple[Step, ...]) -> None:
        """Carry out a list and those that replace it, until one is done."""
        while True:
            try:
                steps = self._put_instead(steps)
                if not steps:
                    return
                steps = self._one(steps)
            except CommandBrokenError:
                steps = self._put_instead(steps[1:])
            if self.leg.webhooks.sent >= self._conditions.readings.most_requests:
                text = f"{self.leg.webhooks.sent} requests in one call; the simulator ends it here"
                self.line.tell(Warned, text=text)
                raise OverError(CAN_NOT_MAKE_CALL, by="platform")

    def _put_instead(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        with self._lock:
            put, self._put = self._put, None
        return steps if put is None else put

    def _one(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """Carry out the first action, with what belongs to it; gives what is then to be done."""
        asked = asked_for(steps)
        if asked is not None:
            then, taken = collect(self.leg, asked), len(asked.prompts) + 1
        else:
            then, taken = self._simple(steps[0], steps[0].action), 1
        return steps[taken:] if then.steps is None else then.steps

    def _simple(self, step: Step, action: Action) -> Next:
        match action:
            case Connect():
                return connect(self.leg, step, action)
            case RecordMessage():
                return record_message(self.leg, step, action)
            case RecordAction():
                record(self.leg, step, action)
            case Prompt():
                play(self.leg, step, action)
            case Input():
                msg = "an input is collected with the prompts before it"
                raise AssertionError(msg)
            case _:
                assert_never(action)
        return Next()

    def _dropped(self, by: str) -> OverError:
        """The line is gone."""
        side = "INTERNAL" if self.facts.from_app or by == "api" else "EXTERNAL"
        causes = {"api": "REST_API_STOP", "platform": "MAX_CONNECT_TIME"}
        cause = causes.get(by, "USER_END_CALL")
        return OverError(cause, by=by, ended_by=side)

    def _end(self, over: OverError) -> None:
        """Tell the last event, and where the recording is."""
        leg, now = self.leg, self.line.now
        if over.by:
            self.line.tell(HungUp, by=over.by)
        ended: Callable[[], None] = lambda: leg.events.tell(  # noqa: E731 -- told before or after
            ENDED,
            endCallCause=over.cause,
            endedBy=over.ended_by,
            callType=leg.call_type,
            duration=int(now),
            answerDuration=0 if leg.answered_at is None else int(now - leg.answered_at),
        )
        if self._conditions.readings.recordings == "before":
            finish_recording(leg)
            ended()
        else:
            ended()
            finish_recording(leg)
