"""Moves of numbers, so that they can be undone; dials, so that an hour has only so many."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "moves",
        _row_number(),
        *_texts("did", "number", "from_app", "from_name", "to_app", "to_name", "status"),
        _moment("began_at"),
        _moment("undone_at", nullable=True),
    )
    op.create_index("ix_moves_did", "moves", ["did"])
    op.create_table("dials", _row_number(), *_texts("kind"), _moment("dialled_at"))
    op.create_index("ix_dials_dialled_at", "dials", ["dialled_at"])


def _row_number() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
