"""Each key, unit and status of the wire matters: changed, one at a time, a scenario fails."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping
from multiprocessing.pool import AsyncResult

import pytest
from copies import Played, play_changed
from wire_mutants import MUTANTS, WIRE, Mutant

pytestmark = pytest.mark.mutants

AT_ONCE = 2
PATIENCE_S = 110
UNCHANGED = "unchanged"
LIBRARIES = ["alembic", "callr", "cryptography", "flask", "marshmallow", "psycopg", "pytest"]
"""Loaded once, in the process that all others are forked from."""

Outcomes = Mapping[str, "AsyncResult[Played]"]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcomes]:
    """What becomes of each copy: two are tried at a time, each in a process of its own."""
    tried: dict[str, Mutant | None] = {UNCHANGED: None, **MUTANTS}
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*LIBRARIES, "sqlalchemy.dialects.sqlite", "werkzeug.serving"])
    with context.Pool(AT_ONCE, maxtasksperchild=1) as pool:
        yield {
            name: pool.apply_async(play_changed, (tmp_path_factory.mktemp("mutant"), mutant))
            for name, mutant in tried.items()
        }
    pool.join()


def test_the_scenarios_pass_against_a_copy_that_is_not_changed(outcomes: Outcomes) -> None:
    played = outcomes[UNCHANGED].get(PATIENCE_S)
    assert played.code == 0, played.said


@pytest.mark.parametrize("name", MUTANTS)
def test_a_scenario_fails_against_a_changed_copy(outcomes: Outcomes, name: str) -> None:
    played = outcomes[name].get(PATIENCE_S)
    assert played.failed, f"no scenario noticed (exit code {played.code}):\n{played.said}"


def test_there_are_at_least_20_mutants_of_the_wire() -> None:
    assert len([mutant for mutant in MUTANTS.values() if WIRE in mutant.files]) >= 20
