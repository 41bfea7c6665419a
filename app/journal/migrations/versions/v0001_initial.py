"""The first journal: turns, calls, starts, versions, notices, about."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _row_number() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def upgrade() -> None:
    """Make the tables, and name the journal."""
    _make_turns()
    _make_calls()
    _make_starts()
    op.create_table(
        "versions",
        sa.Column("fingerprint", sa.Text, primary_key=True),
        *_texts("flow", "drawing", "declared"),
        _moment("first_seen"),
    )
    op.create_table(
        "notices",
        _row_number(),
        *_texts("event_id", "call_key", "provider", "kind"),
        _moment("received_at"),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("event_id", name="uq_notices_event_id"),
    )
    op.create_index("ix_notices_call_key", "notices", ["call_key"])
    about = op.create_table("about", sa.Column("instance_id", sa.Text, primary_key=True))
    op.bulk_insert(about, [{"instance_id": secrets.token_hex(16)}])


def _make_turns() -> None:
    op.create_table(
        "turns",
        _row_number(),
        *_texts("call_key", "report_key", "kind"),
        sa.Column("turn", sa.BigInteger),
        _moment("received_at"),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        *_texts("digest", "event", "step_before", "step_after", "trail"),
        sa.Column("state", sa.Text),
        *_texts("variables", "commands"),
        sa.Column("reply", sa.LargeBinary, nullable=False),
        *_texts("fingerprint", "answers"),
        sa.Column("took_ms", sa.Float, nullable=False),
        *_texts("incidents"),
        sa.UniqueConstraint("call_key", "report_key", name="uq_turns_call_key_report_key"),
    )


def _make_calls() -> None:
    op.create_table(
        "calls",
        sa.Column("key", sa.Text, primary_key=True),
        *_texts("provider", "platform_id", "flow", "direction", "caller", "called"),
        _moment("started_at"),
        _moment("ended_at", nullable=True),
        *_texts("outcome", "disposition", "token"),
        sa.Column("test", sa.Boolean, nullable=False),
    )
    op.create_index("ix_calls_platform_id", "calls", ["platform_id"])
    op.create_index("ix_calls_started_at", "calls", ["started_at"])


def _make_starts() -> None:
    op.create_table(
        "starts",
        sa.Column("token", sa.Text, primary_key=True),
        *_texts("idempotency_key", "provider", "flow", "number", "caller_id"),
        sa.Column("ring_s", sa.Integer, nullable=False),
        *_texts("field", "variables"),
        _moment("created_at"),
        *_texts("app", "status", "platform_id", "detail"),
    )
    op.create_index(
        "uq_starts_idempotency_key",
        "starts",
        ["idempotency_key"],
        unique=True,
        sqlite_where=sa.text("idempotency_key <> ''"),
        postgresql_where=sa.text("idempotency_key <> ''"),
    )
