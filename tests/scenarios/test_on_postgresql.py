"""The same calls on a server whose journal is PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from journeys import JOURNEYS
from serving import serving
from telephone import FRIDAY_MORNING, Telephone

from app.journal import upgrade
from app.simulator import Hostility, Readings

pytestmark = pytest.mark.postgres


@pytest.fixture
def telephone(postgres_url: str, tmp_path: Path) -> Iterator[Telephone]:
    upgrade(postgres_url)
    with serving(tmp_path, DATABASE_URL=postgres_url) as server:
        yield Telephone(server)
        assert "Traceback" not in server.log()


def test_calls_go_and_end_as_they_do_on_sqlite(telephone: Telephone) -> None:
    for journey in JOURNEYS.values():
        journey.check(journey(telephone))
    code = telephone.ring("clinic", "1", "2", "40718298", at=FRIDAY_MORNING)
    assert code.variables["patient_code"] == "********"
    assert not any(b"40718298" in turn.raw for turn in code.turns)


def test_reports_that_come_twice_and_states_that_do_not_come_back(telephone: Telephone) -> None:
    twice = telephone.under(hostility=Hostility(repeat="at_once", second_hangup=True))
    bare = telephone.under(
        Readings(interrupted="kept"), Hostility(instead={"variables": []}, repeat="after")
    )
    for journey in JOURNEYS.values():
        journey.check(journey(twice))
        journey.check(journey(bare, odd=True))
