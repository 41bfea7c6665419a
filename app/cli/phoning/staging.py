"""What ``offhook demo`` stages: a server, a simulator, voice apps and numbers, and three calls."""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from app.bootstrap import now
from app.callr.api import connect
from app.callr.placing import webhook_url
from app.cli.exits import CallFailedError
from app.cli.own_api import OwnApi
from app.cli.phoning.served import Served, ServerError, free_port, gunicorn, wait_until_ready
from app.journal import History, JournalledCall
from app.settings import Settings
from app.simulator import (
    A_CALLER,
    Answer,
    Conditions,
    Holder,
    Others,
    RemotePhone,
    Script,
    Simulator,
    SimulatorClient,
)
from app.simulator.stringee import StringeeConditions
from app.simulator.stringee.ring import A_PHONE
from app.simulator.transcript import Ended, Fault
from app.stringee.account import open_account
from app.stringee.urls import answer_url, event_url

INBOUND: Final = "reception"
OUTBOUND: Final = "reminder"
GIVEN: Final[Mapping[str, str]] = {"name": "Ada", "time": "tomorrow at ten"}

CALLS: Final = (("callr", "inbound"), ("callr", "outbound"), ("stringee", "inbound"))
"""Platform and direction of each call, in the order in which they are made."""

_FAST: Final = Conditions(speed=100)
_FAST_STRINGEE: Final = StringeeConditions(speed=100)
_LONDON: Final = ZoneInfo("Europe/London")
_CLOSED: Final = {(12, 25), (1, 1)}
_SATURDAY: Final = 5
_JOURNAL_S: Final = 5.0

