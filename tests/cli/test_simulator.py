"""``offhook simulator``, and phones at it: real processes, a real server."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from offhook_process import Running, offhook, running, terminal
from serving import Server, serving

from app.callr.api import CallrApi, connect
from app.cli.exits import Exit
from app.cli.phoning.switches import conditions_of, described
from app.settings import Settings
from app.simulator import Hostility, Readings

LINE, OTHER_LINE = "+33199001020", "+33199001021"
MOBILE = "+33612345678"
FAST = ("--port", "0", "--speed", "50")


@dataclass
class Platform:
    """A simulator that runs, a server, and the environment that its lines make."""

    running: Running
    server: Server
    env: dict[str, str]
    api: CallrApi

    @property
    def api_host(self) -> str:
        return self.env["CALLR_API_URL"].split("/")[2]

    def create(self, flow: str, number: str = "") -> str:
        """Create a voice app whose calls the server's flow answers; gives its hash."""
        server = self.server
        app = self.api.create_app(
            flow, url=f"{server.url}/callr/{flow}", login=server.login, password=server.password
        )
        if number:
            did = next(did for did in self.api.dids() if did.number == number)
            self.api.assign_did(app.hash, did.hash)
        return app.hash


@contextmanager
def simulated(folder: Path, *args: str) -> Iterator[Platform]:
    (folder / "server").mkdir()
    with (
        running("simulator", *(args or FAST), cwd=folder) as simulator,
        serving(folder / "server") as server,
    ):
        simulator.wait_for("Its numbers at Stringee: ")
        env = environment_of(simulator)
        with connect(Settings.load(env, None)) as api:
            yield Platform(simulator, server, env, api)


def environment_of(simulator: Running) -> dict[str, str]:
    lines = simulator.out.read_text().splitlines()
    assert [line.partition("=")[0] for line in lines] == [
        "CALLR_API_URL",
        "CALLR_LOGIN",
        "CALLR_PASSWORD",
        "STRINGEE_API_URL",
        "STRINGEE_API_KEY_SID",
        "STRINGEE_API_KEY_SECRET",
        "STRINGEE_SIGNING_KEY",
        "STRINGEE_ACCOUNT_SID",
        "STRINGEE_ACCOUNT_KEY",
    ]
    return dict(line.split("=", maxsplit=1) for line in lines)


def test_its_lines_work_as_an_env_file_and_its_numbers_are_told(tmp_path: Path) -> None:
    with running("simulator", *FAST, cwd=tmp_path) as simulator:
        simulator.wait_for("Its numbers at Stringee: ")
        (tmp_path / ".env").write_text(simulator.out.read_text())
        listed = offhook("numbers", "list", "--json", cwd=tmp_path)
        assert listed.returncode == Exit.OK
        assert LINE in listed.stdout
        assert LINE in simulator.err.read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_cleanly(tmp_path: Path, number: int) -> None:
    with running("simulator", *FAST, cwd=tmp_path) as simulator:
        simulator.wait_for("Ctrl-C ends it.")
        assert simulator.end(number) == Exit.OK
        assert simulator.err.read_text().splitlines()[-1] == "The simulator ends."


def test_a_port_that_is_taken_is_told_with_the_mend(tmp_path: Path) -> None:
    with running("simulator", "--port", "0", cwd=tmp_path) as simulator:
        simulator.wait_for("Its numbers at Stringee: ")
        port = environment_of(simulator)["CALLR_API_URL"].split("/")[2].rpartition(":")[2]
        second = offhook("simulator", "--port", port, cwd=tmp_path)
    assert second.returncode == Exit.SETTINGS
    assert second.stdout == ""
    assert f"Nothing can listen on port {port}: Address already in use" in second.stderr
    assert "--port 0" in second.stderr


