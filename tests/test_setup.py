"""The files that set Offhook up elsewhere: pins and the Procfile."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from serving import ROOT

PINS = [ROOT / "requirements.txt", ROOT / "tests/requirements.txt"]
PINNED = re.compile(r"^([a-z0-9-]+)==[0-9][^ ]*( ; .+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")

pins = pytest.mark.parametrize("file", PINS, ids=lambda file: str(file.relative_to(ROOT)))


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower().replace("_", "-")


def pinned(file: Path) -> set[str]:
    found = map(PINNED.match, file.read_text().splitlines())
    return {line.group(1) for line in found if line}


@pins
def test_pins_are_versions_with_hashes_and_no_address(file: Path) -> None:
    lines = file.read_text().splitlines()
    assert lines
    assert [line for line in lines if not PINNED.match(line) and not HASH.match(line)] == []
    assert "://" not in file.read_text()


@pins
def test_every_pin_has_a_hash(file: Path) -> None:
    lines = file.read_text().splitlines()
    after_pins = [
        after for pin, after in zip(lines, [*lines[1:], ""], strict=True) if PINNED.match(pin)
    ]
    assert [line for line in after_pins if not HASH.match(line)] == []


@pins
def test_every_dependency_is_pinned(file: Path) -> None:
    assert {name(one) for one in project()["project"]["dependencies"]} - pinned(file) == set()


def test_what_tests_need_is_pinned_for_tests_only() -> None:
    needed = {name(one) for one in project()["dependency-groups"]["dev"]}
    assert needed - pinned(PINS[1]) == set()
    assert needed & pinned(PINS[0]) == set()


def test_tests_run_on_the_versions_that_are_deployed() -> None:
    deployed, tested = (set(file.read_text().splitlines()) for file in PINS)
    assert {line for line in deployed - tested if PINNED.match(line)} == set()


def test_the_procfile_needs_nothing_that_pip_does_not_install() -> None:
    lines = (ROOT / "Procfile").read_text().splitlines()
    processes = dict(line.split(": ", 1) for line in lines)
    assert list(processes) == ["web", "release"]
    for command in (part for line in processes.values() for part in line.split(" && ")):
        assert command.startswith(("gunicorn ", "python -m app "))
