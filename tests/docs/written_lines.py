"""Command lines of ``offhook`` as they stand in a page, held against click's own parser."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click
from pages import blocks, prose
from told_cli import context_of

from app.cli.main import offhook

_INLINE = re.compile(r"(?<!`)`((?:[A-Z_]+=\S+ )*(?:python -m app|offhook)(?: [^`]*)?)`(?!`)")
_SHELL_ENDS = {"|", "||", "&&", "<", ">", ">>", ";", "&", "..."}
_OF_ALL = {"-p": 2, "--debug": 1}
"""Options that stand before every subcommand, and how many words each is."""

_ASSIGNMENT = re.compile(r"[A-Z_]+=")


@dataclass(frozen=True)
class Line:
    """A command line.

    Attributes:
        whole: it stands in a block, to be typed as it is; else it is mentioned within a text, where
            arguments may be left out.
    """

    text: str
    whole: bool

    def problem(self) -> str:
        """What is wrong with it; "" for nothing."""
        command: click.Command = offhook
        context = context_of(command, "offhook", None)
        arguments = self._words()
        while arguments and arguments[0] in _OF_ALL:
            del arguments[: _OF_ALL[arguments[0]]]
        while isinstance(command, click.Group) and arguments and not arguments[0].startswith("-"):
            below = command.get_command(context, arguments[0])
            if below is None:
                return f"`{context.command_path}` has no subcommand {arguments[0]!r}"
            command, context = below, context_of(below, arguments.pop(0), context)
        if self.whole:
            return _whole_problem(command, context, arguments)
        return _mentioned_problem(command, context, arguments)

    def _words(self) -> list[str]:
        words: list[str] = []
        for word in shlex.split(self.text, comments=True):
            if word in _SHELL_ENDS:
                break
            words.append(word)
        while words and _ASSIGNMENT.match(words[0]):
            words.pop(0)
        return words[3:] if words[:3] == ["python", "-m", "app"] else words[1:]


def lines_of(page: str) -> Iterator[Line]:
    """Every command line of a page."""
    for block in blocks(page):
        for line in block.text.splitlines():
            bare = line.strip().removeprefix("$ ")
            words = bare.split()
            while words and _ASSIGNMENT.match(words[0]):
                words.pop(0)
            if words[:1] == ["offhook"] or words[:3] == ["python", "-m", "app"]:
                yield Line(bare, whole=True)
    for mentioned in _INLINE.findall(" ".join(prose(page).split("\n"))):
        yield Line(mentioned, whole=False)


def _whole_problem(command: click.Command, context: click.Context, words: list[str]) -> str:
    if isinstance(command, click.Group):
        return f"`{context.command_path}` needs a subcommand" if "--help" not in words else ""
    try:
        command.parse_args(context, [word for word in words if word != "--help"])
    except click.UsageError as problem:
        return problem.format_message()
    return ""


def _mentioned_problem(command: click.Command, context: click.Context, words: Sequence[str]) -> str:
    known = {
        name
        for param in command.get_params(context)
        for name in (*param.opts, *param.secondary_opts)
        if isinstance(param, click.Option)
    }
    wrong = [word for word in words if word.startswith("--") and word.split("=")[0] not in known]
    return f"`{context.command_path}` has no option {', '.join(wrong)}" if wrong else ""
