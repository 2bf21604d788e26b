"""Whatever is imported in whatever order: dates, undo and memory hold, on both databases."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel

from registry import describe
from registry.history import known
from registry.lookup import Registry
from registry.models import TABLES
from registry.revision import content_digest
from registry.shape import cell, shape
from tests.registry.lists import content, load

FIRST = dt.date(2026, 1, 1)
DAY = dt.timedelta(days=1)
LABS = ("a,甲检测有限公司,,,", "b,乙检测有限公司,,,")
# Rows that a list may have: key, then what may follow it. Days before, among and after
# those of the lists, and open ends.
PEOPLE = ("李,全部,2020-01-01", "李,翡翠,", "王,全部,2026-01-05", "赵,全部,2026-02-01")
UNTIL = ("", "2026-01-04", "2026-01-08", "2030-01-01")
SEALS = ("甲,公章", "甲,检验检测专用章", "乙,公章")
CLAIMS = ("16,CMA,2020-01-01,,册", "16,CMA,2021-01-01,2025-12-31,册", "16,CMA,2020-01-01,,新册")
NAMES = ("甲检测有限公司", "甲检验有限公司")

# The same cases every time, so that a failure is one of the change that shows it. For more
# and other ones: CERTCHECK_EXAMPLES=500.
EXAMPLES = os.environ.get("CERTCHECK_EXAMPLES")
# On a server an import takes several times as long, and what orders lists is no SQL.
ON_SERVER = 3
_SLOW = settings(
    derandomize=EXAMPLES is None,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def cases(
    most: int = 8, **drawn: st.SearchStrategy[Any]
) -> Callable[[Callable[..., None]], Callable[[Engine, Path], None]]:
    """What a property's test is given beside `engine` and `folder`, and so many times."""

    def decorate(test: Callable[..., None]) -> Callable[[Engine, Path], None]:
        def on(engine: Engine, folder: Path) -> None:
            usual = most if engine.dialect.name == "sqlite" else ON_SERVER
            times = settings(_SLOW, max_examples=int(EXAMPLES or usual))
            times(given(**drawn)(test))(engine=engine, folder=folder)

        on.__name__, on.__doc__ = test.__name__, test.__doc__
        return on

    return decorate


@dc.dataclass(frozen=True)
class List:
    """One import: its day, counted from FIRST, and its tables."""

    day: int
    corrects: bool
    tables: dict[str, tuple[str, ...]]

    def load(self, session: Session, folder: Path) -> None:
        load(session, folder, FIRST + self.day * DAY, corrects=self.corrects, **self.tables)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    """Some tables about one laboratory; none of them empty, for that would name nobody."""
    lab = draw(st.sampled_from("ab"))
    people = draw(st.lists(st.sampled_from(PEOPLE), unique=True, min_size=1))
    claims = draw(st.lists(st.sampled_from(CLAIMS), unique_by=lambda row: row[:17], min_size=1))
    found = {
        "labs": (f"{lab},{draw(st.sampled_from(NAMES))},,,",),
        "signatories": tuple(f"{lab},{one},{draw(st.sampled_from(UNTIL))}," for one in people),
        "seals": tuple(f"{lab},{one}" for one in draw(_some(SEALS))),
        "coverage": tuple(claims),
    }
    kept = draw(_some(tuple(found)))
    rows = {name: found[name] for name in kept}
    if "signatories" in rows:
        rows["signatories"] = tuple(row for row in rows["signatories"] if not _reversed(row))
    return rows


def _reversed(row: str) -> bool:
    """Whether a signatory's last day is before the first; such a row is refused."""
    first, last = row.split(",")[3:5]
    return bool(first and last and last < first)


def _some(values: Sequence[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), unique=True, min_size=1)


def lists(*, distinct: bool, most: int = 5) -> st.SearchStrategy[list[List]]:
    """Several imports, each of a day of its own or of any."""
    one = st.builds(List, st.integers(0, 9), st.booleans(), tables())
    return st.lists(
        one, min_size=1, max_size=most, unique_by=(lambda x: x.day) if distinct else None
    )


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as path:
        yield Path(path)


def start(session: Session, folder: Path) -> None:
    """An empty registry but for two laboratories."""
    for table in reversed(SQLModel.metadata.sorted_tables):
        session.connection().execute(table.delete())
    session.commit()
    load(session, folder, FIRST - DAY, labs=LABS)


