"""Out to the contract's tables and in again: also what lists have dropped stays what it was."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlmodel import Session, select

from registry import describe, export, store
from registry.importing.plan import Wish, plan_import
from registry.models import Signatory
from tests.registry.lists import LABS, content, load, write

JAN, FEB, MAR, APR = (dt.date(2026, month, 1) for month in (1, 2, 3, 4))
LI, WANG = "a,李,全部,2020-01-01,,", "a,王,全部,2020-01-01,2030-01-01,"


def filled(session: Session, folder: Path) -> Session:
    """A registry in which lists have dropped rows with days and rows without."""
    labs = LABS.splitlines()[1:]
    seals = ("a,甲检测有限公司,公章", "a,甲旧名,公章", "b,乙检测有限公司,公章")
    domains, fees = ("a,a.example", "a,old.example"), ("a,检测,3.5,CNY,2025-01-01",)
    load(session, folder, JAN, labs=labs, signatories=(LI, WANG), seals=seals, domains=domains,
         phones=("a,0377-65900001", "a,0377-65900002"), fees=fees)  # fmt: skip
    load(session, folder, MAR, signatories=(LI,), seals=seals[:1], domains=domains[:1],
         phones=("a,0377-65900001",), fees=("a,检测,4,CNY,2026-02-01",))  # fmt: skip
    return session


@pytest.fixture
def other(tmp_path: Path) -> Session:
    return Session(store.open_registry(f"sqlite:///{tmp_path / 'other.sqlite'}"))


def test_nothing_is_lost_on_the_way(session: Session, other: Session, tmp_path: Path) -> None:
    """A right that one list's silence ended would come back as one that its own paper ended."""
    filled(session, tmp_path / "in")
    counts = export.export(session, tmp_path / "out")
    assert counts == {"labs": 2, "signatories": 2, "seals": 3, "domains": 2, "phones": 2, "fees": 2}
    describe.apply(other, tmp_path / "out", Wish(MAR), dry_run=False)
    assert content(other) == content(session)
    [gone] = other.exec(select(Signatory).where(Signatory.name == "王"))
    assert gone.unlisted_since == MAR
    export.export(other, tmp_path / "again")
    for path in (tmp_path / "out").iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


def test_lists_before_and_after_mean_what_they_did(
    session: Session, other: Session, tmp_path: Path
) -> None:
    """Loaded into another registry, what was dropped would vanish with the next list."""
    filled(session, tmp_path / "in")
    export.export(session, tmp_path / "out")
    describe.apply(other, tmp_path / "out", Wish(MAR), dry_run=False)
    for day, people in ((APR, (LI,)), (FEB, (LI, WANG))):
        for each in (session, other):
            load(each, tmp_path / "in", day, signatories=people)
    assert content(other)["seals"] == content(session)["seals"]
    ends = {row[1]: row[4] for row in content(other)["signatories"]}
    assert ends == {"李": "", "王": "2026-02-28"}


@pytest.mark.parametrize(
    ("table", "row", "code"),
    [
        ("seals", "a,甲,公章,2026-13-01", "bad_date"),
        ("seals", "a,甲,公章,2026-04-02", "dropped_later"),
        ("labs", "a,甲检测有限公司,,,,2026-03-01", "unknown_column"),
    ],
)
def test_what_a_table_says_of_it_is_checked(
    other: Session, tmp_path: Path, table: str, row: str, code: str
) -> None:
    """A slip in the day would end a right, or keep it, without a word."""
    folder = write(tmp_path / "in", **{"labs": LABS.splitlines()[1:], table: ()})
    path = folder / f"{table}.csv"
    head = path.read_text(encoding="utf-8").splitlines()[0]
    path.write_text(f"{head},dropped_on\n{row}\n", encoding="utf-8")
    found = plan_import(other, folder, Wish(APR)).problems
    assert code in {each.code.removeprefix("registry.import.") for each in found}
