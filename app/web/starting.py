"""A start that fails says so once, in words."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from app.callflow.errors import OffhookError


@contextmanager
def or_end() -> Iterator[None]:
    """End the process where an error of ours comes up: its message on stderr, exit code 1.

    What is left is a defect, and keeps its traceback.
    """
    try:
        yield
    except OffhookError as problem:
        between = "\n" if "\n" in problem.message else " "
        sys.exit(f"Error: {problem.message}{between}{problem.mend}".rstrip())
