"""Tab, as a real bash presses it; the scripts of the other shells are printed and no more."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from command_line import ROOT, CommandLine

from app.cli.exits import Exit
from app.cli.main import offhook
from app.cli.shell import Shell

PATIENCE_S = 60
MINE = """
from app.callflow import Flow, hang_up, say

print("a module that talks while it is read")
mine = Flow(
    "mine",
    start="hello",
    steps={
        "hello": say("Hello.", then="bye"),
        "bye": hang_up("Goodbye.", disposition="greeted"),
    },
)
"""


@pytest.fixture(scope="module")
def bash() -> str:
    found = shutil.which("bash")
    assert found, "the tests need bash"
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where somebody works: two profiles, a flow of their own, and `offhook` beside it."""
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "mine.py").write_text(MINE)
    (tmp_path / ".env").write_text("OFFHOOK_FLOWS=flows\n")
    (tmp_path / ".env.live").write_text("COUNTRY=FR\n")
    (tmp_path / ".env.lab").write_text("COUNTRY=FR\n")
    program = tmp_path / "bin" / "offhook"
    program.parent.mkdir()
    python = shlex.quote(sys.executable)
    program.write_text(
        f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {python} -m app "$@"\n'
    )
    program.chmod(0o755)
    return tmp_path


def after_tab(bash: str, folder: Path, line: str, setup: str = "") -> list[str]:
    """What bash would offer for a line's last word: the function that the script registers."""
    words = line.split(" ")
    script = f"""
set -e
{setup or "source <(offhook completion bash)"}
registered=$(complete -p offhook)
[[ $registered =~ -F\\ ([^ ]+) ]]
COMP_WORDS=({" ".join(map(shlex.quote, words))})
COMP_CWORD={len(words) - 1}
"${{BASH_REMATCH[1]}}" {words[0]}
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    ran = subprocess.run(  # noqa: S603 -- our own words
        [bash, "--norc", "-c", script],
        cwd=folder,
        env={"PATH": f"{folder / 'bin'}:/usr/bin:/bin", "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, ""), ran
    return ran.stdout.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("offhook rec", ["recordings"]),
        ("offhook calls re", ["reconcile"]),
        ("offhook calls list --dis", ["--disposition"]),
        ("offhook calls list --flow m", ["mine"]),
        ("offhook calls list --flow mine --step ", ["bye", "hello"]),
        ("offhook calls list --flow mine --disposition ", ["greeted"]),
        ("offhook calls list --outcome hu", ["hung_up"]),
        ("offhook phone cl", ["clinic"]),
        ("offhook numbers point +33199001020 rem", ["reminder"]),
        ("offhook flows draw age", ["age_gate"]),
        ("offhook -p l", ["lab", "live"]),
        ("offhook -p live calls list --flow m", []),
        ("offhook calls show l", ["last"]),
        ("offhook init --timezone Europe/Par", ["Europe/Paris"]),
        ("offhook completion ", ["bash", "zsh", "fish"]),
        ("offhook help calls t", ["tail"]),
    ],
)
def test_bash_completes(bash: str, folder: Path, line: str, offered: list[str]) -> None:
    assert after_tab(bash, folder, line) == offered


def test_a_files_name_that_a_shell_would_run_is_no_profile(bash: str, folder: Path) -> None:
    for name in ("l$(touch run)", "l`touch run`", "l;touch run", "l\nplain,lies", "l\x1b[31m"):
        (folder / f".env.{name}").write_text("COUNTRY=FR\n")
    assert after_tab(bash, folder, "offhook -p l") == ["lab", "live"]


def test_a_program_that_is_called_by_its_path_is_completed_too(bash: str, folder: Path) -> None:
    assert after_tab(bash, folder, "bin/offhook rec") == ["recordings"]


def test_the_script_works_from_the_file_that_its_help_names(bash: str, folder: Path) -> None:
    file = folder / ".local/share/bash-completion/completions/offhook"
    file.parent.mkdir(parents=True)
    setup = f"offhook completion bash > ~/{file.relative_to(folder)}; source {file}"
    assert after_tab(bash, folder, "offhook simu", setup) == ["simulator"]
    assert f"offhook completion bash > ~/{file.relative_to(folder)}" in helped()


def test_a_broken_env_or_flow_costs_no_completion(bash: str, folder: Path) -> None:
    (folder / "flows" / "other.py").write_text("this is no Python\n")
    assert after_tab(bash, folder, "offhook phone m") == ["mine"]
    (folder / ".env").write_text("PORT=many\nOFFHOOK_FLOWS=flows\n")
    assert after_tab(bash, folder, "offhook phone age") == ["age_gate"]


@pytest.mark.parametrize(
    ("shell", "says"),
    [("zsh", "#compdef offhook"), ("fish", "complete --no-files --command offhook")],
)
def test_the_scripts_of_other_shells_are_printed(shell: str, says: str) -> None:
    ran = CommandLine()("completion", shell)
    assert (ran.exit_code, ran.stderr) == (Exit.OK, "")
    assert says in ran.stdout
    assert "_OFFHOOK_COMPLETE" in ran.stdout


def test_a_shell_that_there_is_not_is_refused() -> None:
    ran = CommandLine()("completion", "csh")
    assert ran.exit_code == Exit.USAGE
    assert "'bash', 'zsh', 'fish'" in ran.stderr


def parameters(group: click.Group, path: str) -> Iterator[tuple[str, click.Parameter]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from parameters(command, f"{path} {name}")
        else:
            yield from ((f"{path} {name}", one) for one in command.params)


FLOWS = [
    pytest.param(one, id=path) for path, one in parameters(offhook, "offhook") if one.name == "flow"
]


def test_many_subcommands_take_a_flow() -> None:
    assert len(FLOWS) > 5


@pytest.mark.parametrize("parameter", FLOWS)
def test_each_flow_that_a_subcommand_takes_is_completed(parameter: click.Parameter) -> None:
    context = click.Context(offhook, obj=Shell(environ={}, env_file=None))
    offered = [item.value for item in parameter.shell_complete(context, "age")]
    assert offered == ["age_gate"]


def helped() -> str:
    return CommandLine()("completion", "--help").stdout
