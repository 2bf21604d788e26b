"""People who sign in, and where they are signed in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Makes the tables, and finds somebody's checks, newest first, without reading all."""
    op.create_table(
        "work_accounts",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("name", sa.String(60), nullable=False, unique=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password", sa.String(255), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        _moment("created_at"),
        _moment("disabled_at", nullable=True),
        _moment("last_sign_in_at", nullable=True),
    )
    op.create_table(
        "work_sign_ins",
        sa.Column("token_sha256", sa.String(64), primary_key=True),
        sa.Column("account_id", sa.String(16), sa.ForeignKey("work_accounts.id"), nullable=False),
        _moment("created_at"),
        _moment("seen_at"),
    )
    op.create_index("ix_work_sign_ins_account_id", "work_sign_ins", ["account_id"])
    op.create_index("ix_work_sign_ins_created_at", "work_sign_ins", ["created_at"])
    op.create_index("work_checks_owned", "work_checks", ["owner", "created_at"])


def downgrade() -> None:
    """Drops them; nobody can sign in."""
    op.drop_index("work_checks_owned", "work_checks")
    for table in ("work_sign_ins", "work_accounts"):
        op.drop_table(table)
