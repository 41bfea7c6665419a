"""The house: who may import whom, and that importing does nothing."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "app").rglob("*.py"))
MIGRATIONS = ROOT / "app" / "journal" / "migrations"


def run(code: str, *options: str) -> str:
    """What a fresh interpreter prints that sees this folder and no settings."""
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, *options, "-c", code],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_domain_is_imported_where_no_library_is_installed() -> None:
    code = (
        "import json, sys\n"
        "before = set(sys.modules)\n"
        "import app.callflow\n"
        "print(json.dumps(sorted({n.partition('.')[0] for n in set(sys.modules) - before})))"
    )
    loaded = set(json.loads(run(code, "-S")))
    ours = {name for name in loaded - set(sys.stdlib_module_names) if not name.startswith("_sys")}
    assert ours == {"app"}


def test_the_domain_loads_nothing_of_the_house_but_itself() -> None:
    code = (
        "import json, sys\n"
        "import app.callflow\n"
        "print(json.dumps([n for n in sys.modules if n.startswith('app')]))"
    )
    loaded = json.loads(run(code, "-S"))
    assert [name for name in loaded if name != "app" and not name.startswith("app.callflow")] == []


def test_the_layers_hold() -> None:
    done = subprocess.run(  # noqa: S603 - the tool of this environment
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


IMPORT_ALL = """
import importlib, json, sys, threading
from pathlib import Path

done = []

def note(event, args):
    if event.split(".")[0] in {"socket", "subprocess", "sqlite3", "shutil", "tempfile"}:
        done.append(event)
    elif event in {"os.mkdir", "os.remove", "os.rename", "os.system", "os.fork", "os.putenv"}:
        done.append(event)
    elif event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        done.append(f"open {args[0]} {args[1]}")

names = json.loads(sys.argv[1])
for library in ("alembic", "callr", "cryptography", "flask", "gunicorn", "marshmallow",
                "phonenumbers", "psycopg", "requests", "rich", "sqlalchemy"):
    importlib.import_module(library)
import sqlalchemy.dialects.sqlite.pysqlite, sqlalchemy.dialects.postgresql.psycopg
threads = threading.active_count()
sys.addaudithook(note)
for name in names:
    importlib.import_module(name)
print(json.dumps({"done": done, "threads": threading.active_count() - threads}))
"""


def test_importing_any_module_opens_nothing_and_starts_nothing() -> None:
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in MODULES
        if path.name != "__main__.py" and MIGRATIONS not in path.parents
    ]
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", IMPORT_ALL, json.dumps(names)],
        cwd=ROOT,
        env={"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"done": [], "threads": 0}


def statements(path: Path) -> Iterator[ast.AST]:
    yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_keeps_no_state_of_its_own(path: Path) -> None:
    """No ``global``, and nothing at the top that fills as the program runs."""
    assert [node for node in statements(path) if isinstance(node, ast.Global)] == []
    if path.parent == ROOT / "app" / "flows":
        return
    empty = (ast.Dict, ast.List, ast.Set)
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        value = getattr(node, "value", None)
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(value, empty):
            assert list(ast.iter_child_nodes(value)), f"line {node.lineno}: an empty container"


def declares(node: ast.AST) -> bool:
    """Whether a call is a library's way to declare: click's subcommands, SQLAlchemy's indexes."""
    called = ast.unparse(node).partition("(")[0]
    return called == "Index" or called.endswith(".add_command")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_only_defines(path: Path) -> None:
    """At a module's top stand definitions, and no call for its effect."""
    if path.name == "__main__.py" or path == MIGRATIONS / "env.py":
        pytest.skip("it is run, not imported")
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        told = isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
        assert not told or declares(node), f"line {node.lineno}: a call at the top of the module"
        assert not isinstance(node, ast.For | ast.While | ast.With | ast.Try | ast.Delete)
