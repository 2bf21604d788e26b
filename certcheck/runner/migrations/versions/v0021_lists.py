"""Indexes for long lists; what a task of the desk would change is searched in a few long texts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# What figures are narrowed by.
_ABOUT = ("day", "market", "lab")
# Name, table and columns.
_NEW = (
    ("work_audit_what", "work_audit", ["what", "seq"]),
    ("work_audit_named", "work_audit", ["who_name", "seq"]),
    ("work_audit_kind", "work_audit", ["about_kind", "seq"]),
    ("work_archive_inspection", "work_archive", ["inspection", "id"]),
    ("work_archive_inspected", "work_archive", ["inspection", "market", "lab", "verdict", "stall"]),
    ("work_archive_day", "work_archive", ["day", "verdict", "market", "lab"]),
    ("work_archive_labs", "work_archive", ["lab", "verdict", "day", "market"]),
    ("work_archive_markets", "work_archive", ["market", "verdict", "day", "lab"]),
    ("work_archive_people", "work_archive", ["who", "verdict", "day", "market", "lab"]),
    ("work_archive_items", "work_archive", [*(f"item{number}" for number in range(1, 9)), *_ABOUT]),
    ("desk_changes_lab", "desk_changes", ["task_id", "lab_id", "place"]),
    ("desk_changes_kind", "desk_changes", ["task_id", "kind", "table_name", "place"]),
    ("desk_changes_table", "desk_changes", ["task_id", "table_name", "place"]),
)
_OLD = (
    ("work_audit_what", "work_audit", ["what"]),
    ("work_archive_day", "work_archive", ["day", "verdict"]),
    ("ix_work_archive_inspection", "work_archive", ["inspection"]),
    ("desk_changes_lab", "desk_changes", ["task_id", "lab_id"]),
)
_CHANGES = sa.table(
    "desk_changes",
    *map(
        sa.column, ("task_id", "place", "kind", "table_name", "lab_id", "words", "source", "cells")
    ),
)
_TEXTS = sa.table("desk_texts", *map(sa.column, ("task_id", "place", "lines")))
_ROWS = 2000


def upgrade() -> None:
    """Makes them; what is on the desk is found as before."""
    for name, table, _ in _OLD:
        op.drop_index(name, table)
    for name, table, columns in _NEW:
        op.create_index(name, table, columns)
    op.create_table(
        "desk_texts",
        sa.Column("task_id", sa.String(64), sa.ForeignKey("desk_tasks.id"), primary_key=True),
        sa.Column("place", sa.Integer(), primary_key=True),
        sa.Column("lines", sa.Text(), nullable=False),
    )
    if op.get_bind().dialect.name != "sqlite":
        # Packed, they would have to be unpacked for each question.
        op.execute("ALTER TABLE desk_texts ALTER COLUMN lines SET STORAGE EXTERNAL")
    for some in _some(("task_id", "place", "kind", "table_name", "lab_id", "words")):
        lines = ["\t".join(" ".join(str(one).split()) for one in row[2:]) for row in some]
        told = {"task_id": some[0][0], "place": some[0][1], "lines": "\n".join(lines)}
        op.get_bind().execute(_TEXTS.insert().values(told))
    op.drop_column("desk_changes", "words")


def downgrade() -> None:
    """Takes them away; each row has its words again."""
    op.add_column("desk_changes", sa.Column("words", sa.Text(), nullable=False, server_default=""))
    for some in _some(("task_id", "place", "source", "cells")):
        for task_id, place, source, cells in some:
            texts = [source, *(text for _, *both in json.loads(cells) for text in both if text)]
            mine = (_CHANGES.c.task_id == task_id, _CHANGES.c.place == place)
            words = " ".join(texts).casefold()
            op.get_bind().execute(_CHANGES.update().where(*mine).values(words=words))
    op.drop_table("desk_texts")
    for name, table, _ in _NEW:
        op.drop_index(name, table)
    for name, table, columns in _OLD:
        op.create_index(name, table, columns)


def _some(columns: tuple[str, ...]) -> Iterator[list[Any]]:
    """Rows of one task after another, by their places, some at a time."""
    bind = op.get_bind()
    ids = sorted(bind.execute(sa.select(_CHANGES.c.task_id).distinct()).scalars())
    for task_id in ids:
        last = 0
        while True:
            wanted = sa.select(*(_CHANGES.c[name] for name in columns)).where(
                _CHANGES.c.task_id == task_id, _CHANGES.c.place > last
            )
            some = list(bind.execute(wanted.order_by(_CHANGES.c.place).limit(_ROWS)))
            if not some:
                break
            yield some
            last = some[-1].place
