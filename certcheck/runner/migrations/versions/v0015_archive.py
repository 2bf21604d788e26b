"""What inspectors checked, row for row, and the words by which it is found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# Words are cut by us and kept apart by spaces; what ASCII has besides letters and digits marks
# properties. The table `work_search` holds them, so FTS5 keeps no copy, no places and no sizes.
_WORDS = """
CREATE VIRTUAL TABLE search_words USING fts5(
    words, content='work_search', content_rowid='id', detail='none', columnsize=0,
    tokenize="ascii tokenchars ':='"
)
"""
_ADDED = "INSERT INTO search_words(rowid, words) VALUES (new.id, new.words)"
_TAKEN = "INSERT INTO search_words(search_words, rowid, words) VALUES ('delete', old.id, old.words)"
_TRIGGERS = {
    "work_search_added": f"AFTER INSERT ON work_search BEGIN {_ADDED}; END",
    "work_search_taken": f"AFTER DELETE ON work_search BEGIN {_TAKEN}; END",
    "work_search_changed": (
        "AFTER UPDATE OF id, words ON work_search WHEN old.words <> new.words OR old.id <> new.id "
        f"BEGIN {_TAKEN}; {_ADDED}; END"
    ),
}
_INDEXES = {
    "work_archive_lab": ["lab_id", "verdict", "number_key"],
    "work_archive_latest_of_lab": ["lab_id", "id"],
    "work_archive_owner": ["owner", "id"],
    "work_archive_stall": ["market", "stall", "id"],
    "work_archive_signatory": ["signatory", "lab"],
    "work_archive_day": ["day", "verdict"],
    "ix_work_archive_check_id": ["check_id"],
    "ix_work_archive_number_key": ["number_key"],
    "ix_work_archive_batch": ["batch"],
    "ix_work_archive_inspection": ["inspection"],
}
_LONGEST = 160


def upgrade() -> None:
    """Makes the tables; what was checked before goes as it would have gone."""
    _archive()
    for name, columns in _INDEXES.items():
        op.create_index(name, "work_archive", columns)
    op.create_table(
        "work_search",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("ref", sa.String(2 * _LONGEST + 1), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("texts", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.UniqueConstraint("kind", "ref", name="work_search_once"),
    )
    op.create_table(
        "work_search_state",
        sa.Column("source", sa.String(32), primary_key=True),
        sa.Column("revision", sa.String(64), nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_WORDS)
        for name, does in _TRIGGERS.items():
            op.execute(f"CREATE TRIGGER {name} {does}")
    else:
        # What waits in a list of its own is gone through by every question.
        op.execute(
            "CREATE INDEX search_words ON work_search "
            "USING gin (string_to_array(words, ' ')) WITH (fastupdate = off)"
        )


def _archive() -> None:
    op.create_table(
        "work_archive",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("root", sa.String(64), nullable=False),
        sa.Column("check_id", sa.String(64), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(_LONGEST), nullable=False),
        sa.Column("number_key", sa.String(_LONGEST), nullable=False),
        sa.Column("lab_id", sa.String(64), nullable=False),
        sa.Column("lab", sa.String(_LONGEST), nullable=False),
        sa.Column("signatory", sa.String(_LONGEST), nullable=False),
        sa.Column("conclusion", sa.String(_LONGEST), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        *(sa.Column(f"item{number}", sa.String(16), nullable=False) for number in range(1, 9)),
        sa.Column("judged_on", sa.Date()),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("owner", sa.String(64)),
        sa.Column("who", sa.String(60), nullable=False),
        sa.Column("market", sa.String(_LONGEST), nullable=False),
        sa.Column("stall", sa.String(_LONGEST), nullable=False),
        sa.Column("batch", sa.String(64)),
        sa.Column("inspection", sa.String(64)),
        sa.Column("corrected", sa.Boolean(), nullable=False),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("root", "page", "part", name="work_archive_once"),
    )


def downgrade() -> None:
    """Drops them; reports and photos stay as long as their checks."""
    if op.get_bind().dialect.name == "sqlite":
        op.drop_table("search_words")
    for table in ("work_search_state", "work_search", "work_archive"):
        op.drop_table(table)
