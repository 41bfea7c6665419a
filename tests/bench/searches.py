"""How long ``calls list`` asks the journal, filter by filter, among a million turns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from datetime import timedelta

from big_journals import LARGE, BigJournals
from bulk import NEWEST
from saying import say

from app.journal import LIVE, LOST, History, Wanted

AIM_MS = 200
TIMES = 5
LIMIT = 21
"""Calls that are asked for: a page of `calls list`, and one more."""

_DAY = timedelta(days=1)
FILTERS: Mapping[str, Wanted] = {
    "(none)": Wanted(),
    "--on, a week ago": Wanted(since=NEWEST - 8 * _DAY, until=NEWEST - 7 * _DAY),
    "--since, a month ago": Wanted(since=NEWEST - 30 * _DAY),
    "--until, seven weeks ago": Wanted(until=NEWEST - 49 * _DAY),
    "--caller": Wanted(caller="+33600000123"),
    "--caller, nobody": Wanted(caller="+33699999999"),
    "--called": Wanted(called="+33199001020"),
    "--flow": Wanted(flow="reception"),
    "--flow, 1 in 2,000": Wanted(flow="clinic"),
    "--flow, none": Wanted(flow="none"),
    "--outcome": Wanted(outcome="hung_up"),
    "--outcome, 1 in 2,000": Wanted(outcome="failed"),
    "--disposition, none": Wanted(disposition="none"),
    "--outcome lost": Wanted(outcome=LOST),
    "--outcome live": Wanted(outcome=LIVE),
    "--step": Wanted(step="voicemail"),
    "--step, 1 in 2,000": Wanted(step="rare_step"),
    "--step, none": Wanted(step="none"),
    "--var": Wanted(variables={"team": "support"}),
    "--var, 1 in 2,000": Wanted(variables={"rare": "yes"}),
    "--var, none": Wanted(variables={"rare": "no"}),
    "--incidents": Wanted(incidents=True),
    "--tests": Wanted(tests=True),
}


def searches(journals: BigJournals) -> int:
    """Run the section. It has an aim, which it tells; it fails nothing."""
    for database in journals.databases:
        history = History(journals.url(database, LARGE), clock=lambda: NEWEST + _DAY / 24)
        slow = 0
        for name, wanted in FILTERS.items():
            took = []
            for _ in range(TIMES):
                began = time.perf_counter()
                found = history.calls(wanted, limit=LIMIT)
                took.append(1000 * (time.perf_counter() - began))
            median = statistics.median(took)
            slow += median > AIM_MS
            late = f"   over {AIM_MS} ms" if median > AIM_MS else ""
            say(
                f"{database:<11}{name:<26}{len(found):>3} calls {median:7.1f} ms "
                f"(the first time {took[0]:.1f}){late}"
            )
        say(f"{database:<11}{len(FILTERS) - slow} of {len(FILTERS)} within {AIM_MS} ms")
    return 0
