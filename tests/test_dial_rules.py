"""What may be dialled, when, and how often: by rules alone, and by a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from serving import Reply, Server, environment, gunicorn, running

from app.call_hours import CallHours, read_call_hours
from app.callflow.errors import JournalError
from app.callr.api import connect
from app.callr.placing import webhook_url
from app.dial_rules import ForbiddenError, StartRules
from app.journal import History
from app.ports import DialKind
from app.settings import Settings
from app.simulator import Account, Conditions, Simulator

MOBILE = "+33612345678"
FRIDAY_10 = datetime(2026, 1, 9, 9, 0, tzinfo=UTC)  # 10:00 in Paris
WEEK = "mon-fri 09:00-12:00 14:00-20:00; sat 22:00-02:00"
ANY_TIME = CallHours("", "UTC")


@dataclass
class Counter:
    """Counts in memory, or cannot."""

    broken: bool = False
    taken: list[str] = field(default_factory=list)

    def take_dial(self, kind: DialKind, limit: int, now: datetime) -> bool:  # noqa: ARG002 -- the port's
        if self.broken:
            msg = "The journal does not answer."
            raise JournalError(msg)
        self.taken.append(kind)
        return len(self.taken) <= limit


def rules(per_hour: int = 60, hours: CallHours = ANY_TIME, *, broken: bool = False) -> StartRules:
    return StartRules(per_hour=per_hour, hours=hours, counter=Counter(broken))


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-01-09 07:59", False),
        ("2026-01-09 08:00", True),
        ("2026-01-09 10:59", True),
        ("2026-01-09 11:00", False),
        ("2026-01-09 18:59", True),
        ("2026-01-10 09:00", False),
        ("2026-01-10 21:00", True),
        ("2026-01-11 00:59", True),
        ("2026-01-11 01:00", False),
        ("2026-07-10 07:00", True),  # summer: two hours ahead
        ("2026-07-10 06:59", False),
    ],
)
def test_calls_may_be_placed_in_the_hours_of_the_time_zone(moment: str, *, is_open: bool) -> None:
    hours = CallHours(WEEK, "Europe/Paris")
    assert hours.open_at(datetime.fromisoformat(f"{moment}+00:00")) is is_open


def test_without_hours_calls_may_be_placed_at_any_time() -> None:
    assert ANY_TIME.open_at(datetime(2026, 1, 11, 3, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("weekdays 09:00-20:00", "'weekdays' is no day"),
        ("mon-fri", "'mon-fri' has no hours"),
        ("mon-fri 9-20", "'9-20' are no hours"),
        ("mon 09:00-12:00; mon 13:00-14:00", "'mon' stands there twice"),
        ("mon 09:00-25:00", "are no hours"),
    ],
)
def test_hours_that_cannot_be_read_are_told(written: str, said: str) -> None:
    _, problems = read_call_hours(written)
    assert any(said in problem for problem in problems)
    with pytest.raises(Exception, match="CALL_HOURS") as caught:
        Settings.load({"CALL_HOURS": written}, None)
    assert said in str(caught.value)


def test_hours_that_can_be_read_are_taken() -> None:
    assert read_call_hours(WEEK)[1] == []
    assert Settings.load({"CALL_HOURS": WEEK}, None).call_hours == WEEK
    assert read_call_hours("") == ([], [])


def test_a_call_that_every_rule_allows_is_counted() -> None:
    allowed = rules(hours=CallHours(WEEK, "Europe/Paris"))
    allowed.check(MOBILE, FRIDAY_10)
    assert allowed.counter == Counter(taken=["start"])


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("+33899123456", "premium-rate"),
        ("+33811123456", "shared-cost"),
        ("+33639981234", "in no range that its country has given out"),
    ],
)
def test_premium_and_short_numbers_are_never_called(number: str, said: str) -> None:
    refusing = rules()
    with pytest.raises(ForbiddenError, match=said) as caught:
        refusing.check(number, FRIDAY_10)
    assert caught.value.mend == "No setting allows it."
    assert number not in caught.value.message
    assert refusing.counter == Counter()


def test_a_call_out_of_hours_is_refused_and_not_counted() -> None:
    refusing = rules(hours=CallHours(WEEK, "Europe/Paris"))
    with pytest.raises(ForbiddenError) as caught:
        refusing.check(MOBILE, datetime(2026, 1, 11, 12, 0, tzinfo=UTC))
    assert "it is Sunday 13:00 in Europe/Paris, and CALL_HOURS is" in caught.value.message
    assert caught.value.status == 403
    assert refusing.counter == Counter()


@pytest.mark.parametrize("per_hour", [0, 1, 3])
def test_only_so_many_calls_are_placed_within_an_hour(per_hour: int) -> None:
    refusing = rules(per_hour)
    for _ in range(per_hour):
        refusing.check(MOBILE, FRIDAY_10)
    with pytest.raises(ForbiddenError, match=f"DIAL_PER_HOUR is {per_hour}") as caught:
        refusing.check(MOBILE, FRIDAY_10)
    assert caught.value.status == 429


def test_a_call_that_cannot_be_counted_is_not_placed() -> None:
    with pytest.raises(JournalError):
        rules(broken=True).check(MOBILE, FRIDAY_10)


# -- a real server --------------------------------------------------------------------------------

TOKEN, ACCOUNT = "a-token-of-tests", "a-password-of-callr"
RINGS = """\
from app.callflow import Flow, collect, dial, hang_up

