"""What pages show runs: every block of Python, and the call that docs/flows.md tells."""

from __future__ import annotations

import ast
import builtins
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pages import DOCS, ROOT, Block, blocks, pages
from told_steps import example, run

import app.callflow
from app.callflow import Flow
from app.callr.provider import CallrProvider
from app.flowbook import load_flows
from app.stringee.provider import StringeeProvider
from app.stringee.signatures import Signatures

_ALL = [(page, block) for page in pages() for block in blocks(page.read_text())]
PYTHON = [
    (page, block) for page, block in _ALL if block.language == "python" and page.parent == DOCS
]
FLOWS = DOCS / "flows.md"
WORKED = "From nothing to a call"
PATIENCE_S = 60


def _worked(language: str) -> str:
    page = [block for where, block in _ALL if where == FLOWS and block.heading == WORKED]
    return next(one.text for one in page if one.language == language and "check" not in one.text)


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The worked example, as the module that it would be in app/flows."""
    module = ModuleType("app.flows.bakery")
    exec(_worked("python"), vars(module))  # noqa: S102 - our own page
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.syspath_prepend(ROOT / "tests" / "callflow")
    return module


@pytest.mark.usefixtures("worked")
@pytest.mark.parametrize(
    ("page", "block"), PYTHON, ids=[f"{page.name}:{block.line}" for page, block in PYTHON]
)
def test_a_block_of_python_runs(page: Path, block: Block) -> None:
    names = run(block.text)
    for name, one in names.items():
        if name.startswith("test_"):
            one()
    for flow in _flows(names):
        platform = _stringee() if flow.on == ("stringee",) else _callr()
        assert [str(one) for one in platform.check(flow)] == [], f"{page.name}:{block.line}"


@pytest.mark.parametrize(
    "text", [one.text for page, one in _ALL if one.language == "python" and page.parent != DOCS]
)
def test_a_fragment_outside_of_docs_is_python_with_names_that_there_are(text: str) -> None:
    """A README shows what a flow looks like, without its imports."""
    called = {
        node.func.id
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert called <= {*app.callflow.__all__, *vars(builtins)}


def test_there_is_much_to_run() -> None:
    assert len([page for page, _ in PYTHON if page == FLOWS]) > 15


@pytest.mark.parametrize(
    "block",
    [block for page, block in PYTHON if page == FLOWS and block.heading.startswith("`")],
    ids=lambda block: block.heading,
)
def test_the_example_of_a_step_is_right(block: Block) -> None:
    assert [str(one) for one in _callr().check(example(block.text))] == []


def test_the_worked_example_is_found_and_right(tmp_path: Path) -> None:
    (tmp_path / "bakery.py").write_text(_worked("python"))
    flow = load_flows(str(tmp_path))["bakery"]
    assert list(_callr().check(flow)) == []


def test_the_call_that_the_page_tells_is_what_happens(tmp_path: Path) -> None:
    (tmp_path / "bakery.py").write_text(_worked("python"))
    first, _, told = _worked("console").partition("\n")
    keys, at = first.split('"')[1::2]
    assert first == f'$ offhook phone bakery --keys "{keys}" --at "{at}"'
    played = subprocess.run(  # noqa: S603 - our own program, with what our own page says
        [sys.executable, "-m", "app", "phone", "bakery", "--keys", keys, "--at", at],
        cwd=tmp_path,
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT), "OFFHOOK_FLOWS": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert played.returncode == 0, played.stderr
    assert _without_times(played.stdout) == _without_times(told)


def _without_times(transcript: str) -> list[str]:
    """What happened, without the seconds, which depend on the machine."""
    return [line.split(maxsplit=1)[1] for line in transcript.strip().splitlines()]


def _callr() -> CallrProvider:
    return CallrProvider(login="callr", passwords=["a-password"])


def _stringee() -> StringeeProvider:
    here = "https://line.example.com"
    return StringeeProvider(signatures=Signatures((), here), public_url=here)


def _flows(names: dict[str, Any]) -> list[Flow]:
    return [one for one in names.values() if isinstance(one, Flow)]
