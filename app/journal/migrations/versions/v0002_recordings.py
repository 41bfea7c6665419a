"""Recordings, and leases: what servers do besides calls, and who is doing it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables, and the index by which old starts are found."""
    op.create_table(
        "recordings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        *_texts("call_key", "report_key", "provider", "step", "file"),
        _moment("recorded_at"),
        *_texts("status", "media_id", "url"),
        sa.Column("seconds", sa.Float),
        sa.Column("tries", sa.Integer, nullable=False),
        _moment("due_at", nullable=True),
        *_texts("holder", "detail"),
        sa.UniqueConstraint("call_key", "file", name="uq_recordings_call_key_file"),
    )
    op.create_index("ix_recordings_due_at", "recordings", ["due_at"])
    op.create_index("ix_recordings_recorded_at", "recordings", ["recorded_at"])
    op.create_table(
        "leases",
        sa.Column("name", sa.Text, primary_key=True),
        *_texts("holder"),
        _moment("until"),
    )
    op.create_index("ix_starts_created_at", "starts", ["created_at"])


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
