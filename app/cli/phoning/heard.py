"""How the simulated platform behaves where an account was asked: what was heard there."""

from __future__ import annotations

from app.callr.heard import MAX_BYTES, VERIFIED
from app.cli.shell import Shell
from app.simulator import Readings, readings_heard


def readings_here(shell: Shell) -> Readings:
    """The readings that ``callr-verified.json`` in this folder leads to.

    The usual ones where there is none; one that cannot be read is warned of.
    """
    file = shell.folder / VERIFIED
    try:
        with file.open("rb") as opened:
            readings = readings_heard(opened.read(MAX_BYTES).decode())
    except FileNotFoundError:
        return Readings()
    except (OSError, ValueError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else str(problem)
        shell.output.warn(f"{VERIFIED} is ignored: {why}. `offhook callr verify` makes it anew.")
        return Readings()
    shell.output.note(f"The simulated CALLR does as {VERIFIED} says; --reading changes it.")
    return readings
