"""``--reading NAME=VALUE`` and ``--hostile NAME=VALUE``: the simulated platforms' switches.

Which there are, what they take and what they mean stands in ``app.simulator.readings`` and, for
those that begin with ``stringee.``, in ``app.simulator.stringee.conditions`` alone.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields, replace
from types import UnionType
from typing import Any, Final, Literal, TypeVar, get_args, get_origin, get_type_hints

import click

from app.simulator import Conditions, Hostility, Readings
from app.simulator.stringee import StringeeConditions, StringeeHostility, StringeeReadings

Switches = TypeVar("Switches", Readings, Hostility, StringeeReadings, StringeeHostility)

PREFIXES: Final[Mapping[type, str]] = {
    Readings: "",
    Hostility: "",
    StringeeReadings: "stringee.",
    StringeeHostility: "stringee.",
}
"""What the names of a platform's switches begin with."""

_YES: Final = {"yes": True, "no": False}


def conditions_of(
    speed: float, readings: Sequence[str], hostility: Sequence[str], usual: Readings | None = None
) -> Conditions:
    """The conditions that a command line asks for.

    Args:
        speed: see ``Conditions``.
        readings: NAME=VALUE each.
        hostility: NAME=VALUE each.
        usual: the readings of which nothing is said; None for the simulator's own.

    Raises:
        click.BadParameter: a switch is not there, or does not take that value.
    """
    return Conditions(
        speed=speed,
        readings=_switched(usual or Readings(), readings, "--reading"),
        hostility=_switched(Hostility(), hostility, "--hostile"),
    )


def stringee_conditions_of(
    speed: float, readings: Sequence[str], hostility: Sequence[str]
) -> StringeeConditions:
    """The conditions of Stringee's calls that a command line asks for; see ``conditions_of``.

    Raises:
        click.BadParameter: a switch is not there, or does not take that value.
    """
    return StringeeConditions(
        speed=speed,
        readings=_switched(StringeeReadings(), readings, "--reading"),
        hostility=_switched(StringeeHostility(), hostility, "--hostile"),
    )


def apart(pairs: Sequence[str]) -> tuple[list[str], list[str]]:
    """CALLR's switches, and Stringee's."""
    theirs = [pair for pair in pairs if pair.startswith(PREFIXES[StringeeReadings])]
    return [pair for pair in pairs if pair not in theirs], theirs


def described(kind: type) -> list[tuple[str, str]]:
    """Each switch as NAME=VALUES, and what it means with its default, for the help."""
    about = _about(kind)
    hints = get_type_hints(kind)
    prefix = PREFIXES[kind]
    return [
        (
            f"{prefix}{one.name}={_values(hints[one.name])}",
            f"{about.get(one.name, '')} {_default(one)}",
        )
        for one in fields(kind)
        if _values(hints[one.name])
    ]


def _switched(usual: Switches, pairs: Sequence[str], option: str) -> Switches:
    kind = type(usual)
    hints = get_type_hints(kind)
    known = {PREFIXES[kind] + one.name for one in fields(kind) if _values(hints[one.name])}
    changes: dict[str, Any] = {}
    for pair in pairs:
        named, equals, value = pair.partition("=")
        if named not in known or not equals:
            told = ", ".join(sorted(known))
            raise click.BadParameter(f"{pair!r} is no NAME=VALUE of: {told}.", param_hint=option)
        name = named.removeprefix(PREFIXES[kind])
        try:
            changes[name] = _read(hints[name], value)
        except ValueError:
            told = _values(hints[name])
            msg = f"{named} takes {told}, not {value!r}."
            raise click.BadParameter(msg, param_hint=option) from None
    try:
        return replace(usual, **changes)
    except ValueError as problem:
        raise click.BadParameter(f"{problem}.", param_hint=option) from None


def _read(hint: Any, text: str) -> Any:
    """The value of a switch.

    Raises:
        ValueError: the text is none.
    """
    kind = _one_of(hint)
    if get_origin(kind) is Literal:
        if text not in get_args(kind):
            raise ValueError
        return text
    if kind is bool:
        if text not in _YES:
            raise ValueError
        return _YES[text]
    if kind == frozenset[int]:
        return frozenset(int(number) for number in text.split(","))
    if kind == frozenset[str]:
        return frozenset(text.split(","))
    return kind(text)


def _values(hint: Any) -> str:
    """What a switch takes, as written in the help; "" for what no command line can say."""
    kind = _one_of(hint)
    if get_origin(kind) is Literal:
        return "|".join(str(value) or '""' for value in get_args(kind))
    named = {
        bool: "yes|no",
        int: "N",
        float: "SECONDS",
        str: "TEXT",
        frozenset[int]: "N,N...",
        frozenset[str]: "TEXT,TEXT...",
    }
    return named.get(kind, "")


def _one_of(hint: Any) -> Any:
    """The type without None."""
    if isinstance(hint, UnionType):
        return next(one for one in get_args(hint) if one is not type(None))
    return hint


def _about(kind: type) -> dict[str, str]:
    """What a class's docstring says of its attributes."""
    text = inspect.getdoc(kind) or ""
    attributes = text.partition("Attributes:\n")[2]
    found = re.findall(r"^    (\w+): (.+(?:\n {5,}.+)*)", attributes, re.MULTILINE)
    return {name: " ".join(meaning.split()) for name, meaning in found}


def _default(one: Field[Any]) -> str:
    if one.default in (MISSING, None, frozenset()):
        return ""
    if isinstance(one.default, bool):
        return "Default: yes." if one.default else "Default: no."
    return f"Default: {one.default if one.default != '' else chr(34) * 2}."
