"""What the journal's tests run in processes of their own: `python processes.py WHAT URL NAME`.

Each says "ready", waits for a line, and does its part at once, so that several do it at the same
instant.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

from journal_doubles import Losses, make_turn

from app.journal import SqlJournal, upgrade
from app.journal.leases import Leases
from app.journal.recordings import Recordings

REPORTS = 50
RECORDINGS = 40


def tell(*words: object) -> None:
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")
    sys.stdout.flush()


def wait_for_the_word() -> None:
    tell("ready")
    sys.stdin.readline()


def race(url: str, name: str) -> None:
    """Record the same reports as others do; print each verdict."""
    losses = Losses()
    journal = SqlJournal(url, on_lost=losses, budget_s=30)
    wait_for_the_word()
    for number in range(REPORTS):
        turn = make_turn(f"{number}:UP", reply=f"{name} {number}".encode())
        verdict = journal.record(turn)
        tell(number, "none" if verdict is None else verdict.decode())
    journal.close()
    assert not losses.heard, losses.heard


def race_to_upgrade(url: str, _name: str) -> None:
    wait_for_the_word()
    tell(upgrade(url))


def fork(url: str, _name: str) -> None:
    """Record before and after a fork, in the parent and in the child."""
    losses = Losses()
    threads = threading.active_count()
    journal = SqlJournal(url, on_lost=losses, budget_s=30)
    assert threading.active_count() == threads, "a journal that is not used starts no thread"
    wait_for_the_word()
    journal.record(make_turn("0:UP"))
    child = os.fork()
    if not child:
        journal.record(make_turn("1:UP"))
        journal.close()
        os._exit(bool(losses.heard))
    _, status = os.waitpid(child, 0)
    repeated = journal.record(make_turn("1:UP"))
    journal.record(make_turn("2:UP"))
    journal.close()
    assert not losses.heard, losses.heard
    tell(os.waitstatus_to_exitcode(status), repeated)


def hold(url: str, _name: str) -> None:
    """Hold SQLite's lock between two words."""
    connection = sqlite3.connect(urlsplit(url).path[1:], isolation_level=None)
    wait_for_the_word()
    connection.execute("BEGIN EXCLUSIVE")
    wait_for_the_word()
    connection.execute("COMMIT")
    connection.close()


def lease(url: str, name: str) -> None:
    """Want the same leases as others do; print those that were had."""
    leases = Leases(url)
    wait_for_the_word()
    for number in range(RECORDINGS):
        if leases.take(f"lease {number}", name, 3600):
            tell(number)


def claim(url: str, name: str) -> None:
    """Claim recordings until there are none; print their files."""
    recordings = Recordings(url)
    wait_for_the_word()
    while recordings.due_of_others(()):
        if claimed := recordings.claim(name, 3600):
            tell(claimed.file)


PARTS: dict[str, Callable[[str, str], None]] = {
    "race": race,
    "upgrade": race_to_upgrade,
    "fork": fork,
    "hold": hold,
    "lease": lease,
    "claim": claim,
}

if __name__ == "__main__":
    PARTS[sys.argv[1]](sys.argv[2], sys.argv[3])
