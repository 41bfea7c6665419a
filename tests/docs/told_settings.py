"""The settings for docs/settings.md, from the one dataclass that reads them."""

from __future__ import annotations

import re
from dataclasses import fields

from tables import code, table

from app.callflow.errors import SettingsError
from app.settings import Settings, describe, variable_of

_NEEDED = re.compile(r"^ *([A-Z_]+)=\.\.\.", re.MULTILINE)


def settings_table(_: str) -> str:
    """Every setting: what it is for, its default, and when a server needs it."""
    everywhere, deployed = needed("development"), needed("production")
    rows = []
    for one in describe():
        name = one["variable"]
        need = "always" if name in everywhere else "in production" if name in deployed else ""
        unit = f" {one['unit']}" if one["unit"] else ""
        default = f"{code(one['default'])}{unit}" if one["default"] not in {"", "{}"} else ""
        secret = "yes" if one["secret"] else ""
        rows.append((code(name), one["help"], default, need, secret))
    columns = ("setting", "what it is for", "default", "`serve` needs it", "secret")
    return table(columns, rows)


def where_table(_: str) -> str:
    """How to come by the values that have to be made."""
    rows = [
        (code(variable_of(one)), _as_code(one.metadata["where"]))
        for one in fields(Settings)
        if one.metadata["where"]
    ]
    return table(("setting", "where its value comes from"), rows)


def needed(env: str) -> set[str]:
    """What ``serve`` says is missing where nothing is set."""
    try:
        Settings(env=env).require_for_serving()
    except SettingsError as problem:
        return set(_NEEDED.findall(problem.message))
    return set()


def _as_code(where: str) -> str:
    """A command line at the end of a sentence, as code."""
    before, colon, line = where.partition(": ")
    return f"{before}: `{line}`" if colon and line.startswith("python3 ") else where
