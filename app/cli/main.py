"""The entry of the command line, and its one place where errors end."""

from __future__ import annotations

import errno
import io
import os
import sys
import traceback
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

import click

from app.callflow.errors import ApiError, OffhookError, PlatformError, SettingsError
from app.cli.apps import apps
from app.cli.call import call
from app.cli.calls import calls
from app.cli.completing import profiles
from app.cli.completion import completion
from app.cli.console import Output
from app.cli.demo import demo
from app.cli.doctor import doctor
from app.cli.exits import Exit, exit_of, told
from app.cli.exporting import export
from app.cli.flows import flows
from app.cli.following import tail
from app.cli.hangup import hangup
from app.cli.help import help_
from app.cli.init import init
from app.cli.journal import journal
from app.cli.numbers import numbers
from app.cli.options import examples
from app.cli.people import people
from app.cli.phone import phone
from app.cli.reconcile import reconcile
from app.cli.recordings import recordings
from app.cli.serve import serve
from app.cli.shell import PROFILE, Shell
from app.cli.simulator import simulator
from app.cli.stringee import stringee
from app.cli.stringee.lint import lint
from app.cli.stringee.projects import projects
from app.cli.stringee.token import token
from app.cli.stringee.transfer import transfer
from app.cli.stringee.verify import verify
from app.cli.verify import callr

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_EXAMPLES = examples(
    "offhook apps create Reception --flow reception",
    "offhook numbers list",
    'offhook apps assign-did Reception "01 99 00 10 20"',
)
_EPILOG = f"""\
{_EXAMPLES}

Settings and credentials come from the environment or from .env, never from arguments.

\b
Exit codes:
{told()}
"""


class Offhook(click.Group):
    """A group in which no error gets out as a traceback."""

    def main(self, *args: Any, **more: Any) -> Any:
        """Run the command line; where the disk is full, that is told, and what to do."""
        try:
            return super().main(*args, **more)
        except OSError as error:
            if not _is_full_disk(error):
                raise
            what = error.filename or "what was being written"
            told = f"The disk is full: {what} is not complete. Make room, and repeat it."
            Output().error(told)
            # Else what is left of it would be tried again, and told anew, when the process ends.
            with suppress(OSError), Path(os.devnull).open("w") as nowhere:
                os.dup2(nowhere.fileno(), sys.stdout.fileno())
            sys.exit(Exit.FAILED)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand; what goes wrong becomes one message on stderr and an exit code."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, BrokenPipeError):
            raise
        except (KeyboardInterrupt, click.Abort):
            _shell(ctx).output.note("Interrupted.")
            ctx.exit(Exit.INTERRUPTED)
        except OffhookError as error:
            _say(ctx, error)
            ctx.exit(exit_of(error))
        except Exception as error:
            if _is_full_disk(error):  # ``main`` tells it, also where --help is what does not fit
                raise
            _say_unexpected(ctx, error)
            ctx.exit(Exit.FAILED)


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 -- click's way to call it
    if not wanted or ctx.resilient_parsing:
        return
    try:
        version = metadata.version("offhook")
    except metadata.PackageNotFoundError:
        version = "(run from its folder; no version is installed)"
    _shell(ctx).output.data(f"offhook {version}")
    ctx.exit()


def _profile(_ctx: click.Context, _param: click.Parameter, name: str) -> str:
    if name and not PROFILE.match(name):
        msg = f"{name!r} is not letters, digits, _ and -."
        raise click.BadParameter(msg)
    return name


@click.group(cls=Offhook, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-p",
    "profile",
    default="",
    metavar="NAME",
    callback=_profile,
    shell_complete=profiles,
    help="Take the settings of .env.NAME instead of .env.",
)
@click.option("--debug", is_flag=True, envvar="OFFHOOK_DEBUG", help="Show where errors come from.")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version.",
)
@click.pass_context
def offhook(ctx: click.Context, *, profile: str, debug: bool) -> None:  # noqa: ARG001 -- read when an error ends
    """Answers and places phone calls for programs."""
    ctx.obj = _shell(ctx)
    if profile:
        ctx.obj = _with_profile(ctx.obj, profile, makes_it=ctx.invoked_subcommand == init.name)


offhook.add_command(apps)
offhook.add_command(call)
calls.add_command(export)
calls.add_command(hangup)
calls.add_command(reconcile)
calls.add_command(tail)
offhook.add_command(callr)
offhook.add_command(calls)
offhook.add_command(completion)
offhook.add_command(demo)
offhook.add_command(doctor)
offhook.add_command(flows)
offhook.add_command(help_)
offhook.add_command(init)
offhook.add_command(journal)
offhook.add_command(numbers)
offhook.add_command(people)
offhook.add_command(phone)
offhook.add_command(recordings)
offhook.add_command(serve)
offhook.add_command(simulator)
stringee.add_command(lint)
stringee.add_command(projects)
stringee.add_command(token)
stringee.add_command(transfer)
stringee.add_command(verify)
offhook.add_command(stringee)


def main() -> None:
    """What the ``offhook`` script and ``python -m app`` run."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    offhook(prog_name="offhook")


def _with_profile(shell: Shell, profile: str, *, makes_it: bool) -> Shell:
    """The shell with the settings of a profile, which is said before anything else.

    Raises:
        SettingsError: there is no such file, and this is not what makes it.
    """
    shell = shell.with_profile(profile)
    shell.output.note(f"Profile: {profile} ({shell.env_file})")
    if not makes_it and not Path(str(shell.env_file)).is_file():
        there = ", ".join(shell.profiles) or "none"
        msg = f"There is no {shell.env_file}. There are profiles: {there}."
        raise SettingsError(msg, mend=f"`offhook -p {profile} init` makes it.")
    return shell


def _shell(ctx: click.Context) -> Shell:
    """The shell that was given, or that of this process."""
    return ctx.obj if isinstance(ctx.obj, Shell) else Shell.of_this_process()


def _say(ctx: click.Context, error: OffhookError) -> None:
    _trace(ctx, error)
    between = "\n" if "\n" in error.message else " "
    # Where the platform chose the words, a line's end is shown: it could fake a message of ours.
    ours = not isinstance(error, ApiError | PlatformError)
    _shell(ctx).output.error(f"{error.message}{between}{error.mend}".rstrip(), lines=ours)


def _say_unexpected(ctx: click.Context, error: Exception) -> None:
    _trace(ctx, error)
    more = "" if _debug(ctx) else " Run it as `offhook --debug ...` to see where."
    _shell(ctx).output.error(f"Unexpected {type(error).__name__}: {error}.{more}")


def _is_full_disk(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno in _NO_ROOM


def _trace(ctx: click.Context, error: BaseException) -> None:
    if _debug(ctx):
        _shell(ctx).output.trace("".join(traceback.format_exception(error)).rstrip())


def _debug(ctx: click.Context) -> bool:
    return bool(ctx.find_root().params.get("debug"))
