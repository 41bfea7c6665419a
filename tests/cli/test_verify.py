"""``offhook callr verify``: the operator's phone rings, and what CALLR does is settled."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine
from offhook_process import running
from serving import LOGIN, SECRET_KEY, Server, serving
from serving import PASSWORD as WEBHOOK_PASSWORD

from app.callr.questions import QUESTIONS
from app.callr.verifying import VERIFY
from app.cli.exits import Exit
from app.simulator import Account, Conditions, Readings, Script, Scripted, Simulator
from app.simulator import Answer as PersonAnswers

CALLR_PASSWORD = "a-password-of-callr"
TOKEN = "a-token-of-the-api"
OPERATOR = "+33612345678"
SPEED = 20.0
"""So that four simulated seconds are still far longer than a turn takes."""

COUNT, TONE_RECORD = 6, 10
"""The places, from 1, of two commands of the flow."""


@dataclass
class Deployed:
    """A deployed app, the simulated CALLR, and the operator at the command line."""

    server: Server
    simulator: Simulator
    folder: Path
    environ: dict[str, str]

    def verify(self, *args: str, answer: bool | None = None, **env: str) -> Any:
        command = CommandLine({**self.environ, **env})
        file = str(self.folder / "callr-verified.json")
        run = command("callr", "verify", "--phone", OPERATOR, "-o", file, *args, answer=answer)
        self.asked = command.asked
        return run

    asked: list[str] = field(default_factory=list)

    @property
    def file(self) -> Path:
        return self.folder / "callr-verified.json"

    @property
    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.file.read_text())
        return told

    def answers(self) -> dict[str, str]:
        return {name: fact["answer"] for name, fact in self.told["facts"].items()}

    def is_heard(self, readings: Readings, **script: Any) -> dict[str, str]:
        """Verify a CALLR of these readings, with an operator who does what is asked."""
        self.reads(readings)
        self.picks_up(replace(obedient(readings), **script))
        run = self.verify()
        assert run.exit_code in {Exit.OK, Exit.INCOMPLETE}, run.output
        return self.answers()

    def reads(self, readings: Readings) -> None:
        self.simulator.platform.conditions = Conditions(speed=SPEED, readings=readings)

    def picks_up(self, script: Script) -> None:
        self.simulator.platform.put(OPERATOR, lambda: Scripted(script))

    def voice_apps(self) -> list[str]:
        return [app.name for app in self.simulator.platform.store.apps()]


def obedient(readings: Readings) -> Script:
    """An operator who does what is asked, and tells the truth of what they hear."""
    stopped = "1" if readings.keys_stop_play else "2"
    tone = "1" if readings.record_beeps else "2"
    return Script(
        keys=("", "#", "", stopped, tone),
        presses_at={COUNT: "7"},
        speaks_s=2.0,
        hangup_speaking=2,
        ring_s=0.5,
    )


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    folder = tmp_path_factory.mktemp("deployed")
    account = Account(login="acme", password=CALLR_PASSWORD)
    with Simulator(account, conditions=Conditions(speed=SPEED)) as simulator:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        settings = {
            "CALLR_API_URL": simulator.api_url,
            "CALLR_LOGIN": "acme",
            "CALLR_PASSWORD": CALLR_PASSWORD,
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "API_TOKEN": TOKEN,
        }
        with serving(folder, PORT=str(port), WEB_CONCURRENCY="2", **settings) as server:
            environ = {
                **settings,
                "SECRET_KEY": SECRET_KEY,
                "CALLR_WEBHOOK_LOGIN": LOGIN,
                "CALLR_WEBHOOK_PASSWORD": WEBHOOK_PASSWORD,
                "DATABASE_URL": server.database_url,
                "COUNTRY": "FR",
            }
            yield Deployed(server, simulator, folder, environ)


@pytest.fixture
def deployed(app: Deployed) -> Iterator[Deployed]:
    yield app
    app.file.unlink(missing_ok=True)
    app.simulator.platform.remove(OPERATOR)


def test_try(deployed: Deployed) -> None:
    deployed.reads(Readings())
    deployed.picks_up(obedient(Readings()))
    run = deployed.verify()
    print(run.output)
    print(deployed.file.read_text())
    assert 0
