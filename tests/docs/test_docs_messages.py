"""What Offhook says is explained: every incident and every finding has its line in the docs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from code_messages import errors_in, findings_in, incidents_in, pattern_of
from pages import DOCS, ROOT, prose
from wrong_flows import ARGUMENTS, ON_STRINGEE, PLATFORM, STRUCTURE, Mistake, findings_of_files

APP = ROOT / "app"
APART = {"simulator", "cli", "migrations"}
"""What has no incidents: the other side of the wire, the shell, and Alembic's files."""

ON_A_CALL = (
    "callflow/engine.py", "callflow/moving.py", "callflow/scene.py", "callflow/call.py",
    "callflow/kinds/base.py", "callflow/kinds/doing.py", "callflow/kinds/asking.py",
    "callflow/kinds/silent.py",
    "switchboard.py", "sealing.py",
)  # fmt: skip
"""Modules whose errors take a live call to its fallback, and so are told as its incidents."""

CHECKS = (
    "callflow/checks.py", "callflow/arguments.py", "callflow/prompts.py", "callflow/week.py",
    "callflow/voices.py", "callr/check.py", "stringee/check.py",
)  # fmt: skip

MODULES = [one for one in sorted(APP.glob("**/*.py")) if not APART & set(one.parts)]


def test_every_incident_is_explained() -> None:
    explained = (DOCS / "errors.md").read_text()
    templates = {text for module in MODULES for text in incidents_in(module)}
    templates |= {
        text
        for one in ON_A_CALL
        for text in errors_in(APP / one, "FlowError", "PlatformError", "wrong")
    }
    assert len(templates) > 20
    missing = sorted(text for text in templates if f"`{text}`" not in explained)
    assert missing == [], "Write into docs/errors.md what they mean, and what to do."


@pytest.mark.parametrize("module", CHECKS)
def test_every_finding_of_the_checks_is_shown(module: str) -> None:
    said = [
        one.message
        for mistake in (*STRUCTURE, *ARGUMENTS, *PLATFORM, *ON_STRINGEE)
        for one in mistake.findings()
    ]
    said += [one.message for _, one in findings_of_files()]
    templates = findings_in(APP / module) if (APP / module).exists() else set()
    missing = sorted(text for text in templates if not any(map(pattern_of(text).fullmatch, said)))
    assert missing == [], "Add a mistake to tests/docs/wrong_flows.py that is told so."


@pytest.mark.parametrize(
    "mistake", [*STRUCTURE, *ARGUMENTS, *PLATFORM, *ON_STRINGEE], ids=lambda one: one.written
)
def test_a_mistake_is_found(mistake: Mistake) -> None:
    assert mistake.findings()


def test_the_findings_that_flows_md_explains_are_said() -> None:
    page = prose((DOCS / "flows.md").read_text())
    explained = re.search(r"\| the check says \|.*?\n\n", page, re.DOTALL)
    assert explained
    rows = [line.split("|")[1].strip() for line in explained[0].splitlines()[2:] if line]
    said = [one.message for mistake in (*STRUCTURE, *ARGUMENTS) for one in mistake.findings()]
    assert len(rows) > 3
    assert [row for row in rows if not any(row in message for message in said)] == []


def test_messages_are_found_in_code(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "def f(self, name):\n"
        "    self.incident(f'step {name} is wrong.')\n"
        "    msg = f'flow {name} is gone.'\n"
        "    raise FlowError(msg)\n"
    )
    assert incidents_in(module) == {"step … is wrong."}
    assert errors_in(module, "FlowError") == {"flow … is gone."}
