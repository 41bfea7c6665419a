"""What is known of a call before its turn: its flow, and its state as it was left.

The state rides with the call, sealed; where it cannot be used, the journal has that of the last
turn. Neither is an error of the call's: what is missing is told as an incident.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from app.callflow.call import Call
from app.callflow.engine import new_call
from app.callflow.errors import PlatformError
from app.callflow.events import CallArrived, HungUp, NotAnswered
from app.callflow.flow import Flow
from app.ports import Journal, Provider, Report
from app.sealing import Seal


class Resumed(NamedTuple):
    """What is known of a call before the turn; ``call`` is None where nothing could be read."""

    flow: Flow | None
    call: Call | None
    incidents: list[str]


class Resuming:
    """Finds a call's flow and state.

    Args:
        flows: every flow, by name.
        journal: read where a call's own state cannot be.
        seal: unseals the state that rides with a call.
    """

    def __init__(self, flows: Mapping[str, Flow], journal: Journal, seal: Seal) -> None:
        self._flows = flows
        self._journal = journal
        self._seal = seal

    def resume(self, provider: Provider, report: Report, url_flow: str) -> Resumed:
        """The flow and the call, out of what the call carries; else out of the journal."""
        incidents = list(report.incidents)
        flow = self._served(url_flow, provider)
        if report.stage:
            return Resumed(flow, None, incidents)
        call = None
        if not report.first and report.carried:
            call = self._carried(provider, report, incidents)
        if call is None and (not report.first or isinstance(report.event, HungUp)):
            call = self._remembered(provider, report, incidents)
        if call is not None and report.ids:
            call = _known_by(call, report, incidents)
        if call is not None:
            flow = self._served(call.flow, provider)
        if flow is None:
            incidents.append(self._unknown(call.flow if call else url_flow))
        elif call is not None:
            call = call.but(timezone=flow.timezone or "UTC")
        elif report.first:
            call = _arriving(flow, provider, report)
        else:
            incidents.append("the journal has no such turn either.")
        return Resumed(flow, call, incidents)

    def _served(self, name: str, provider: Provider) -> Flow | None:
        """A flow by its name, if it is served on this platform."""
        flow = self._flows.get(name)
        return flow if flow and (not flow.on or provider.name in flow.on) else None

    def _carried(self, provider: Provider, report: Report, incidents: list[str]) -> Call | None:
        """The state that rode with the call, if it is this call's and this reply's."""
        if not report.sealed:
            incidents.append("no state came back with the report.")
            return None
        try:
            state = self._seal.unseal(
                report.sealed, provider=provider.name, call_key=report.call_key
            )
            call = Call.from_state(state, key=report.call_key, provider=provider.name)
        except PlatformError as problem:
            incidents.append(problem.message)
            return None
        except (KeyError, TypeError, ValueError):
            incidents.append("the state that came back cannot be read.")
            return None
        if call.turn != report.turn:
            incidents.append(
                f"the state that came back is of reply {call.turn}, not {report.turn}."
            )
            return None
        return call

    def _remembered(self, provider: Provider, report: Report, incidents: list[str]) -> Call | None:
        """The journal's last turn, if the report answers its reply, or ends the call."""
        last = report.last or self._journal.last_turn(report.call_key)
        ended = isinstance(report.event, HungUp | NotAnswered)
        if last is None or (last.turn != report.turn and not ended):
            return None
        try:
            call = Call.from_state(last.state, key=report.call_key, provider=provider.name)
        except (KeyError, TypeError, ValueError):
            incidents.append("the journal's state cannot be read.")
            return None
        flow = self._flows.get(call.flow)
        lost = sorted(flow.secrets & call.variables.keys()) if flow else []
        if report.carried:
            incidents.append("resumed from the journal.")
        if lost and not ended:
            incidents.append(
                f"secrets are not in the journal and are empty now: {', '.join(lost)}."
            )
        return call

    def _unknown(self, name: str) -> str:
        return f"there is no flow '{name}'; there are: {', '.join(sorted(self._flows)) or 'none'}."


def _arriving(flow: Flow, provider: Provider, report: Report) -> Call:
    event = report.event
    seen = {
        "direction": report.direction,
        "caller": report.caller,
        "called": report.called,
        "began": report.began,
    }
    arrived = event if isinstance(event, CallArrived) else None
    return new_call(
        flow,
        key=report.call_key,
        provider=provider.name,
        arrived=arrived,
        **({} if arrived else seen),
    )


def _known_by(call: Call, report: Report, incidents: list[str]) -> Call | None:
    """The call with the ids that the report says; None where it is known by others."""
    foreign = [name for name, id_ in report.ids.items() if call.ids.get(name, id_) != id_]
    if foreign:
        incidents.append(f"the state that came back is of a call with another {foreign[0]}.")
        return None
    return call.but(ids={**call.ids, **report.ids})
