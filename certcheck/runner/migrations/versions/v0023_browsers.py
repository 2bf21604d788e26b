"""What kind of browser a sign-in is in, so that its person knows one from another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column."""
    op.add_column("work_sign_ins", sa.Column("browser", sa.String(40), nullable=True))


def downgrade() -> None:
    """Takes it away."""
    op.drop_column("work_sign_ins", "browser")
