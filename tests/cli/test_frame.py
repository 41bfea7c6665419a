"""The frame of the command line: help, exit codes, errors, settings; in real processes too."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

import app
from app.callflow.errors import (
    ApiError,
    FlowError,
    JournalError,
    OffhookError,
    PlacingError,
    PlatformError,
    SettingsError,
)
from app.callr.refusals import CallrError
from app.cli.exits import MEANINGS, DeclinedError, Exit, NotFoundError, exit_of
from app.cli.main import Offhook, offhook
from app.cli.shell import Shell
from app.fates import Fate
from app.numbers import NumberError
from app.simulator.account import Account
from app.simulator.server import Simulator

ROOT = Path(str(app.__file__)).parents[1]
PASSWORD = "a-password-of-callr"


def process(
    *args: str, cwd: Path, env: dict[str, str] | None = None, stdin: int = subprocess.DEVNULL
) -> subprocess.CompletedProcess[str]:
    """``python -m app`` with nothing in its environment but what is given."""
    return subprocess.run(  # noqa: S603 -- our own words
        [sys.executable, "-m", "app", *args],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **(env or {})},
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def raising(error: BaseException) -> Offhook:
    """The group's boundary with one subcommand in it, which fails."""
    group = Offhook("offhook", params=[click.Option(["--debug"], is_flag=True)])
    group.callback = lambda **_: None

    @group.command()
    def fail() -> None:
        raise error

    return group


def run(group: click.Group, *args: str) -> Result:
    return CliRunner().invoke(group, list(args), obj=Shell(environ={}, env_file=None))


def callr_error(fate: Fate) -> CallrError:
    return CallrError("no", msg="no", code=1, method="calls.realtime", fate=fate)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NumberError("x"), Exit.USAGE),
        (SettingsError("x"), Exit.SETTINGS),
        (FlowError("x"), Exit.FLOW),
        (ApiError("x"), Exit.REFUSED),
        (callr_error(Fate.REFUSED), Exit.REFUSED),
        (callr_error(Fate.NOT_SENT), Exit.REFUSED),
        (callr_error(Fate.UNKNOWN), Exit.UNKNOWN),
        (PlacingError("x", may_have_dialled=True), Exit.UNKNOWN),
        (PlacingError("x", may_have_dialled=False), Exit.REFUSED),
        (NotFoundError("x"), Exit.NOT_FOUND),
        (DeclinedError("x"), Exit.DECLINED),
        (JournalError("x"), Exit.JOURNAL),
        (PlatformError("x"), Exit.FAILED),
    ],
)
def test_every_error_has_its_exit_code(error: OffhookError, code: Exit) -> None:
    assert exit_of(error) == code
    assert run(raising(error), "fail").exit_code == code


def test_an_error_is_what_happened_and_the_mend_on_stderr() -> None:
    told = run(raising(NotFoundError("No app is called x.", mend="Look there.")), "fail")
    assert (told.stdout, told.stderr) == ("", "Error: No app is called x. Look there.\n")


def test_an_error_of_several_lines_has_its_mend_on_a_line_of_its_own() -> None:
    told = run(raising(SettingsError("These:\n  A\n  B", mend="Add them.")), "fail")
    assert told.stderr == "Error: These:\n  A\n  B\nAdd them.\n"


def test_what_nobody_expected_is_one_line_that_says_how_to_see_more() -> None:
    told = run(raising(ZeroDivisionError("by zero\nhere")), "fail")
    assert told.exit_code == Exit.FAILED
    assert len(told.stderr.splitlines()) == 1
    assert "Unexpected ZeroDivisionError: by zero\\nhere." in told.stderr
    assert "--debug" in told.stderr


@pytest.mark.parametrize("error", [ZeroDivisionError("x"), ApiError("x")])
def test_with_debug_the_traceback_is_shown(error: Exception) -> None:
    told = run(raising(error), "--debug", "fail")
    assert "Traceback (most recent call last)" in told.stderr
    assert "raise error" in told.stderr
    assert told.stdout == ""


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_an_interruption_is_no_error(error: BaseException) -> None:
    told = run(raising(error), "fail")
    assert (told.exit_code, told.stderr) == (Exit.INTERRUPTED, "Interrupted.\n")


def test_every_exit_code_stands_in_the_help() -> None:
    told = run(offhook, "--help")
    assert told.exit_code == Exit.OK
    for code, meaning in MEANINGS.items():
        assert f"{code.value:>3}  {meaning}" in told.output
    assert set(MEANINGS) == set(Exit)


def commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += commands(command, (*path, name))
        found.append((*path, name))
    return found


@pytest.mark.parametrize("path", commands(offhook))
def test_every_subcommand_has_help_with_a_first_sentence(path: tuple[str, ...]) -> None:
    told = run(offhook, *path, "--help")
    assert told.exit_code == Exit.OK
    assert told.output.splitlines()[2].strip().endswith((".", ";"))


