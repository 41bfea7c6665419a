"""Runs ``offhook``: in this process with somebody to ask, and as a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click
from click.testing import CliRunner, Result

from app.cli.main import offhook
from app.cli.shell import Shell

ROOT = Path(__file__).parents[2]


@dataclass
class CommandLine:
    """Runs ``offhook`` with this environment and no ``.env``; ``asked`` holds its questions."""

    environ: Mapping[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __call__(self, *args: str, answer: bool | None = None, **env: str) -> Result:
        def ask(question: str) -> bool | None:
            self.asked.append(question)
            return answer

        shell = Shell(environ={**self.environ, **env}, env_file=None, ask=ask)
        ran = CliRunner().invoke(offhook, list(args), obj=shell)
        assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
        told = exits_told(args)
        assert ran.exit_code in told, f"{ran.exit_code} is not in the help: {told}\n{ran.output}"
        return ran


def exits_told(args: Sequence[str]) -> set[int]:
    """The exit codes that the help of a subcommand tells, for a command line of it."""
    command: click.Command = offhook
    for word in args:
        if isinstance(command, click.Group):
            command = command.commands.get(word, command)
    told = (command.epilog or offhook.epilog or "").partition("Exit codes:")[2]
    own = re.findall(r"^ +(\d+)  ", told, re.MULTILINE)
    others = re.findall(r"^  ([\d, ]+): as of", told, re.MULTILINE)
    return {int(code) for code in [*own, *", ".join(others).split(", ")] if code}


def process(
    *args: str, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """``python -m app`` with nothing in its environment but what is given, and nobody to ask."""
    ran = subprocess.run(  # noqa: S603 -- our own words
        [sys.executable, "-m", "app", *args],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode in exits_told(args), ran
    return ran
