"""Copies of the tree, changed, and the scenarios played against them, each in its own process.

Imports nothing of the application: that is the copy's, in the process that plays it.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from wire_mutants import Mutant

ROOT = Path(__file__).parents[2]
SCENARIOS = {"callr": ("age_gate", "reception", "clinic", "reminder"), "stringee": ("stringee",)}
"""What is played against a copy, by the platform whose adapter is changed."""

SERVERS = {
    "threaded_server": "threaded_server",
    "scenario_server": "threaded_server",
    "stringee_server": "threaded_stringee_server",
}
"""What stands in a copy under which name."""

PATIENCE = ("PATIENCE_S = 30.0", "PATIENCE_S = 8.0")
"""Nobody waits long in a copy for what does not come."""
OPTIONS = ("-x", "-q", "-n0", "--assert=plain", "-knot goes_otherwise")
"""Not those of a hostile platform: with two copies on two processors, a late verdict of the journal
would count as noticed."""
LEFT_OUT = ("no:cacheprovider", "no:hypothesispytest")
"""Plugins that cost more than they tell: hypothesis alone takes a second to load."""

COPIED = (
    "pyproject.toml",
    "tests/serving.py",
    "tests/stringee_serving.py",
    "tests/conftest.py",
    "tests/shipped_flows.py",
)


@dataclass
class Played:
    """What became of a copy. It is a plugin of pytest's too, which hears of each report.

    Attributes:
        code: pytest's exit code.
        failed: the scenarios that failed, or whose flows the copy refuses; the first ends it.
        said: what pytest wrote.
    """

    code: int = -1
    failed: list[str] = field(default_factory=list)
    said: str = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        refused = report.when == "setup" and "flows cannot be used" in report.longreprtext
        if report.failed and (report.when == "call" or refused):
            self.failed.append(report.nodeid)


def play_changed(folder: Path, mutant: Mutant | None, platform: str = "callr") -> Played:
    """Copy the tree into a folder, change the copy, and play its scenarios until one fails.

    Changes this process's directory and import path, so that it is of no more use.
    """
    root = copy_tree(folder)
    if mutant is not None:
        mutant.apply(root)
    os.chdir(root)
    sys.path[:] = [
        str(root),
        *(path for path in sys.path if not path.startswith(str(ROOT / "tests"))),
    ]
    tests = [f"tests/scenarios/test_{name}.py" for name in SCENARIOS[platform]]
    played, said = Played(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        options = [
            *OPTIONS,
            *(f"-p{plugin}" for plugin in LEFT_OUT),
            f"--basetemp={folder / 'tmp'}",
        ]
        played.code = int(pytest.main([*options, *tests], plugins=[played]))
    played.said = said.getvalue()
    return played


def copy_tree(folder: Path) -> Path:
    """A copy of the application and of its scenarios, without flows of the tests' own.

    Those name CALLR's commands and keys themselves, and a server whose wire knows them by other
    names would not even start. What is compiled is copied along, so that nothing is compiled twice.
    """
    root = folder / "copy"
    scenarios = root / "tests" / "scenarios"
    shutil.copytree(ROOT / "app", root / "app")
    shutil.copytree(ROOT / "tests" / "scenarios", scenarios, ignore=shutil.ignore_patterns("flows"))
    for path in COPIED:
        shutil.copy2(ROOT / path, root / path)
    for name, instead in SERVERS.items():
        shutil.copy2(ROOT / "tests" / "mutants" / f"{instead}.py", scenarios / f"{name}.py")
    serving = root / "tests" / "serving.py"
    serving.write_text(serving.read_text().replace(*PATIENCE))
    return root
