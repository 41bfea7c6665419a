"""Finds the flows: every module-level Flow in ``app/flows`` and in what OFFHOOK_FLOWS names."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from inspect import signature
from pathlib import Path
from types import ModuleType

import app.callflow
from app.callflow.errors import Finding, FlowError, Level
from app.callflow.flow import Flow

_OWN = "app.flows"
_SETTING = "OFFHOOK_FLOWS"
_PLACE_MEND = "Write folders, .py files or importable modules, separated by commas."
_CALLED_WRONG = re.compile(r"([\w.]+)\(\) (?:got|missing|takes) ")
_FLOW_MEND = "A flow is a variable of the module: orders = Flow('orders', ...)."


class WithOwn(Mapping[str, Flow]):
    """Flows, and those of Offhook's own: they are found by their names, and in no list.

    Args:
        flows: those that are listed; they may change.
        own: by name.
    """

    def __init__(self, flows: Mapping[str, Flow], own: Mapping[str, Flow]) -> None:
        self._flows = flows
        self._own = own

    def __getitem__(self, name: str) -> Flow:
        return self._own[name] if name in self._own else self._flows[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._flows)

    def __len__(self) -> int:
        return len(self._flows)


def names_taken(flows: Mapping[str, Flow], own: Mapping[str, Flow]) -> list[Finding]:
    """That flows of an operator's have names of our own."""
    mend = "Rename yours."
    return [
        Finding(name, "", "name", "Offhook has a flow of this name.", mend)
        for name in own
        if name in list(flows)
    ]


def load_flows(also: str = "") -> dict[str, Flow]:
    """Every flow, by name.

    Args:
        also: as for ``find_flows``.

    Raises:
        FlowError: with every error that ``find_flows`` finds.
    """
    flows, findings = find_flows(also)
    if errors := errors_of(findings):
        raise refused(errors)
    return flows


def find_flows(also: str = "") -> tuple[dict[str, Flow], list[Finding]]:
    """Every flow that can be defined, by name, and what is wrong with the rest.

    Args:
        also: importable modules or folders of ``.py`` files, separated by commas.

    Returns:
        the flows, and the findings: modules that cannot be imported, flows that the check refused,
            two flows of one name, and, as a warning, a place without any flow.
    """
    found: dict[str, tuple[Flow, str]] = {}
    findings: list[Finding] = []
    for place in (_OWN, *_places(also)):
        told = list(_told_in(place))
        if not told and place != _OWN:
            message = f"no Flow stands in {place}."
            findings.append(Finding("", "", _SETTING, message, _FLOW_MEND, Level.WARNING))
        for file, one in told:
            if isinstance(one, Finding):
                findings.append(one)
            elif one.name in found and found[one.name][0] is not one:
                message = f"{found[one.name][1]} and {file} both define it."
                findings.append(Finding(one.name, "", "name", message, "Rename one of them."))
            else:
                found[one.name] = (one, file)
    return {name: flow for name, (flow, _) in sorted(found.items())}, findings


def errors_of(findings: Sequence[Finding]) -> list[Finding]:
    """Those for which a flow cannot be used."""
    return [finding for finding in findings if finding.level is Level.ERROR]


def flow_files(also: str = "") -> list[Path]:
    """Every file that the flows stand in, and those beside them that they may import.

    Args:
        also: as for ``find_flows``.
    """
    places = [Path(path) for path in importlib.import_module(_OWN).__path__]
    for place in _places(also):
        if Path(place).exists():
            places.append(Path(place))
        elif (spec := importlib.util.find_spec(place)) is not None:
            places += map(Path, spec.submodule_search_locations or [spec.origin or ""])
    files = {file for place in places for file in ([place] if place.is_file() else _within(place))}
    return sorted(file.resolve() for file in files)


