"""Single keys of a terminal, as they are pressed."""

from __future__ import annotations

import os
import re
import select
import termios
import threading
import tty
from collections.abc import Callable
from types import TracebackType
from typing import Self

from app.cli.phoning.stopping import unsignalled

END = "\x04"
"""What Ctrl-D sends, and what is told when the terminal is gone."""

_ESCAPES = re.compile("\x1b(?:\\[[0-9;]*[A-Za-z~]|O[A-Z])?")
"""An arrow, a function key, or the escape key."""


class Keyboard:
    """Reads a terminal key by key, in a thread, while a ``with`` lasts.

    Keys are neither shown by the terminal nor held back until Enter; Ctrl-C and Ctrl-Z keep their
    sense. What the terminal was set to before is put back at the end.

    Args:
        terminal: its file descriptor.
        on_key: told each character, in the thread of the keyboard; ``END`` is the last.
    """

    def __init__(self, terminal: int, on_key: Callable[[str], None]) -> None:
        self._terminal = terminal
        self._on_key = on_key
        self._thread = threading.Thread(target=self._read, name="keyboard", daemon=True)

    def __enter__(self) -> Self:
        self._before = termios.tcgetattr(self._terminal)
        self._over, self._end = os.pipe()
        tty.setcbreak(self._terminal, termios.TCSADRAIN)
        with unsignalled():
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._end)
        self._thread.join()
        os.close(self._over)
        termios.tcsetattr(self._terminal, termios.TCSADRAIN, self._before)

    def _read(self) -> None:
        while True:
            ready, _, _ = select.select([self._terminal, self._over], [], [])
            if self._over in ready:
                return
            try:
                typed = os.read(self._terminal, 64).decode(errors="replace")
            except OSError:  # the terminal is gone
                typed = END
            for key in _ESCAPES.sub("", typed) if typed else END:
                self._on_key(key)
            if not typed or END in typed:
                return
