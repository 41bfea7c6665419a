"""The call flow: a graph of named steps, checked when it is defined."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cached_property
from typing import Any

from app.callflow.arguments import Arguments
from app.callflow.checks import check, phrase_argument
from app.callflow.drawing import draw
from app.callflow.errors import FlowError, Level
from app.callflow.kinds.asking import CollectStep
from app.callflow.kinds.base import Step
from app.callflow.kinds.silent import LANGUAGE_VARIABLE, AssignStep
from app.callflow.prompts import Prompt, PromptLike, Template
from app.callflow.scene import name_of

FINGERPRINT_DIGITS = 12


class Flow:
    """A call flow.

    ``Flow(...)`` checks everything that needs no platform and tells all that it finds.

    Attributes:
        name: stands in the webhook's URL and in every call.
        start: the first step's name.
        steps: the steps, by name.
        language: BCP 47 tag of its plain texts, and the one that calls begin in.
        timezone: IANA name, such as ``Europe/London``; ``hours`` and ``call.local_now`` use it.
        given: the variables that come from outside, with their defaults: for outbound calls and
            from the configured URL's query.
        fallback: the step that a call is taken to when the flow cannot go on; "" for none, then an
            apology and the fallback number or the end.
        phrases: replaces what Offhook says of its own accord; see ``app.callflow.phrases``.
        on: the names of the platforms that it is served on; empty for every configured one.
        findings: warnings of the check.
    """

    def __init__(
        self,
        name: str,
        *,
        start: str,
        steps: Mapping[str, Step],
        language: str = "en-GB",
        timezone: str = "",
        given: Mapping[str, str] | None = None,
        fallback: str = "",
        phrases: Mapping[str, PromptLike] | None = None,
        on: Sequence[str] = (),
    ) -> None:
        """Define a flow.

        Raises:
            FlowError: the check found errors; ``findings`` has each with its mend.
        """
        read = Arguments()
        self.name = name
        self.start = start
        self.steps: Mapping[str, Step] = dict(steps)
        self.language = language
        self.timezone = timezone
        self.given: Mapping[str, str] = dict(given or {})
        self.fallback = fallback
        self.phrases: Mapping[str, Prompt] = {
            phrase: read.prompt(phrase_argument(phrase), written)
            for phrase, written in (phrases or {}).items()
        }
        self.on = tuple(on)
        self.problems = read.problems
        self.secrets = frozenset(
            step.into
            for step in self.steps.values()
            if isinstance(step, CollectStep) and step.secret
        )
        self.findings = tuple(check(self))
        errors = [finding for finding in self.findings if finding.level is Level.ERROR]
        if errors:
            told = "\n  ".join(str(finding) for finding in errors)
            raise FlowError(f"flow '{name}' cannot be used:\n  {told}", findings=errors)

    @cached_property
    def languages(self) -> frozenset[str]:
        """Every language that a call of this flow can be in."""
        tags = {self.language}
        for step in self.steps.values():
            tags |= step.languages()
            tags |= {
                tag for prompt in step.prompts() for tags_ in prompt.translations for tag in tags_
            }
            if isinstance(step, AssignStep):
                literal = step.values.get(LANGUAGE_VARIABLE)
                tags |= {literal} if isinstance(literal, str) else set()
        return frozenset(tags)

    @cached_property
    def spoken_languages(self) -> frozenset[str]:
        """Every language that something of it is spoken in: each wants a voice."""
        tags = set(self.languages)
        for step in self.steps.values():
            own = getattr(step, "language", None)
            tags |= {own or self.language}
            tags |= {tag for prompt in step.prompts() for tag in prompt.languages}
        return frozenset(tags)

    @cached_property
    def declaration(self) -> str:
        """The flow as canonical JSON; functions stand as ``module:qualname``."""
        parts = {
            "name": self.name,
            "start": self.start,
            "language": self.language,
            "timezone": self.timezone,
            "given": self.given,
            "fallback": self.fallback,
            "phrases": self.phrases,
            "steps": self.steps,
        }
        return json.dumps(_canonical(parts), sort_keys=True)

    @cached_property
    def fingerprint(self) -> str:
        """The first 12 hex digits of the declaration's SHA-256.

        It names this version of the flow.
        """
        return hashlib.sha256(self.declaration.encode()).hexdigest()[:FINGERPRINT_DIGITS]

    def draw(self) -> str:
        """The flow as a Mermaid flowchart."""
        return draw(self)

    def __repr__(self) -> str:
        return f"<Flow {self.name} {self.fingerprint}, {len(self.steps)} steps>"


def _canonical(value: Any) -> Any:
    if isinstance(value, Template):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        parts = {one.name: _canonical(getattr(value, one.name)) for one in fields(value)}
        kind = getattr(value, "kind", type(value).__name__)
        return {
            "": kind,
            **{name: part for name, part in parts.items() if part not in (None, [], {})},
        }
    if isinstance(value, Mapping):
        return {str(key): _canonical(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return [_canonical(part) for part in value]
    if callable(value):
        return f"{getattr(value, 'func', value).__module__}:{name_of(value)}"
    return value
