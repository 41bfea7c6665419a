"""What can be seen from here: settings, ``.env``, database and flows."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from app.callflow.errors import FlowError, JournalError, SettingsError
from app.cli.doctoring.checks import Check, error, failed, note, ok, warning
from app.cli.exits import Exit
from app.settings import Settings, variable_of

if TYPE_CHECKING:
    from app.callflow.flow import Flow

MIN_FREE_BYTES = 100_000_000
"""Less room than this on the journal's disk is told; a call takes about 10 kB."""

_NO_ROOM_BYTES = 10_000_000
_OURS = ("OFFHOOK_", "CALLR_", "STRINGEE_")
_NO_SETTINGS = frozenset({"OFFHOOK_DEBUG", "OFFHOOK_SIMULATOR_LOGIN", "OFFHOOK_SIMULATOR_PASSWORD"})
"""What the command line reads besides."""

_ANY_READER = stat.S_IRGRP | stat.S_IROTH


def settings_checks(settings: Settings) -> Iterator[Check]:
    """Whether a server can start with these settings, and what they leave open."""
    about = "settings"
    try:
        settings.require_for_serving()
    except SettingsError as problem:
        yield failed(about, problem)
    else:
        mode = "development" if settings.development else "production"
        yield ok(about, f"what a server needs in {mode} is there.")
    if settings.secret_key_old:
        yield note(about, "SECRET_KEY_OLD is set.", "Remove it when no call of before is live.")
    if settings.callr_webhook_password_old:
        yield note(
            about,
            "CALLR_WEBHOOK_PASSWORD_OLD is set.",
            "Remove it after `offhook numbers sync`, and deploy.",
        )
    if not settings.fallback_number:
        yield note(
            about,
            "without FALLBACK_NUMBER a caller whose flow cannot go on hears an apology, and is "
            "hung up.",
        )


def name_checks(told: Iterable[str]) -> Iterator[Check]:
    """Whether what looks like a setting is one: a name that is spelt otherwise is read by nobody.

    Args:
        told: the names of the environment and of ``.env``.
    """
    known = {variable_of(one) for one in fields(Settings)}
    for name in sorted({*told} - known - _NO_SETTINGS):
        if name.startswith(_OURS):
            near = get_close_matches(name, known, n=1, cutoff=0.8)
            mend = f"Is {near[0]} meant?" if near else "docs/settings.md has those there are."
            yield warning("settings", f"{name} is no setting.", mend)


def env_file_checks(file: Path | None) -> Iterator[Check]:
    """Whether there is a file of settings, and others on this machine can read its secrets."""
    if file is None:
        return
    if not file.is_file():
        message = f"it is not there ({file.absolute()}): settings are those of the environment."
        yield note(str(file), message, "If it is elsewhere, go there; `offhook init` makes one.")
        return
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & _ANY_READER:
        yield warning(
            str(file),
            f"others on this machine can read its secrets (mode {mode:o}; 600 was expected).",
            f"chmod 600 {file}",
        )
    else:
        yield ok(str(file), "only its owner can read it.")


def database_checks(
    settings: Settings, free_bytes: Callable[[Path], int] = lambda at: shutil.disk_usage(at).free
) -> Iterator[Check]:
    """Whether the journal's database answers, has the schema of this release, and has room."""
    from app.journal import History, SchemaStatus, schema_status  # noqa: PLC0415 -- loads SQLAlchemy

    about, url = "database", settings.database_url
    upgrade = "Run `offhook journal upgrade`."
    try:
        status = schema_status(url)
        if status in {SchemaStatus.CURRENT, SchemaStatus.NEWER}:
            History(url).instance_id()
    except JournalError as problem:
        yield failed(about, problem)
        return
    kind = "SQLite" if url.startswith("sqlite") else "PostgreSQL"
    match status:
        case SchemaStatus.CURRENT:
            yield ok(about, f"{kind} answers; its schema is of this release.")
        case SchemaStatus.NEWER:
            message = f"{kind} answers; a later release has upgraded its schema."
            yield warning(about, message, "Deploy that release here too; calls are answered.")
        case SchemaStatus.NONE if kind == "SQLite":
            yield _new_file_check(about, Path(History(url).place))
        case SchemaStatus.NONE:
            yield error(about, "it has no journal yet.", upgrade, Exit.JOURNAL)
        case SchemaStatus.OLDER if kind == "SQLite":
            yield warning(about, "its schema is of an older release; a start upgrades it.", upgrade)
        case SchemaStatus.OLDER:
            message = "its schema is of an older release: turns may not be journalled."
            yield error(about, message, upgrade, Exit.JOURNAL)
    yield from _room_checks(url, free_bytes)


def _new_file_check(about: str, file: Path) -> Check:
    """Whether a server can make SQLite's file."""
    if not file.parent.is_dir():
        message = f"its folder {file.parent} is not there, and no journal can be kept in it."
        return error(about, message, "Make the folder, or mend DATABASE_URL.", Exit.JOURNAL)
    if not os.access(file.parent, os.W_OK):
        message = f"nothing can be written into its folder {file.parent}."
        return error(about, message, "Let the server write there.", Exit.JOURNAL)
    return note(about, f"there is no journal yet; a server makes {file} when it starts.")


def flow_checks(settings: Settings) -> tuple[Mapping[str, Flow], list[Check]]:
    """The flows that can be used, and what is found in them; none where one is wrong."""
    from app.platforms import configured, not_served, usable_flows  # noqa: PLC0415 -- loads everything

    about = "flows"
    try:
        platforms = configured(settings)
        flows, warnings = usable_flows(settings, platforms)
    except FlowError as problem:
        mend = problem.mend or "Mend them; `offhook flows check` tells the same."
        return {}, [error(about, problem.message, mend, Exit.FLOW)]
    found = [ok(about, f"they are right: {', '.join(flows)}.")]
    for one in warnings:
        message = str(one).removesuffix(one.mend).strip()
        found.append(warning(about, message, one.mend))
    elsewhere = not_served(flows, platforms)
    if elsewhere:
        names = ", ".join(one.name for one in platforms)
        found.append(note(about, f"on {names}, these are not served: {', '.join(elsewhere)}."))
    without = [name for name, flow in flows.items() if not flow.fallback and name not in elsewhere]
    if without and not settings.fallback_number:
        message = f"without `fallback=`, and without FALLBACK_NUMBER: {', '.join(without)}."
        mend = "Give those that people ring a step that says what to do when something fails."
        found.append(note(about, message, mend))
    return flows, found


def _room_checks(url: str, free_bytes: Callable[[Path], int]) -> Iterator[Check]:
    if not url.startswith("sqlite:///"):
        return
    folder = Path(url.removeprefix("sqlite:///")).absolute().parent
    if not folder.is_dir():
        return
    free = free_bytes(folder)
    if free < MIN_FREE_BYTES:
        message = f"the disk of {folder} has {free // 1_000_000} MB left."
        mend = "Make room, or set RETENTION_DAYS: what does not fit is not journalled."
        if free < _NO_ROOM_BYTES:
            yield error("disk", message, mend, Exit.JOURNAL)
        else:
            yield warning("disk", message, mend)
