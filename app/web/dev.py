"""What ``offhook serve --dev`` serves: a flow that is saved answers the next call.

One process, and a thread in it that looks at the flows' files. A deployed server has neither: its
flows are read once, before it forks.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from flask import Flask

from app.bootstrap import Parts, versions_of
from app.callflow.errors import Finding
from app.callflow.flow import Flow
from app.flowbook import errors_of, flow_files, forget_modules, refused
from app.journal.journal import SqlJournal
from app.keeping.background import Background
from app.platforms import check_flows, checked_flows, configured
from app.settings import Settings
from app.web.app import make_app
from app.web.starting import or_end

LOOK_S = 0.3
"""Seconds between two looks at the files."""

Stamps = Mapping[Path, tuple[int, int, int]]

log = logging.getLogger("offhook")


class ServedFlows(Mapping[str, Flow]):
    """The flows by name, all of which may be others from one moment to the next.

    A turn takes its flow out once, and so runs through one version of it.
    """

    def __init__(self, flows: Mapping[str, Flow]) -> None:
        self._flows = flows

    def swap(self, flows: Mapping[str, Flow]) -> None:
        """Serve these from now on."""
        self._flows = flows

    def __getitem__(self, name: str) -> Flow:
        return self._flows[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._flows)

    def __len__(self) -> int:
        return len(self._flows)


class ReloadFlows:
    """A job of ``Background``: reads the flows anew when one of their files has changed.

    Args:
        stamps: of the flows' files, as they are now.
        read: reads every flow anew: those that can be defined, and all findings.
        served: where the flows are put.
        tell: told the flows that are served from now on.
    """

    def __init__(
        self,
        stamps: Callable[[], Stamps],
        read: Callable[[], tuple[Mapping[str, Flow], list[Finding]]],
        served: ServedFlows,
        tell: Callable[[Mapping[str, Flow]], None],
    ) -> None:
        self._stamps = stamps
        self._read = read
        self._served = served
        self._tell = tell
        self._seen = stamps()

    def __call__(self, _closing: threading.Event) -> float:
        """See ``Job``."""
        now = self._stamps()
        if now != self._seen:
            changed = {path for path, _ in now.items() ^ self._seen.items()}
            self._seen = now
            self._reload(sorted(changed))
        return LOOK_S

    def _reload(self, changed: Iterable[Path]) -> None:
        names = ", ".join(path.name for path in changed)
        flows, findings = self._read()
        errors = errors_of(findings)
        for finding in findings:
            if finding not in errors:
                log.warning("%s", finding)
        served = usable(flows, errors, self._served)
        self._served.swap(served)
        self._tell(served)
        if errors:
            log.error("%s: %s\nThe last good ones stay.", names, refused(errors).message)
        else:
            log.info("%s: read anew; the next call uses it.", names)


def usable(
    flows: Mapping[str, Flow], errors: Iterable[Finding], before: Mapping[str, Flow]
) -> Mapping[str, Flow]:
    """The flows to serve: the new ones, and for those that are wrong the ones before."""
    wrong = {error.flow for error in errors}
    right = {name: flow for name, flow in flows.items() if name not in wrong}
    # A file that cannot be imported does not tell which flows it holds.
    return {**before, **right} if wrong else right


def stamps_of(files: Iterable[Path]) -> Stamps:
    """What tells that a file was saved: when, how long it is, and which file it is."""
    found = {}
    for file in files:
        try:
            about = file.stat()
        except OSError:  # it went away just now
            continue
        found[file] = (about.st_mtime_ns, about.st_size, about.st_ino)
    return found


def dev_app() -> Flask:
    """The Flask app, which reads its flows anew once ``Parts.watch`` is started.

    What is wrong at the start ends the process, as for a deployed server. None of its workers
    leaves bytecode behind, which might be of a text that was saved over meanwhile.
    """
    sys.dont_write_bytecode = True
    with or_end():
        return make_dev_app(Settings.load(os.environ))


def make_dev_app(settings: Settings) -> Flask:
    """As ``make_app``, with the job that reads flows anew.

    Raises:
        SettingsError: settings are missing.
        FlowError: a flow cannot be used.
    """
    providers = configured(settings)

    def stamps() -> Stamps:
        return stamps_of(flow_files(settings.flows))

    def read() -> tuple[Mapping[str, Flow], list[Finding]]:
        forget_modules(flow_files(settings.flows))
        return check_flows(settings, providers)

    served = ServedFlows(checked_flows(settings, providers))
    app = make_app(settings, flows=served)
    parts: Parts = app.extensions["offhook"]

    def tell(flows: Mapping[str, Flow]) -> None:
        if isinstance(parts.journal, SqlJournal):  # no other keeps drawings
            parts.journal.remember(versions_of(flows))

    watch = Background((ReloadFlows(stamps, read, served, tell),))
    app.extensions["offhook"] = replace(parts, watch=watch)
    return app
