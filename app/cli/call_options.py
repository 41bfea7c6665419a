"""What is written after the options of ``offhook call``."""

from __future__ import annotations

import re
from collections.abc import Sequence

import click

_FIELD = re.compile(r"[A-Za-z0-9]{0,16}\Z")


def read_variables(
    _ctx: click.Context, _param: click.Parameter, written: Sequence[str]
) -> dict[str, str]:
    """Read ``--var name=value``, each name once."""
    variables: dict[str, str] = {}
    for one in written:
        name, equals, value = one.partition("=")
        if not equals or not name:
            msg = f"{one!r} is not like name=value."
            raise click.BadParameter(msg)
        if name in variables:
            msg = f"'{name}' is given twice."
            raise click.BadParameter(msg)
        variables[name] = value
    return variables


def read_field(_ctx: click.Context, _param: click.Parameter, written: str) -> str:
    """Read ``--field``."""
    if not _FIELD.match(written):
        msg = f"{written!r} is not at most 16 letters and digits."
        raise click.BadParameter(msg)
    return written
