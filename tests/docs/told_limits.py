"""The limits for docs/limits.md, each read from the constant that holds it."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tables import code, table

from app.callr.questions import QUESTIONS, Question
from app.callr.ranges import COMMANDS, Param


@dataclass(frozen=True)
class Limit:
    """A limit.

    Attributes:
        where: the constant, as ``module:name``.
        unit: of the number as it stands in the code.
        beyond: what happens beyond it.
    """

    what: str
    where: str
    unit: str
    beyond: str


LIMITS = {
    "a call": (
        Limit(
            "Steps that pass within one turn",
            "app.callflow.moving:MAX_STEPS_A_TURN",
            "steps",
            "the flow's `fallback` step, and an incident",
        ),
        Limit(
            "Turns of one call",
            "app.callflow.moving:MAX_TURNS_A_CALL",
            "turns",
            "the flow's `fallback` step, and an incident",
        ),
        Limit(
            "State that rides with a call, sealed",
            "app.sealing:MAX_SEALED_BYTES",
            "bytes",
            "the `fallback` step; the incident names the largest variable",
        ),
        Limit(
            "A variable that comes from outside (`given`)",
            "app.callflow.checks:MAX_GIVEN_CHARS",
            "characters",
            "from the URL it is cut; `POST /api/calls` and `offhook call` refuse it",
        ),
        Limit(
            "All of `given` that Stringee and its apps bring, together",
            "app.callflow.checks:MAX_OFFERED_BYTES",
            "bytes of UTF-8",
            "the longest are cut, and the call has an incident",
        ),
        Limit(
            "What `{result}` keeps of a command's result",
            "app.callflow.moving:MAX_RESULT_CHARS",
            "characters",
            "it is cut; what goes to `into` is not",
        ),
        Limit(
            "A text in a report of CALLR's",
            "app.callr.wire:MAX_TEXT",
            "characters",
            "the rest is not read",
        ),
        Limit(
            "Keys of a secret that is looked for in what functions return",
            "app.callflow.scene:SECRET_CHARS",
            "keys at least",
            "a shorter one would be found by chance; do not return it",
        ),
        Limit(
            "Silence after which a call that never ended counts as lost",
            "app.journal.queries:LOST_AFTER_H",
            "hours",
            "its outcome reads `lost`",
        ),
    ),
    "the server": (
        Limit(
            "Body of a webhook or of an API request",
            "app.web.webhooks:MAX_BODY_BYTES",
            "bytes",
            "413",
        ),
        Limit(
            "Pause within the body of a webhook, or of a request for a client token",
            "app.web.webhooks:BODY_PATIENCE_S",
            "seconds",
            "408, for Stringee's already after 0.4 seconds; in all it may take 2.5 times as long. "
            "Whoever opens many connections and sends slowly holds the threads meanwhile, so put "
            "a proxy in front that waits for whole requests",
        ),
        Limit(
            "Time that a turn waits for the journal, in all",
            "app.journal.journal:BUDGET_S",
            "seconds",
            "the reply goes out; the turn is written when the database is back",
        ),
        Limit(
            "Turns that wait in memory while the database is stuck, in each process",
            "app.journal.journal:QUEUE_LIMIT",
            "turns",
            "later ones are not kept; the log has their call, step and commands",
        ),
        Limit(
            "Rows in one transaction of the journal",
            "app.journal.writer:BATCH",
            "rows",
            "the rest goes into the next",
        ),
        Limit(
            "Time to write an outbound call down before it is dialled",
            "app.journal.journal:START_BUDGET_S",
            "seconds",
            "it is not dialled, and says so",
        ),
        Limit(
            "Questions that one turn can ask (numbers to dial, the variables of an outbound call)",
            "app.switchboard:MAX_ASKS_A_TURN",
            "questions",
            "the flow's `fallback` step, and an incident",
        ),
        Limit(
            "Time that `offhook calls` waits for the database",
            "app.journal.queries:PATIENCE_S",
            "seconds",
            "exit code 9",
        ),
        Limit(
            "Time that `offhook journal upgrade` waits for a statement",
            "app.journal.schema:UPGRADE_PATIENCE_S",
            "seconds",
            "nothing is changed; exit code 9",
        ),
        Limit(
            "Hours of refused requests that `GET /api/refusals` tells",
            "app.refusals:KEPT_HOURS",
            "hours",
            "older ones are forgotten",
        ),
        Limit(
            "Length of a new `SECRET_KEY`",
            "app.settings:MIN_SECRET_CHARS",
            "characters at least",
            "the start stops",
        ),
    ),
    "callr": (
        Limit(
            "Time for a reply to CALLR",
            "app.callr.provider:CallrProvider.deadline_s",
            "seconds",
            "not documented; count the call as lost",
        ),
        Limit("CALLR's `callid`", "app.callr.ranges:MAX_CALLID", "at most", "400"),
        Limit(
            "How long whom we call is rung",
            "app.dialler:RING_S",
            "seconds",
            "the call is refused before it is dialled",
        ),
        Limit(
            "Waiting for a connection to CALLR's API",
            "app.callr.rpc:CONNECT_S",
            "seconds",
            "nothing was done",
        ),
        Limit(
            "Waiting for an answer of CALLR's API",
            "app.callr.rpc:READ_S",
            "seconds",
            "it may have been done: exit code 6",
        ),
        Limit(
            "Name of a voice app",
            "app.callr.api:MAX_NAME_CHARS",
            "characters",
            "a warning; CALLR may refuse it",
        ),
    ),
    "stringee": (
        Limit(
            "Time for an answer to Stringee",
            "app.stringee.provider:StringeeProvider.deadline_s",
            "second",
            "not documented; its users tell of calls that die",
        ),
        Limit(
            "Commands in one list",
            "app.callflow.moving:MAX_COMMANDS_A_TURN",
            "commands",
            "the flow's `fallback` step, and an incident",
        ),
        Limit(
            "A text in a request of Stringee's",
            "app.stringee.bodies:MAX_TEXT",
            "characters",
            "the rest is not read",
        ),
        Limit(
            "`custom`, what a client app says",
            "app.stringee.bodies:MAX_CUSTOM",
            "characters",
            "the rest is not read",
        ),
        Limit(
            "Seconds in an option that Stringee documents no range for",
            "app.stringee.wire:MOST_S",
            "seconds",
            "the flow is refused when it is checked",
        ),
        Limit(
            "A recording that is kept",
            "app.keeping.libraries:MAX_BYTES",
            "bytes",
            "it is not kept; its row says so",
        ),
        Limit(
            "Waiting for a connection to Stringee's API",
            "app.stringee.rest:CONNECT_S",
            "seconds",
            "nothing was done",
        ),
        Limit(
            "Waiting for an answer of Stringee's API",
            "app.stringee.rest:READ_S",
            "seconds",
            "it may have been done: exit code 6",
        ),
        Limit(
            "How long a client's token is good for",
            "app.stringee.tokens:LASTS_S",
            "seconds",
            "the app asks for another",
        ),
        Limit(
            "The id of a client's user",
            "app.stringee.tokens:MAX_USER_CHARS",
            "characters",
            "no token is made",
        ),
    ),
}

_UNTYPED = {
    "media": "a media id, or a text to say",
    "bool": "true or false",
    "room": "a whole number, or a name",
    "targets": "numbers (E.164) and seconds to ring each",
}


def limits(group: str, _: str) -> str:
    """The table of one group."""
    rows = [
        (one.what, f"{_number(one)} {one.unit}", one.beyond, code(one.where.replace(":", ".")))
        for one in LIMITS[group]
    ]
    return table(("limit", "number", "beyond it", "where it stands"), rows)


def ranges(_: str) -> str:
    """CALLR's commands, their parameters, and what each takes."""
    without: Mapping[str, Param | None] = {"": None}
    rows = [
        (code(command), code(name), _takes(param), _sent(param))
        for command, params in COMMANDS.items()
        for name, param in (params or without).items()
    ]
    return table(("command", "parameter", "CALLR takes", "sent where a flow does not say"), rows)


