"""What CALLR was heard to do on an account: ``callr-verified.json``.

``offhook callr verify`` writes it. It holds no secret and no number, and belongs beside the flows:
what runs the app reads it where it starts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from app.callflow.errors import SettingsError
from app.callr.questions import QUESTIONS
from app.requesting import is_loopback

VERIFIED = "callr-verified.json"
"""Its name, in the folder where the app or the command line is run."""

SIMULATOR = "simulator"
"""In the place of CALLR's host: it was heard of a simulated platform."""

FORMAT = 1
MAX_BYTES = 64 * 1024
"""A longer file is not ours."""

_ANEW = "Make it anew: `offhook callr verify`; until then all is as documented."


class VerifiedError(SettingsError):
    """``callr-verified.json`` cannot be used; the app goes on as documented."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One answer.

    Attributes:
        answer: one of the question's answers.
        saw: what it was concluded from.
        heard_at: when the report came that told it, UTC.
    """

    answer: str
    saw: str
    heard_at: datetime


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard; nothing by default.

    Attributes:
        platform: CALLR's host, or ``SIMULATOR``; "" where nothing was heard.
        facts: by the question's name in ``QUESTIONS``.
    """

    platform: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)

    def answer(self, question: str) -> str:
        """What was heard to a question, "" where it is open."""
        fact = self.facts.get(question)
        return fact.answer if fact else ""

    @property
    def open(self) -> list[str]:
        """The questions to which nothing was heard."""
        return [name for name in QUESTIONS if name not in self.facts]

    @property
    def differing(self) -> list[str]:
        """The questions whose answer is another than Offhook assumes."""
        return [
            name
            for name, question in QUESTIONS.items()
            if name in self.facts and self.facts[name].answer not in question.assumed
        ]

    @property
    def last_at(self) -> datetime | None:
        """When the newest of it was heard; None where nothing was."""
        return max((fact.heard_at for fact in self.facts.values()), default=None)

    @property
    def wait_key(self) -> str:
        """The parameter of ``wait`` to send.

        ``wait`` only where it was heard to work and ``seconds`` was not.
        """
        return "wait" if self.answer("wait_key") == "wait" else "seconds"


def platform_of(api_url: str) -> str:
    """Who answers at CALLR_API_URL: a host, or ``SIMULATOR`` for this machine."""
    host = urlsplit(api_url).hostname or ""
    return SIMULATOR if is_loopback(host) else host


def read_heard(file: Path, platform: str) -> Heard:
    """Read what was heard; nothing where there is no file.

    Args:
        file: where it stands.
        platform: for whom it is to hold; what was heard of CALLR holds for a simulator too, but not
            the other way round.

    Raises:
        VerifiedError: it is no such file, or tells of another platform.
    """
    heard = heard_in(file)
    if heard.platform and platform not in {heard.platform, SIMULATOR}:
        msg = f"{file.name} is ignored: it was heard of {heard.platform}, not of {platform}."
        raise VerifiedError(msg, mend=_ANEW)
    return heard


def heard_or_nothing(
    api_url: str, tell: Callable[[str], None] = lambda _: None, folder: Path = Path()
) -> Heard:
    """As ``read_heard``, for a server, which answers calls whatever the file is.

    Args:
        api_url: CALLR_API_URL.
        tell: told why the file cannot be used.
        folder: where it stands.
    """
    try:
        return read_heard(folder / VERIFIED, platform_of(api_url))
    except VerifiedError as problem:
        tell(str(problem))
        return Heard()


def heard_in(file: Path) -> Heard:
    """As ``read_heard``, of whatever platform it tells."""
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise _broken(file, f"it is over {MAX_BYTES} bytes")
        told = json.loads(content.decode())
    except FileNotFoundError:
        return Heard()
    except OSError as problem:
        raise _broken(file, problem.strerror or str(problem)) from None
    except (ValueError, RecursionError):
        raise _broken(file, "it is no JSON") from None
    try:
        loaded: dict[str, Any] = _SCHEMA.load(_known(told))
    except ValidationError as problem:
        raise _broken(file, f"its {_first(problem.messages)}") from None
    return Heard(loaded["platform"], {name: Fact(**one) for name, one in loaded["facts"].items()})


def write_heard(file: Path, heard: Heard) -> None:
    """Write it, all or nothing; the file of before is replaced.

    Raises:
        VerifiedError: it cannot be written there.
    """
    facts = {name: heard.facts[name] for name in QUESTIONS if name in heard.facts}
    told = _SCHEMA.dump({"format": FORMAT, "platform": heard.platform, "facts": facts})
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        beside.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        beside.replace(file)
    except OSError as problem:
        beside.unlink(missing_ok=True)
        msg = f"{file} cannot be written: {problem.strerror or problem}."
        raise VerifiedError(msg, mend="Say where else with -o FILE.") from None


class _FactSchema(Schema):
    class Meta:
        """A later release may say more."""

        unknown = EXCLUDE

    answer = fields.String(required=True)
    saw = fields.String(load_default="")
    heard_at = fields.AwareDateTime(format="iso", required=True)


class _HeardSchema(Schema):
    class Meta:
        """A later release may say more."""

        unknown = EXCLUDE

    format = fields.Integer(strict=True, required=True, validate=validate.Equal(FORMAT))
    platform = fields.String(required=True, validate=validate.Length(1, 255))
    facts = fields.Dict(fields.String(), fields.Nested(_FactSchema), required=True)


_SCHEMA = _HeardSchema()


def _known(told: Any) -> Any:
    """Without questions that this release does not ask; an answer that is none is an error."""
    facts = told.get("facts") if isinstance(told, dict) else None
    if not isinstance(facts, dict):
        return told
    known = {name: fact for name, fact in facts.items() if name in QUESTIONS}
    for name, fact in known.items():
        given = fact.get("answer") if isinstance(fact, dict) else None
        if isinstance(given, str) and given not in QUESTIONS[name].answers:
            allowed = ", ".join(QUESTIONS[name].answers)
            raise ValidationError({name: [f"answer is none of: {allowed}."]}) from None
    return {**told, "facts": known}


def _broken(file: Path, why: str) -> VerifiedError:
    return VerifiedError(f"{file.name} is ignored: {why.rstrip('.')}.", mend=_ANEW)


def _first(messages: Any) -> str:
    """The first of marshmallow's findings: where, and what."""
    if isinstance(messages, dict):
        name, below = next(iter(messages.items()))
        return f"{name}: {_first(below)}".replace("_schema: ", "")
    return " ".join(map(str, messages)) if isinstance(messages, list) else str(messages)
