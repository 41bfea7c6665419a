"""Errors and findings, for docs/errors.md."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tables import code, fenced, from_docstring, table
from wrong_flows import ARGUMENTS, ON_STRINGEE, PLATFORM, STRUCTURE, Mistake, findings_of_files

import app
from app.callflow.errors import Finding, OffhookError, PlacingError
from app.callr.refusals import CallrError
from app.cli.exits import exit_of
from app.dialler import RequestError
from app.fates import Fate, RequestFailedError
from app.stringee.refusals import StringeeError
from app.web.webhooks import refusal

_VARIANTS: Mapping[type[OffhookError], Sequence[Mapping[str, Any]]] = {
    PlacingError: ({"may_have_dialled": False}, {"may_have_dialled": True}),
    RequestFailedError: tuple({"fate": fate} for fate in Fate),
    CallrError: tuple({"msg": "", "code": 0, "fate": fate} for fate in Fate),
    StringeeError: tuple({"fate": fate} for fate in Fate),
    RequestError: ({}, {"status": 404}),
}
"""The ways in which a class is made that lead to different statuses and exit codes."""

_UNSAFE = {"migrations"}
"""Packages whose modules do something when they are imported."""


def tree(_: str) -> str:
    """Every class of error: its place in the tree, HTTP status, exit code and meaning."""
    _import_everything()
    rows = [
        (
            f"{'&nbsp;' * 4 * depth}{code(kind.__name__)}",
            _each(one.status for one in _made(kind)),
            _each(exit_of(one).value for one in _made(kind)),
            _about(kind),
        )
        for depth, kind in _below(OffhookError, 0)
    ]
    return table(("error", "HTTP", "exit code", "means"), rows)


def classes() -> list[type[OffhookError]]:
    """Every class of error."""
    _import_everything()
    return [kind for _, kind in _below(OffhookError, 0)]


def http_shape(_: str) -> str:
    """An HTTP error as it is sent."""
    problem = OffhookError(
        "there is no flow 'remindr'.", mend="There are: clinic, reception.", status=404
    )
    reply, _headers = refusal(problem)
    return fenced("json", json.dumps(json.loads(reply.body), indent=2))


def findings(group: Sequence[Mistake]) -> str:
    """What is written, and what the check says of it."""
    rows = [(_written(mistake), _told(mistake.findings())) for mistake in group]
    return table(("written", "the check says"), rows)


def structure(_: str) -> str:
    """Findings about the whole flow."""
    return findings(STRUCTURE)


def arguments(_: str) -> str:
    """Findings about an argument."""
    return findings(ARGUMENTS)


def platform(_: str) -> str:
    """Findings of CALLR's check."""
    return findings(PLATFORM)


def stringee(_: str) -> str:
    """Findings of Stringee's check."""
    return findings(ON_STRINGEE)


def files(_: str) -> str:
    """Findings about files."""
    rows = [(told, _told([found])) for told, found in findings_of_files()]
    return table(("what is wrong", "the check says"), rows)


def _written(mistake: Mistake) -> str:
    others = [f"`{name}`: {code(source)}" for name, source in mistake.others.items()]
    options = [f"in `Flow({mistake.options})`"] if mistake.options else []
    return "<br>".join([code(mistake.written), *others, *options])


def _told(found: Sequence[Finding]) -> str:
    return "<br>".join(f"{one.level}: {one}".strip().replace("<", "&lt;") for one in found)


def _below(kind: type[OffhookError], depth: int) -> Iterator[tuple[int, type[OffhookError]]]:
    yield depth, kind
    for below in sorted(kind.__subclasses__(), key=lambda one: one.__name__):
        yield from _below(below, depth + 1)


def _made(kind: type[OffhookError]) -> list[OffhookError]:
    """Errors of a class, in each way in which it is made."""
    variants = _VARIANTS.get(kind, ({},))
    return [kind("it is only made here", **variant) for variant in variants]


def _each(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(set(numbers))))


def _about(kind: type[OffhookError]) -> str:
    return from_docstring((inspect.getdoc(kind) or "").split("\n\n")[0])


def _import_everything() -> None:
    for found in pkgutil.walk_packages(app.__path__, "app."):
        if not _UNSAFE & set(found.name.split(".")):
            importlib.import_module(found.name)
