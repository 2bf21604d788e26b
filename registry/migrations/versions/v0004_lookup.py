"""Pieces of all a laboratory's keys instead of pairs of its names' characters.

Both tables are derived; `registry.store.migrate` fills them again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table of pieces anew."""
    op.drop_table("lookup_grams")
    op.execute("DELETE FROM lookup_keys")
    op.create_table(
        "lookup_grams",
        sa.Column("gram", sa.String(8), primary_key=True),
        sa.Column("key_id", sa.Integer(), primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Makes the table of pairs again, empty: importing writes it."""
    op.drop_table("lookup_grams")
    op.execute("DELETE FROM lookup_keys")
    op.create_table(
        "lookup_grams",
        sa.Column("gram", sa.String(2), primary_key=True),
        sa.Column("key_id", sa.Integer(), sa.ForeignKey("lookup_keys.id"), primary_key=True),
    )
    op.create_index("ix_lookup_grams_key_id", "lookup_grams", ["key_id"])