def test_it_reads_no_env_file_and_no_credential_but_its_own(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=nonsense\nCALLR_PASSWORD=from-the-file\n")
    env = {"CALLR_LOGIN": "acme", "CALLR_PASSWORD": "from-the-environment", "SECRET_KEY": "short"}
    with running("simulator", *FAST, cwd=tmp_path, env=env) as simulator:
        told = simulator.wait_for("Its numbers at Stringee: ")
        assert environment_of(simulator)["CALLR_LOGIN"] == "simulator"
        assert "from-the" not in told
    own = {
        "OFFHOOK_SIMULATOR_LOGIN": "acme",
        "OFFHOOK_SIMULATOR_PASSWORD": "the-same-again",
    }
    with running("simulator", *FAST, cwd=tmp_path, env=own) as simulator:
        simulator.wait_for("Its numbers at Stringee: ")
        fixed = environment_of(simulator)
        assert (fixed["CALLR_LOGIN"], fixed["CALLR_PASSWORD"]) == ("acme", "the-same-again")
    with running("simulator", *FAST, cwd=tmp_path, env=own) as simulator:
        simulator.wait_for("Its numbers at Stringee: ")
        again = environment_of(simulator)
        same = {name for name in fixed if fixed[name] == again[name]}
        assert fixed.keys() - same == {"CALLR_API_URL", "STRINGEE_API_URL"}
    wrong = offhook("simulator", *FAST, cwd=tmp_path, env={**own, "OFFHOOK_SIMULATOR_LOGIN": "a:b"})
    assert wrong.returncode == Exit.SETTINGS
    assert "OFFHOOK_SIMULATOR_LOGIN: " in wrong.stderr


def test_a_number_rings_and_the_call_is_logged(tmp_path: Path) -> None:
    with simulated(tmp_path) as platform:
        platform.create("age_gate", LINE)
        args = ("--keys", "22", "--caller", MOBILE, "--at", "2026-07-01 09:30")
        env = {**platform.env, "COUNTRY": "FR", "TIMEZONE": "Europe/Paris"}
        told = offhook("phone", "01 99 00 10 20", *args, cwd=tmp_path, env=env)
        assert told.returncode == Exit.OK, told.stderr
        assert f"Simulator: {platform.api_host}" in told.stderr
        assert "09:30 CEST (07:30 UTC)" in told.stderr
        assert f"call     {MOBILE} calls {LINE}" in told.stdout
        assert "hear     “You are 22 years old.”" in told.stdout
        logged = platform.running.wait_for("end      HANGUP")
        assert "hear     “You are 22 years old.”" in logged
        nobody = offhook("phone", OTHER_LINE, "--keys", "1", cwd=tmp_path, env=platform.env)
        assert nobody.returncode == Exit.REFUSED
        assert f"No voice app answers {OTHER_LINE}" in nobody.stderr
        assert "`offhook numbers point` has a flow answer a number" in nobody.stderr
        wrong = {**platform.env, "CALLR_PASSWORD": "not-that-one"}
        refused = offhook("phone", LINE, "--keys", "1", cwd=tmp_path, env=wrong)
        assert refused.returncode == Exit.REFUSED
        assert "refused the credentials" in refused.stderr


def test_a_server_that_fails_a_simulators_call_is_told_on_the_phone_too(tmp_path: Path) -> None:
    with simulated(tmp_path) as platform:
        platform.create("age_gate", LINE)
        platform.server.stop()
        told = offhook("phone", LINE, "--keys", "22", cwd=tmp_path, env=platform.env)
    assert told.returncode == Exit.CALL_FAILED
    assert "The server failed the call: unreachable: " in told.stderr


def test_a_phone_that_listens_is_called_and_follows_its_script(tmp_path: Path) -> None:
    with simulated(tmp_path) as platform:
        app = platform.create("reminder")
        listens = ("phone", "--listen", MOBILE, "--once")
        with running(*listens, "--keys", "1;1", cwd=tmp_path, env=platform.env) as phone:
            phone.wait_for(f"Listening at {MOBILE}")
            platform.api.start_call(app, MOBILE, ring_s=30, caller_id=LINE)
            assert phone.process.wait(30) == Exit.OK
            told = phone.out.read_text()
        with running(*listens, "--busy", cwd=tmp_path, env=platform.env) as phone:
            phone.wait_for(f"Listening at {MOBILE}")
            platform.api.start_call(app, MOBILE, ring_s=30)
            assert phone.process.wait(30) == Exit.OK
            busy = phone.out.read_text()
    assert f"ring     the phone of {MOBILE} rings: {LINE} calls" in told
    assert "“Thank you. See you then.”" in told
    assert "a withheld number calls" in busy
    assert "end      BUSY" in busy


def test_a_phone_listens_for_call_after_call_until_it_is_ended(tmp_path: Path) -> None:
    with simulated(tmp_path) as platform:
        app = platform.create("reminder")
        args = ("phone", "--listen", MOBILE, "--keys", "1;2")
        with running(*args, cwd=tmp_path, env=platform.env) as phone:
            phone.wait_for(f"Listening at {MOBILE}")
            for calls in (1, 2):
                platform.api.start_call(app, MOBILE, ring_s=30)
                phone.wait_for("end      HANGUP", calls)
            assert phone.end(signal.SIGINT) == Exit.OK
            told = phone.out.read_text()
        assert told.count("“Thank you. We will call you back.”") == 2
        with running(*args, cwd=tmp_path, env=platform.env) as phone:
            phone.wait_for(f"Listening at {MOBILE}")
            platform.server.stop()
            platform.api.start_call(app, MOBILE, ring_s=30)
            phone.wait_for("The server failed this call: ")
            assert phone.end() == Exit.CALL_FAILED


def test_a_phone_that_listens_ends_with_the_simulator(tmp_path: Path) -> None:
    with running("simulator", *FAST, cwd=tmp_path) as simulator:
        simulator.wait_for("Its numbers at Stringee: ")
        env = environment_of(simulator)
        with running("phone", "--listen", MOBILE, "--keys", "", cwd=tmp_path, env=env) as phone:
            phone.wait_for(f"Listening at {MOBILE}")
            assert simulator.end() == Exit.OK
            assert phone.process.wait(30) == Exit.REFUSED
            assert "Error: " in phone.err.read_text()
            assert "imulator" in phone.err.read_text().splitlines()[-1]


def test_at_a_terminal_a_person_answers_what_the_simulator_places(tmp_path: Path) -> None:
    with simulated(tmp_path) as platform:
        app = platform.create("reminder")
        args = ("phone", "--listen", MOBILE, "--once")
        with terminal(*args, cwd=tmp_path, env=platform.env) as person:
            person.wait_for(f"Listening at {MOBILE}")
            platform.api.start_call(app, MOBILE, ring_s=30)
            for asked in ("To hear it, press 1.", "To confirm, press 1."):
                person.wait_for(asked)
                person.wait_for("keys> ")
                person.type("1")
            assert person.wait() == Exit.OK
    assert "“Thank you. See you then.”" in person.text


def test_the_help_lists_every_switch_with_its_values_and_meaning(tmp_path: Path) -> None:
    told = " ".join(offhook("simulator", "--help", cwd=tmp_path).stdout.split())
    for kind in (Readings, Hostility):
        for switch, meaning in described(kind):
            assert " ".join(switch.split()) in told
            assert len(meaning.split()) > 2
    assert "repeat=never|after|at_once" in told


def test_switches_become_conditions() -> None:
    found = conditions_of(
        2.0,
        ["hangup=separate", "reply_within_s=0.5", "retry_after_fault=yes", "bare_hash_result=#"],
        ["lose=2,5", "hang_up_during=3", "repeat_every=7"],
    )
    assert found.speed == 2.0
    assert (found.readings.hangup, found.readings.reply_within_s) == ("separate", 0.5)
    assert (found.readings.retry_after_fault, found.readings.bare_hash_result) == (True, "#")
    assert found.hostility == Hostility(lose=frozenset({2, 5}), hang_up_during=3, repeat_every=7)


@pytest.mark.parametrize(
    ("reading", "hostile", "why"),
    [
        ("hangup", "", "is no NAME=VALUE of: "),
        ("hangup=later", "", "hangup takes merged|separate, not 'later'."),
        ("retry_after_fault=1", "", "retry_after_fault takes yes|no"),
        ("reply_within_s=soon", "", "reply_within_s takes SECONDS"),
        ("", "lose=all", "lose takes N,N..."),
        ("", "repeat_every=0", "repeat_every is 0"),
        ("", "extra={}", "is no NAME=VALUE of: "),
    ],
)
def test_a_switch_that_is_none_is_refused_with_what_there_is(
    reading: str, hostile: str, why: str
) -> None:
    with pytest.raises(click.BadParameter, match=why.replace("|", r"\|")):
        conditions_of(1.0, [reading] * bool(reading), [hostile] * bool(hostile))
