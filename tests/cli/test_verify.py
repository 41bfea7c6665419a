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
from app.cli.call import FIRST_REPORT_S
from app.cli.exits import CallFailedError, Exit
from app.cli.verifying import QUIET_S, Watch
from app.journal import History
from app.simulator import (
    Account,
    Conditions,
    Readings,
    Script,
    Scripted,
    Simulator,
    readings_heard,
)
from app.simulator import Answer as PersonAnswers

CALLR_PASSWORD = "a-password-of-callr"
TOKEN = "a-token-of-the-api"
OPERATOR = "+33612345678"
SPEED = 30.0
MEASURED = 10.0
"""A speed at which seconds can still be told from what a busy machine loses."""


COUNT = 6
"""The place, from 1, of the command that counts, during which a key is pressed."""

SECRETS = (CALLR_PASSWORD, TOKEN, WEBHOOK_PASSWORD, SECRET_KEY)


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

    def is_heard(
        self, readings: Readings, *, speed: float = SPEED, **script: Any
    ) -> dict[str, str]:
        """Verify a CALLR of these readings, with an operator who does what is asked."""
        self.reads(readings, speed)
        self.picks_up(replace(obedient(readings), **script))
        run = self.verify()
        assert run.exit_code in {Exit.OK, Exit.INCOMPLETE}, run.output
        return self.answers()

    def reads(self, readings: Readings, speed: float = SPEED) -> None:
        self.simulator.platform.conditions = Conditions(speed=speed, readings=readings)

    def picks_up(self, script: Script) -> None:
        self.simulator.platform.people.put(OPERATOR, lambda: Scripted(script))

    def calls(self) -> set[int]:
        """The calls that the platform has had, those in progress too."""
        platform = self.simulator.platform
        return {*platform.callids, *(cdr.call.facts.callid for cdr in platform.store.cdrs())}

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
        settings: dict[str, Any] = {
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
    app.simulator.platform.people.remove(OPERATOR)


DEFAULT = {
    "record_tone": "yes",
    "hangup_in_record": "nothing",
    "hangup_report": "merged",
    "read_nothing": "TIMEOUT",
    "read_hash": "empty",
    "wait_key": "both",
    "keys_stop_play": "no",
    "keys_kept": "no",
    "basic": "unasked",
}


def unmeasured(answers: dict[str, str]) -> dict[str, str]:
    """Without what takes seconds that are told apart, which at full speed they are not always."""
    return {name: answer for name, answer in answers.items() if name != "wait_key"}


@pytest.mark.parametrize(
    ("readings", "heard"),
    [
        pytest.param(Readings(), DEFAULT, id="as the simulator usually does"),
        pytest.param(
            Readings(
                record_beeps=False,
                interrupted="kept",
                hangup="separate",
                read_timeout="empty",
                bare_hash_result="TIMEOUT",
                wait_key="seconds",
                keys_stop_play=True,
                keys_kept=True,
                basic="challenged",
            ),
            {
                "record_tone": "no",
                "hangup_in_record": "file",
                "hangup_report": "separate",
                "read_nothing": "empty",
                "read_hash": "TIMEOUT",
                "wait_key": "seconds",
                "keys_stop_play": "yes",
                "keys_kept": "yes",
                "basic": "challenged",
            },
            id="the other reading of each",
        ),
        pytest.param(
            Readings(
                interrupted="-1",
                read_timeout="null",
                bare_hash_result="#",
                wait_key="wait",
                keys_stop_play=True,
            ),
            DEFAULT
            | {
                "hangup_in_record": "-1",
                "read_nothing": "null",
                "read_hash": "#",
                "wait_key": "wait",
                "keys_stop_play": "yes",
            },
            id="a third of some",
        ),
        pytest.param(
            Readings(interrupted="error", read_timeout="error", wait_key="neither", keys_kept=True),
            DEFAULT
            | {
                "hangup_in_record": "error",
                "read_nothing": "error",
                "wait_key": "neither",
                "keys_kept": "yes",
            },
            id="a fourth of some",
        ),
    ],
)
def test_each_question_is_settled_in_whichever_way_the_platform_goes(
    deployed: Deployed, readings: Readings, heard: dict[str, str]
) -> None:
    assert deployed.is_heard(readings, speed=MEASURED) == heard
    assert list(deployed.told["facts"]) == list(QUESTIONS)
    assert readings_heard(deployed.file.read_text()) == readings, (
        "a simulator that reads the file must do what was heard"
    )


def test_what_was_heard_is_told_beside_what_was_assumed_and_nothing_is_left_behind(
    deployed: Deployed,
) -> None:
    deployed.reads(Readings(record_beeps=False))
    deployed.picks_up(obedient(Readings(record_beeps=False)))
    run = deployed.verify()
    assert run.exit_code == Exit.OK, run.output
    lines = [line.split("  ")[0] for line in run.stdout.splitlines()]
    assert all(question.asks in lines for question in QUESTIONS.values())
    (tone,) = [line for line in run.stdout.splitlines() if line.startswith("Does the caller hear")]
    assert tone.split()[-2:] == ["no", "yes"]
    assert (
        "Other than assumed: Does the caller hear a tone before `record`? no: say no" in run.stdout
    )
    assert "called    hangs up" in run.stdout
    assert "simulator 127.0.0.1:" in run.stderr.splitlines()[0]
    assert deployed.voice_apps() == []
    text = deployed.file.read_text()
    assert not any(secret in text + run.output for secret in SECRETS)
    assert OPERATOR not in text


def test_as_json_the_turns_are_not_told(deployed: Deployed) -> None:
    deployed.reads(Readings())
    deployed.picks_up(obedient(Readings()))
    told = json.loads(deployed.verify("--json").stdout)
    answers = {name: fact["answer"] for name, fact in told["facts"].items()}
    assert unmeasured(answers) == unmeasured(DEFAULT)
    assert answers == deployed.answers()
    assert set(told["differing"]) <= {"wait_key"}
    assert told["open"] == []
    assert told["call"].startswith("callr:")


def test_who_hangs_up_half_way_keeps_what_was_settled_and_is_told_what_is_open(
    deployed: Deployed,
) -> None:
    deployed.reads(Readings())
    deployed.picks_up(replace(obedient(Readings()), hangup_at=COUNT))
    run = deployed.verify()
    assert run.exit_code == Exit.INCOMPLETE, run.output
    settled = {"hangup_report": "merged", "read_nothing": "TIMEOUT", "read_hash": "empty"}
    assert deployed.answers() == settled
    still = "record_tone, hangup_in_record, wait_key, keys_stop_play, keys_kept, basic"
    assert f"Still open: {still}. Run it again" in run.stderr
    first = deployed.told["facts"]
    assert deployed.is_heard(Readings(read_timeout="empty"), hangup_at=5)["read_nothing"] == "empty"
    assert deployed.told["facts"]["read_hash"] == first["read_hash"], (
        "what was not asked anew stays"
    )


def test_who_does_not_do_as_asked_leaves_the_question_open(deployed: Deployed) -> None:
    """A key where none was asked for, none where one was, 3 for not sure, and no hanging up."""
    heard = deployed.is_heard(
        Readings(),
        keys=("5", "", "", "3", "3"),
        presses_at={},
        hangup_speaking=None,
    )
    assert unmeasured(heard) == {"basic": "unasked"}


def test_a_hash_that_never_came_is_not_taken_for_one(deployed: Deployed) -> None:
    heard = deployed.is_heard(Readings(bare_hash_result="TIMEOUT"), keys=("", ""), hangup_at=COUNT)
    assert heard["read_nothing"] == "TIMEOUT"
    assert "read_hash" not in heard


@pytest.mark.parametrize("answer", [PersonAnswers.BUSY, PersonAnswers.NO_ANSWER])
def test_where_nobody_answers_nothing_is_settled(deployed: Deployed, answer: PersonAnswers) -> None:
    deployed.reads(Readings())
    deployed.picks_up(Script(answer=answer))
    run = deployed.verify("--ring", "5")
    assert run.exit_code == Exit.INCOMPLETE, run.output
    outcome = "busy" if answer is PersonAnswers.BUSY else "no_answer"
    assert f"Nothing was heard: the call came to {outcome}." in run.stderr
    assert not deployed.file.exists()
    assert deployed.voice_apps() == []


def test_without_a_token_this_machine_dials(deployed: Deployed) -> None:
    deployed.reads(Readings())
    deployed.picks_up(replace(obedient(Readings()), hangup_at=5))
    run = deployed.verify(API_TOKEN="")
    assert run.exit_code == Exit.INCOMPLETE, run.output
    assert deployed.answers() == {"hangup_report": "merged", "read_nothing": "TIMEOUT"}
    assert deployed.voice_apps() == []


def test_ctrl_c_ends_the_call_keeps_what_was_settled_and_deletes_the_voice_app(
    deployed: Deployed,
) -> None:
    deployed.reads(Readings())
    deployed.picks_up(replace(obedient(Readings()), hangup_speaking=None, speaks_s=200.0))
    args = ("callr", "verify", "--phone", OPERATOR, "-o", str(deployed.file))
    with running(*args, cwd=deployed.folder, env=deployed.environ) as process:
        process.wait_for("[tone_record]")
        assert process.end(signal.SIGINT) == Exit.INTERRUPTED
        told = process.out.read_text() + process.err.read_text()
    assert "The call is hung up." in told
    assert "Interrupted." in told
    assert deployed.answers().keys() >= {"read_nothing", "read_hash", "keys_kept"}
    assert "wait_key" not in deployed.answers()
    assert deployed.voice_apps() == []
    assert deployed.simulator.platform.callids == ()


def test_ctrl_c_before_anybody_answers_says_that_it_may_still_ring(deployed: Deployed) -> None:
    deployed.reads(Readings())
    deployed.picks_up(Script(answer=PersonAnswers.NO_ANSWER))
    args = ("callr", "verify", "--phone", OPERATOR, "-o", str(deployed.file), "--ring", "300")
    with running(*args, cwd=deployed.folder, env=deployed.environ) as process:
        process.wait_for("Your phone rings")
        assert process.end(signal.SIGINT) == Exit.INTERRUPTED
        assert "may still ring" in process.err.read_text()
    assert deployed.voice_apps() == []
    assert not deployed.file.exists()


def test_a_telephone_in_another_terminal_answers_by_a_script(deployed: Deployed) -> None:
    """As docs/limits.md has it."""
    deployed.reads(Readings(keys_stop_play=True))
    listens = ("phone", "--listen", OPERATOR, "--once", "--keys", ";#;;1;1", "--press-at", "6=7")
    with running(
        *listens, "--hangup-speaking", "2", cwd=deployed.folder, env=deployed.environ
    ) as phone:
        phone.wait_for("Listening at")
        assert deployed.verify().exit_code == Exit.OK
        phone.wait_for("hang up  by the person")
    assert unmeasured(deployed.answers()) == unmeasured(DEFAULT) | {"keys_stop_play": "yes"}


def test_a_call_that_falls_silent_is_given_up(deployed: Deployed) -> None:
    now = [0.0]
    history = History(deployed.environ["DATABASE_URL"])
    watch = Watch(history, "oh00000000000000", 30, lambda: now[0])
    assert watch.find() is None
    now[0] = 30.0 + FIRST_REPORT_S + 1
    with pytest.raises(CallFailedError, match="No report of the call came"):
        watch.find()
    assert watch.told().key == ""
    deployed.reads(Readings())
    deployed.picks_up(Script(answer=PersonAnswers.BUSY))
    assert deployed.verify().exit_code == Exit.INCOMPLETE
    token = history.calls(limit=1)[0].row.token
    watch = Watch(history, token, 30, lambda: now[0])
    assert watch.find() is not None
    now[0] += QUIET_S + 1
    with pytest.raises(CallFailedError, match="No more reports of the call came"):
        watch.find()
    assert watch.told().ended == "the call came to busy"


def test_a_voice_app_that_is_there_is_used_and_left(deployed: Deployed) -> None:
    deployed.reads(Readings())
    deployed.picks_up(Script(answer=PersonAnswers.BUSY))
    run = CommandLine(deployed.environ)
    url = f"{deployed.server.url}/callr/{VERIFY.name}"
    params = {"url": url, "login": "somebody", "password": "else"}
    store = deployed.simulator.platform.store
    made = store.create_app("REALTIME10", "Left", params)
    try:
        assert deployed.verify().exit_code == Exit.INCOMPLETE
        assert deployed.voice_apps() == ["Left"]
        doctor = run("doctor").stdout
        assert " was left by an `offhook callr verify` that broke off" in doctor
    finally:
        store.delete_app(made)


def test_what_was_heard_of_callr_is_not_overwritten_by_a_simulators(deployed: Deployed) -> None:
    facts = {"basic": {"answer": "unasked", "saw": "", "heard_at": "2026-11-27T17:00:00+00:00"}}
    real = json.dumps({"format": 1, "platform": "api.callr.com", "facts": facts})
    deployed.file.write_text(real)
    run = deployed.verify()
    assert run.exit_code == Exit.SETTINGS
    assert "tells of api.callr.com, and CALLR_API_URL is simulator: it is not" in run.stderr
    assert "-o FILE" in run.stderr
    assert deployed.file.read_text() == real


def test_a_broken_file_is_made_anew(deployed: Deployed) -> None:
    deployed.file.write_text("no JSON")
    deployed.reads(Readings())
    deployed.picks_up(replace(obedient(Readings()), hangup_at=5))
    run = deployed.verify()
    assert "callr-verified.json is made anew: it is no JSON." in run.stderr
    assert deployed.answers() == {"hangup_report": "merged", "read_nothing": "TIMEOUT"}


@pytest.mark.parametrize(
    ("args", "env", "code", "said"),
    [
        (("--phone", "12"), {}, Exit.USAGE, "12"),
        (("--phone", "+3361234567890123456"), {}, Exit.USAGE, "+33612"),
        ((), {"PUBLIC_URL": ""}, Exit.SETTINGS, "PUBLIC_URL="),
        ((), {"CALLR_LOGIN": "", "CALLR_PASSWORD": ""}, Exit.SETTINGS, "CALLR_LOGIN"),
        ((), {"API_TOKEN": "another"}, Exit.SETTINGS, "refuses this API_TOKEN"),
        ((), {"CALLR_WEBHOOK_PASSWORD": "another"}, Exit.SETTINGS, "every call would be refused"),
        (
            (),
            {"PUBLIC_URL": "http://127.0.0.1:9"},
            Exit.SETTINGS,
            "no connections. Set DATABASE_URL",
        ),
        ((), {"CALLR_PASSWORD": "wrong"}, Exit.REFUSED, "CALLR"),
        (("--from", "+33700000000"), {}, Exit.REFUSED, "PROPERTY_VALUE_ERROR [options.cli]"),
        ((), {"CALLR_API_URL": "https://api.callr.com/"}, Exit.SETTINGS, "is this machine"),
        (("--phone", "+33899701234"), {}, Exit.FORBIDDEN, "premium"),
    ],
    ids=lambda one: str(one)[:40],
)
def test_what_cannot_be_is_told_and_nobody_is_called(
    deployed: Deployed, args: tuple[str, ...], env: dict[str, Any], code: Exit, said: str
) -> None:
    before = deployed.calls()
    run = deployed.verify(*args, **env)
    assert run.exit_code == code, run.output
    assert said in run.stderr
    assert deployed.calls() == before
    assert deployed.voice_apps() == []
    assert not deployed.file.exists()


@pytest.mark.parametrize("answer", [False, None])
def test_live_is_asked_about_before_anything_is_made(
    deployed: Deployed, *, answer: bool | None
) -> None:
    live = {"PUBLIC_URL": "https://offhook.invalid", "CALLR_API_URL": "https://api.callr.com/"}
    run = deployed.verify(answer=answer, **live)
    assert run.exit_code == Exit.DECLINED
    assert deployed.asked == [f"Make a voice app at CALLR for it, and call {OPERATOR} now?"]
    assert run.stderr.startswith(
        "CALLR: LIVE, login acme; the app at https://offhook.invalid dials"
    )