rings = Flow(
    "rings",
    start="whom",
    language="en-GB",
    steps={
        "whom": collect("Whom?", into="number", max_digits=10, then="ring", failure="bye"),
        "ring": dial("{number}", no_answer="bye"),
        "bye": hang_up("Not now."),
    },
)
"""


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    account = Account(login="acme", password=ACCOUNT)
    with Simulator(account, conditions=Conditions(speed=100)) as running:
        yield running


def serving(folder: Path, env: Mapping[str, str]) -> AbstractContextManager[Server]:
    return running(gunicorn(), folder, environment(folder, **env))


def placed(server: Server, number: str = MOBILE) -> Reply:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    body = json.dumps({"number": number, "flow": "reminder", "app": "A1B2C3D4"}).encode()
    return server.request("POST", "/api/calls", body, headers)


def api_of(simulator: Simulator) -> dict[str, str]:
    return {
        "CALLR_API_URL": simulator.api_url,
        "CALLR_LOGIN": "acme",
        "CALLR_PASSWORD": ACCOUNT,
        "API_TOKEN": TOKEN,
        "COUNTRY": "FR",
    }


def app_for(simulator: Simulator, server: Server) -> str:
    settings = Settings(callr_api_url=simulator.api_url, callr_login="acme", callr_password=ACCOUNT)
    with connect(settings) as api:
        url = webhook_url(server.url, "reminder")
        return api.create_app("r", url=url, login=server.login, password=server.password).hash


def test_all_workers_together_place_only_so_many_calls(
    tmp_path: Path, simulator: Simulator
) -> None:
    env = {**api_of(simulator), "DIAL_PER_HOUR": "3", "WEB_CONCURRENCY": "2"}
    with serving(tmp_path, env) as server:
        app = app_for(simulator, server)
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        body = json.dumps({"number": MOBILE, "flow": "reminder", "app": app}).encode()
        replies = [server.request("POST", "/api/calls", body, headers) for _ in range(5)]
    assert [reply.status for reply in replies] == [201, 201, 201, 429, 429]
    told = replies[-1].json["error"]
    assert "DIAL_PER_HOUR is 3" in told["message"]
    assert told["mend"] == "Call later, or raise DIAL_PER_HOUR."


@pytest.mark.parametrize(
    ("env", "number", "said"),
    [
        ({"CALL_HOURS": "mon 00:00-00:01", "TIMEZONE": "Pacific/Kiritimati"}, MOBILE, "CALL_HOURS"),
        ({}, "0899 123 456", "premium-rate number, and those are never dialled"),
        ({"DIAL_PER_HOUR": "0"}, MOBILE, "DIAL_PER_HOUR is 0"),
    ],
)
def test_a_call_that_a_rule_forbids_reaches_no_platform(
    tmp_path: Path, simulator: Simulator, env: dict[str, str], number: str, said: str
) -> None:
    more = {**api_of(simulator), **env}
    with serving(tmp_path, more) as server:
        reply = placed(server, number)
        assert reply.status in {403, 429}
        assert said in reply.json["error"]["message"]
        assert reply.json["error"]["mend"]
    assert simulator.platform.callids == ()


def test_a_flow_dials_numbers_from_outside_only_so_often(tmp_path: Path) -> None:
    flows = tmp_path / "flows"
    flows.mkdir()
    (flows / "rings.py").write_text(RINGS)
    env = {"DIAL_ALLOW": "+336", "DIAL_PER_HOUR": "1", "COUNTRY": "FR"}
    with serving(tmp_path, {**env, "OFFHOOK_FLOWS": str(flows)}) as server:
        commands = []
        for callid in (1, 2):
            asked = server.report("rings", callid=callid)
            reply = server.answer("rings", asked, "0612345678", callid=callid)
            commands.append(reply.json["command"])
        history = History(server.database_url)
        (turn,) = [turn for turn in history.turns("callr:2") if turn.incidents]
    assert commands == ["dialout", "play"]
    assert "step 'ring': not dialled: DIAL_PER_HOUR is 1" in turn.incidents[0]
