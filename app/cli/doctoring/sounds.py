"""Whether what callers said is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.callflow.errors import JournalError
from app.cli.doctoring.checks import Check, warning

if TYPE_CHECKING:
    from app.settings import Settings


def sound_checks(settings: Settings) -> Iterator[Check]:
    """Whether recordings wait for somebody who may fetch, keep or delete them."""
    from app.journal import SchemaStatus, schema_status  # noqa: PLC0415 -- loads SQLAlchemy
    from app.journal.recordings import Recordings  # noqa: PLC0415 -- as above
    from app.keeping.libraries import libraries  # noqa: PLC0415 -- loads requests
    from app.keeping.recordings import CREDENTIALS  # noqa: PLC0415 -- as above

    without = CREDENTIALS.keys() - libraries(settings).keys()
    try:
        if schema_status(settings.database_url) not in {SchemaStatus.CURRENT, SchemaStatus.NEWER}:
            return
        waiting = {
            name: Recordings(settings.database_url).unfinished(name) for name in sorted(without)
        }
    except JournalError:  # the check of the database tells it
        return
    for name, number in waiting.items():
        if number:
            message = f"{number} of {name} wait to be kept or deleted, without credentials."
            mend = f"Set {CREDENTIALS[name]}; the platform drops what is not kept."
            yield warning("recordings", message, mend)
