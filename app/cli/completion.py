"""``offhook completion``: the script with which a shell completes what is typed."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from app.callflow.errors import OffhookError
from app.cli.options import manual
from app.cli.shell import Shell

SHELLS = ("bash", "zsh", "fish")

_PROGRAM = "offhook"
_VARIABLE = "_OFFHOOK_COMPLETE"
"""What click reads at a start that is a press of Tab, named after the program."""


@click.command(
    epilog=manual(
        "source <(offhook completion bash)",
        "offhook completion bash > ~/.local/share/bash-completion/completions/offhook",
        "offhook completion zsh > ~/.zfunc/_offhook",
        "offhook completion fish > ~/.config/fish/completions/offhook.fish",
        reads=("OFFHOOK_FLOWS",),
        see=("flows list",),
    )
)
@click.argument("shell_name", metavar="SHELL", type=click.Choice(SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell_name: str) -> None:
    """Print the script with which a shell completes offhook's words on Tab.

    SHELL is bash (4.4 or newer), zsh or fish. Subcommands and options are completed, and what this
    machine knows by itself: flows, their steps and dispositions, outcomes, profiles (-p), time
    zones, files. Nothing is asked of a platform or of the journal.

    `offhook` must be found by its name: put .venv/bin on the PATH, or link .venv/bin/offhook into a
    folder that is on it. The script stays right after an upgrade: it asks offhook at each Tab.

    bash: the first example is for this terminal, the second for all later ones, where the package
    bash-completion is installed; else put the first into ~/.bashrc. zsh: ~/.zshrc needs
    `fpath+=~/.zfunc` before `compinit`. fish finds its file by itself.
    """
    shell: Shell = ctx.obj
    kind = get_completion_class(shell_name)
    if kind is None:
        msg = f"click has no completion for {shell_name}."
        raise OffhookError(msg)
    script = kind(ctx.find_root().command, {}, _PROGRAM, _VARIABLE).source()
    shell.output.stream(script.splitlines())
