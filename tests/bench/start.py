"""From the start of a server to its first reply, with a new journal and with one that is there."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from saying import say
from serving import serving

AIM_S = 2.0
TIMES = 5


def start() -> int:
    """Run the section. It has an aim, which it tells; it fails nothing."""
    new, again = [], []
    for _ in range(TIMES):
        with tempfile.TemporaryDirectory(prefix="offhook-bench-") as folder:
            new.append(_first_reply_s(Path(folder)))
            again.append(_first_reply_s(Path(folder)))
    for name, took in (("a new journal", new), ("a journal that is there", again)):
        median = statistics.median(took)
        late = f"   over {AIM_S:.0f} s" if median > AIM_S else ""
        say(
            f"{name:<26}{median:5.2f} s to the first reply "
            f"({min(took):.2f}..{max(took):.2f} of {TIMES}){late}"
        )
    return 0


def _first_reply_s(folder: Path) -> float:
    began = time.perf_counter()
    with serving(folder) as server:
        reply = server.report("reception")
        took = time.perf_counter() - began
    if not reply.json["command"]:
        msg = f"The first reply is {reply!r}."
        raise AssertionError(msg)
    return took
