"""The Procfile's lines as a dyno starts them, and whether app.json's plans carry them."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest
from serving import FIRST_REPORT, ROOT, environment, run, running

from app.callflow.errors import SettingsError
from app.journal import CONNECTIONS, History, SchemaStatus, schema_status
from app.settings import Settings, describe

ALLOWED = {"heroku-postgresql:essential-0": 20}
"""Connections that a plan allows (devcenter.heroku.com/articles/heroku-postgres-plans)."""

A_PROCESS = CONNECTIONS + 1
"""Connections of a process: the journal's, and that of the thread in the background."""

ONE_OFF = 1
"""Connections of ``heroku run``, and of a release while the one before still runs."""

HELD_BACK = shutil.ignore_patterns("__pycache__")


@pytest.fixture
def manifest() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((ROOT / "app.json").read_text())
    return read


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """What a slug holds, without anybody's ``.env``."""
    folder = tmp_path / "app-folder"
    shutil.copytree(ROOT / "app", folder / "app", ignore=HELD_BACK)
    for name in ("wsgi.py", "gunicorn.conf.py", "Procfile"):
        shutil.copy(ROOT / name, folder)
    return folder


def procfile(tree: Path) -> Mapping[str, str]:
    lines = (tree / "Procfile").read_text().splitlines()
    return dict(line.split(": ", 1) for line in lines)


def config_vars(manifest: Mapping[str, Any]) -> dict[str, str]:
    """What Heroku sets up out of app.json, where somebody fills in what is asked for."""
    generated = {"secret": "0123456789abcdef" * 4}
    written = {"PUBLIC_URL": "https://line.example.com"}
    return {
        name: about.get("value") or generated[about["generator"]]
        if "value" in about or "generator" in about
        else written[name]
        for name, about in manifest["env"].items()
        if about.get("required", True)
    }


def dyno(tree: Path, manifest: Mapping[str, Any], url: str, **also: str) -> dict[str, str]:
    """The environment of a dyno: app.json's config vars, and what Heroku adds."""
    return environment(
        tree,
        OFFHOOK_ENV="",
        PYTHONPATH="",
        PATH=f"{Path(sys.executable).parent}:/usr/bin:/bin",
        **{
            **config_vars(manifest),
            "DATABASE_URL": re.sub("^postgresql://", "postgres://", url),
            "DYNO": "web.1",
            "PORT": "41907",
            "GUNICORN_CMD_ARGS": "--access-logfile -",  # the Python buildpack sets it
            "FORWARDED_ALLOW_IPS": "*",  # as above
            **also,
        },
    )


@pytest.mark.postgres
def test_the_procfile_runs_as_on_a_dyno(
    tree: Path, manifest: dict[str, Any], postgres_url: str
) -> None:
    lines = procfile(tree)
    environ = dyno(tree, manifest, postgres_url)
    release = run(["sh", "-c", lines["release"]], tree, {**environ, "DYNO": "release.1"})
    assert release.code == 0, release.said
    assert schema_status(postgres_url) is SchemaStatus.CURRENT

    web = shlex.split(lines["web"])
    told = run([*web, "--print-config"], tree, environ)
    assert "['0.0.0.0:41907']" in told.said
    assert re.search(r"^workers +=\s*2$", told.said, re.MULTILINE)

    # A test listens on this machine alone.
    environ["GUNICORN_CMD_ARGS"] += " --bind 127.0.0.1:0"
    with running(web, tree, environ) as server:
        for callid in range(1, 9):
            reply = server.post("reception?given=hush", first(callid))
            assert reply.json["command"] == "play"
        with psycopg.connect(postgres_url) as connection:
            row = connection.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'offhook'"
            ).fetchone()
        assert row is not None
        assert 1 <= row[0] <= 2 * A_PROCESS
        os.killpg(server.pid, signal.SIGTERM)  # Heroku sends it to every process of a dyno
        assert server.process.wait(30) == 0
    assert len(History(postgres_url).calls()) == 8
    assert re.search(r"^127\.0\.0\.1 200 \d+ bytes \d+ ms$", server.log(), re.MULTILINE)
    assert "hush" not in server.log()


def first(callid: int) -> bytes:
    return json.dumps({**FIRST_REPORT, "callid": callid}).encode()


def test_a_dyno_without_a_database_says_what_to_run(tree: Path, manifest: dict[str, Any]) -> None:
    environ = dyno(tree, manifest, "")
    for line in procfile(tree).values():
        ended = run(["sh", "-c", line], tree, environ)
        assert ended.code != 0
        assert "heroku addons:create heroku-postgresql" in ended.said
        assert "Traceback" not in ended.said


def test_each_config_var_is_a_setting_and_says_what_it_is(manifest: dict[str, Any]) -> None:
    settings = {one["variable"]: one for one in describe()}
    assert set(manifest["env"]) - set(settings) == set()
    for name, about in manifest["env"].items():
        assert about["description"].endswith("."), name
        assert not (settings[name]["secret"] and "value" in about), f"{name} is in the repository"


def test_what_the_server_needs_is_asked_for_or_made(manifest: dict[str, Any]) -> None:
    with pytest.raises(SettingsError) as missing:
        Settings(dyno="web.1").require_for_serving()
    needed = set(re.findall(r"^  ([A-Z_]+)=", str(missing.value), re.MULTILINE))
    required = {name for name, about in manifest["env"].items() if about.get("required", True)}
    assert needed - required == {"DATABASE_URL"}  # the add-on brings it
    given = config_vars(manifest) | {"DYNO": "web.1", "DATABASE_URL": "postgres://u:p@h/d"}
    Settings.load(given, None).require_for_serving()


def test_the_connections_of_all_processes_stay_within_the_plan(manifest: dict[str, Any]) -> None:
    (addon,) = manifest["addons"]
    dynos = manifest["formation"]["web"]["quantity"]
    processes = dynos * int(manifest["env"]["WEB_CONCURRENCY"]["value"])
    assert processes * A_PROCESS + ONE_OFF <= ALLOWED[addon["plan"]]


def test_the_dyno_does_not_sleep(manifest: dict[str, Any]) -> None:
    assert manifest["formation"]["web"]["size"] not in {"eco", "free", "hobby"}


def test_the_pages_tell_the_number_of_connections(manifest: dict[str, Any]) -> None:
    page = (ROOT / "docs/deploy-heroku.md").read_text()
    assert f"up to {A_PROCESS} connections" in page
    assert f"up to {A_PROCESS} connections" in manifest["env"]["WEB_CONCURRENCY"]["description"]
    assert manifest["addons"][0]["plan"] in page
