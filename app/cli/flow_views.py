"""How the command line shows call flows: rows, lines, JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from app.callflow.flow import Flow
from app.callflow.kinds.base import Step, To
from app.callflow.prompts import Template

_TELLING = ("name", "on", "times", "seconds", "into", "disposition")


def flow_row(flow: Flow) -> tuple[str, ...]:
    """A flow as a row of a table."""
    return (
        flow.name,
        str(len(flow.steps)),
        ", ".join(sorted(flow.languages)),
        ", ".join(flow.on) or "all",
        ", ".join(flow.given) or "-",
        flow.fingerprint,
    )


def flow_json(flow: Flow) -> dict[str, Any]:
    """A flow as JSON: its steps with their texts and exits."""
    return {
        "name": flow.name,
        "version": flow.fingerprint,
        "start": flow.start,
        "fallback": flow.fallback,
        "languages": sorted(flow.languages),
        "timezone": flow.timezone,
        "on": list(flow.on),
        "given": dict(flow.given),
        "steps": [_step_json(name, step) for name, step in flow.steps.items()],
    }


def flow_lines(flow: Flow, platforms: Sequence[str]) -> Iterator[tuple[str, str]]:
    """A flow for people to read: lines and their styles.

    Args:
        flow: the flow.
        platforms: the names of all that there are.
    """
    yield f"{flow.name}: {'; '.join(_about(flow, platforms))}", "bold"
    width = max(len(name) for name in flow.steps)
    for name, step in flow.steps.items():
        texts = _texts(step)
        prompt = texts.pop("prompt", [])
        yield f"  {name:<{width}}  {' '.join([step.kind, *_details(step), *prompt])}", ""
        indent = " " * (width + 6)
        for argument, written in texts.items():
            yield f"{indent}{argument}: {', '.join(written)}", ""
        for label, exit_ in step.exits.items():
            yield f"{indent}{label} -> {_exit(exit_)}", "dim"


def _about(flow: Flow, platforms: Sequence[str]) -> Iterator[str]:
    yield f"starts at {flow.start}"
    if flow.fallback:
        yield f"falls back to {flow.fallback}"
    yield f"speaks {', '.join(sorted(flow.languages))}"
    if flow.timezone:
        yield f"hours of {flow.timezone}"
    yield f"served on {', '.join(flow.on or platforms)}"
    if flow.given:
        yield "given " + ", ".join(
            f"{name} = {_quoted(value)}" for name, value in flow.given.items()
        )
    yield f"version {flow.fingerprint}"


def _details(step: Step) -> Iterator[str]:
    """What else of a step says where a call goes: a branch's variable, an at_most's number, ..."""
    for argument in _TELLING:
        value = getattr(step, argument, None)
        if callable(value):
            yield f"{argument}={getattr(value, '__name__', 'a function')}"
        elif value not in {None, ""}:
            yield f"{argument}={value}"


def _texts(step: Step) -> dict[str, list[str]]:
    """What a step says and whom it names, by argument: prompts in quotes, templates as written."""
    told: dict[str, list[str]] = {}
    for argument, text in step.texts():
        if written := str(text):
            shown = written if isinstance(text, Template) else _quoted(written)
            told.setdefault(argument, []).append(shown)
    return told


def _exit(exit_: To) -> str:
    assigned = [f"{name} = {_quoted(value)}" for name, value in exit_.assigned]
    if exit_.language:
        assigned.append(f"language = {exit_.language}")
    return f"{exit_.step} ({', '.join(assigned)})" if assigned else exit_.step


def _step_json(name: str, step: Step) -> dict[str, Any]:
    texts: dict[str, list[str]] = {}
    for argument, text in step.texts():
        texts.setdefault(argument, []).append(str(text))
    return {
        "name": name,
        "kind": step.kind,
        "texts": texts,
        "exits": {
            label: {
                "step": exit_.step,
                "assigned": dict(exit_.assigned),
                "language": exit_.language,
            }
            for label, exit_ in step.exits.items()
        },
    }


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
