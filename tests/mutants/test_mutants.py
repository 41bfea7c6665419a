"""Each key, unit and status of the wire matters: changed, one at a time, a scenario fails."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping
from multiprocessing.pool import AsyncResult

import pytest
import stringee_mutants
from copies import SCENARIOS, Played, play_changed
from wire_mutants import MUTANTS as OF_CALLR
from wire_mutants import WIRE, Mutant

pytestmark = pytest.mark.mutants

AT_ONCE = 2
PATIENCE_S = 110
UNCHANGED = {platform: f"unchanged, on {platform}" for platform in SCENARIOS}
MUTANTS = {**OF_CALLR, **stringee_mutants.MUTANTS}
LIBRARIES = ["alembic", "callr", "cryptography", "flask", "marshmallow", "psycopg", "pytest"]
"""Loaded once, in the process that all others are forked from."""

Outcomes = Mapping[str, "AsyncResult[Played]"]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcomes]:
    """What becomes of each copy: two are tried at a time, each in a process of its own."""
    tried: dict[str, tuple[Mutant | None, str]] = {
        **{name: (None, platform) for platform, name in UNCHANGED.items()},
        **{name: (mutant, mutant.platform) for name, mutant in MUTANTS.items()},
    }
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*LIBRARIES, "sqlalchemy.dialects.sqlite", "werkzeug.serving"])
    with context.Pool(AT_ONCE, maxtasksperchild=1) as pool:
        yield {
            name: pool.apply_async(play_changed, (tmp_path_factory.mktemp("mutant"), *what))
            for name, what in tried.items()
        }
    pool.join()


@pytest.mark.parametrize("platform", UNCHANGED)
def test_the_scenarios_pass_against_a_copy_that_is_not_changed(
    outcomes: Outcomes, platform: str
) -> None:
    played = outcomes[UNCHANGED[platform]].get(PATIENCE_S)
    assert played.code == 0, played.said


@pytest.mark.parametrize("name", MUTANTS)
def test_a_scenario_fails_against_a_changed_copy(outcomes: Outcomes, name: str) -> None:
    played = outcomes[name].get(PATIENCE_S)
    assert played.failed, f"no scenario noticed (exit code {played.code}):\n{played.said}"


def test_there_are_at_least_20_mutants_of_each_platforms_wire() -> None:
    assert len([mutant for mutant in OF_CALLR.values() if WIRE in mutant.files]) >= 20
    assert len(stringee_mutants.MUTANTS) >= 20
