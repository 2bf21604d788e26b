"""What would break: nobody knows that a table is known from a list of one day alone."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from sqlmodel import Session

from registry import describe, past, store
from registry.imports import ImportRecord
from registry.listed import Lists
from registry.lookup import Registry
from registry.revision import content_digest, current
from tests.registry import lists
from tests.registry.test_formats import LAB_ID
from tests.registry.test_honest import TITLE, annex, lab, scope

__all__ = ["lab"]


def days(session: Session) -> Lists | None:
    record = Registry(session).lab(LAB_ID)
    return record.lists.get("scopes") if record else None


def test_the_days_of_lists_are_held_like_rows(lab: Session, tmp_path: Path) -> None:
    """A report could not be made again: an old list loaded later would change its answer."""
    annex(lab, tmp_path, scope("翡翠"))
    one = Lists(dt.date(2021, 5, 6), dt.date(2021, 5, 6))
    assert days(lab) == one
    revision = current(lab).revision
    annex(lab, tmp_path, scope("翡翠"), title=TITLE.replace("2021年", "2020年"))
    both = Lists(dt.date(2020, 5, 6), dt.date(2021, 5, 6))
    assert days(lab) == both
    assert current(lab).revision == content_digest(lab) != revision
    number = describe.log(lab)[0].id or 0
    into = store.open_registry(f"sqlite:///{tmp_path / 'copy.sqlite'}")
    past.copy_revision(lab, lab.get_one(ImportRecord, number), into)
    with Session(into) as copy:
        assert days(copy) == both
    into.dispose()
    lab.commit()
    describe.undo(lab, number, dry_run=False)
    assert (days(lab), current(lab).revision) == (one, revision)
    lab.commit()
    # The contract's table is history.
    row = f"{LAB_ID},翡翠,全部参数,GB/T 16553-2017,,2021-05-06,"
    lists.load(lab, tmp_path / "csv", dt.date(2022, 1, 1), scopes=(row,))
    assert days(lab) is None
    assert current(lab).revision == content_digest(lab)
