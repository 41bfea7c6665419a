"""Flows are found where they are, and everything that is wrong with them is told at once."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from shipped_flows import SHIPPED

from app.callflow.errors import FlowError
from app.flowbook import find_flows, flow_files, load_flows
from app.flowbook import forget_modules as forget

RIGHT = """
    from app.callflow import Flow, hang_up

    {name} = Flow("{name}", start="bye", steps={{"bye": hang_up()}})
"""


@pytest.fixture(autouse=True)
def forget_modules() -> Iterator[None]:
    """What a test loads is forgotten afterwards."""
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


def write(folder: Path, file: str, text: str) -> Path:
    path = folder / file
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


def refused(also: str) -> FlowError:
    with pytest.raises(FlowError) as caught:
        load_flows(also)
    assert str(caught.value).startswith("flows cannot be used:\n  ")
    assert caught.value.findings
    return caught.value


def test_the_shipped_flows_are_found_by_name() -> None:
    flows = load_flows()
    assert set(flows) == SHIPPED
    assert list(flows) == sorted(flows)


def test_the_flows_of_a_folder_are_found_too(tmp_path: Path) -> None:
    write(tmp_path, "one.py", RIGHT.format(name="one"))
    write(tmp_path, "two.py", RIGHT.format(name="two"))
    write(tmp_path, "notes.txt", "no flow")
    assert set(load_flows(str(tmp_path))) == {*SHIPPED, "one", "two"}


def test_a_file_and_a_module_and_several_places_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path, "one.py", RIGHT.format(name="one"))
    other = tmp_path / "importable"
    other.mkdir()
    write(other, "offhook_test_module.py", RIGHT.format(name="two"))
    monkeypatch.syspath_prepend(other)
    assert set(load_flows(f" {file} , offhook_test_module,")) == {*SHIPPED, "one", "two"}


def test_a_flow_that_is_imported_elsewhere_is_one_flow(tmp_path: Path) -> None:
    write(tmp_path, "again.py", "from app.flows.reception import reception\nother = reception\n")
    assert set(load_flows(str(tmp_path))) == SHIPPED


def test_functions_of_a_flow_keep_their_name_from_load_to_load(tmp_path: Path) -> None:
    text = """
        from app.callflow import Flow, hang_up

        def greet(call):
            return "Hello."

        one = Flow("one", start="bye", steps={"bye": hang_up(greet)})
    """
    write(tmp_path, "one.py", text)
    first, second = (load_flows(str(tmp_path))["one"] for _ in range(2))
    assert first.fingerprint == second.fingerprint
    assert "offhook_flows_one:greet" in first.declaration


def test_a_text_as_long_that_is_saved_within_the_second_is_read_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    told = []
    for name in ("one", "two"):
        file = write(tmp_path, "line.py", RIGHT.format(name=name))
        os.utime(file, (1_000_000_000, 1_000_000_000))
        forget(flow_files(str(tmp_path)))
        told.append(set(load_flows(str(tmp_path))) - SHIPPED)
    assert told == [{"one"}, {"two"}]
    assert list((tmp_path / "__pycache__").iterdir()), "it is a trap only where there is bytecode"


# What is wrong.


def test_two_flows_of_one_name_are_told_with_their_places(tmp_path: Path) -> None:
    write(tmp_path, "one.py", RIGHT.format(name="reception"))
    problem = refused(str(tmp_path))
    assert [(one.flow, one.field) for one in problem.findings] == [("reception", "name")]
    assert problem.findings[0].message == (
        f"app/flows/reception.py and {tmp_path}/one.py both define it."
    )
    assert problem.findings[0].mend == "Rename one of them."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import nothing_of_that_name", "line 1: ModuleNotFoundError: No module named"),
        ("x = 1\n\ny = x / 0\n", "line 3: ZeroDivisionError: division by zero"),
        ("def broken(:\n", "line 1: SyntaxError"),
        ("from app.callflow import lookup", "line 1: ImportError: cannot import name 'lookup'"),
    ],
)
def test_a_file_that_cannot_be_imported_is_told_with_its_line(
    tmp_path: Path, text: str, told: str
) -> None:
    write(tmp_path, "one.py", text)
    problem = refused(str(tmp_path))
    assert f"{tmp_path}/one.py cannot be imported: {told}" in str(problem)
    assert problem.findings[0].flow == ""
    assert problem.findings[0].mend == "Mend the file."


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("hang_up(promt='x')", "'promt'. hang_up() takes prompt, disposition, language, voice."),
        ("say()", "'prompt'. say() takes prompt, then, failure, language, voice."),
        ("Flow('x', begin='a')", "'begin'. Flow() takes name, start, steps, language, timezone, "),
        ("len()", "len() takes exactly one argument (0 given). Mend the file."),
    ],
)
def test_what_a_step_takes_is_told_where_it_was_called_otherwise(
    tmp_path: Path, call: str, told: str
) -> None:
    write(tmp_path, "one.py", f"from app.callflow import *\n{call}\n")
    assert told in str(refused(str(tmp_path)))


@pytest.mark.parametrize(
    "place", ["no/such/folder", "no_such_module", "app.no_such", "no_such.module", "./x.py", ".x"]
)
def test_a_place_that_there_is_not_is_told_with_what_can_be_written(place: str) -> None:
    mend = "Write folders, .py files or importable modules, separated by commas."
    assert str(refused(place)).splitlines()[1:] == [
        f"  OFFHOOK_FLOWS: there is no file, folder or module '{place}'. {mend}"
    ]


def test_a_module_whose_package_breaks_is_not_called_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    for name, text, told in (
        ("lacks", "import no_such_library", "No module named 'no_such_library'"),
        ("leaves", "raise SystemExit(3)", "SystemExit: 3"),
        ("refuses", "raise ImportError('it needs libfoo')", "ImportError: it needs libfoo"),
        ("turns", "from offhook_turns import nothing", "cannot import name 'nothing'"),
        ("begins", "import offhook_b", "No module named 'offhook_b'"),
    ):
        (tmp_path / f"offhook_{name}").mkdir()
        write(tmp_path / f"offhook_{name}", "__init__.py", text)
        assert told in str(refused(f"offhook_{name}.flows"))


def test_a_place_without_a_flow_is_warned_of_and_stops_nothing(tmp_path: Path) -> None:
    file = write(tmp_path, "words.py", 'HELLO = "Hello."')
    for place in (file, tmp_path):
        flows, findings = find_flows(str(place))
        assert set(flows) == SHIPPED
        (finding,) = findings
        assert str(finding) == (
            f"OFFHOOK_FLOWS: no Flow stands in {place}. "
            "A flow is a variable of the module: orders = Flow('orders', ...)."
        )
        assert load_flows(str(place)) == flows
    write(tmp_path, "one.py", RIGHT.format(name="one"))
    assert find_flows(str(tmp_path))[1] == [], "beside a flow, a file may hold what it needs"


def test_every_finding_of_every_flow_is_told_at_once(tmp_path: Path) -> None:
    broken = """
        from app.callflow import Flow, say

        one = Flow("one", start="first", steps={"frist": say("{x}", then="nowhere")})
    """
    write(tmp_path, "a.py", broken)
    write(tmp_path, "b.py", broken.replace('"one"', '"two"'))
    write(tmp_path, "c.py", RIGHT.format(name="reminder"))
    write(tmp_path, "d.py", "1 / 0")
    problem = refused(str(tmp_path))
    assert [one.flow for one in problem.findings] == ["one", "one", "two", "two", "reminder", ""]


def test_an_error_of_ours_at_import_names_its_file(tmp_path: Path) -> None:
    text = "from app.callflow import FlowError\nraise FlowError('no list today.', mend='Write it.')"
    write(tmp_path, "one.py", text)
    assert f"\n  {tmp_path}/one.py: no list today. Write it." in str(refused(str(tmp_path)))


def test_a_file_that_leaves_python_is_told(tmp_path: Path) -> None:
    write(tmp_path, "one.py", "raise SystemExit(3)")
    assert "SystemExit: 3" in str(refused(str(tmp_path)))