def test_the_help_loads_nothing_that_is_slow() -> None:
    slow = ("requests", "marshmallow", "callr", "phonenumbers", "flask", "sqlalchemy", "rich")
    check = (
        "import sys\nfrom app.cli.main import offhook\n"
        "try:\n    offhook(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {slow!r} if name in sys.modules], file=sys.stderr)"
    )
    ran = subprocess.run(  # noqa: S603 -- our own words
        [sys.executable, "-c", check], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert ran.stderr == "[]\n"


@pytest.mark.parametrize(("answer", "done"), [(True, True), (False, False), (None, False)])
def test_a_question_decides(*, answer: bool | None, done: bool) -> None:
    shell = Shell(environ={}, env_file=None, ask=lambda _: answer)
    if done:
        shell.confirm("Sure?", yes=False)
    else:
        with pytest.raises(DeclinedError):
            shell.confirm("Sure?", yes=False)


def test_nobody_is_asked_when_yes_was_given() -> None:
    def ask(question: str) -> bool:
        raise AssertionError(question)

    Shell(environ={}, env_file=None, ask=ask).confirm("Sure?", yes=True)


def test_a_real_process_keeps_data_and_the_rest_apart(tmp_path: Path) -> None:
    with Simulator(Account(login="acme", password=PASSWORD)) as simulator:
        (tmp_path / ".env").write_text(
            f"CALLR_API_URL={simulator.api_url}\nCALLR_LOGIN=acme\nCALLR_PASSWORD={PASSWORD}\n"
        )
        ran = process("numbers", "list", cwd=tmp_path)
        assert ran.returncode == 0
        assert ran.stdout.startswith("NUMBER")
        assert ran.stderr == f"CALLR: simulator {simulator.api_url.split('/')[2]}\n"
        wrong = process("numbers", "list", cwd=tmp_path, env={"CALLR_PASSWORD": "not-that-one"})
    assert wrong.returncode == Exit.REFUSED
    assert wrong.stdout == ""
    assert "CALLR_PASSWORD" in wrong.stderr
    assert "not-that-one" not in wrong.stderr


def test_a_real_process_without_settings_says_what_to_add(tmp_path: Path) -> None:
    ran = process("apps", "list", cwd=tmp_path)
    assert ran.returncode == Exit.SETTINGS
    assert "CALLR_LOGIN=..." in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_setting_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    ran = process("apps", "list", cwd=tmp_path, env={"CALLR_API_URL": "http://api.callr.com/"})
    assert ran.returncode == Exit.SETTINGS
    assert "CALLR_API_URL: write https://HOST" in ran.stderr


def test_a_word_that_is_no_subcommand_is_a_usage_error(tmp_path: Path) -> None:
    ran = process("nonsense", cwd=tmp_path)
    assert ran.returncode == Exit.USAGE
    assert "No such command 'nonsense'" in ran.stderr


def test_the_version_is_printed(tmp_path: Path) -> None:
    ran = process("--version", cwd=tmp_path)
    assert ran.returncode == 0
    assert ran.stdout.startswith("offhook ")


def test_a_terminal_of_few_letters_gets_escapes_and_no_traceback(tmp_path: Path) -> None:
    with Simulator(Account(login="acme", password=PASSWORD)) as simulator:
        env = {
            "PYTHONIOENCODING": "ascii",
            "CALLR_API_URL": simulator.api_url,
            "CALLR_LOGIN": "acme",
            "CALLR_PASSWORD": PASSWORD,
        }
        ran = process("apps", "delete", "José", cwd=tmp_path, env=env)
    assert "the name 'Jos\\xe9'" in ran.stderr
    assert ran.returncode == Exit.NOT_FOUND


@pytest.mark.parametrize(("typed", "code"), [("y\n", Exit.OK), ("\n", Exit.DECLINED)])
def test_at_a_terminal_the_question_is_asked_and_its_answer_read(
    tmp_path: Path, typed: str, code: Exit
) -> None:
    with Simulator(Account(login="acme", password=PASSWORD)) as simulator:
        env = {
            "CALLR_API_URL": simulator.api_url,
            "CALLR_LOGIN": "acme",
            "CALLR_PASSWORD": PASSWORD,
            "PUBLIC_URL": "https://line.example.com",
            "CALLR_WEBHOOK_LOGIN": "callr",
            "CALLR_WEBHOOK_PASSWORD": "another-word",
        }
        made = process("apps", "create", "Reception", "--flow", "reception", cwd=tmp_path, env=env)
        args = ("apps", "delete", made.stdout.strip())
        assert process(*args, cwd=tmp_path, env=env).returncode == Exit.DECLINED
        ours, theirs = pty.openpty()
        try:
            os.write(ours, typed.encode())
            ran = process(*args, cwd=tmp_path, env=env, stdin=theirs)
        finally:
            os.close(ours)
            os.close(theirs)
    assert "Delete it? [y/N] " in ran.stderr
    assert ran.returncode == code


@pytest.mark.parametrize("args", [("flows", "list", "--json"), ("calls", "--help"), ("--help",)])
def test_a_full_disk_is_told_with_the_mend_and_nothing_else(
    tmp_path: Path, args: tuple[str, ...]
) -> None:
    with Path("/dev/full").open("w") as full:  # Linux's device on which nothing fits
        ran = subprocess.run(  # noqa: S603 -- our own words
            [sys.executable, "-m", "app", *args],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    told = "Error: The disk is full: what was being written is not complete. Make room, and"
    assert (ran.returncode, ran.stderr) == (Exit.FAILED, f"{told} repeat it.\n")
