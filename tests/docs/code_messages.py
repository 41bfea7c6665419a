"""The messages that stand in the code, with ``…`` where a value stands: what docs must explain."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from pages import ROOT

FILLED = "…"
_MESSAGE_NAMES = {"msg", "message"}
_LEAST_LETTERS = 8
"""A template with fewer letters of its own passes on another message, and says nothing itself."""


def incidents_in(module: Path) -> set[str]:
    """What a module notes as incidents: ``incident(text)`` and ``incidents.append(text)``."""
    return _worth(
        text
        for call in _calls(module)
        if _name(call.func) == "incident"
        or (
            isinstance(call.func, ast.Attribute)
            and call.func.attr == "append"
            and _name(call.func.value) == "incidents"
        )
        for text in _templates(call.args[0])
    )


def errors_in(module: Path, *kinds: str) -> set[str]:
    """The messages of the errors of these classes that a module makes."""
    found: list[str] = []
    tree = ast.parse((ROOT / module).read_text())
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        assigned = dict(_assigned(function))
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and _name(call.func) in kinds and call.args:
                first = call.args[0]
                named = assigned.get(first.id, []) if isinstance(first, ast.Name) else []
                found += [*_templates(first), *(t for one in named for t in _templates(one))]
    return _worth(found)


def findings_in(module: Path) -> set[str]:
    """The messages of the findings that a module can give."""
    found: list[str] = []
    tree = ast.parse((ROOT / module).read_text())
    for node in ast.walk(tree):
        match node:
            case ast.Call() if _name(node.func) == "Finding" and len(node.args) > 3:
                found += _templates(node.args[3])
            case ast.Call() if _name(node.func) == "wrong" and len(node.args) > 1:
                found += _templates(node.args[1])
            case ast.Yield(value=ast.Tuple(elts=[_, told, *_])):
                found += _templates(told)
            case ast.Assign(targets=[ast.Name(id=name)], value=told) if name in _MESSAGE_NAMES:
                found += _templates(told)
            case ast.Call(func=ast.Attribute(attr="append", value=ast.Name(id="problems"))):
                found += _templates(node.args[0])
            case ast.Return(value=ast.Tuple(elts=[_, ast.List(elts=[told])])):
                found += _templates(told)
            case ast.Assign(targets=[ast.Name(id="problems")], value=ast.ListComp(elt=told)):
                found += _templates(told)
            case _:
                pass
    return _worth(found)


def pattern_of(template: str) -> re.Pattern[str]:
    """What a message made from a template looks like."""
    return re.compile(".*".join(map(re.escape, template.split(FILLED))), re.DOTALL)


def _calls(module: Path) -> Iterator[ast.Call]:
    tree = ast.parse((ROOT / module).read_text())
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args)


def _assigned(function: ast.FunctionDef) -> Iterator[tuple[str, list[ast.expr]]]:
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
    yield from found.items()


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _templates(node: ast.expr) -> Iterator[str]:
    """The text of a literal, of an f-string, or of both sides of a condition."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(p.value) if isinstance(p, ast.Constant) else FILLED for p in parts)
        case ast.IfExp(body=one, orelse=other):
            yield from _templates(one)
            yield from _templates(other)
        case _:
            return


def _worth(templates: Iterator[str] | list[str]) -> set[str]:
    plain = (" ".join(template.split()) for template in templates)
    return {text for text in plain if sum(map(str.isalpha, text)) >= _LEAST_LETTERS}
