"""Second factors, the codes for when one is lost, and what was done to them.

The last is a table of its own: the older program reads `work_account_log`, and knows no such deeds.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "work_second_factors",
        sa.Column("account_id", sa.String(16), sa.ForeignKey("work_accounts.id"), primary_key=True),
        sa.Column("secret", sa.String(255), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=True),
    )
    op.create_table(
        "work_recovery_codes",
        sa.Column("account_id", sa.String(16), sa.ForeignKey("work_accounts.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("code", sa.String(255), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_table(
        "work_factor_log",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(60), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
    )
    op.create_index("ix_work_factor_log_at", "work_factor_log", ["at"])


def downgrade() -> None:
    """Drops them."""
    for name in ("work_factor_log", "work_recovery_codes", "work_second_factors"):
        op.drop_table(name)
