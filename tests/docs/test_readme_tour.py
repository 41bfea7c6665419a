"""The README's tour, typed word for word, in order, as somebody does who has just cloned it.

The simulated platform, the server and the journal are real. Heroku is a program of that name
(``heroku_double.py``), which runs the Procfile as a dyno does. What is printed must be what the
page shows, but for times, ids and colours; of a line after which the page shows nothing, that it
worked.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from pages import ROOT, blocks
from serving import FIRST_REPORT
from shipped_flows import SHIPPED
from tour import Background, Typed, Typist, alike, lines_of, until

from app.journal import History
from app.simulator import Account, Simulator

README = (ROOT / "README.md").read_text()
LINES = lines_of(blocks(README))
HEROKU = "Put it on Heroku"
TOUR = (
    "Write your line",
    HEROKU,
    "Give it your number",
    "What happened last Tuesday?",
    "The same line on Stringee",
)

ELSEWHERE = {"While you write a flow": "tests/cli/test_serve_public.py"}
"""Headings whose lines are not typed here, and where they are."""

GOES_ON = {
    "offhook simulator": "Ctrl-C ends it.",
    "offhook serve": "Listening at",
    "offhook phone --listen": "Listening",
}
"""How lines begin that do not end by themselves, and what they say when they are ready.

One that is typed again was ended before by Ctrl-C.
"""

LOOKS = ("offhook calls ", "offhook recordings list")
"""How lines begin that tell what the server does a moment later; they can be typed again."""

REST = ("Time zone", "to show", "last resort")
AT_STRINGEE = {
    "STRINGEE_API_KEY_SID": "API key SID",
    "STRINGEE_API_KEY_SECRET": "Its secret",
    "STRINGEE_SIGNING_KEY": "Signing secret key",
    "STRINGEE_ACCOUNT_SID": "account SID",
    "STRINGEE_ACCOUNT_KEY": "Its key",
}
"""What `offhook init` asks for: after the country, and of a line on Stringee, by setting."""

ACCOUNT = "a-password-of-callr"
NOT_CLONED = shutil.ignore_patterns(
    ".git", ".venv", ".env*", ".*_cache", "__pycache__", "*.egg-info", "*.sqlite3*", "*.wav"
)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A clone, and in it what ``make`` would have made out of this environment."""
    tree = tmp_path / "offhook"
    shutil.copytree(ROOT, tree, ignore=NOT_CLONED)
    for file in (tree / "app/flows").glob("[a-z]*.py"):
        if file.stem not in SHIPPED:  # the operator's own
            file.unlink()
    program = tree / ".venv" / "bin" / "offhook"
    program.parent.mkdir(parents=True)
    here, python = shlex.quote(str(tree)), shlex.quote(sys.executable)
    program.write_text(f'#!/bin/sh\nPYTHONPATH={here} exec {python} -m app "$@"\n')
    program.chmod(0o755)
    for made in ("bin/pip", "runs"):
        (tree / ".venv" / made).touch()
    return tree


@pytest.fixture
def environ(tree: Path, tmp_path: Path) -> dict[str, str]:
    """What a terminal has: ``offhook`` and git, and nothing of whoever runs the tests."""
    home = tmp_path / "home"
    home.mkdir()
    environ = {"PATH": f"{tree / '.venv' / 'bin'}:/usr/bin:/bin", "HOME": str(home)}
    who = {f"GIT_{one}": "tour" for one in ("AUTHOR_NAME", "COMMITTER_NAME")}
    where = {f"GIT_{one}": "tour@example.com" for one in ("AUTHOR_EMAIL", "COMMITTER_EMAIL")}
    environ |= {"PYTHONPATH": str(tree), **who, **where}
    for words in ("init --quiet --initial-branch main", "add --all", "commit --quiet -m Offhook"):
        subprocess.run(["git", *words.split()], cwd=tree, env=environ, check=True)  # noqa: S603, S607
    return environ


@pytest.fixture
def callr() -> Iterator[Simulator]:
    """CALLR, as the account's owner has it who deploys."""
    with Simulator(Account(login="acme", password=ACCOUNT)) as running:
        yield running


@pytest.fixture
def heroku(tmp_path: Path, postgres_url: str, callr: Simulator) -> Iterator[dict[str, str]]:
    """What the environment has besides, where there is a ``heroku``; its dyno is ended."""
    folder = tmp_path / "heroku"
    folder.mkdir()
    double = Path(__file__).with_name("heroku_double.py")
    program = folder / "heroku"
    program.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, str(double)])} "$@"\n')
    program.chmod(0o755)
    yield {
        "PATH": f"{folder}:",
        "DOUBLE_FOLDER": str(folder),
        "DOUBLE_DATABASE_URL": postgres_url,
        "CALLR_API_URL": callr.api_url,
    }
    with suppress(FileNotFoundError, psutil.NoSuchProcess):
        dyno = psutil.Process(json.loads((folder / "web.json").read_text())["pid"])
        os.killpg(dyno.pid, signal.SIGTERM)
        dyno.wait(30)


def answers_of(
    line: Typed, server_url: str, printed: Mapping[str, str]
) -> Sequence[tuple[str, str]]:
    """What a line asks for at a terminal, and what the README says to answer; () for nothing.

    Args:
        line: what is typed.
        server_url: the server's.
        printed: the values that the simulator has printed, by the name of their setting.
    """
    if line.text.endswith("offhook phone age_gate"):
        return [("keys> ", "22\n"), ("in conference", "h")]
    if "--platform stringee" in line.text:
        theirs = [(text, f"{printed[name]}\n") for name, text in AT_STRINGEE.items()]
        return [*theirs, *((text, "\n") for text in ("Country", *REST, "Public URL"))]
    login, secret = "simulator", printed.get("CALLR_PASSWORD", "")
    of_app = (("Public URL", f"{server_url}\n"),)
    if "--heroku" in line.text:
        login, secret, of_app = "acme", ACCOUNT, (("[y/N]", "y\n"),)
    settings = [("Country", "FR\n"), *((text, "\n") for text in REST)]
    asked = [("login", f"{login}\n"), ("password", f"{secret}\n"), *settings, *of_app]
    return asked if "offhook init" in line.text else ()


