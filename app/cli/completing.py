"""What Tab completes besides subcommands and options: names that this machine knows by itself.

Each function is a ``shell_complete`` of click: it gets the parameters read so far and the beginning
of a word, and gives what the word may become. None asks a platform, a database or the network, none
raises, and none prints: the shell would take it for a completion.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING

import click

from app.callflow.errors import SettingsError
from app.cli.shell import Shell

if TYPE_CHECKING:
    from app.callflow.flow import Flow


def flow_names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The flows that can be used."""
    return _beginning(incomplete, _flows(ctx))


def step_names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The steps of ``--flow``, else of every flow."""
    steps = {name for flow in _flows_asked_for(ctx) for name in flow.steps}
    return _beginning(incomplete, sorted(steps))


def dispositions(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """What calls of ``--flow`` can come to in its own words, else those of every flow."""
    words = {
        str(getattr(step, "disposition", ""))
        for flow in _flows_asked_for(ctx)
        for step in flow.steps.values()
    }
    return _beginning(incomplete, sorted(words - {""}))


def outcomes(_ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """What calls can come to."""
    from app.journal.wanted import LIVE  # noqa: PLC0415 -- loads SQLAlchemy
    from app.telling import OUTCOMES  # noqa: PLC0415 -- loads the telling

    return _beginning(incomplete, [*OUTCOMES, LIVE])


def last_call(_ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """``last``; the ids of calls are in a database that may be far away."""
    return _beginning(incomplete, ["last"])


def subcommands(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The subcommands below those that are typed already."""
    group: click.Command | None = ctx.find_root().command
    for word in ctx.params.get("words") or ():
        group = group.get_command(ctx, word) if isinstance(group, click.Group) else None
    return _beginning(
        incomplete, group.list_commands(ctx) if isinstance(group, click.Group) else ()
    )


def profiles(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The profiles that there are."""
    return _beginning(incomplete, _shell(ctx).profiles)


def time_zones(_ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The time zones that Python knows."""
    from zoneinfo import available_timezones  # noqa: PLC0415 -- reads a folder

    return _beginning(incomplete, sorted(available_timezones()))


def _beginning(incomplete: str, words: Iterable[str]) -> list[str]:
    return [word for word in words if word.startswith(incomplete)]


def _shell(ctx: click.Context) -> Shell:
    """The shell of this process, with the profile of ``-p``: click runs no callback meanwhile."""
    root = ctx.find_root()
    shell = root.obj if isinstance(root.obj, Shell) else Shell.of_this_process()
    profile = str(root.params.get("profile") or "")
    return shell.with_profile(profile) if profile else shell


def _flows(ctx: click.Context) -> Mapping[str, Flow]:
    from app.flowbook import find_flows  # noqa: PLC0415 -- imports every flow

    try:
        also = _shell(ctx).settings.flows
    except SettingsError:
        also = ""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        return find_flows(also)[0]


def _flows_asked_for(ctx: click.Context) -> list[Flow]:
    flows = _flows(ctx)
    named = flows.get(str(ctx.params.get("flow") or ""))
    return [named] if named else list(flows.values())
