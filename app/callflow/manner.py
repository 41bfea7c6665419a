"""How a platform takes commands: one a turn, each with its report; or a list, run through at once.

A flow does not know the difference. The engine gives commands until the first one whose report
comes back, or until the call's end; of those before it, it takes for granted that they are done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.callflow.commands import Command


def after_each(command: Command) -> bool:
    """Every command is reported."""
    del command
    return True


@dataclass(frozen=True, slots=True)
class Manner:
    """How a platform takes commands.

    Attributes:
        reports: whether the platform reports after a command; the engine runs ahead over one that
            it does not report.
        one_target: a dial rings one target; the platform reports that it was not reached, and only
            then is told the next.
    """

    reports: Callable[[Command], bool] = after_each
    one_target: bool = False


ONE_BY_ONE = Manner()
"""A command a turn, each reported, and all targets of a dial at once: CALLR's manner."""
