"""The shipped flows, phrases and outcomes, for docs/flows.md."""

from __future__ import annotations

import inspect
import sys

from shipped_flows import SHIPPED
from tables import code, fenced, table

from app.callflow import Flow
from app.callflow.phrases import PHRASES
from app.callr.wire import SHIPPED_VOICES
from app.flowbook import load_flows
from app.telling.dialogue import OUTCOMES


def shipped() -> dict[str, Flow]:
    """The flows of ``app/flows``, without those of whoever runs this."""
    return {name: flow for name, flow in load_flows().items() if name in SHIPPED}


def drawings(_: str) -> str:
    """Each shipped flow: what its file says of it, and its drawing."""
    return "\n\n".join(
        f"### {name}\n\n{_about(flow)}\n\n{fenced('mermaid', flow.draw())}"
        for name, flow in shipped().items()
    )


def phrases(_: str) -> str:
    """What Offhook says of its own accord."""
    tags = list(next(iter(PHRASES.values())))
    rows = [(code(name), *texts.values()) for name, texts in PHRASES.items()]
    return table(("phrase", *tags), rows)


def voices(_: str) -> str:
    """The voices that are shipped."""
    rows = [(code(tag), code(voice)) for tag, voice in SHIPPED_VOICES.items()]
    return table(("language", "CALLR's voice"), rows)


def outcomes(_: str) -> str:
    """How a call can end."""
    rows = [(code(outcome), meaning) for outcome, meaning in OUTCOMES.items()]
    return table(("outcome", "what happened"), rows)


def _about(flow: Flow) -> str:
    files = [module for name, module in sys.modules.items() if name.startswith("app.flows.")]
    text = next(inspect.getdoc(one) or "" for one in files if flow in vars(one).values())
    return " ".join(text.split("\n\n")[0].split())