_CALLS_SALES: Final = Holder(
    script=Script(keys=("3", "2", "123456"), others=Others(answer=Answer.NO_ANSWER))
)
_CONFIRMS: Final = Holder(script=Script(keys=("1", "1")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Everything that runs.

    Attributes:
        settings: of the server.
        served: the server.
        simulator: the platform that it talks to.
    """

    settings: Settings
    served: Served
    simulator: Simulator

    @property
    def line(self) -> str:
        """The number that rings reception."""
        return self.simulator.account.numbers[0]

    @property
    def stringee_line(self) -> str:
        """The number at Stringee that rings reception."""
        return f"+{self.simulator.stringee.account.numbers[0]}"

    @property
    def shows(self) -> str:
        """The number that outbound calls show."""
        return self.simulator.account.numbers[1]

    def create_voice_apps(self) -> None:
        """Create the voice apps through the API, and let the line ring the inbound one.

        Raises:
            ApiError: the simulator refused.
        """
        settings = self.settings
        with connect(settings) as api:
            made = {
                flow: api.create_app(
                    flow.capitalize(),
                    url=webhook_url(settings.public_url, flow),
                    login=settings.callr_webhook_login,
                    password=settings.callr_webhook_password,
                )
                for flow in (INBOUND, OUTBOUND)
            }
            did = next(did for did in api.dids() if did.number == self.line)
            api.assign_did(made[INBOUND].hash, did.hash)

    def point_stringee(self) -> None:
        """Have the flow answer the number at Stringee, through its account's API.

        Raises:
            ApiError: the simulator refused.
        """
        url = self.settings.public_url
        with open_account(self.settings) as api:
            digits = self.stringee_line.removeprefix("+")
            number = next(one for one in api.numbers() if one.number.endswith(digits))
            api.point_number(
                number.id, answer_url=answer_url(url, INBOUND), event_url=event_url(url)
            )

    def play_stringee(self) -> None:
        """Somebody calls the number at Stringee, whatever the hour.

        Raises:
            CallFailedError: the server failed the call.
        """
        with self._telephones() as client:
            _be_on(client.ring(self.stringee_line, _CALLS_SALES, caller=f"+{A_PHONE}"))

    def play_inbound(self, at: datetime) -> None:
        """Somebody calls the line, and ends up leaving a message.

        Raises:
            CallFailedError: the server failed the call.
        """
        with self._telephones() as client:
            _be_on(client.ring(self.line, _CALLS_SALES, at=at))

    def play_outbound(self) -> None:
        """The server is asked to call somebody, who confirms.

        Raises:
            OffhookError: it refused.
            CallFailedError: it failed the call.
        """
        asked = {
            "number": A_CALLER,
            "flow": OUTBOUND,
            "from": self.shows,
            "variables": dict(GIVEN),
        }
        with self._telephones() as client:
            phone = client.listen(A_CALLER, _CONFIRMS)
            with OwnApi(self.settings.public_url, self.settings.api_token) as api:
                api.place(asked, secrets.token_hex(16))
            _be_on(phone)

    def calls(self) -> list[JournalledCall]:
        """The calls as the server's journal has them, in the order of ``CALLS``.

        Raises:
            ServerError: they are not there, or not ended.
        """
        history, deadline = self.history, time.monotonic() + _JOURNAL_S
        while True:
            found = {
                (one.row.provider, one.row.direction): one
                for one in history.calls()
                if one.row.outcome
            }
            if found.keys() >= set(CALLS):
                return [found[call] for call in CALLS]
            if time.monotonic() > deadline:
                msg = f"The journal has the ended calls {sorted(found)}, not all {len(CALLS)}."
                raise ServerError(msg)
            time.sleep(0.05)

    @property
    def history(self) -> History:
        """The server's journal."""
        return History(self.settings.database_url)

    def slow_down(self) -> None:
        """From now on calls take as long as with people."""
        self.simulator.platform.conditions = Conditions()
        self.simulator.stringee.conditions = StringeeConditions()

    @contextmanager
    def _telephones(self) -> Iterator[SimulatorClient]:
        account = self.simulator.account
        with SimulatorClient(self.simulator.url, account.login, account.password) as client:
            yield client


@contextmanager
def stage() -> Iterator[Stage]:
    """Start the simulator and the server; both end with the ``with``, and the journal is removed.

    Every secret is random; neither ``.env`` nor the environment is read.
    """
    with (
        tempfile.TemporaryDirectory(prefix="offhook-demo-") as folder,
        Simulator(conditions=_FAST, stringee_conditions=_FAST_STRINGEE) as simulator,
        free_port() as listening,
    ):
        settings = _settings(simulator, Path(folder), listening.getsockname()[1])
        with gunicorn(Path(folder), listening, _variables(settings)) as served:
            yield Stage(settings=settings, served=served, simulator=simulator)


def ready(stage: Stage) -> None:
    """Wait until the server answers.

    Raises:
        ServerError: it does not come up.
    """
    wait_until_ready(stage.served, stage.settings.public_url)


def opening_hour(today: datetime) -> datetime:
    """Ten o'clock in London on the last day before today on which reception was open."""
    day = today.astimezone(_LONDON).replace(hour=10, minute=0, second=0, microsecond=0)
    day -= timedelta(days=1)
    while day.weekday() >= _SATURDAY or (day.month, day.day) in _CLOSED:
        day -= timedelta(days=1)
    return day


def last_opening_hour() -> datetime:
    """The same, as of now."""
    return opening_hour(now())


def _settings(simulator: Simulator, folder: Path, port: int) -> Settings:
    stringee = simulator.stringee.account
    return Settings(
        secret_key=secrets.token_urlsafe(32),
        callr_webhook_login="callr",
        callr_webhook_password=secrets.token_urlsafe(32),
        callr_login=simulator.account.login,
        callr_password=simulator.account.password,
        callr_api_url=simulator.api_url,
        stringee_signing_key=stringee.signing_key,
        stringee_api_key_sid=stringee.key_sid,
        stringee_api_key_secret=stringee.key_secret,
        stringee_account_sid=stringee.account_sid,
        stringee_account_key=stringee.account_key,
        stringee_api_url=simulator.url,
        public_url=f"http://127.0.0.1:{port}",
        api_token=secrets.token_urlsafe(32),
        database_url=f"sqlite:///{folder / 'journal.sqlite3'}",
    )


def _variables(settings: Settings) -> dict[str, str]:
    """The environment that says what the settings say."""
    return {
        "STRINGEE_SIGNING_KEY": settings.stringee_signing_key,
        "STRINGEE_API_KEY_SID": settings.stringee_api_key_sid,
        "STRINGEE_API_KEY_SECRET": settings.stringee_api_key_secret,
        "STRINGEE_API_URL": settings.stringee_api_url,
        "SECRET_KEY": settings.secret_key,
        "CALLR_WEBHOOK_LOGIN": settings.callr_webhook_login,
        "CALLR_WEBHOOK_PASSWORD": settings.callr_webhook_password,
        "CALLR_LOGIN": settings.callr_login,
        "CALLR_PASSWORD": settings.callr_password,
        "CALLR_API_URL": settings.callr_api_url,
        "PUBLIC_URL": settings.public_url,
        "API_TOKEN": settings.api_token,
        "DATABASE_URL": settings.database_url,
    }


def _be_on(phone: RemotePhone) -> None:
    """Be on the phone until its call is over.

    Raises:
        CallFailedError: the server failed it.
    """
    faults = []
    try:
        for event in phone.events():
            if isinstance(event, Fault):
                faults.append(event.reason)
            if isinstance(event, Ended):
                break
    finally:
        phone.close()
    if faults:
        raise CallFailedError(f"The server failed the call: {'; '.join(faults)}.")
