"""Dockerfile, compose.yaml, Caddyfile and the unit, held against the Procfile and the settings."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from serving import ROOT, environment, gunicorn, run

from app.settings import Settings, describe

UNIT = ROOT / "docs/deploy/offhook.service"
CADDYFILE = ROOT / "docs/deploy/Caddyfile"
OTHERS = {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD", "UPSTREAM"}
"""Variables of PostgreSQL's image and of our Caddyfile."""


def outline(text: str) -> dict[str, Any]:
    """Read the YAML that compose.yaml is written in: mappings, lists of scalars, plain scalars."""
    lines = [line for line in text.splitlines() if line.strip() and line.lstrip()[0] != "#"]
    value, rest = _block(lines, 0)
    assert rest == [], f"not understood: {rest[0]}"
    assert isinstance(value, dict)
    return value


def _block(lines: list[str], indent: int) -> tuple[Any, list[str]]:
    if lines and lines[0].startswith(" " * indent + "- "):
        items = []
        while lines and lines[0].startswith(" " * indent + "- "):
            items.append(lines.pop(0).strip().removeprefix("- ").strip('"'))
        return items, lines
    found: dict[str, Any] = {}
    while lines and re.match(rf" {{{indent}}}[\w-]", lines[0]):
        name, _, value = lines.pop(0).strip().partition(":")
        deeper = len(lines[0]) - len(lines[0].lstrip()) if lines else 0
        if value:
            found[name] = re.sub(r'^"(.*)"$', r"\1", value.strip())
        elif deeper > indent:
            found[name], lines = _block(lines, deeper)
        else:
            found[name] = None
    return found, lines


@pytest.fixture
def services() -> dict[str, Any]:
    read: dict[str, Any] = outline((ROOT / "compose.yaml").read_text())["services"]
    return read


@pytest.fixture
def procfile() -> dict[str, str]:
    return dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())


@pytest.fixture
def gunicorns(tmp_path: Path) -> dict[str, str]:
    """gunicorn's settings, as it prints them."""
    told = run([*gunicorn(), "--print-config"], tmp_path, environment(tmp_path))
    pairs = (line.partition(" = ") for line in told.said.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def instructions() -> list[tuple[str, str]]:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines)]


def test_the_image_runs_the_procfiles_web_line(procfile: dict[str, str]) -> None:
    (command,) = (rest for name, rest in instructions() if name == "CMD")
    assert json.loads(command) == shlex.split(procfile["web"])


def test_the_image_is_of_the_version_that_is_pinned() -> None:
    wanted = (ROOT / ".python-version").read_text().strip()
    assert instructions()[0] == ("FROM", f"python:{wanted}-slim")
    installs = "pip install --no-cache-dir --require-hashes -r requirements.txt"
    assert ("RUN", installs) in instructions()


def test_the_image_does_not_run_as_root() -> None:
    names = [name for name, _ in instructions()]
    assert names.index("USER") > max(at for at, name in enumerate(names) if name == "RUN")


def test_the_image_gets_what_runs_and_no_secret() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if not line.startswith("#")]
    assert rules[0] == "*"
    let_in = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    runs = {"app", "requirements.txt", "wsgi.py", "gunicorn.conf.py"}
    assert let_in == runs | {"callr-verified.json"}, "which `offhook callr verify` makes"
    assert [name for name in runs if not (ROOT / name).exists()] == []


def test_the_release_service_runs_the_procfiles_release_line(
    services: dict[str, Any], procfile: dict[str, str]
) -> None:
    assert shlex.split(services["release"]["command"]) == ["sh", "-c", procfile["release"]]
    assert services["web"]["depends_on"] == {
        "release": {"condition": "service_completed_successfully"}
    }
    assert services["web"]["image"] == services["release"]["image"]
    assert "command" not in services["web"], "the image's own is the Procfile's"


def test_variables_of_the_services_are_settings(services: dict[str, Any]) -> None:
    settings = {one["variable"] for one in describe()}
    given = {name for service in services.values() for name in service.get("environment", {})}
    assert given - settings - OTHERS == set()
    for name in ("release", "web"):
        url = services[name]["environment"]["DATABASE_URL"]
        filled = url.replace("${POSTGRES_PASSWORD}", "secret-of-1_test")
        read = Settings.load({"DATABASE_URL": filled}, None).database_url
        assert read == "postgresql+psycopg://offhook:secret-of-1_test@database/offhook"
        assert services[name]["env_file"] == ".env"
    database = services["database"]["environment"]
    assert (database["POSTGRES_USER"], database["POSTGRES_DB"]) == ("offhook", "offhook")


def test_what_compose_and_the_server_need_is_what_the_page_writes_into_env() -> None:
    page = (ROOT / "docs/deploy-vps.md").read_text()
    asked = re.findall(r"\$\{([A-Z_]+)", (ROOT / "compose.yaml").read_text())
    needed = {"SECRET_KEY", "CALLR_WEBHOOK_LOGIN", "CALLR_WEBHOOK_PASSWORD", "API_TOKEN"}
    assert [name for name in {*asked, *needed} if f"{name}=" not in page] == []


def test_the_proxy_alone_is_reached_from_outside_and_finds_the_server(
    services: dict[str, Any],
) -> None:
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    upstream = services["proxy"]["environment"]["UPSTREAM"]
    assert upstream == f"web:{services['web']['environment']['PORT']}"
    mounted = services["proxy"]["volumes"][0].split(":")[0]
    assert (ROOT / mounted).resolve() == CADDYFILE
    used = re.findall(r"\{\$([A-Z_]+)", CADDYFILE.read_text())
    assert set(used) == set(services["proxy"]["environment"])


def test_a_server_has_the_time_to_finish_the_turns_in_hand(
    services: dict[str, Any], gunicorns: dict[str, str]
) -> None:
    unit = dict(line.split("=", 1) for line in UNIT.read_text().splitlines() if "=" in line)
    for waits in (services["web"]["stop_grace_period"].removesuffix("s"), unit["TimeoutStopSec"]):
        assert int(waits) > int(gunicorns["graceful_timeout"])


def test_the_proxy_closes_idle_connections_before_the_server_does(
    gunicorns: dict[str, str],
) -> None:
    (kept,) = re.findall(r"keepalive (\d+)s", CADDYFILE.read_text())
    assert int(kept) < int(gunicorns["keepalive"])


def test_the_unit_runs_the_procfiles_lines(procfile: dict[str, str]) -> None:
    lines = UNIT.read_text().splitlines()
    before = [line.split("/bin/", 1)[1] for line in lines if line.startswith("ExecStartPre=")]
    assert before == procfile["release"].split(" && ")
    (serves,) = (line.split("/bin/", 1)[1] for line in lines if line.startswith("ExecStart="))
    assert serves == procfile["web"]


def test_the_unit_is_one_that_systemd_reads(tmp_path: Path) -> None:
    checker = shutil.which("systemd-analyze")
    if checker is None:
        pytest.skip("systemd-analyze is not installed")
    programs = tmp_path / ".venv/bin"
    programs.mkdir(parents=True)
    for name in ("python", "gunicorn"):
        (programs / name).write_text("#!/bin/sh\n")
        (programs / name).chmod(0o755)
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace("/srv/offhook", str(tmp_path)))
    told = subprocess.run(  # noqa: S603 - found on PATH, with our own file
        [checker, "verify", str(copy)], capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stderr) == (0, "")
