"""What ``offhook`` prints: data on stdout, the rest on stderr, and no text that can do anything.

Callers choose their names, and whoever answers for a platform chooses what it says. So text is
only ever rich ``Text``, never markup, and what would move the cursor, change the direction of
writing or be invisible is shown as an escape.
"""

from __future__ import annotations

import io
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_MIN_SECRET_CHARS = 6
_WIDE = 10_000
_NOT_PLAIN = re.compile(r"[^\x20-\x7e]")


def shown(text: str, *, lines: bool = False) -> str:
    r"""Write what cannot be seen, or would do something, as an escape: ESC becomes ``\x1b``.

    Args:
        text: from wherever.
        lines: whether a line's end may stay one; only in text of our own.
    """

    def escape(found: re.Match[str]) -> str:
        char = found.group()
        keep = (lines and char == "\n") or not _unseen(char)
        return char if keep else char.encode("unicode_escape").decode("ascii")

    return _NOT_PLAIN.sub(escape, text)


def json_line(value: Any) -> str:
    """The same as ``json_text``, in one line."""
    return _seen(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def json_text(value: Any) -> str:
    """Write JSON in which what cannot be seen stands escaped, and letters of any script as such."""
    return _seen(json.dumps(value, indent=2, ensure_ascii=False))


def _seen(text: str) -> str:
    """JSON with its invisible characters escaped, as JSON escapes them."""

    def escape(found: re.Match[str]) -> str:
        char = found.group()
        return json.dumps(char)[1:-1] if char != "\n" and _unseen(char) else char

    return _NOT_PLAIN.sub(escape, text)


def _unseen(char: str) -> bool:
    return unicodedata.category(char) in _UNSEEN


class Output:
    """The two streams of a subcommand.

    Secrets that it was told of (``hide``) are starred wherever they turn up: a platform may quote
    a password that it refuses.
    """

    def __init__(self) -> None:
        self._secrets: set[str] = set()

    def hide(self, secrets: Iterable[str]) -> None:
        """Star these from now on, but not what is so short that it is in every other word."""
        self._secrets |= {secret for secret in secrets if len(secret) >= _MIN_SECRET_CHARS}

    def data(self, text: str, *, style: str = "") -> None:
        """Print a line of data; ``style`` is rich's, for a terminal."""
        self._print(self._data, shown(text), style=style)

    def json(self, value: Any) -> None:
        """Print data as JSON."""
        self._print(self._data, json_text(value))

    def stream(self, lines: Iterable[str]) -> None:
        """Print many lines of data, each as it comes; they hold nothing that can do anything."""
        for line in lines:
            click.echo(self._starred(line))

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str) -> None:
        """Print data as a table: to a terminal in its width, else in whole lines.

        Args:
            columns: the headings.
            rows: the cells, from wherever.
            empty: what to say, on stderr, when there are no rows.
        """
        from rich.console import Console  # noqa: PLC0415 -- slow to load
        from rich.table import Table  # noqa: PLC0415 -- slow to load
        from rich.text import Text  # noqa: PLC0415 -- slow to load

        if not rows:
            self.note(empty)
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in columns:
            table.add_column(Text(column), overflow="fold")
        for row in rows:
            table.add_row(*(Text(self._starred(shown(cell))) for cell in row))
        if self._data.is_terminal:
            self._data.print(table)
            return
        page = io.StringIO()
        Console(file=page, width=_WIDE, color_system=None).print(table)
        for line in page.getvalue().splitlines():
            self._print(self._data, line.rstrip())

    def note(self, text: str) -> None:
        """Say something beside the data."""
        self._print(self._rest, shown(text))

    def warn(self, text: str) -> None:
        """Say what may be wrong."""
        self._print(self._rest, shown(text), label="Warning:", style="yellow")

    def error(self, text: str, *, lines: bool = False) -> None:
        """Say what went wrong. ``lines`` as for ``shown``."""
        self._print(self._rest, shown(text, lines=lines), label="Error:", style="bold red")

    def trace(self, text: str) -> None:
        """Print a traceback, for ``--debug``."""
        self._print(self._rest, shown(text, lines=True))

    @cached_property
    def _data(self) -> Console:
        from rich.console import Console  # noqa: PLC0415 -- slow to load

        return Console(markup=False, highlight=False, emoji=False, soft_wrap=True)

    @cached_property
    def _rest(self) -> Console:
        from rich.console import Console  # noqa: PLC0415 -- slow to load

        return Console(stderr=True, markup=False, highlight=False, emoji=False, soft_wrap=True)

    def _print(self, console: Console, text: str, *, label: str = "", style: str = "") -> None:
        from rich.text import Text  # noqa: PLC0415 -- slow to load

        line = Text(self._starred(text), style="" if label else style)
        if label:
            line = Text.assemble((label, style), " ", line)
        console.print(line)

    def _starred(self, text: str) -> str:
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text