@cases(data=st.data(), imports=lists(distinct=True))
def test_no_order_changes_any_answer(
    engine: Engine, folder: Path, data: st.DataObject, imports: list[List]
) -> None:
    """Two offices with the same lists would judge the same certificate differently."""
    in_order = sorted(imports, key=lambda one: one.day)
    shuffled = data.draw(st.permutations(imports))
    note(f"{shuffled}")
    found = []
    for order in (in_order, shuffled):
        with Session(engine) as session:
            start(session, folder)
            for one in order:
                one.load(session, folder)
            found.append((content(session), Registry(session).revision.revision))
    assert found[1][0] == found[0][0]
    assert found[1][1] == found[0][1]


@cases(imports=lists(distinct=True))
def test_lists_in_order_mean_what_they_say(
    engine: Engine, folder: Path, imports: list[List]
) -> None:
    """All orders could agree and all be wrong."""
    with Session(engine) as session:
        start(session, folder)
        for one in sorted(imports, key=lambda each: each.day):
            one.load(session, folder)
        found = {
            (row[0], row[1], row[2], row[3]): row[4] for row in content(session)["signatories"]
        }
    assert found == expected_signatories(imports)


def expected_signatories(imports: list[List]) -> dict[tuple[str, ...], str]:
    """Key to last day, worked out the plain way: list after list, by their days."""
    state: dict[tuple[str, ...], str] = {}
    for one in sorted(imports, key=lambda each: each.day):
        today = FIRST + one.day * DAY
        rows = [row.split(",") for row in one.tables.get("signatories", ())]
        for lab in {row[0] for row in rows}:
            listed = {tuple(row[:4]): row[4] for row in rows if row[0] == lab}
            for key in [key for key in state if key[0] == lab and key not in listed]:
                if one.corrects or key[3] >= today.isoformat():
                    del state[key]
                elif not state[key] or state[key] >= today.isoformat():
                    state[key] = (today - DAY).isoformat()
            state |= listed
    return state


@cases(before=lists(distinct=False, most=3), one=lists(distinct=False, most=1))
def test_undo_after_import_is_the_identity(
    engine: Engine, folder: Path, before: list[List], one: list[List]
) -> None:
    """An import loaded by mistake would leave traces in what is judged."""
    with Session(engine) as session:
        start(session, folder)
        for each in before:
            each.load(session, folder)
        was, revision = content(session), Registry(session).revision
        session.commit()
        one[0].load(session, folder)
        then, newest = content(session), describe.log(session)[0]
        session.commit()
        if Registry(session).revision == revision:
            return  # nothing new in it: there is nothing to take back
        number = newest.id or 0
        describe.undo(session, number, dry_run=False)
        assert content(session) == was
        assert Registry(session).revision == revision
        session.commit()
        describe.undo(session, number + 1, dry_run=False)
        assert content(session) == then
        assert Registry(session).revision.revision == newest.revision


@cases(imports=lists(distinct=False), undone=st.booleans())
def test_nothing_is_forgotten(
    engine: Engine, folder: Path, imports: list[List], *, undone: bool
) -> None:
    """A report could not be made again by what the registry held when it was made."""
    with Session(engine) as session:
        start(session, folder)
        snapshots = {}
        for one in imports:
            one.load(session, folder)
            snapshots[describe.log(session)[0].id or 0] = content(session)
            session.commit()
        if undone and max(snapshots) > 1:
            describe.undo(session, max(snapshots), dry_run=False)
        for number, was in snapshots.items():
            for table in TABLES:
                shaped = shape(table)
                rows = known(session.connection(), shaped, number)
                texts = [
                    tuple(cell(value) for value in (*row.values, row.dropped_on)) for row in rows
                ]
                assert sorted(texts) == was[table]


@cases(imports=lists(distinct=False))
def test_kept_digests_are_those_of_the_rows(
    engine: Engine, folder: Path, imports: list[List]
) -> None:
    """A revision would name content that the registry does not hold."""
    with Session(engine) as session:
        start(session, folder)
        for one in imports:
            one.load(session, folder)
        assert Registry(session).revision.revision == content_digest(session)
