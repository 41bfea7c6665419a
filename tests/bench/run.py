"""Every figure that Offhook is held to: ``make bench``; ARGS="turns start" takes two of these.

    turns      what a turn costs against an echo, in CPU time and in latency (about 2 minutes)
    platforms  what a turn of Stringee costs against one of CALLR (about 1 minute)
    inserts    what writing turns costs in a journal of a million rows against one of ten thousand
    searches   how long `calls list` takes at a million turns, filter by filter
    memory     whether a worker grows
    start      from the start to the first reply

Inserts and searches make journals of a million turns, for SQLite and for PostgreSQL
(OFFHOOK_TEST_DATABASE_URL), of 2 GB each, and remove them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from big_journals import BigJournals
from inserts import inserts
from memory import memory
from platform_cost import platforms
from saying import say
from searches import searches
from start import start
from turn_cost import turns


def main(wanted: list[str]) -> int:
    """Run these sections, or all; gives the exit code: 1 where a target is missed."""
    with BigJournals() as journals:
        sections: Mapping[str, Callable[[], int]] = {
            "turns": turns,
            "platforms": platforms,
            "inserts": lambda: inserts(journals),
            "searches": lambda: searches(journals),
            "memory": memory,
            "start": start,
        }
        if unknown := set(wanted) - set(sections):
            there = ", ".join(sections)
            say(f"There is no section {', '.join(sorted(unknown))}; there are: {there}.")
            return 2
        missed = 0
        for name in wanted or sections:
            say(f"-- {name}")
            missed |= sections[name]()
        return missed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
