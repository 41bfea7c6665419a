"""Whether what callers said is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.callflow.errors import JournalError
from app.cli.doctoring.checks import Check, warning

if TYPE_CHECKING:
    from app.settings import Settings


def sound_checks(settings: Settings) -> Iterator[Check]:
    """Whether recordings wait for somebody who may keep or delete them at CALLR."""
    from app.callr.media import has_credentials  # noqa: PLC0415 -- loads requests
    from app.journal import SchemaStatus, schema_status  # noqa: PLC0415 -- loads SQLAlchemy
    from app.journal.recordings import Recordings  # noqa: PLC0415 -- as above

    if has_credentials(settings):
        return
    try:
        if schema_status(settings.database_url) not in {SchemaStatus.CURRENT, SchemaStatus.NEWER}:
            return
        waiting = Recordings(settings.database_url).unfinished()
    except JournalError:  # the check of the database tells it
        return
    if waiting:
        message = f"{waiting} wait to be kept or deleted at CALLR, and there are no credentials."
        mend = "Set CALLR_LOGIN and CALLR_PASSWORD, or CALLR_API_KEY; CALLR drops what is not kept."
        yield warning("recordings", message, mend)
