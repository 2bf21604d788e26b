"""Telephone numbers of laboratories, a table of its own like that of their query sites."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY_DIGITS = 32


def _columns() -> list[sa.Column[object]]:
    return [
        sa.Column("row_key", sa.String(KEY_DIGITS), nullable=False),
        sa.Column("lab_id", sa.String(64), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("stated_by", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("place", sa.String(), nullable=False, server_default=""),
        sa.Column("dropped_on", sa.Date(), nullable=True),
    ]


def upgrade() -> None:
    """Makes the table, and that of its old versions."""
    op.create_table(
        "phones",
        sa.Column("id", sa.Integer(), primary_key=True),
        *_columns(),
        sa.ForeignKeyConstraint(["lab_id"], ["labs.lab_id"]),
        sa.UniqueConstraint("lab_id", "row_key"),
    )
    op.create_table(
        "phones_history",
        sa.Column("version_id", sa.Integer(), primary_key=True),
        *_columns(),
        sa.Column("superseded_by", sa.Integer(), nullable=False),
    )
    op.create_index("ix_phones_history_lab_id", "phones_history", ["lab_id"])


def downgrade() -> None:
    """Takes the numbers away; an older program has no place for them."""
    op.execute("DELETE FROM import_groups WHERE table_name = 'phones'")
    op.execute("DELETE FROM lookup_keys WHERE kind = 'phone'")
    op.execute("DELETE FROM lookup_grams WHERE substr(gram, 1, 1) = '%'")
    op.drop_table("phones_history")
    op.drop_table("phones")
