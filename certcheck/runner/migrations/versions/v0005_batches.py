"""Batches, pages that show them, and what clients are told of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Makes the tables."""
    _batches()
    _messages()


def _batches() -> None:
    op.create_table(
        "work_batches",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("owner", sa.String(64)),
        sa.Column("token", sa.String(255)),
        _moment("created_at", nullable=False),
        _moment("told_at"),
        _moment("expires_at", nullable=False),
        sa.UniqueConstraint("owner", "token", name="work_batches_token"),
    )
    op.create_index("ix_work_batches_owner", "work_batches", ["owner"])
    op.create_index("ix_work_batches_expires_at", "work_batches", ["expires_at"])
    of_batch = sa.ForeignKey("work_batches.id")
    op.create_table(
        "work_batch_items",
        sa.Column("batch_id", sa.String(64), of_batch, primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("check_id", sa.String(64)),
        sa.Column("error", sa.String(64)),
        sa.Column("details", sa.String()),
    )
    op.create_index("ix_work_batch_items_check_id", "work_batch_items", ["check_id"])
    op.create_table(
        "work_prechecks",
        sa.Column("code", sa.String(32), primary_key=True),
        sa.Column("batch_id", sa.String(64), sa.ForeignKey("work_batches.id"), nullable=False),
        sa.Column("numbers", sa.String(), nullable=False),
        _moment("created_at", nullable=False),
        _moment("ended_at"),
        _moment("expires_at", nullable=False),
    )
    op.create_index("ix_work_prechecks_batch_id", "work_prechecks", ["batch_id"])


def _messages() -> None:
    of_client = sa.ForeignKey("work_clients.id")
    op.create_table(
        "work_webhooks",
        sa.Column("client_id", sa.String(64), of_client, primary_key=True),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("secret", sa.String(100), nullable=False),
        _moment("created_at", nullable=False),
    )
    op.create_table(
        "work_messages",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("client_id", sa.String(64), sa.ForeignKey("work_clients.id"), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        _moment("created_at", nullable=False),
        _moment("due_at", nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(255)),
        _moment("delivered_at"),
        _moment("dropped_at"),
        _moment("expires_at", nullable=False),
    )
    op.create_index("ix_work_messages_client_id", "work_messages", ["client_id"])
    op.create_index("ix_work_messages_expires_at", "work_messages", ["expires_at"])
    op.create_index("work_messages_due", "work_messages", ["delivered_at", "dropped_at", "due_at"])


def downgrade() -> None:
    """Drops them; checks of batches stay, and end with their time."""
    for table in (
        "work_messages", "work_webhooks", "work_prechecks", "work_batch_items", "work_batches",
    ):  # fmt: skip
        op.drop_table(table)
