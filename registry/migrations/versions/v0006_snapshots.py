"""Whether an import's documents tell of one day alone, or the history as the contract's do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# What the contract's tables never come as, but for workbooks of them: those then count as
# lists of one day, which accuses nobody of anything before it.
_ENDINGS = (".xls", ".xlsx", ".xlsm", ".et", ".html", ".htm", ".pdf", ".docx", ".docm")


def upgrade() -> None:
    """Adds the mark; what was imported so far has it by the names of its documents."""
    no = sa.false()
    op.add_column("imports", sa.Column("snapshot", sa.Boolean(), nullable=False, server_default=no))
    ends = " OR ".join(f"lower(name) LIKE '%{ending}'" for ending in _ENDINGS)
    marked = f"SELECT import_id FROM import_documents WHERE {ends}"
    op.execute(
        sa.text(f"UPDATE imports SET snapshot = :yes WHERE id IN ({marked})").bindparams(yes=True)
    )


def downgrade() -> None:
    """Takes the mark away."""
    op.drop_column("imports", "snapshot")
