"""From a fresh clone and CALLR's credentials, six typed lines to a number that answers."""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.journal import History
from app.simulator import Account, Conditions, Simulator

ROOT = Path(__file__).parents[2]
PASSWORD = "a-password-of-callr"
PATIENCE_S = 120.0
INSTALL_S = 500.0

LINES = """\
make
.venv/bin/offhook init
.venv/bin/offhook serve &
.venv/bin/offhook numbers point "01 99 00 10 20" reception --yes
.venv/bin/offhook doctor --wait 30
.venv/bin/offhook phone "01 99 00 10 20" --at "2026-01-09 10:00" --hangup-at 2
"""
"""What is typed; the simulated CALLR's telephone rings the number in the last."""

NOT_CLONED = shutil.ignore_patterns(
    ".git", ".venv", ".env*", ".*_cache", "__pycache__", "*.egg-info", "*.sqlite3*"
)


@dataclass(frozen=True)
class Clone:
    """A copy of the tree, and how long its ``make`` may take."""

    tree: Path
    installs: bool


@pytest.fixture(
    params=[
        pytest.param(False, id="installed before"),
        pytest.param(True, id="make", marks=[pytest.mark.install, pytest.mark.timeout(600)]),
    ]
)
def clone(request: pytest.FixtureRequest, tmp_path: Path) -> Clone:
    tree = tmp_path / "offhook"
    shutil.copytree(ROOT, tree, ignore=NOT_CLONED)
    if not request.param:  # what make would have made, out of this environment
        program = tree / ".venv" / "bin" / "offhook"
        program.parent.mkdir(parents=True)
        interpreter, here = shlex.quote(sys.executable), shlex.quote(str(tree))
        program.write_text(f'#!/bin/sh\nPYTHONPATH={here} exec {interpreter} -m app "$@"\n')
        program.chmod(0o755)
    return Clone(tree, installs=request.param)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    account = Account(login="acme", password=PASSWORD)
    with Simulator(account, conditions=Conditions(speed=20)) as running:
        yield running


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def script(clone: Clone) -> str:
    """The lines as a shell runs them, the server ended with them; each says its seconds."""
    lines = LINES.splitlines()[not clone.installs :]
    timed = "\n".join(f"{line}\necho '{line}' $(( $(date +%s) - began )) s >&2" for line in lines)
    return f"set -e\nbegan=$(date +%s)\ntrap 'kill $! && wait $!' EXIT\n{timed}\n"


def typed(port: int) -> str:
    """What is answered: login, password, country, zone, our number, last resort, and URL."""
    answers = ["acme", PASSWORD, "FR", "Europe/Paris", "", "", f"http://127.0.0.1:{port}"]
    return "\n".join([*answers, ""])


def test_six_typed_lines_lead_to_a_number_that_answers(
    clone: Clone, simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(LINES.splitlines()) == 6
    began = time.perf_counter()
    ran = subprocess.run(  # noqa: S603 -- our own words
        ["/bin/sh", "-c", script(clone)],
        cwd=clone.tree,
        env={**environment(clone), "CALLR_API_URL": simulator.api_url},
        input=typed(free_port()),
        capture_output=True,
        text=True,
        timeout=INSTALL_S if clone.installs else PATIENCE_S,
        check=False,
    )
    seconds = time.perf_counter() - began
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
    assert "Thanks for calling Acme." in ran.stdout
    assert "No errors." in ran.stderr
    assert PASSWORD not in ran.stdout + ran.stderr
    (call,) = History(f"sqlite:///{clone.tree / 'offhook.sqlite3'}").calls()
    assert (call.row.flow, call.row.outcome) == ("reception", "hung_up")
    with capsys.disabled():
        sys.stdout.write(f"\n{len(LINES.splitlines())} lines to a number that answers: ")
        sys.stdout.write(f"{seconds:.1f} s{'' if clone.installs else ' (make not counted)'}\n")


def environment(clone: Clone) -> dict[str, str]:
    """Nothing but what ``make`` needs to find packages, or a shell its programs."""
    if clone.installs:
        return {name: value for name, value in os.environ.items() if "OFFHOOK" not in name}
    return {"PATH": "/usr/bin:/bin"}
