"""Markdown: tables, and text that cannot break one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; every cell is Markdown."""
    lines = [_row(columns), _row(["---"] * len(columns)), *map(_row, rows)]
    return "\n".join(lines)


def code(text: str) -> str:
    """Text as code; "" stays ""."""
    return f"`{text}`" if text else ""


def fenced(language: str, text: str) -> str:
    """A block of code."""
    return f"```{language}\n{text.rstrip()}\n```"


def from_docstring(text: str) -> str:
    """A docstring's text: on one line, its literals as Markdown's."""
    return re.sub(r"``(.+?)``", r"`\1`", " ".join(text.split()))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
