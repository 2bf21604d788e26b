"""What documents of authorities state of a laboratory, as they state it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table; what was imported before is known as it was filled in then."""
    op.create_table(
        "import_statements",
        sa.Column("table_name", sa.String(16), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("import_id", sa.Integer(), sa.ForeignKey("imports.id"), primary_key=True),
        sa.Column("stated", sa.String(), nullable=False),
    )


def downgrade() -> None:
    """Takes it away; an older program takes what is left out from what it holds then."""
    op.drop_table("import_statements")
