"""What the turns of a call came to, in the call's row; and the ways by which calls are looked for.

Calls that ended before keep null there, and are looked for by their turns, as live ones are.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns, and an index for what few calls have in common."""
    for column in (
        sa.Column("steps", sa.Text),
        sa.Column("variables", sa.Text),
        sa.Column("incidents", sa.Integer),
    ):
        op.add_column("calls", column)
    op.create_index("ix_calls_caller", "calls", ["caller"], postgresql_using="hash")
    op.create_index("ix_calls_outcome", "calls", ["outcome", "started_at"])
    op.create_index(
        "ix_calls_incidents",
        "calls",
        ["started_at"],
        sqlite_where=sa.text("incidents > 0"),
        postgresql_where=sa.text("incidents > 0"),
    )
