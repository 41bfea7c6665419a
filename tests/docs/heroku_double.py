"""A program for the name ``heroku``: one app, whose dyno is a process of this machine.

It knows the subcommands that README.md types. ``create`` adds a git remote, as the real one does;
what is pushed there is put into a folder, and the lines of its ``Procfile`` are run with the config
vars and with what Heroku sets. State is in the folder that DOUBLE_FOLDER names: ``config.json``,
``asked.json`` and, once the web line listens, ``web.json`` with its process and its address. The
database that its add-on brings is that of DOUBLE_DATABASE_URL.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PATIENCE_S = 60.0
_LISTENS = re.compile(r"Listening at: (http://127\.0\.0\.1:\d+)")


class Heroku:
    """The account, its one app, and its dyno."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._folder = folder
        self._environ = environ

    def run(self, words: Sequence[str]) -> None:
        """Do what a command line says.

        Raises:
            SystemExit: it is none that this knows.
        """
        self._write("asked.json", [*self._read("asked.json", []), list(words)])
        match words:
            case ["create", _, "--stack", "heroku-24"]:
                self._create()
            case ["addons:create", "heroku-postgresql:essential-0", "--wait"]:
                url = self._environ["DOUBLE_DATABASE_URL"]
                self._set({"DATABASE_URL": re.sub("^postgresql:", "postgres:", url)})
            case ["config:set", "--app", _, *pairs]:
                self._set(dict(pair.split("=", 1) for pair in pairs))
            case ["ps:type", "web=basic"]:
                pass
            case ["deploy"]:
                self._deploy()
            case _:
                sys.exit(f"no such command: {shlex.join(words)}")

    def _create(self) -> None:
        remote = self._folder / "repository.git"
        _git("init", "--quiet", "--bare", str(remote))
        hook = remote / "hooks" / "post-receive"
        program = shlex.join([sys.executable, str(Path(__file__).resolve())])
        hook.write_text(f"#!/bin/sh\nexec {program} deploy\n")
        hook.chmod(0o755)
        _git("remote", "add", "heroku", str(remote))

    def _set(self, values: Mapping[str, str]) -> None:
        self._write("config.json", {**self._read("config.json", {}), **values})

    def _deploy(self) -> None:
        slug = self._folder / "slug"
        slug.mkdir()
        remote = self._folder / "repository.git"
        packed = subprocess.run(  # noqa: S603 - our own words
            ["git", "-C", str(remote), "archive", "main"],  # noqa: S607 - as above
            stdout=subprocess.PIPE,
            check=True,
        )
        subprocess.run(["tar", "-x", "-C", str(slug)], input=packed.stdout, check=True)  # noqa: S603, S607
        lines = dict(
            line.split(": ", 1) for line in (slug / "Procfile").read_text().splitlines() if line
        )
        release = self._dyno("release.1")
        subprocess.run(["sh", "-c", lines["release"]], cwd=slug, env=release, check=True)  # noqa: S603, S607
        self._start(shlex.split(lines["web"]), slug)

    def _start(self, line: Sequence[str], slug: Path) -> None:
        log = self._folder / "web.log"
        with log.open("wb") as out:
            web = subprocess.Popen(  # noqa: S603 - the line of our own Procfile
                line,
                cwd=slug,
                env=self._dyno("web.1"),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        deadline = time.monotonic() + PATIENCE_S
        while not (found := _LISTENS.search(log.read_text())):
            if web.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"the dyno does not listen:\n{log.read_text()}")
            time.sleep(0.05)
        self._write("web.json", {"pid": web.pid, "url": found[1]})

    def _dyno(self, name: str) -> dict[str, str]:
        return {
            **self._read("config.json", {}),
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "DYNO": name,
            "PORT": "5000",
            # The Python buildpack logs requests; a test listens on this machine alone.
            "GUNICORN_CMD_ARGS": "--access-logfile - --bind 127.0.0.1:0",
        }

    def _read(self, name: str, otherwise: Any) -> Any:
        file = self._folder / name
        return json.loads(file.read_text()) if file.is_file() else otherwise

    def _write(self, name: str, value: Any) -> None:
        (self._folder / name).write_text(json.dumps(value))


def _git(*words: str) -> None:
    subprocess.run(["git", *words], check=True)  # noqa: S603, S607 - our own words


if __name__ == "__main__":
    Heroku(Path(os.environ["DOUBLE_FOLDER"]), os.environ).run(sys.argv[1:])
