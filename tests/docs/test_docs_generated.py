"""The generated parts of the pages are what the code gives."""

from __future__ import annotations

import difflib
import inspect
import re
from collections import Counter
from pathlib import Path

import pytest
from generate import MAKERS
from pages import DOCS, MEND, ROOT, blocks, filled, pages, parts_of
from told_flows import shipped
from told_settings import needed
from told_steps import STEPS

from app.callflow import Flow, FlowError, hang_up, steps
from app.callr.provider import CallrProvider

_RANGE = re.compile(r"^ *(?:(\w+): )?.*?CALLR takes ([\d.]+) to ([\d.]+)", re.MULTILINE)

WITH = {
    ("menu", "timeout_s"): 'menu("1?", {"1": "bye"}, timeout_s=VALUE, failure="bye")',
    ("collect", "timeout_s"): 'collect("?", "x", timeout_s=VALUE, then="bye", failure="bye")',
    ("collect", "max_digits"): 'collect("?", "x", max_digits=VALUE, then="bye", failure="bye")',
    ("record", "max_s"): 'record(into="x", max_s=VALUE, then="bye")',
    ("record", "silence_s"): 'record(into="x", silence_s=VALUE, then="bye")',
    ("dial", "ring_s"): 'dial("+33123456789", ring_s=VALUE, no_answer="bye")',
    ("conference", "pin_tries"): 'conference("a", pin_tries=VALUE, then="bye")',
    ("conference", "pin_wait_s"): 'conference("a", pin_wait_s=VALUE, then="bye")',
    ("send_digits", "tone_ms"): 'send_digits("1", tone_ms=VALUE, then="bye")',
    ("send_digits", "gap_ms"): 'send_digits("1", gap_ms=VALUE, then="bye")',
    ("wait", "seconds"): 'wait(VALUE, then="bye")',
}
"""A step with a value for each argument whose docstring tells what CALLR takes."""


def _named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", pages(), ids=_named)
def test_a_page_has_what_the_code_gives(page: Path) -> None:
    before = page.read_text()
    after = filled(before, MAKERS)
    changes = difflib.unified_diff(before.splitlines(), after.splitlines(), "written", "code", "")
    told = "\n".join(list(changes)[:40])
    assert before == after, f"{_named(page)} is not what the code gives. {MEND}\n{told}"


def test_each_part_that_can_be_made_stands_on_a_page() -> None:
    found = Counter(part for page in pages() for part in parts_of(page.read_text()))
    assert sorted(set(MAKERS) - set(found)) == [], "Put their markers onto a page."


def test_each_step_of_the_vocabulary_is_documented() -> None:
    public = {
        name
        for name, one in inspect.getmembers(steps, inspect.isfunction)
        if one.__module__ == steps.__name__ and not name.startswith("_")
    }
    assert set(STEPS) == public, "Name it in told_steps.STEPS, and describe it in docs/flows.md."


def test_the_drawings_of_the_shipped_flows_are_their_own() -> None:
    page = (DOCS / "flows.md").read_text()
    drawn = {one.heading: one.text for one in blocks(page) if one.language == "mermaid"}
    for name, flow in shipped().items():
        assert drawn[name] == flow.draw(), MEND


def _documented_ranges() -> dict[tuple[str, str], tuple[float, float]]:
    found = {}
    for name in STEPS:
        for argument, low, high in _RANGE.findall(inspect.getdoc(getattr(steps, name)) or ""):
            found[name, argument or "seconds"] = (float(low), float(high))
    return found


def test_each_range_that_a_docstring_tells_is_tried() -> None:
    assert set(_documented_ranges()) == set(WITH)


@pytest.mark.parametrize("where", WITH, ids="-".join)
def test_the_range_that_a_docstring_tells_is_the_one_that_is_checked(
    where: tuple[str, str],
) -> None:
    low, high = _documented_ranges()[where]
    step = 0.05 if low % 1 else 1
    assert not _findings(where, low)
    assert not _findings(where, high)
    assert _findings(where, high + step)
    if low > 0:
        assert _findings(where, low - step)


def _findings(where: tuple[str, str], value: float) -> list[str]:
    whole = int(value) if value == int(value) else value
    source = WITH[where].replace("VALUE", str(whole))
    made = eval(source, vars(steps).copy())  # noqa: S307 - the sources stand above
    try:
        flow = Flow("line", start="first", steps={"first": made, "bye": hang_up()})
    except FlowError as problem:
        return [str(one) for one in problem.findings]
    return [str(one) for one in CallrProvider(login="x", passwords=["x"]).check(flow)]


def test_a_server_says_the_settings_that_the_page_calls_needed() -> None:
    assert needed("development") < needed("production")
