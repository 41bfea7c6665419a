"""``offhook serve --public``: with tunnels that print what the real ones are known to print."""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest
from offhook_process import PATIENCE_S, Running, offhook, running

from app.cli.exits import Exit
from app.simulator import Account, Conditions, Simulator

PARIS = "+33199001020"
PASSWORD = "a-password-of-callr"

# cloudflared 2024 and later, as in github.com/cloudflare/cloudflared issues 555 and 1256: all of it
# on stderr, and its own service's address before the tunnel's.
CLOUDFLARED = """\
2026-11-22T10:00:00Z INF Thank you for trying Cloudflare Tunnel. Doing so, without a Cloudflare \
account, is a quick way to experiment (https://developers.cloudflare.com/cloudflare-one)
2026-11-22T10:00:00Z INF Requesting new quick Tunnel on trycloudflare.com...
2026-11-22T10:00:01Z INF +----------------------------------------------------------------------+
2026-11-22T10:00:01Z INF |  Your quick Tunnel has been created! Visit it at (it may take some \
time to be reachable):  |
2026-11-22T10:00:01Z INF |  https://four-dashed-word-url.trycloudflare.com                      |
2026-11-22T10:00:01Z INF +----------------------------------------------------------------------+
"""
CLOUDFLARED_FAILS = """\
2026-11-22T10:00:00Z INF Requesting new quick Tunnel on trycloudflare.com...
failed to request quick Tunnel: Post "https://api.trycloudflare.com/tunnel": dial tcp: lookup \
api.trycloudflare.com: no such host
"""
# ngrok 3 with --log=stdout --log-format=logfmt.
NGROK = """\
t=2026-11-22T10:00:00+0000 lvl=info msg="starting web service" obj=web addr=127.0.0.1:4040
t=2026-11-22T10:00:01+0000 lvl=info msg="client session established" obj=tunnels.session
t=2026-11-22T10:00:01+0000 lvl=info msg="started tunnel" obj=tunnels name=command_line \
addr=http://127.0.0.1:8000 url=https://6336-47-149.ngrok-free.app
"""
TUNNEL_URL = "https://four-dashed-word-url.trycloudflare.com"

PROGRAM = """\
#!{python}
import os, signal, sys
with open({notes!r}, "w") as notes:
    notes.write(" ".join([str(os.getpid()), *sys.argv[1:]]))
sys.{stream}.write({says!r})
sys.{stream}.flush()
if {stays}:
    signal.pause()
sys.exit(1)
"""


