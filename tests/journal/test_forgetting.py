"""All that a journal holds of one number: found in every place, and taken out of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from journal_doubles import connected, journal_at, make_call, make_start, make_turn
from sqlalchemy import select

from app.journal import History, SqlJournal
from app.journal.people import SCAN, People
from app.journal.recordings import Recordings
from app.journal.tables import metadata
from app.mentions import Mentions

NUMBER = "+33612345678"
OURS, OTHER = "+33123456789", "+33698765432"
THEM = Mentions(NUMBER, "FR")
LONG_AGO = datetime(2026, 1, 9, 12, 0, tzinfo=UTC)


def body(**fields: object) -> bytes:
    return json.dumps({"variables": {"offhook": "1.k.sealed-state"}, **fields}).encode()


def a_call(journal: SqlJournal, key: str, *, at: datetime = LONG_AGO, **about: object) -> None:
    """A call of two turns, the second of which ends it unless ``outcome`` is ""."""
    outcome = str(about.pop("outcome", "completed"))
    variables = about.pop("variables", {})
    recording = str(about.pop("recording", ""))
    ended = {"ended_at": at, "outcome": outcome} if outcome else {}
    row = {"caller": OTHER, "called": OURS, "started_at": at, **about}
    raw = body(cli_number=row["caller"], number=row["called"])
    journal.record(make_turn(call_key=key, raw=raw, call=make_call(key, **row), received_at=at))
    journal.record(
        make_turn(
            "1:UP",
            call_key=key,
            raw=raw,
            reply=body(command="play"),
            variables=variables,
            state={"t": 2, "y": variables},
            call=make_call(key, **row, **ended) if ended else None,
            recording=recording,
            received_at=at,
        )
    )


def everything(url: str) -> str:
    """All that stands in the database, as one text."""
    told = []
    with connected(url) as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)).all():
                told += [
                    one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one)
                    for one in row
                ]
    return "\n".join(told)


def forget(url: str) -> list[str]:
    """Forget all of NUMBER; gives the keys of what is left of the calls."""
    people = People(url)
    found = people.find(THEM)
    left = [people.forget_call(call, THEM) for call in found.calls]
    for start in found.starts:
        people.forget_start(start)
    for key in {one.call_key for one in found.mentions} - {""}:
        people.blank_call(key, THEM)
    people.blank_alone(found.mentions, THEM)
    return left


def test_a_number_that_never_called_is_nowhere(database_url: str) -> None:
    with journal_at(database_url) as journal:
        a_call(journal, "callr:1")
        journal.write_start(make_start(number=OTHER))
    assert not People(database_url).find(THEM)


def test_calls_from_and_to_a_number_starts_and_mentions_are_found(database_url: str) -> None:
    with journal_at(database_url) as journal:
        a_call(journal, "callr:1", caller=NUMBER)
        a_call(journal, "callr:2", caller=OURS, called="0612345678", direction="outbound")
        a_call(journal, "callr:3", variables={"phone": "06 12 34 56 78"})
        a_call(journal, "callr:4")
        journal.write_start(make_start(token="ohplaced", number=NUMBER))
        journal.write_start(
            make_start(token="ohother", number=OTHER, variables={"friend": "06.12.34.56.78"})
        )
    found = People(database_url).find(THEM)
    assert [call.key for call in found.calls] == ["callr:1", "callr:2"]
    assert [start.token for start in found.starts] == ["ohplaced"]
    assert {(one.table, one.call_key, one.token) for one in found.mentions} == {
        ("turns", "callr:3", ""),
        ("starts", "", "ohother"),
    }
    in_turns = next(one for one in found.mentions if one.table == "turns")
    assert set(in_turns.places) == {
        ("state.y.phone", "06 12 34 56 78"),
        ("variables.phone", "06 12 34 56 78"),
    }
    assert found.live == frozenset()


def test_nothing_of_a_forgotten_number_stands_anywhere(database_url: str) -> None:
    with journal_at(database_url) as journal:
        a_call(journal, "callr:777000111", caller=NUMBER, recording="rt-777000111-1")
        a_call(journal, "callr:2", caller=OURS, called=NUMBER, direction="outbound")
        a_call(journal, "callr:3", variables={"phone": "06 12 34 56 78", "n": 33612345678})
        journal.write_start(make_start(token="ohplaced", number=NUMBER))
        journal.write_start(make_start(token="ohother", number=OTHER, variables={"friend": NUMBER}))
    left = forget(database_url)
    told = everything(database_url)
    assert not THEM.stands_in(told)
    assert "777000111" not in told, "nor the platform's id, by which CALLR would find it"
    assert "sealed-state" not in told, "nor state that could be unsealed"
    assert len(left) == 2
    assert not People(database_url).find(THEM)


def test_what_is_left_of_a_call_tells_when_it_was_and_what_it_came_to(database_url: str) -> None:
    with journal_at(database_url) as journal:
        a_call(journal, "callr:1", caller=NUMBER, disposition="message")
    (key,) = forget(database_url)
    left = History(database_url).call(key)
    assert (left.row.caller, left.row.called, left.row.platform_id) == ("", OURS, "")
    assert (left.row.flow, left.row.started_at, left.row.ended_at) == (
        "reception",
        LONG_AGO,
        LONG_AGO,
    )
    assert (left.row.outcome, left.row.disposition, left.turns) == ("completed", "message", 0)


def test_calls_of_others_are_told_as_before_but_for_the_number(database_url: str) -> None:
    with journal_at(database_url) as journal:
        a_call(journal, "callr:3", variables={"phone": "0612345678", "name": "Zoë"})
        a_call(journal, "callr:4", variables={"phone": OTHER})
    before = History(database_url).turns("callr:4")
    forget(database_url)
    history = History(database_url)
    assert history.turns("callr:4") == before
    first, second = history.turns("callr:3")
    assert dict(second.variables) == {"phone": "*" * 10, "name": "Zoë"}
    assert json.loads(second.raw) == {
        "variables": {"offhook": ""},
        "cli_number": OTHER,
        "number": OURS,
    }
    assert history.call("callr:3").row.caller == OTHER
    assert first.reply == b"reply to 0:UP"


def test_sounds_of_a_forgotten_call_are_deleted_and_lead_nowhere(database_url: str) -> None:
    with journal_at(database_url) as journal:
        a_call(journal, "callr:1", caller=NUMBER, recording="rt-1")
        a_call(journal, "callr:2", caller=NUMBER, recording="rt-2")
    recordings = Recordings(database_url)
    claimed = recordings.claim("anna", 60)
    assert claimed is not None
    recordings.settle(claimed, holder="anna", status="kept", media_id="7")
    forget(database_url)
    (row,) = recordings.newest(limit=9)
    assert (row.status, row.media_id) == ("deleting", "7")
    assert row.call_key.startswith("forgotten:")
    assert (row.report_key, row.file) == ("", str(row.id))


def test_a_call_that_is_not_over_is_told_apart(database_url: str) -> None:
    now = datetime.now(UTC)
    with journal_at(database_url) as journal:
        a_call(journal, "callr:1", caller=NUMBER, outcome="", at=now)
        a_call(journal, "callr:2", variables={"phone": NUMBER}, outcome="", at=now)
        a_call(journal, "callr:3", caller=NUMBER, outcome="", at=now - timedelta(hours=5))
    found = People(database_url).find(THEM)
    assert found.live == {"callr:1", "callr:2"}
    assert {call.key for call in found.calls} == {"callr:1", "callr:3"}


def test_the_whole_journal_is_looked_through(sqlite_url: str) -> None:
    with journal_at(sqlite_url) as journal:
        for number in range(SCAN + 20):
            variables = {"phone": NUMBER} if number in {0, SCAN - 1, SCAN, SCAN + 19} else {}
            journal.record(make_turn(call_key=f"callr:{number}", variables=variables))
    keys = [one.call_key for one in People(sqlite_url).find(THEM).mentions]
    assert keys == ["callr:0", f"callr:{SCAN - 1}", f"callr:{SCAN}", f"callr:{SCAN + 19}"]
