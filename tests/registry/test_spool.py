"""Rows of a file larger than the memory: all of them, group by group, in their order."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from sqlmodel import Session

from registry.importing import spool
from registry.importing.spool import ReadRow, Spool
from tests.registry.lists import content, load
from tests.registry.test_properties import FIRST


@pytest.mark.parametrize("in_memory", [3, 64, 1000])
def test_rows_come_back_by_group(monkeypatch: pytest.MonkeyPatch, in_memory: int) -> None:
    """A list that is not sorted by laboratory would be taken for several lists."""
    monkeypatch.setattr(spool, "IN_MEMORY", in_memory)
    monkeypatch.setattr(spool, "_BLOCK", 2)
    lot = random.Random(5)
    rows = [(f"g{lot.randrange(9)}", ReadRow(line, (line, "值"), "")) for line in range(200)]
    kept = Spool()
    for group, row in rows:
        kept.add(group, row)
    wanted = sorted(rows, key=lambda item: item[0])
    assert list(kept) == wanted
    # Twice, and two readers in turns.
    assert list(zip(kept, kept, strict=True)) == list(zip(wanted, wanted, strict=True))
    batches = list(kept.batches(4))
    assert [len(batch) for batch in batches] == [4, 4, 1]
    assert [row for batch in batches for group in batch.values() for row in group] == [
        row for _, row in wanted
    ]


def test_import_through_the_disk_is_the_same(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only small files would be loaded right."""
    labs = [f"l{number},机构{number},,," for number in range(12)]
    scopes = [f"l{number % 12},翡翠{number},,,,2020-01-01," for number in range(60)]
    random.Random(1).shuffle(scopes)
    monkeypatch.setattr(spool, "IN_MEMORY", 7)
    load(session, tmp_path, FIRST, labs=labs, scopes=scopes)
    on_disk = content(session)
    assert (len(on_disk["labs"]), len(on_disk["scopes"])) == (12, 60)
    session.rollback()
    monkeypatch.setattr(spool, "IN_MEMORY", 1000)
    assert load(session, tmp_path, FIRST, labs=labs, scopes=scopes).empty