def check(printed: str, line: Typed) -> None:
    """Check that a line has printed what the page shows after it, if that shows anything."""
    if line.shown:
        assert alike(printed) == alike(line.shown), f"$ {line.text}\n{printed}"


def read_again_until_right(typist: Typist, line: Typed) -> str:
    return until(
        lambda: typist.type(line), lambda told: not line.shown or alike(told) == alike(line.shown)
    )


def report(config: Mapping[str, str], url: str) -> Any:
    """The dyno's reply to the first report of a call."""
    login = (config["CALLR_WEBHOOK_LOGIN"], config["CALLR_WEBHOOK_PASSWORD"])
    reply = requests.post(f"{url}/callr/orders", json=dict(FIRST_REPORT), auth=login, timeout=30)
    assert reply.status_code == 200
    return reply.json()


@pytest.mark.postgres
@pytest.mark.timeout(400)
def test_the_tour_is_what_happens(
    tree: Path, environ: dict[str, str], heroku: dict[str, str], postgres_url: str
) -> None:
    simulator, server = free_port(), free_port()
    replaced = {
        "--port 8900": f"--port {simulator}",
        "127.0.0.1:8900": f"127.0.0.1:{simulator}",
        "127.0.0.1:8000": f"127.0.0.1:{server}",
    }
    with_heroku = {**heroku, "PATH": heroku["PATH"] + environ["PATH"]}
    printed: dict[str, str] = {}
    running: dict[str, Background] = {}
    with ExitStack() as open_terminals:
        for line in (one for one in LINES if one.heading not in ELSEWHERE):
            also = with_heroku if line.heading == HEROKU else {}
            typist = Typist(tree, {**environ, **also}, replaced)
            ready = [said for begins, said in GOES_ON.items() if line.text.startswith(begins)]
            if ready:
                if line.text in running:
                    running[line.text].interrupt()
                going_on = open_terminals.enter_context(typist.start(line))
                running[line.text] = going_on
                told = going_on.wait_for(ready[0])
                printed |= re.findall(r"(?m)^([A-Z_]+)=(.*)", told)
                check(typist.as_on_the_page(told), line)
            elif answers := answers_of(line, f"http://127.0.0.1:{server}", printed):
                typist.type_at_a_terminal(line, answers)
            elif line.text.startswith(LOOKS):
                check(read_again_until_right(typist, line), line)
            else:
                check(typist.type(line), line)

    folder = Path(heroku["DOUBLE_FOLDER"])
    config, web = (json.loads((folder / f"{one}.json").read_text()) for one in ("config", "web"))
    assert report(config, web["url"])["command"] == "play"
    assert [call.row.flow for call in History(postgres_url).calls()] == ["orders"]


def test_the_tour_has_its_parts_in_order() -> None:
    headings = list(dict.fromkeys(line.heading for line in LINES))
    assert [one for one in headings if one in TOUR] == list(TOUR)
    assert set(ELSEWHERE) <= set(headings)
    for file in ELSEWHERE.values():
        assert (ROOT / file).is_file()


def test_much_of_the_tour_is_compared() -> None:
    compared = [line for line in LINES if line.shown and line.heading in TOUR]
    assert len(compared) > 6


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("   0.0  hear     “Hi.”", "  12.1  hear     “Hi.”"),
        ("callr:12 message", "callr:34567 message"),
        ("voice app 'orders' (33TWREMK)", "voice app 'orders' (XPUZTNZY)"),
        ("ohm6d4t5rqcv7qky  TMMBX0FG  placed", "ohmabcdefghijklm  DLCPCLVE  placed"),
        ("voice app 'orders' (33TWREMK)", "voice app 'orders' (DLCPCLVE)"),
        (
            "ohq1rej2cyq69izu  call-vn-1-9A2SXHHJF1-1795803625748  placed",
            "ohabcdefghijklmn  call-vn-1-ABCDEFGHIJ-1795803625749  placed",
        ),
        (
            "stringee:call-vn-1-9A2SXHHJF1-1795803625748: inbound",
            "stringee:call-vn-1-ABCDEFGHIJ-1795803625749: inbound",
        ),
        (
            "after 26 s, 26 s of them answered",
            "after 28 s, 27 s of them answered",
        ),
        (
            "The call begins Tuesday 2026-11-24 10:20 UTC",
            "The call begins Monday 2027-01-04 10:21 UTC",
        ),
        ("\x1b[1mcall\x1b[0m", "call"),
    ],
)
def test_times_ids_and_colours_may_differ(one: str, other: str) -> None:
    assert alike(one) == alike(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("   0.0  hear     “Hi.”", "   0.0  hear     “Ho.”"),
        ("   0.0  hear     “Hi.”", "   0.0  hear     “Hi.”\n   1.0  hear     “Hi.”"),
        ("voice app 'orders' (33TWREMK)", "voice app 'order' (33TWREMK)"),
        ("+33612345678", "+33698765432"),
        ("stringee:call-vn-1-9A2SXHHJF1-1795803625748", "callr:17958036257"),
        ("recording 2", "recording 3"),
        ("not reached: NOANSWER", "not reached: REJECTED"),
        ("1 9 kept", "1 9 failed"),
        ("presses 123456", "presses 123457"),
    ],
)
def test_nothing_else_may(one: str, other: str) -> None:
    assert alike(one) != alike(other)
