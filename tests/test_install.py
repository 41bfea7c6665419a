"""The Procfile's lines, with nothing installed but the pinned requirements."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from serving import ROOT, environment, run, running

from app.cli.exits import Exit
from app.journal import History, SchemaStatus, schema_status

LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", ".env*", ".*_cache", "__pycache__", "*.egg-info", "*.sqlite3*", "tests"
)

pytestmark = [pytest.mark.install, pytest.mark.timeout(600)]


@dataclass(frozen=True)
class Installed:
    """A copy of the tree, and the environment that runs it."""

    tree: Path
    programs: Path

    @property
    def procfile(self) -> Mapping[str, str]:
        lines = (self.tree / "Procfile").read_text().splitlines()
        return dict(line.split(": ", 1) for line in lines)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("installed")
    tree, fresh = folder / "tree", folder / "python"
    shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
    environ = dict(os.environ)  # where pip finds packages on this machine
    made = run([sys.executable, "-m", "venv", str(fresh)], folder, environ)
    assert made.code == 0, made.said
    pip = [str(fresh / "bin/python"), "-m", "pip", "install", "--require-hashes"]
    pinned = run([*pip, "-r", "requirements.txt"], tree, environ, patience_s=500)
    assert pinned.code == 0, pinned.said
    return Installed(tree, fresh / "bin")


def test_release_makes_the_journal_and_web_answers_calls_until_sigterm(
    installed: Installed, database_url: str
) -> None:
    environ = environment(
        installed.tree,
        OFFHOOK_ENV="",
        PUBLIC_URL="https://line.example.com",
        API_TOKEN="a-token-of-tests",
        DATABASE_URL=database_url,
        PYTHONPATH="",
        PATH=f"{installed.programs}:/usr/bin:/bin",
        GUNICORN_CMD_ARGS="--bind 127.0.0.1:0",  # whatever the settings say: this is a test
    )
    release = run(["sh", "-c", installed.procfile["release"]], installed.tree, environ)
    assert release.code == 0, release.said
    assert schema_status(database_url) is SchemaStatus.CURRENT

    web = shlex.split(installed.procfile["web"])
    with running(web, installed.tree, environ) as server:
        assert server.request("GET", "/healthz").status == 200
        assert server.request("GET", "/readyz").status == 200
        welcome = server.report("reception")
        assert welcome.json["command"] == "play"
        assert server.answer("reception", welcome).json["command"] == "read"
        assert server.stop() == 0
    (call,) = History(database_url).calls()
    assert call.turns == 2


def test_release_fails_where_a_setting_is_missing(installed: Installed, tmp_path: Path) -> None:
    environ = environment(
        tmp_path, API_TOKEN="", OFFHOOK_ENV="", PYTHONPATH="", PATH=f"{installed.programs}:/bin"
    )
    release = run(["sh", "-c", installed.procfile["release"]], installed.tree, environ)
    assert release.code == Exit.SETTINGS
    assert "API_TOKEN=..." in release.said
    assert not (tmp_path / "offhook.sqlite3").exists()
