"""A call from its first report to its last: the platform's side of the loop."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.simulator.bridging import REFUSED_AFTER_S, conference, dialout, simple_conference
from app.simulator.carry_out import SIMPLE, Leg, Outcome
from app.simulator.commands import Params, check
from app.simulator.exchange import Exchange
from app.simulator.line import CommandBrokenError, Line, LineDroppedError
from app.simulator.person import Answer, Person
from app.simulator.readings import Conditions
from app.simulator.record import Record
from app.simulator.reports import CallFacts, LastCommand, Reporter
from app.simulator.transcript import (
    Began,
    Ended,
    HungUp,
    Listener,
    PickedUp,
    Posted,
    Started,
    Warned,
)
from app.simulator.wire import Endpoint, Reply

CARRIED_OUT: Final[dict[str, Callable[[Leg, Params], Outcome]]] = {
    **SIMPLE,
    "dialout": dialout,
    "conference": conference,
    "simple_conference": simple_conference,
}

_CUT_BY: Final = "line cut on purpose"
_UNANSWERED: Final = {
    Answer.BUSY: "BUSY",
    Answer.NO_ANSWER: "NOANSWER",
    Answer.CONGESTION: "CONGESTION",
    Answer.UNAVAILABLE: "CONGESTION",
    Answer.REJECTED: "REJECTED",
}


@dataclass(frozen=True, slots=True)
class CallRecord(Record):
    """A call that is over: its facts, and all that happened. `status` is its last `call_status`."""

    facts: CallFacts

    @property
    def reports(self) -> tuple[Posted, ...]:
        """What was posted, in order."""
        return self.of(Posted)


class Call:
    """One call of a voice app, with one person on it.

    Args:
        endpoint: where the reports go.
        facts: what stays the same in all of them.
        person: who is on the line.
        ring_s: how many simulated seconds the person's phone may ring, on an outbound call.
        exchange: what is shared with other calls.
        conditions: speed, readings and hostility.
        listeners: told each event as it happens, in the call's thread; they must not block.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        facts: CallFacts,
        person: Person,
        *,
        exchange: Exchange,
        conditions: Conditions,
        ring_s: float = 30.0,
        listeners: tuple[Listener, ...] = (),
    ) -> None:
        self.facts = facts
        self.line = Line(
            speed=conditions.speed,
            listeners=(person.notice, *listeners),
            patience_s=person.patience_s,
        )
        self._person = person
        self._ring_s = ring_s
        self._exchange = exchange
        self._readings = conditions.readings
        self._hostility = conditions.hostility
        self._leg = Leg(facts.callid, self.line, person, exchange, conditions.readings)
        self._reporter = Reporter(endpoint, facts, self.line, conditions)
        self._commands = 0
        self._interrupted = False
        self._last = LastCommand()

    def run(self) -> CallRecord:
        """Run the call to its end, in this thread."""
        facts, line = self.facts, self.line
        self._exchange.connect(facts.callid, line)
        try:
            self._person.meet(line)
            line.tell(
                Began,
                callid=facts.callid,
                direction=facts.direction,
                caller=facts.caller,
                called=facts.called,
            )
            line.tell(Ended, status=self._run())
        finally:
            self._exchange.disconnect(facts.callid)
        return CallRecord(line.events, facts)

    def _run(self) -> str:
        """The call without its frame; returns the last `call_status`."""
        if self.facts.direction == "outbound":
            answer = self._ring()
            if answer is not Answer.ANSWER:
                status = _UNANSWERED[answer]
                self._reporter.end(status, self._last)
                return status
            self.line.tell(PickedUp)
            first = "UP"
        else:
            first = self._readings.first_inbound_status
        self._plan_the_end()
        self._talk(first)
        self._hang_up()
        return "HANGUP"

    def _ring(self) -> Answer:
        """Ring the person's phone. Hanging up while it rings declines the call, which is BUSY."""
        person, line = self._person, self.line
        answer = person.answer
        if answer is Answer.NO_ANSWER or (answer is Answer.ANSWER and person.ring_s > self._ring_s):
            answer, seconds = Answer.NO_ANSWER, self._ring_s
        else:
            seconds = person.ring_s if answer is Answer.ANSWER else REFUSED_AFTER_S
        try:
            line.wait(seconds)
        except LineDroppedError:
            return Answer.BUSY
        return answer

    def _plan_the_end(self) -> None:
        self.line.hang_up(after=self._readings.longest_call_s, by="platform")
        if self._hostility.hang_up_after_s is not None:
            self.line.hang_up(after=self._hostility.hang_up_after_s, by=_CUT_BY)

    def _talk(self, status: str) -> None:
        """Report and obey in turns, until the call is over."""
        while True:
            reply = self._reporter.report(status, self._last)
            if reply is None:
                self._last = LastCommand(self._last.command, self._last.command_id)
                self._gone("platform, for want of a proper reply")
                return
            if self._obey(reply):
                return
            if self._reporter.sent >= self._readings.most_reports:
                text = f"{self._reporter.sent} reports in one call; the simulator ends it here"
                self.line.tell(Warned, text=text)
                self._gone("platform")
                return
            status = "UP"

    def _obey(self, reply: Reply) -> bool:
        """Carry out a command; returns whether the call is over with it."""
        self._commands += 1
        self._leg.so_far = self._leg.settled = ""
        self.line.begin_command()
        self.line.tell(Started, number=self._commands, command=reply.command, params=reply.params)
        if self._commands == self._hostility.hang_up_during:
            self.line.hang_up(by=_CUT_BY)
        try:
            outcome = self._carry_out(reply)
            self.line.check()
        except CommandBrokenError:
            outcome = Outcome(self._leg.settled or self._leg.so_far)
        except LineDroppedError as dropped:
            self._last = self._cut_short(reply)
            self._gone(dropped.by)
            return True
        self._last = LastCommand(reply.command, reply.command_id, outcome.result, outcome.error)
        if outcome.ends:
            self._gone(outcome.by)
        return outcome.ends

    def _carry_out(self, reply: Reply) -> Outcome:
        checked = check(reply.command, reply.params, self._readings.spellings_of(reply.command))
        for text in checked.warnings:
            self.line.tell(Warned, text=text)
        if checked.error:
            return Outcome("", checked.error)
        self.line.check()
        return CARRIED_OUT[reply.command](self._leg, checked.params)

    def _cut_short(self, reply: Reply) -> LastCommand:
        """What is told of a command during which the line went."""
        self._interrupted = True
        command, command_id = reply.command, reply.command_id
        if self._leg.settled:
            return LastCommand(command, command_id, self._leg.settled)
        match self._readings.interrupted:
            case "empty":
                return LastCommand(command, command_id)
            case "-1":
                return LastCommand(command, command_id, "-1")
            case "error":
                return LastCommand(command, command_id, "", "HANGUP")
            case "kept":
                return LastCommand(command, command_id, self._leg.so_far)

    def _gone(self, by: str) -> None:
        self.line.tell(HungUp, by=by)

    def _hang_up(self) -> None:
        """The last report; in the other reading, the command's own report goes before it."""
        if self._interrupted and self._readings.hangup == "separate":
            self._reporter.report("UP", self._last)
            self._last = LastCommand()
        self._reporter.end("HANGUP", self._last)