def forget_modules(files: Sequence[Path]) -> None:
    """Have what stands in these files imported anew, the next time that it is imported.

    What was imported before works on: functions keep the names of the module that they stood in.
    Bytecode goes too: Python takes it for that of a text which is as long, of the same second.
    """
    gone = set(files)
    for source in gone:
        with suppress(OSError):  # then it is written anew with the text
            Path(importlib.util.cache_from_source(str(source))).unlink(missing_ok=True)
    for name, module in tuple(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and Path(file).resolve() in gone:
            del sys.modules[name]
    importlib.invalidate_caches()


def refused(findings: Sequence[Finding], missing: str = "") -> FlowError:
    """The error that tells all of these findings; among them may be why a flow is missing."""
    told = "\n  ".join(str(finding) for finding in findings)
    what = "flows cannot be used"
    if missing:
        what = f"there is no flow '{missing}', unless it stands in what cannot be used"
    return FlowError(f"{what}:\n  {told}", findings=findings)


class _Loader:
    """One module to load: by its dotted name, or from a file."""

    def __init__(self, name: str, file: Path | None = None) -> None:
        self.name = name
        self.file = file

    def __call__(self) -> ModuleType:
        if self.file is None:
            return importlib.import_module(self.name)
        spec = importlib.util.spec_from_file_location(self.name, self.file)
        if spec is None or spec.loader is None:
            msg = f"{self.file} is no Python file."
            raise FlowError(msg, mend="Name a folder of .py files.")
        module = importlib.util.module_from_spec(spec)
        sys.modules[self.name] = module
        spec.loader.exec_module(module)
        return module


def _told_in(place: str) -> Iterator[tuple[str, Flow | Finding]]:
    """Every flow of one place, and what cannot be loaded there, each with the file it stands in."""
    if not _is_there(place):
        message = f"there is no file, folder or module '{place}'."
        yield place, Finding("", "", _SETTING, message, _PLACE_MEND)
        return
    for file, load in _modules(place):
        try:
            module = load()
        except FlowError as problem:
            said = Finding("", "", "", f"{file}: {problem.message}", problem.mend)
            for finding in problem.findings or (said,):
                yield file, finding
        except (Exception, SystemExit) as problem:  # noqa: BLE001 - whatever a module raises is told
            yield file, _broken(file, problem)
        else:
            for flow in _flows_in(module):
                yield file, flow


def _is_there(place: str) -> bool:
    """Whether there is a file, a folder or a module, be it one that cannot be imported."""
    if Path(place).exists():
        return True
    try:
        return importlib.util.find_spec(place) is not None
    except ModuleNotFoundError as problem:  # it is not there, or what a package above it imports
        return not f"{place}.".startswith(f"{problem.name}.")
    except ImportError:  # dots at its begin; or a package above it breaks
        return not place.startswith(".")
    except (Exception, SystemExit):  # noqa: BLE001 - of a package above it, told when it is loaded
        return True


def _modules(place: str) -> Iterator[tuple[str, _Loader]]:
    """What to load: (how it is told, how it is loaded)."""
    path = Path(place)
    if place == _OWN:
        yield from _of_package(_OWN)
    elif path.is_dir():
        for file in sorted(path.glob("*.py")):
            yield str(file), _Loader(f"offhook_flows_{file.stem}", file)
    elif path.is_file():
        yield place, _Loader(f"offhook_flows_{path.stem}", path)
    else:
        yield place, _Loader(place)


def _places(also: str) -> list[str]:
    return [part.strip() for part in also.split(",") if part.strip()]


def _within(folder: Path) -> Iterator[Path]:
    return folder.rglob("*.py")


def _of_package(name: str) -> Iterator[tuple[str, _Loader]]:
    package = importlib.import_module(name)
    for found in pkgutil.iter_modules(package.__path__):
        module = f"{name}.{found.name}"
        yield module.replace(".", "/") + ".py", _Loader(module)


def _flows_in(module: ModuleType) -> list[Flow]:
    names: Mapping[str, object] = vars(module)
    return [value for value in names.values() if isinstance(value, Flow)]


def _broken(place: str, problem: BaseException) -> Finding:
    frames = traceback.extract_tb(problem.__traceback__)
    line = next((f.lineno for f in reversed(frames) if f.filename.endswith(place)), None)
    if isinstance(problem, SyntaxError):
        line = problem.lineno
    where = f"line {line}: " if line else ""
    message = f"{place} cannot be imported: {where}{type(problem).__name__}: {problem}"
    message = message if message.endswith(".") else f"{message}."
    return Finding("", "", "", message, _takes(problem) or "Mend the file.")


def _takes(problem: BaseException) -> str:
    """What a step, or Flow, takes that was called with something else; "" for other mistakes."""
    called = _CALLED_WRONG.match(str(problem)) if isinstance(problem, TypeError) else None
    name = called[1].removesuffix(".__init__") if called else ""
    function = getattr(app.callflow, name, None) if name in app.callflow.__all__ else None
    if function is None:
        return ""
    return f"{name}() takes {', '.join(signature(function).parameters)}."
