"""Placing calls: one key places one call, and is no key to another."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from callr_line import MemoryJournal

from app.call_hours import CallHours
from app.callflow import Flow, hang_up
from app.dial_rules import StartRules
from app.dialler import CallRequest, Dialler, RequestError
from app.ports import DialKind, Start

HELLO = Flow("hello", start="bye", steps={"bye": hang_up("Hello.")})
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass
class Placing:
    """A platform that takes every call, and counts them."""

    name: str = "callr"
    placed: list[Start] = field(default_factory=list)

    def voice_app(self, flow: str, chosen: str) -> str:
        return chosen or f"APP_{flow}"

    def place(self, start: Start) -> str:
        self.placed.append(start)
        return "4260XMAQ"


class OneDial:
    """A count of dials that lets one through."""

    def __init__(self) -> None:
        self.asked = 0

    def take_dial(self, kind: DialKind, limit: int, now: datetime) -> bool:
        del kind, limit, now
        self.asked += 1
        return self.asked == 1


def dialler(placer: Placing, rules: StartRules | None = None) -> Dialler:
    return Dialler(
        {"hello": HELLO},
        MemoryJournal(),
        {placer.name: placer},
        usual=placer.name,
        country="FR",
        caller_id="",
        clock=lambda: NOW,
        rules=rules,
    )


def asked(number: str = "+33612345678", key: str = "K1") -> CallRequest:
    return CallRequest(number=number, flow="hello", idempotency_key=key)


def test_a_key_that_is_used_again_gives_back_its_call_and_asks_no_rule() -> None:
    placer, counter = Placing(), OneDial()
    rules = StartRules(per_hour=1, hours=CallHours("", "UTC"), counter=counter)
    line = dialler(placer, rules)
    first, was_new = line.place(asked())
    again, is_new = line.place(asked())
    assert (was_new, is_new) == (True, False)
    assert again.token == first.token
    assert (len(placer.placed), counter.asked) == (1, 1)


def test_a_key_that_placed_another_call_is_refused() -> None:
    placer = Placing()
    line = dialler(placer)
    line.place(asked())
    with pytest.raises(RequestError, match="has placed another call") as caught:
        line.place(asked(number="+33612345679"))
    assert caught.value.status == 409
    assert len(placer.placed) == 1


def test_without_a_key_every_request_is_a_call_of_its_own() -> None:
    placer = Placing()
    line = dialler(placer)
    line.place(asked(key=""))
    line.place(asked(key=""))
    assert len({start.token for start in placer.placed}) == 2


def on_both(flow: Flow, usual: str) -> tuple[Dialler, dict[str, Placing]]:
    placers = {name: Placing(name) for name in ("callr", "stringee")}
    made = Dialler(
        {flow.name: flow},
        MemoryJournal(),
        placers,
        usual=usual,
        country="FR",
        caller_id="",
        clock=lambda: NOW,
        rules=None,
    )
    return made, placers


@pytest.mark.parametrize(
    ("on", "usual", "said", "dials"),
    [
        ((), "callr", "", "callr"),
        ((), "stringee", "", "stringee"),
        ((), "callr", "stringee", "stringee"),
        (("stringee",), "callr", "", "stringee"),
    ],
)
def test_a_call_is_placed_where_somebody_says_or_where_its_flow_is_served(
    on: tuple[str, ...], usual: str, said: str, dials: str
) -> None:
    line, placers = on_both(Flow("hello", start="bye", steps={"bye": hang_up()}, on=on), usual)
    start, _ = line.place(CallRequest(number="+33612345678", flow="hello", provider=said))
    assert start.provider == dials
    assert [name for name, placer in placers.items() if placer.placed] == [dials]


def test_a_platform_that_there_is_not_or_that_the_flow_is_not_on_is_refused() -> None:
    line, _ = on_both(Flow("hello", start="bye", steps={"bye": hang_up()}, on=("callr",)), "callr")
    with pytest.raises(RequestError, match="there is no platform 'carrier'"):
        line.place(CallRequest(number="+33612345678", flow="hello", provider="carrier"))
    with pytest.raises(RequestError, match="flow 'hello' is not served on stringee"):
        line.place(CallRequest(number="+33612345678", flow="hello", provider="stringee"))
