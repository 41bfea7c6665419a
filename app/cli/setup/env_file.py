"""Writes ``.env``: readable by its owner alone, whole or not at all, what was there kept."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from app.callflow.errors import SettingsError
from app.settings import read_env_file

_PLAIN = re.compile(r"[A-Za-z0-9_./:+@,-]*\Z")
_LINE = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=")
_GIT_S = 10.0
_NOT_IGNORED = 1


def written(values: Mapping[str, str], before: str) -> str:
    """The text of the file.

    Args:
        values: what it is to say.
        before: its text now. Lines of other names, and comments, stay where they are.
    """
    left = dict(values)
    lines = []
    for line in before.splitlines():
        found = _LINE.match(line)
        name = found["name"] if found else ""
        if name not in values:
            lines.append(line)
        elif name in left:
            lines.append(_line(name, left.pop(name)))
    lines += [_line(name, value) for name, value in left.items()]
    return "\n".join(lines) + "\n"


def write(file: Path, values: Mapping[str, str]) -> None:
    """Write the file, mode 600, by way of another beside it.

    Raises:
        SettingsError: it cannot be written, or what it says now cannot be read.
    """
    read_env_file(file)  # raises where a line of it is broken: nothing must be lost
    before = file.read_text(encoding="utf-8") if file.is_file() else ""
    new = file.with_name(f"{file.name}.new")
    try:
        new.unlink(missing_ok=True)
        made = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(made, "w", encoding="utf-8") as out:
            out.write(written(values, before))
        new.replace(file)
    except OSError as problem:
        new.unlink(missing_ok=True)
        msg = f"{file} cannot be written: {problem.strerror or problem}."
        raise SettingsError(msg, mend="Look at the folder's owner, and at the disk.") from None


def is_for_git(file: Path) -> bool:
    """Whether git would take the file into a commit; not where there is no repository."""
    git = shutil.which("git")
    if git is None:
        return False
    ran = subprocess.run(  # noqa: S603 -- git, with a path of our own
        [git, "check-ignore", "--quiet", str(file.name)],
        cwd=file.absolute().parent,
        capture_output=True,
        timeout=_GIT_S,
        check=False,
    )
    return ran.returncode == _NOT_IGNORED


def _line(name: str, value: str) -> str:
    if _PLAIN.match(value):
        return f"{name}={value}"
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{name}='{escaped}'"
