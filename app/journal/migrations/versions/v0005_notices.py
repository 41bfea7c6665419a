"""Status posts are found by the platform's id of their call, and told by what they say."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns; nothing has written notices before."""
    op.add_column("notices", sa.Column("platform_id", sa.Text, nullable=False, server_default=""))
    op.add_column("notices", sa.Column("about", sa.Text, nullable=False, server_default="{}"))
    op.create_index("ix_notices_platform_id", "notices", ["platform_id"])
