"""``offhook calls export``: calls for a spreadsheet or another program."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from app.cli.calls import journal_that_is_there, recordings_of
from app.cli.console import json_line, shown
from app.cli.exits import Exit
from app.cli.options import manual
from app.cli.shell import Shell
from app.cli.wanting import wanted_of, wanted_options

if TYPE_CHECKING:
    from app.journal import History, JournalledCall, Wanted

COLUMNS = (
    "key", "provider", "platform_id", "flow", "direction", "caller", "called", "started_at",
    "ended_at", "lasted_s", "outcome", "disposition", "reports", "incidents", "test", "token",
)  # fmt: skip
"""What a call has whatever its flow; its variables come after, as ``var_NAME``."""

AT_ONCE = 500
"""Calls that are read at once."""

_FORMULA = ("=", "+", "-", "@")
"""A cell that begins like that is calculated by a spreadsheet, and callers choose their names."""


@click.command(
    epilog=manual(
        "offhook calls export --since 30d > calls.csv",
        "offhook calls export --flow clinic --on yesterday --format jsonl",
        exits=(Exit.NOT_FOUND, Exit.JOURNAL),
        reads=("DATABASE_URL", "TIMEZONE", "COUNTRY"),
        see=("calls list", "people export"),
    )
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "jsonl"]),
    default="csv",
    show_default=True,
    help="CSV, or a JSON object in each line.",
)
@wanted_options
@click.pass_obj
def export(shell: Shell, /, *, kind: str, **asked: Any) -> None:
    """Print calls as CSV or JSON Lines: all, or those that fit every option.

    The newest comes first. Each has what its record has (times in UTC, lasted_s in seconds) and
    its variables: as var_NAME in CSV, as an object in JSON. Secrets are starred. A variable that
    stands for a message on Stringee says which recording it is, once the platform has told it.

    In CSV, a cell that a spreadsheet would calculate (=, +, - or @ at its beginning, so every
    number with +) has an apostrophe before it, and characters that cannot be seen are escaped.
    """
    wanted = wanted_of(shell, **asked)
    history = journal_that_is_there(shell)
    calls = _told(shell, history, calls_of(history, wanted))
    shell.output.stream(map(json_line, calls) if kind == "jsonl" else csv_lines(calls))


def csv_lines(calls: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The lines of a CSV file (RFC 4180, but for the line's end), the heading first.

    Which variables there are is known when all calls were read; until then they wait in a file
    without a name.
    """
    names: dict[str, None] = {}
    with tempfile.TemporaryFile("w+", encoding="utf-8") as waiting:
        for call in calls:
            names.update(dict.fromkeys(call["variables"]))
            waiting.write(json.dumps(call) + "\n")
        waiting.seek(0)
        variables = sorted(names)
        yield _csv_line([*COLUMNS, *(f"var_{name}" for name in variables)])
        for line in waiting:
            call = json.loads(line)
            told = [call[name] for name in COLUMNS]
            yield _csv_line([*told, *(call["variables"].get(name) for name in variables)])


def _csv_line(cells: Sequence[object]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(map(_cell, cells))
    return line.getvalue()


def _cell(value: object) -> object:
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    if not isinstance(value, str):
        return value
    text = shown(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def calls_of(history: History, wanted: Wanted) -> Iterator[JournalledCall]:
    """Every call that is wanted, newest first, read in portions."""
    last: JournalledCall | None = None
    while found := history.calls(wanted, limit=AT_ONCE, after=last):
        yield from found
        last = found[-1]


def _told(
    shell: Shell, history: History, calls: Iterable[JournalledCall]
) -> Iterator[dict[str, Any]]:
    from app.callflow.references import is_recording_reference  # noqa: PLC0415 -- only here
    from app.cli.call_views import call_json  # noqa: PLC0415 -- loads the telling
    from app.telling import Sounds  # noqa: PLC0415 -- as above

    for call in calls:
        told = call_json(call)
        if any(map(is_recording_reference, call.variables.values())):
            key = call.row.key
            recorded = recordings_of(shell, call)
            sounds = Sounds(recordings=recorded, notices=history.notices(key))
            told["variables"] = {
                name: sounds.resolved(value) for name, value in call.variables.items()
            }
        yield told
