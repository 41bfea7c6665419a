"""README.md as somebody types it: its console lines in order, each with what it shows after them.

lines = lines_of(blocks(readme))
printed = Typist(tree, environ).type(lines[0])
assert alike(printed) == alike(lines[0].shown)
"""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from offhook_process import terminal
from pages import Block

PATIENCE_S = 60.0
_PROMPT = "$ "
_ASSIGNED = re.compile(r"[A-Z_]+=")


@dataclass(frozen=True)
class Typed:
    """A line that somebody types.

    Attributes:
        text: the line, without the prompt.
        shown: what the page shows after it; "" where it shows nothing.
        heading: what it stands under.
    """

    text: str
    shown: str
    heading: str


def lines_of(blocks: Iterable[Block]) -> list[Typed]:
    """The lines that are typed in the console blocks, in order."""
    found = []
    for block in blocks:
        if block.language == "console":
            for part in f"\n{block.text}".split(f"\n{_PROMPT}")[1:]:
                text, _, shown = part.partition("\n")
                found.append(Typed(text, shown.strip("\n"), block.heading))
    return found


_DIFFERS: Sequence[tuple[str, str]] = (
    ("\x1b\\[[0-9;]*m", ""),
    (r"(?m)^ *\d+\.\d(?= )", "TIME"),  # seconds since a call's first report
    (r"\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?", "TIME"),
    (r"\b\d+:\d\d(?::\d\d)?(?:\.\d)?\b", "TIME"),
    (r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b", "DAY"),
    (r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b", "DAY"),
    (r"\bCES?T\b", "CET"),  # in summer and in winter
    (r"\b\d+ bytes\b", "SIZE"),
    (r"callr:\d+", "callr:ID"),
    (r"\bcall-vn-1-[A-Z0-9]{10}-\d{13}\b", "call-vn-1-ID"),
    (r"\bafter \d+ s, \d+ s of them answered", "after TIME"),
    (r"\brt-\d+-", "FILE-"),
    (r"\([A-Z0-9]{8}\)", "(HASH)"),  # of a voice app or a number
    (
        r"(?m)^[a-z0-9]{16} +(?:[A-Z0-9]{8}|call-vn-1-ID)(?= +placed\b)",
        "TOKEN ID",
    ),  # of a placed call
    (r"(?m)^(CALLR_PASSWORD|STRINGEE_\w+_(?:SID|SECRET|KEY))=.*", r"\1=..."),
    (r"[ \t]+", " "),  # as wide as a column has to be
)


def alike(printed: str) -> list[str]:
    """Lines without what may differ from one run to the next: times, ids and colours."""
    for pattern, instead in _DIFFERS:
        printed = re.sub(pattern, instead, printed)
    return [line.strip() for line in printed.strip().splitlines()]


@dataclass
class Background:
    """A line that goes on, and what it has printed."""

    process: subprocess.Popen[bytes]
    log: Path

    def wait_for(self, text: str) -> str:
        """Wait until it has printed a text; gives all that it has printed."""
        told = until(self.log.read_text, lambda told: text in told)
        assert text in told, f"waited for {text!r}:\n{told}"
        return told

    def interrupt(self) -> None:
        """End it as Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        self.wait()

    def wait(self) -> int:
        """Wait for its end."""
        return self.process.wait(PATIENCE_S)


@dataclass
class Typist:
    """Types lines in a folder.

    Attributes:
        environ: the environment of each line.
        replaced: what stands in the README, and what stands for it here: addresses and ports.
    """

    folder: Path
    environ: Mapping[str, str]
    replaced: dict[str, str] = field(default_factory=dict)

    def type(self, line: Typed) -> str:
        """Type it, and wait for its end; gives what it prints on both streams, as the page has it.

        Raises:
            AssertionError: it failed.
        """
        ran = subprocess.run(  # noqa: S603 - our own page
            self._shell(line.text),
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert ran.returncode == 0, f"$ {line.text}\n{ran.stdout}"
        return self._as_on_the_page(ran.stdout)

    def type_at_a_terminal(self, line: Typed, answers: Sequence[tuple[str, str]]) -> None:
        """Type a line of offhook and answer it: what is waited for, and what is typed then.

        Raises:
            AssertionError: it failed, or did not ask.
        """
        words = shlex.split(self._here(line.text))
        given = [word for word in words if _ASSIGNED.match(word)]
        env = {**self.environ, **dict(word.split("=", 1) for word in given)}
        args = words[len(given) + 1 :]
        with terminal(*args, cwd=self.folder, env=env) as there:
            for asked, typed in answers:
                there.wait_for(asked)
                there.type(typed)
            assert there.wait() == 0, there.text

    @contextmanager
    def start(self, line: Typed) -> Iterator[Background]:
        """Type a line that goes on; where it still runs at the end, Ctrl-C ends it."""
        log = self.folder / f"tour-{abs(hash(line.text))}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(  # noqa: S603 - our own page
                self._shell(f"exec {line.text}"),
                cwd=self.folder,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        try:
            yield (going_on := Background(process, log))
            if process.poll() is None:
                going_on.interrupt()
        finally:
            process.kill()
            process.wait()

    def as_on_the_page(self, printed: str) -> str:
        """What was printed, with the page's addresses."""
        return self._as_on_the_page(printed)

    def _shell(self, text: str) -> list[str]:
        return ["/bin/sh", "-c", self._here(text)]

    def _here(self, text: str) -> str:
        for page, here in self.replaced.items():
            text = text.replace(page, here)
        return text

    def _as_on_the_page(self, printed: str) -> str:
        for page, here in self.replaced.items():
            printed = printed.replace(here, page)
        return printed


def until(look: Callable[[], str], enough: Callable[[str], bool]) -> str:
    """What is seen once it is enough, or at the end of the patience."""
    deadline = time.monotonic() + PATIENCE_S
    while not enough(seen := look()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return seen
