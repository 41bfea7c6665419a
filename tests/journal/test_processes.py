"""Several processes on one journal, at the same instant."""

from __future__ import annotations

from journal_doubles import Other, keys_of, other
from processes import REPORTS

from app.journal import History, SchemaStatus, schema_status, upgrade


def at_once(*others: Other) -> list[list[str]]:
    for one in others:
        one.await_ready()
    for one in others:
        one.go()
    return [one.result() for one in others]


def test_two_processes_that_record_the_same_reports_give_one_reply_each(
    database_url: str,
) -> None:
    upgrade(database_url)
    with other("race", database_url, "anna") as anna, other("race", database_url, "ben") as ben:
        verdicts = at_once(anna, ben)
    told: list[dict[str, str]] = [dict(line.split(" ", 1) for line in one) for one in verdicts]
    winners = {
        turn.report_key: turn.reply.decode() for turn in History(database_url).turns("callr:1")
    }
    assert len(winners) == REPORTS
    for number in map(str, range(REPORTS)):
        winner = winners[f"{number}:UP"]
        name = winner.split()[0]
        expected = ("none", winner) if name == "anna" else (winner, "none")
        assert (told[0][number], told[1][number]) == expected


def test_processes_that_upgrade_at_once_make_one_journal(database_url: str) -> None:
    with (
        other("upgrade", database_url) as anna,
        other("upgrade", database_url) as ben,
        other("upgrade", database_url) as cleo,
    ):
        assert at_once(anna, ben, cleo) == [["current"]] * 3
    assert schema_status(database_url) is SchemaStatus.CURRENT
    assert len(History(database_url).instance_id()) == 32  # scalar_one: there is one row


def test_a_child_writes_by_itself_and_leaves_its_parents_journal_alone(database_url: str) -> None:
    upgrade(database_url)
    with other("fork", database_url) as parent:
        [said] = at_once(parent)
    assert said == ["0 b'reply to 1:UP'"]
    assert keys_of(database_url) == ["0:UP", "1:UP", "2:UP"]