def questions(_: str) -> str:
    """What nobody documents, what is assumed of it, and what follows from each other answer."""
    rows = [
        (question.asks, code(question.assumed[0]), "<br>".join(_otherwise(question)))
        for question in QUESTIONS.values()
    ]
    return table(("question", "assumed", "where it is otherwise"), rows)


def _otherwise(question: Question) -> list[str]:
    first = question.assumed[0]
    return [f"{code(name)}: {what}" for name, what in question.answers.items() if name != first]


def closing(_: str) -> str:
    """What ``apps create`` says of the end of CALLR's API."""
    from app.cli.apps import CLOSING  # noqa: PLC0415 - one word from a subcommand's module

    return f"> {CLOSING}"


def value_of(where: str) -> Any:
    """The value of a constant, by ``module:name``."""
    module, _, name = where.partition(":")
    value: Any = importlib.import_module(module)
    for part in name.split("."):
        value = getattr(value, part)
    return value


def _number(limit: Limit) -> str:
    value = value_of(limit.where)
    if isinstance(value, tuple):
        return " to ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _takes(param: Param | None) -> str:
    match param:
        case None:
            return "it has none"
        case Param(kind="int", low=low, high=high):
            return f"{low:,} to {high:,}"
        case Param(kind="text", pattern=pattern):
            return code(re.sub(r"\\", "", pattern))
        case _:
            return _UNTYPED[param.kind]


def _sent(param: Param | None) -> str:
    if param is None:
        return ""
    return "it must be given" if param.default is None else code(_json(param.default))


def _json(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value) or '""'
