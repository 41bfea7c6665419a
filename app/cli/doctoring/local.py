"""What can be seen from here: settings, ``.env``, database and flows."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from app.callflow.errors import FlowError, JournalError, SettingsError
from app.cli.doctoring.checks import Check, error, failed, note, ok, warning
from app.cli.exits import Exit
from app.settings import Settings

if TYPE_CHECKING:
    from app.callflow.flow import Flow

MIN_FREE_BYTES = 100_000_000
"""Less room than this on the journal's disk is told; a call takes about 10 kB."""

_NO_ROOM_BYTES = 10_000_000
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


def env_file_checks(file: Path | None) -> Iterator[Check]:
    """Whether others on this machine can read the secrets."""
    if file is None or not file.is_file():
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
            yield note(about, "there is no journal yet; a server makes it when it starts.")
        case SchemaStatus.NONE:
            yield error(about, "it has no journal yet.", upgrade, Exit.JOURNAL)
        case SchemaStatus.OLDER if kind == "SQLite":
            yield warning(about, "its schema is of an older release; a start upgrades it.", upgrade)
        case SchemaStatus.OLDER:
            message = "its schema is of an older release: turns may not be journalled."
            yield error(about, message, upgrade, Exit.JOURNAL)
    yield from _room_checks(url, free_bytes)


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