class Installed:
    """A folder with programs of the test's own, and the notes that these take."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._notes = folder / "notes"

    def add(self, name: str, says: str, *, stays: bool = True, stream: str = "stderr") -> None:
        file = self.folder / name
        notes = str(self._notes)
        file.write_text(
            PROGRAM.format(
                python=sys.executable, notes=notes, says=says, stays=stays, stream=stream
            )
        )
        file.chmod(0o755)

    @property
    def pid(self) -> int:
        return int(self._notes.read_text().split()[0])

    @property
    def arguments(self) -> str:
        return self._notes.read_text().partition(" ")[2]


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    folder = tmp_path / "bin"
    folder.mkdir()
    return Installed(folder)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    account = Account(login="acme", password=PASSWORD)
    with Simulator(account, conditions=Conditions(speed=200)) as started:
        yield started


@pytest.fixture
def env(installed: Installed, simulator: Simulator, tmp_path: Path) -> Mapping[str, str]:
    return {
        "PATH": str(installed.folder),
        "SECRET_KEY": "a-secret-key-of-tests-that-is-long-enough",
        "CALLR_WEBHOOK_LOGIN": "callr",
        "CALLR_WEBHOOK_PASSWORD": "a-password-of-the-webhook",
        "CALLR_API_URL": simulator.api_url,
        "CALLR_LOGIN": "acme",
        "CALLR_PASSWORD": PASSWORD,
        "COUNTRY": "FR",
        "PORT": "0",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'journal.sqlite3'}",
    }


NUMBER = ("--number", "01 99 00 10 20", "--flow", "age_gate", "--yes")


def rings(simulator: Simulator) -> Any:
    did = simulator.platform.store.did_of(PARIS)
    assert did is not None
    return did.app


def servers_of(one: Running) -> list[psutil.Process]:
    children = psutil.Process(one.process.pid).children()
    return [child for child in children if "gunicorn" in " ".join(child.cmdline())]


def test_a_number_rings_the_server_through_a_tunnel_until_it_ends(
    installed: Installed, simulator: Simulator, env: Mapping[str, str], tmp_path: Path
) -> None:
    installed.add("cloudflared", CLOUDFLARED)
    old = simulator.platform.store.apps()
    with running("serve", "--dev", "--public", *NUMBER, cwd=tmp_path, env=env) as one:
        one.wait_for(f"{PARIS} rings {TUNNEL_URL}/callr/age_gate")
        assert one.out.read_text() == f"{TUNNEL_URL}\n"
        assert rings(simulator).p["url"] == f"{TUNNEL_URL}/callr/age_gate"
        (server,) = servers_of(one)
        assert server.environ()["PUBLIC_URL"] == TUNNEL_URL
        leads_to = re.fullmatch(
            r"tunnel --no-autoupdate --url http://127\.0\.0\.1:(\d+)", installed.arguments
        )
        assert leads_to
        socket.create_connection(("127.0.0.1", int(leads_to.group(1)))).close()
        assert one.end(signal.SIGINT) == 0
        assert rings(simulator) is None
        assert simulator.platform.store.apps() == old
        assert not psutil.pid_exists(installed.pid)
        assert not server.is_running()


def test_the_number_rings_again_what_it_rang_before(
    installed: Installed, simulator: Simulator, env: Mapping[str, str], tmp_path: Path
) -> None:
    installed.add("cloudflared", CLOUDFLARED)
    online = {**env, "PUBLIC_URL": "https://line.example.com"}
    made = offhook("apps", "create", "Old line", "--flow", "clinic", cwd=tmp_path, env=online)
    old = made.stdout.strip()
    offhook("apps", "assign-did", old, PARIS, "--yes", cwd=tmp_path, env=online)
    with running("serve", "--dev", "--public", *NUMBER, cwd=tmp_path, env=env) as one:
        one.wait_for(f"{PARIS} rings {TUNNEL_URL}/callr/age_gate")
        assert rings(simulator).hash != old
        assert one.end(signal.SIGTERM) == 0
    assert rings(simulator).hash == old
    assert [app.hash for app in simulator.platform.store.apps()] == [old]


def test_ngrok_is_taken_where_cloudflared_is_not_installed(
    installed: Installed, env: Mapping[str, str], tmp_path: Path
) -> None:
    installed.add("ngrok", NGROK, stream="stdout")
    with running("serve", "--dev", "--public", cwd=tmp_path, env=env) as one:
        one.wait_for("https://6336-47-149.ngrok-free.app\n")
        assert re.fullmatch(
            r"http --log=stdout --log-format=logfmt 127\.0\.0\.1:\d+", installed.arguments
        )
        assert one.end() == 0


def test_a_call_is_answered_at_an_address_of_ones_own(
    env: Mapping[str, str], tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    mine = {**env, "PORT": str(port)}
    with running(
        "serve", "--dev", "--public-url", f"{url}/", *NUMBER, cwd=tmp_path, env=mine
    ) as one:
        one.wait_for(f"{PARIS} rings {url}/callr/age_gate")
        called = offhook("phone", PARIS, "--keys", "22", cwd=tmp_path, env=mine)
        assert "You are 22 years old." in called.stdout, called.stderr
        assert one.end() == 0


def test_without_a_tunnel_it_says_what_to_install(env: Mapping[str, str], tmp_path: Path) -> None:
    told = offhook("serve", "--dev", "--public", cwd=tmp_path, env=env)
    assert told.returncode == Exit.NOT_FOUND
    assert "Neither cloudflared nor ngrok is installed" in told.stderr
    assert "--public-url URL" in told.stderr


def test_a_tunnel_that_does_not_come_up_is_told_with_its_last_words(
    installed: Installed, simulator: Simulator, env: Mapping[str, str], tmp_path: Path
) -> None:
    installed.add("cloudflared", CLOUDFLARED_FAILS, stays=False)
    told = offhook("serve", "--dev", "--public", *NUMBER, cwd=tmp_path, env=env)
    assert told.returncode == Exit.FAILED
    assert "cloudflared told no address" in told.stderr
    assert "no such host" in told.stderr
    assert "Traceback" not in told.stderr
    assert rings(simulator) is None


def test_when_the_tunnel_goes_away_the_number_is_put_back(
    installed: Installed, simulator: Simulator, env: Mapping[str, str], tmp_path: Path
) -> None:
    installed.add("cloudflared", CLOUDFLARED)
    with running("serve", "--dev", "--public", *NUMBER, cwd=tmp_path, env=env) as one:
        one.wait_for(f"{PARIS} rings {TUNNEL_URL}")
        os.kill(installed.pid, signal.SIGKILL)
        assert one.process.wait(PATIENCE_S) == Exit.FAILED
        assert "The tunnel has ended." in one.err.read_text()
    assert rings(simulator) is None


def test_when_the_server_goes_away_the_number_is_put_back(
    installed: Installed, simulator: Simulator, env: Mapping[str, str], tmp_path: Path
) -> None:
    installed.add("cloudflared", CLOUDFLARED)
    with running("serve", "--dev", "--public", *NUMBER, cwd=tmp_path, env=env) as one:
        one.wait_for(f"{PARIS} rings {TUNNEL_URL}")
        (server,) = servers_of(one)
        server.kill()
        assert one.process.wait(PATIENCE_S) == Exit.FAILED
        assert "The server ended" in one.err.read_text()
    assert rings(simulator) is None
    assert not psutil.pid_exists(installed.pid)


def test_a_number_that_somebody_has_moved_meanwhile_is_left_alone(
    installed: Installed, simulator: Simulator, env: Mapping[str, str], tmp_path: Path
) -> None:
    installed.add("cloudflared", CLOUDFLARED)
    online = {**env, "PUBLIC_URL": "https://line.example.com"}
    with running("serve", "--dev", "--public", *NUMBER, cwd=tmp_path, env=env) as one:
        one.wait_for(f"{PARIS} rings {TUNNEL_URL}")
        made = offhook("apps", "create", "Other", "--flow", "clinic", cwd=tmp_path, env=online)
        other = made.stdout.strip()
        offhook("apps", "assign-did", other, PARIS, "--yes", cwd=tmp_path, env=online)
        assert one.end() == Exit.DECLINED
        assert f"{PARIS} was not put back" in one.err.read_text()
    assert rings(simulator).hash == other


def test_nothing_is_moved_where_nobody_says_yes(
    installed: Installed, simulator: Simulator, env: Mapping[str, str], tmp_path: Path
) -> None:
    installed.add("cloudflared", CLOUDFLARED)
    told = offhook("serve", "--dev", "--public", *NUMBER[:-1], cwd=tmp_path, env=env)
    assert told.returncode == Exit.DECLINED
    assert rings(simulator) is None
    assert simulator.platform.store.apps() == ()
    assert not psutil.pid_exists(installed.pid)


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (NUMBER, Exit.USAGE, "--number needs --public"),
        (("--public", "--number", PARIS), Exit.USAGE, "--number and --flow belong together"),
        (("--public", "--check"), Exit.USAGE, "leave out --public"),
        (("--public", "--number", PARIS, "--flow", "nil"), Exit.NOT_FOUND, "no flow 'nil'"),
        (("--public-url", "http://line.example.com"), Exit.SETTINGS, "write https://HOST"),
    ],
)
def test_what_cannot_be_is_told_before_anything_starts(
    options: tuple[str, ...],
    code: Exit,
    said: str,
    installed: Installed,
    env: Mapping[str, str],
    tmp_path: Path,
) -> None:
    installed.add("cloudflared", CLOUDFLARED)
    told = offhook("serve", "--dev", *options, cwd=tmp_path, env=env)
    assert told.returncode == code, told.stderr
    assert said in told.stderr
    assert not (installed.folder / "notes").exists()


def test_a_port_that_is_taken_is_told(
    installed: Installed, env: Mapping[str, str], tmp_path: Path
) -> None:
    installed.add("cloudflared", CLOUDFLARED)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        told = offhook("serve", "--dev", "--public", cwd=tmp_path, env={**env, "PORT": port})
    assert told.returncode == Exit.SETTINGS
    assert f"Port {port} cannot be listened on" in told.stderr
    assert not (installed.folder / "notes").exists()
