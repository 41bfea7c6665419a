"""The events of a call, posted to the event_url of its project or number.

Base fields and those of `ended` stand in the vendor's page of call events; event_id, serial,
original, actor, actorType, peerToPeer, isVideoCall and customData in payloads that customers
captured.
"""

from collections.abc import Mapping
from typing import Any, Final

from app.simulator.line import Line
from app.simulator.stringee.actions import End
from app.simulator.stringee.conditions import StringeeConditions
from app.simulator.stringee.facts import StringeeFacts, letters
from app.simulator.stringee.webhooks import Webhooks

ENDED: Final = "ended"


def end_json(end: End) -> dict[str, Any]:
    """`from` or `to` as events tell it."""
    online = end.type == "internal"
    return {"type": end.type, "number": end.number, "alias": end.alias, "is_online": online}


class Events:
    """Posts the events of one call, as hostile as it is told to be. Call it from its thread.

    Args:
        url: the event_url; "" posts nothing.
        facts: of the call.
        line: tells the time.
        webhooks: sends.
        conditions: hostility.

    Attributes:
        from_, to: whom the next event names.
        custom_data: `customData` of the last connect.
        peer_to_peer: whether the media of the last connect go past the platform.
    """

    def __init__(
        self,
        url: str,
        facts: StringeeFacts,
        line: Line,
        webhooks: Webhooks,
        conditions: StringeeConditions,
    ) -> None:
        self.from_ = _end(facts.user_id or facts.caller, facts.caller, inside=facts.from_app)
        self.to = _end(facts.called, facts.called, inside=facts.to_app)
        self.custom_data = ""
        self.peer_to_peer = False
        self._connected = False
        self._url = url
        self._facts = facts
        self._line = line
        self._webhooks = webhooks
        self._hostility = conditions.hostility
        self._readings = conditions.readings
        self._serial = 0
        self._held: list[dict[str, Any]] = []

    def connect(self, from_: End, to: End, custom_data: str, *, peer_to_peer: bool) -> None:
        """From now on, events are about this connection."""
        self.from_, self.to, self.custom_data = from_, to, custom_data
        self.peer_to_peer = peer_to_peer
        self._connected = True

    def tell(self, status: str, *, actor: str = "", **more: Any) -> None:
        """Something happened: `more` are the fields that only this status has."""
        event = self._event(status, actor) | more
        if self._hostility.events == "at the end" and status != ENDED:
            self._held.append(event)
            return
        if self._hostility.events == "swapped" and not self._held and status != ENDED:
            self._held.append(event)
            return
        self._post(event)
        for held in self._held:
            self._post(held)
        self._held = []
        if status == ENDED and self._hostility.odd_status is not None:
            self._post(self._event(self._hostility.odd_status, actor))

    def _post(self, event: Mapping[str, Any]) -> None:
        status = event["call_status"]
        if not self._url or status in self._hostility.lose_events:
            return
        instead = self._hostility.instead
        gone = {name for name, value in instead.items() if value is None}
        told = {key: value for key, value in {**event, **instead}.items() if key not in gone}
        at_once = self._hostility.events == "at once"
        tell = self._webhooks.tell_in_passing if at_once else self._webhooks.tell
        for _ in range(2 if self._hostility.double_events else 1):
            tell(f"event_url: {status}", self._url, told)

    def _event(self, status: str, actor: str) -> dict[str, Any]:
        facts = self._facts
        self._serial += 1
        now = facts.ms(self._line.now)
        told = {
            "event_id": f"{letters()}-{now}",
            "serial": self._serial,
            "original": False,
            "call_status": status,
            "call_id": facts.call_id,
            "project_id": facts.project.id,
            "account_sid": facts.project.account_sid,
            "request_from_user_id": facts.user_id,
            "timestamp_ms": now,
            "from": end_json(self.from_),
            "to": end_json(self.to),
            "clientCustomData": facts.custom,
            "customData": self.custom_data,
            "type": "stringee_call",
            "callCreatedReason": facts.created_reason,
            "actor": actor,
            "actorType": "",
            "peerToPeer": self.peer_to_peer,
            "isVideoCall": False,
        }
        if self._readings.to_in_events == "when connected" and not self._connected:
            del told["to"]
        return told


def _end(number: str, alias: str, *, inside: bool) -> End:
    return End(type="internal" if inside else "external", number=number, alias=alias)
