"""Draws a flow as a Mermaid flowchart, from the same steps and exits that the engine follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.callflow.kinds.base import Step
from app.callflow.prompts import printable

if TYPE_CHECKING:
    from app.callflow.flow import Flow

_LONGEST = 60
_SHAPES = {"hang_up": ("([", "])"), "dial": ("[[", "]]"), "": ("[", "]"), "silent": ("{{", "}}")}
_ENTITIES = {ord(special): f"#{ord(special)};" for special in "\"#&'<>`|\\"}
"""Mermaid's own entities: # and the character's number."""


def draw(flow: Flow) -> str:
    """The flow as Mermaid text. Node ids are made here, so that no name can break the drawing."""
    ids = {name: f"s{number}" for number, name in enumerate(flow.steps)}
    lines = ["flowchart TD", f'    call(("call")) --> {ids[flow.start]}']
    if flow.fallback:
        lines.append(f'    error(("error")) -.-> {ids[flow.fallback]}')
    for name, step in flow.steps.items():
        shape = "silent" if step.silent else step.kind if step.kind in _SHAPES else ""
        left, right = _SHAPES[shape]
        lines.append(f'    {ids[name]}{left}"{_label(name, step)}"{right}')
    for name, step in flow.steps.items():
        for label, exit_ in step.exits.items():
            assigned = [f"{variable}={value}" for variable, value in exit_.assigned]
            if exit_.language:
                assigned.append(f"language={exit_.language}")
            told = " ".join([label, *assigned])
            lines.append(f'    {ids[name]} -->|"{_quoted(told)}"| {ids[exit_.step]}')
    return "\n".join(lines) + "\n"


def _label(name: str, step: Step) -> str:
    texts = [str(text) for _, text in step.texts() if str(text)]
    said = f"<br/>{_quoted(texts[0])}" if texts else ""
    return f"<b>{_quoted(name)}</b> · {step.kind}{said}"


def _quoted(text: str) -> str:
    """Text that cannot end a Mermaid label or be read as markup: special characters as entities."""
    line = " ".join(printable(text).split())
    short = line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
    return short.translate(_ENTITIES)
