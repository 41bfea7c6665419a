"""A terminal in which lines come in while a prompt stands at the bottom."""

from __future__ import annotations

import threading
from typing import TextIO

from app.cli.console import Output, shown

_LONGEST = 70
"""Characters of a prompt: one that wraps could not be taken back."""


class Screen:
    """Prints lines above a prompt, which is taken away before each and put back after it.

    Any thread may print. Lines that are data go to stdout, prompt and notes to stderr.

    Args:
        output: where lines go.
        terminal: where the prompt goes; None shows none.
    """

    def __init__(self, output: Output, terminal: TextIO | None = None) -> None:
        self._output = output
        self._terminal = terminal
        self._lock = threading.RLock()
        self._prompt = ""

    def data(self, text: str, *, prompt: str | None = None) -> None:
        """Print a line of data, and show another prompt below it; None leaves the one there is."""
        with self._lock:
            self._erase()
            self._output.data(text)
            if prompt is not None:
                self._prompt = _fitting(prompt)
            self._draw()

    def note(self, text: str) -> None:
        """Say something beside the data."""
        with self._lock:
            self._erase()
            self._output.note(text)
            self._draw()

    def warn(self, text: str) -> None:
        """Say what may be wrong."""
        with self._lock:
            self._erase()
            self._output.warn(text)
            self._draw()

    def prompt(self, text: str) -> None:
        """Show another prompt; "" shows none. Where it is too long its end is shown."""
        with self._lock:
            self._erase()
            self._prompt = _fitting(text)
            self._draw()

    def _erase(self) -> None:
        if self._terminal is not None and self._prompt:
            self._write("\r" + " " * len(self._prompt) + "\r")

    def _draw(self) -> None:
        if self._prompt:
            self._write(self._prompt)

    def _write(self, text: str) -> None:
        if self._terminal is not None:
            self._terminal.write(text)
            self._terminal.flush()


def _fitting(prompt: str) -> str:
    return shown(prompt)[-_LONGEST:]
