"""``offhook journal``: the database that the turns are kept in."""

from __future__ import annotations

import click

from app.cli.exits import Exit
from app.cli.options import manual
from app.cli.shell import Shell


@click.group()
def journal() -> None:
    """The database that the turns are kept in."""


@journal.command(
    epilog=manual(
        "offhook journal upgrade",
        exits=(Exit.JOURNAL,),
        reads=("DATABASE_URL",),
        see=("doctor", "docs/deploy-vps.md"),
    )
)
@click.pass_obj
def upgrade(shell: Shell) -> None:
    """Bring the journal's schema to this release; make it where there is none.

    A server on SQLite does so by itself when it starts; one on PostgreSQL leaves it to this. It may
    run while servers of the release before answer calls, and any number of times.
    """
    from app.journal import schema  # noqa: PLC0415 -- loads SQLAlchemy and Alembic

    url = shell.settings.database_url
    before = schema.schema_status(url)
    after = schema.upgrade(url)
    if after is schema.SchemaStatus.NEWER:
        shell.output.warn(
            "A later release has upgraded the journal. It is left as it is; this release goes on "
            "with it."
        )
        return
    done = {
        schema.SchemaStatus.NONE: "The journal is made.",
        schema.SchemaStatus.OLDER: "The journal is upgraded.",
    }
    shell.output.note(done.get(before, "The journal is up to date already."))
