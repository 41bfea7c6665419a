"""Each subcommand's help is a page of a manual, and what it says is so."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from command_line import ROOT, CommandLine, exits_told
from offhook_process import terminal

from app.cli.exits import MEANINGS, Exit
from app.cli.main import offhook
from app.cli.options import OF_EVERY_SUBCOMMAND
from app.settings import describe

SETTINGS = {one["variable"] for one in describe()}


def pages(group: click.Group, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from pages(command, *path, name)
        elif not command.hidden:
            yield (*path, name), command


PAGES = list(pages(offhook))
IDS = [" ".join(path) for path, _ in PAGES]
EACH_PATH = pytest.mark.parametrize("path", [path for path, _ in PAGES], ids=IDS)
EACH_COMMAND = pytest.mark.parametrize("command", [command for _, command in PAGES], ids=IDS)
MEASURES = re.compile(r"second|how (fast|many|long)|most|listen|Nth", re.IGNORECASE)


def page(path: tuple[str, ...]) -> str:
    ran = CommandLine()(*path, "--help")
    assert ran.exit_code == Exit.OK
    return ran.stdout


def section(text: str, title: str) -> str:
    """What stands under a title, up to the next blank line."""
    found = re.search(rf"^ *{title}(.*?)(?:\n\n|\Z)", text, re.DOTALL | re.MULTILINE)
    return found[1] if found else ""


def test_the_platform_is_named_by_either_option_everywhere() -> None:
    named = [
        option.opts
        for _, command in PAGES
        for option in command.params
        if option.name in {"platform", "provider"}
    ]
    assert len(named) > 5
    assert all({"--platform", "--provider"} <= {*opts} for opts in named)


def test_there_are_many_pages() -> None:
    assert len(PAGES) > 30


@EACH_PATH
def test_a_page_has_examples_of_its_own(path: tuple[str, ...]) -> None:
    lines = section(page(path), "Examples:").strip().splitlines()
    assert lines
    for line in map(str.strip, lines):
        bare = line.removeprefix("source <(").replace(" -p live", "").rstrip(")")
        assert bare.split()[: len(path) + 1] == ["offhook", *path], line


@EACH_PATH
def test_a_page_tells_its_exit_codes(path: tuple[str, ...]) -> None:
    told = section(page(path), "Exit codes:")
    assert re.search(r"^ +0  done$", told, re.MULTILINE)
    assert exits_told(path) >= {Exit.OK, *OF_EVERY_SUBCOMMAND}
    assert exits_told(path) <= set(Exit)


@EACH_PATH
def test_a_page_names_settings_and_pages_that_there_are(path: tuple[str, ...]) -> None:
    text = page(path)
    named = set(re.findall(r"[A-Z][A-Z_]{3,}", section(text, "Settings, ").partition(":")[2]))
    assert named <= SETTINGS
    see = " ".join(section(text, "See also: ").split())
    assert see or path == ("help",)
    for words in re.findall(r"`offhook ([a-z -]+)`", see):
        assert tuple(words.split()) in [one for one, _ in PAGES], words
    for file in re.findall(r"docs/[a-z-]+\.md", text):
        assert (ROOT / file).is_file(), file


@pytest.mark.parametrize(("path", "command"), PAGES, ids=IDS)
def test_a_page_says_what_each_argument_is(path: tuple[str, ...], command: click.Command) -> None:
    _, _, text = page(path).partition("\n")
    for argument in (one for one in command.params if isinstance(one, click.Argument)):
        names = re.findall(r"[A-Z]{2,}", argument.make_metavar(click.Context(command)))
        assert names
        for name in names:
            assert re.search(rf"\b{name}\b", text), f"what is {name}?"


@EACH_COMMAND
def test_a_page_says_what_each_option_is_in_what_unit_and_what_it_is_without(
    command: click.Command,
) -> None:
    context = click.Context(command)
    for option in (one for one in command.params if isinstance(one, click.Option)):
        name, told = option.opts[0], option.help or ""
        assert told.endswith("."), name
        if isinstance(option.type, click.types.FloatParamType | click.types.IntParamType):
            assert option.metavar == "S" or MEASURES.search(told), f"{name} says no unit"
            default = option.get_default(context)
            assert option.show_default or not isinstance(default, int | float) or not default, name


def test_each_exit_code_is_on_some_page() -> None:
    told = set().union(*(exits_told(path) for path, _ in PAGES))
    assert told == set(Exit) == set(MEANINGS)


@EACH_PATH
def test_help_shows_the_page(path: tuple[str, ...]) -> None:
    ran = CommandLine()("help", *path)
    assert ran.exit_code == Exit.OK
    assert ran.stdout.strip() == page(path).strip()


def test_help_alone_shows_all_of_it_and_a_word_that_is_none_is_refused() -> None:
    assert CommandLine()("help").stdout.strip() == CommandLine()("--help").stdout.strip()
    for words in (("calls", "lisst"), ("demo", "more"), ("nothing",)):
        ran = CommandLine()("help", *words)
        assert ran.exit_code == Exit.USAGE
        assert f"no subcommand '{' '.join(words)}'" in ran.stderr


def test_at_a_terminal_the_pager_shows_it(tmp_path: Path) -> None:
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\necho the pager has: $(grep -c offhook)\n")
    pager.chmod(0o755)
    env = {"PAGER": str(pager), "PATH": os.environ["PATH"]}
    with terminal("help", "calls", "list", cwd=tmp_path, env=env) as there:
        there.wait_for("the pager has: ")
        assert there.wait() == Exit.OK
