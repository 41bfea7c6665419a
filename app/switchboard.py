"""The one way that each webhook goes: authenticate, read, resume, take the turn, write, record.

Nothing calls upwards, and nothing on this way can leave a live call without an answer: whatever
goes wrong after a report was read becomes the flow's fallback step, or a reply that is made from
the report alone.
"""

from __future__ import annotations

import logging
import re
import time
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from app.callflow.commands import Say
from app.callflow.engine import take_fallback, take_turn
from app.callflow.errors import FlowError, OffhookError, UnauthorizedError
from app.callflow.events import HungUp, NotAnswered
from app.callflow.flow import Flow
from app.callflow.moving import FAILED, HUNG_UP
from app.callflow.parties import mask
from app.callflow.phrases import APOLOGY, shipped_phrase
from app.callflow.prompts import printable, safe_text
from app.callflow.scene import Ask
from app.callflow.turn import Turn
from app.journalling import Made, record_of
from app.ports import ENDED, Journal, Notice, Provider, Report, WireReply, WireRequest
from app.refusals import Refusals
from app.resuming import Resumed, Resuming
from app.sealing import Seal

log = logging.getLogger("offhook")

_NUMBER = re.compile(r"\+?[0-9](?:[ ().-]?[0-9]){5,}")
MAX_ASKS_A_TURN = 8
"""A turn that asks the world more often than this is going in circles."""

APOLOGISED = "apologised"
"""The stage of a call whose last resort ended it, where the platform echoes nothing."""

Fetch = Callable[..., Any]
"""Answers one kind of question to the world, within its own budget.

Called with the Ask's inputs.
"""


class Switchboard:
    """Answers reports.

    Args:
        flows: every flow, by name.
        journal: where turns are recorded, and read when a call's own state cannot be.
        seal: seals the state that rides with a call.
        fetches: what answers an Ask, by its function's name.
        refusals: counts requests without the right credentials.
        clock: the time, UTC.
    """

    def __init__(
        self,
        flows: Mapping[str, Flow],
        journal: Journal,
        seal: Seal,
        fetches: Mapping[str, Fetch],
        refusals: Refusals,
        clock: Callable[[], datetime],
    ) -> None:
        self._flows = flows
        self._journal = journal
        self._seal = seal
        self._resuming = Resuming(flows, journal, seal)
        self._fetches = fetches
        self._refusals = refusals
        self._clock = clock

    def handle(self, provider: Provider, request: WireRequest) -> WireReply:
        """Answer one webhook.

        Raises:
            UnauthorizedError: the credentials are absent or wrong.
            PlatformError: it is no report of a call at all.
        """
        began = time.perf_counter()
        received_at = self._clock()
        self._authenticate(provider, request)
        seen = provider.read(request, received_at)
        if isinstance(seen, Notice):
            return self.note(provider, seen)
        reply, _ = self._settle(provider, seen, request.flow, received_at, began)
        return reply

    def begin(self, provider: Provider, report: Report, flow: str) -> WireReply | None:
        """Take the first turn of a call that is about to be placed, before anybody is rung.

        Args:
            provider: the platform that shall ring.
            report: that the call is there, as the platform would say it.
            flow: the flow's name.

        Returns:
            the reply, as the platform wants it; None where the flow could not begin, and nobody
            shall be rung: the log and the journal say why.
        """
        reply, made = self._settle(provider, report, flow, self._clock(), time.perf_counter())
        return reply if made.kind == "turn" else None

    def note(self, provider: Provider, notice: Notice) -> WireReply:
        """Keep a status post, and end the call where it says that it is over.

        Raises:
            JournalError: it is not known to be kept; the platform may send it again.
        """
        noted = self._journal.note(notice)
        if noted.call_key and notice.event is not None:
            over = Report(
                call_key=noted.call_key,
                event=notice.event,
                direction=notice.direction,
                first=False,
                turn=None,
                report_key=ENDED,
                sealed="",
                platform_id=notice.platform_id,
                raw=notice.raw,
                began=notice.received_at,
                carried=False,
                about=notice.about,
                last=noted.last,
                stage=APOLOGISED if noted.apologised else "",
            )
            self._settle(provider, over, "", notice.received_at, time.perf_counter())
        return provider.acknowledge()

    def _settle(
        self,
        provider: Provider,
        report: Report,
        flow: str,
        received_at: datetime,
        began: float,
    ) -> tuple[WireReply, Made]:
        """Answer a report, have it on disk, and say in the log what went not as it should.

        ``began`` is the moment of its receipt on ``time.perf_counter``'s clock.
        """
        with self._journal.one_turn():
            made = self._answer(provider, report, flow)
            if made.incidents:  # they may hold what a caller, a URL or an author's exception says
                made = made._replace(incidents=tuple(map(printable, made.incidents)))
            took_ms = (time.perf_counter() - began) * 1000
            first = self._record(made, report, provider, took_ms, received_at)
        for incident in made.incidents:
            told = _NUMBER.sub(lambda number: mask(number[0]), incident)
            log.warning("call %s turn %s: %s", report.call_key, made.turn_number or "-", told)
        return made.reply if first is None else made.reply._replace(body=first), made

    def _record(
        self,
        made: Made,
        report: Report,
        provider: Provider,
        took_ms: float,
        received_at: datetime,
    ) -> bytes | None:
        """Have the turn on disk; the first reply, where the report was seen before."""
        try:
            turn = record_of(made, report, provider, self._seal, took_ms, received_at)
            return self._journal.record(turn)
        except Exception:
            log.exception("call %s: the turn could not be recorded", report.call_key)
            return None

    def _authenticate(self, provider: Provider, request: WireRequest) -> None:
        try:
            provider.authenticate(request)
        except UnauthorizedError as problem:
            flow = request.flow if request.flow in self._flows else "?"
            self._refusals.count(flow, self._clock())
            log.warning("refused a report for flow %s: %s", flow, problem.message)
            raise

    def _answer(self, provider: Provider, report: Report, url_flow: str) -> Made:
        """Take the turn; never raises for a report that was read."""
        resumed = Resumed(self._flows.get(url_flow), None, [])
        try:
            resumed = self._resuming.resume(provider, report, url_flow)
            if resumed.flow is not None and resumed.call is not None:
                return self._turn(provider, report, resumed)
        except Exception as problem:  # noqa: BLE001 - a live call is always answered
            resumed.incidents.append(_told(problem, resumed.flow))
            if resumed.flow is not None and resumed.call is not None:
                broken = problem.step if isinstance(problem, FlowError) else ""
                fallen = self._fall_back(provider, report, resumed, broken)
                if fallen is not None:
                    return fallen
        return self._last_resort(provider, report, resumed, url_flow)

    def _turn(self, provider: Provider, report: Report, resumed: Resumed) -> Made:
        flow, call = resumed.flow, resumed.call
        assert flow is not None  # noqa: S101 - _answer looked
        assert call is not None  # noqa: S101 - _answer looked
        event = report.event
        if isinstance(event, HungUp) and report.carried and call.turn != report.turn:
            event = HungUp()  # its result is another reply's, and so another step's
        if isinstance(event, NotAnswered) and not report.carried and call.turn > 1:
            event = HungUp()  # the post knows less than the journal: somebody was there
        turn = self._asked(lambda answers: take_turn(flow, call, event, answers, provider.manner))
        return self._made(provider, report, resumed, turn)

    def _fall_back(
        self, provider: Provider, report: Report, resumed: Resumed, broken: str
    ) -> Made | None:
        """The flow's fallback step; None where there is none or it fails too.

        ``broken`` is the step that could not go on, "" where none is known.
        """
        flow, call = resumed.flow, resumed.call
        ended = isinstance(report.event, HungUp | NotAnswered)
        if flow is None or call is None or ended or not flow.fallback or call.fallen:
            return None
        try:
            turn = self._asked(
                lambda answers: take_fallback(flow, call, answers, provider.manner, broken)
            )
            return self._made(provider, report, resumed, turn)
        except Exception as problem:  # noqa: BLE001 - a live call is always answered
            resumed.incidents.append(_told(problem, resumed.flow))
            return None

    def _made(self, provider: Provider, report: Report, resumed: Resumed, turn: Turn) -> Made:
        state = turn.call.to_state()
        if turn.placed:
            sealed = self._seal.seal(state, provider=provider.name, call_key=report.call_key)
            reply = provider.write(turn, sealed)
        else:
            reply = provider.acknowledge()
        return Made(
            kind="turn" if turn.placed else "end",
            reply=reply,
            flow=resumed.flow,
            before=resumed.call,
            turn=turn,
            state=state,
            outcome=turn.outcome,
            incidents=(*resumed.incidents, *turn.incidents),
        )

    def _last_resort(
        self, provider: Provider, report: Report, resumed: Resumed, url_flow: str
    ) -> Made:
        """A reply from the report alone.

        The end of a call that nothing is known of is only noted.
        """
        ended = isinstance(report.event, HungUp | NotAnswered)
        outcome = ""
        if ended:
            reply = provider.acknowledge()
            why = report.event
            outcome = (
                str(why.why)
                if isinstance(why, NotAnswered)
                else FAILED
                if report.stage
                else HUNG_UP
            )
        else:
            flow = resumed.flow or self._flows.get(url_flow)
            reply = provider.last_resort(report, _apology(flow))
        return Made(
            kind="end" if ended else "last_resort",
            reply=reply,
            flow=resumed.flow,
            before=resumed.call,
            turn=None,
            state=None,
            outcome=outcome,
            incidents=tuple(resumed.incidents),
            flow_name=resumed.call.flow if resumed.call else printable(url_flow),
        )

    def _asked(self, take: Callable[[Mapping[Ask, Any]], Turn | Ask]) -> Turn:
        """Take a turn, fetching what it asks for."""
        answers: dict[Ask, Any] = {}
        for _ in range(MAX_ASKS_A_TURN):
            result = take(answers)
            if isinstance(result, Turn):
                return result
            fetch = self._fetches.get(result.function)
            if fetch is None:
                msg = f"step '{result.step}' asks for '{result.function}', which nothing answers."
                raise FlowError(msg, step=result.step)
            answers[result] = fetch(*result.inputs)
        msg = f"a turn asked more than {MAX_ASKS_A_TURN} questions."
        raise FlowError(msg, mend="Ask less in one turn.")


def _apology(flow: Flow | None) -> Say:
    """What a caller hears when nothing else can be said: the flow's own words, else the shipped."""
    language = flow.language if flow else "en-GB"
    own = flow.phrases[APOLOGY].plain(language) if flow and APOLOGY in flow.phrases else ""
    return Say(safe_text(own), language) if own else Say(*shipped_phrase(APOLOGY, language))


def _told(problem: Exception, flow: Flow | None) -> str:
    """An incident's text: where and what happened; the line, for what is no error of ours."""
    if isinstance(problem, FlowError) and flow is not None:
        step = f"step '{problem.step}'"
        place = f"{step} in flow '{flow.name}'" if problem.step else f"flow '{flow.name}'"
        return f"{place}: {str(problem).removeprefix(f'{step}: ')}"
    if isinstance(problem, OffhookError):
        return str(problem)
    frame = traceback.extract_tb(problem.__traceback__)[-1]
    place = f"{frame.filename.rpartition('/')[2]}, line {frame.lineno}, in {frame.name}"
    return f"{place}: {type(problem).__name__}: {problem}"
