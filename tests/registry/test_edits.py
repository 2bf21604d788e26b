"""What would break: an edit of one right that a list of last week undoes, that ends what it does
not speak of, or that rewrites what was known."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import note
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from registry import describe, past
from registry.days import today
from registry.errors import BadImportError, UndoRefusedError
from registry.history import former_names, known
from registry.importing.edits import EditWish
from registry.importing.source import Document
from registry.imports import ImportDocument, ImportEdit, ImportKind, ImportRecord
from registry.lookup import Registry
from registry.models import TABLES
from registry.shape import cell, shape
from tests.registry.lists import content, load
from tests.registry.test_properties import DAY, FIRST, List, cases, folder, lists, start

__all__ = ["folder"]

FEW = 5

# After every list of the generated ones.
LATE = FIRST + 20 * DAY
PEOPLE = ("a,李,全部,2020-01-01,2030-01-01,", "a,王,全部,2021-01-01,,")


def said(table: str, before: str | None, after: str | None, **more: object) -> EditWish:
    """An edit of rows as the CSV has them."""
    heads = {
        "labs": "lab_id,name,uscc,licence_address,aliases",
        "signatories": "lab_id,name,scope,valid_from,valid_until,specimen",
        "seals": "lab_id,text,kind",
    }[table].split(",")
    rows = [None if one is None else dict(zip(heads, one.split(","), strict=True))
            for one in (before, after)]  # fmt: skip
    told = {"reason": "来函更正", "source": "豫市监函〔2026〕12号", "day": LATE, **more}
    return EditWish(table, "a", *rows, **told)  # type: ignore[arg-type]


def edit(session: Session, wish: EditWish) -> int:
    describe.edit(session, wish, dry_run=False)
    return session.exec(select(ImportRecord.id).order_by(col(ImportRecord.id).desc())).first() or 0


def known_then(session: Session, number: int) -> dict[str, list[tuple[object, ...]]]:
    """All that was held after an import, 0 for now, as `--known-on` asks for it."""
    return {
        table: sorted(
            ((*map(cell, one.values), cell(one.dropped_on)) for one in
             known(session.connection(), shape(table), number or past.LATEST)), key=str
        )
        for table in TABLES
    }  # fmt: skip


ADDED = said("signatories", None, "a,孙,全部,2026-01-03,,")
NEVER = said("signatories", PEOPLE[1], None, corrects=True)
SPELT = said("signatories", PEOPLE[0], "a,李四,全部,2020-01-02,2029-01-01,", corrects=True)
ENDED = said("signatories", PEOPLE[0], "a,李,全部,2020-01-01,2025-12-31,")
SEAL = said("seals", "a,甲,公章", "a,甲,公章", ended_on=FIRST)


@cases(
    FEW,
    imports=lists(distinct=True, most=4),
    edited=st.sampled_from((ADDED, NEVER, SPELT, ENDED)),
    place=st.integers(0, 4),
)
def test_an_edit_stands_whenever_older_lists_come(
    engine: Engine, folder: Path, imports: list[List], edited: EditWish, place: int
) -> None:
    """A list of last week, imported tomorrow, would take back what a keeper knows of today."""
    note(f"{imports}")
    found = []
    for at in (0, min(place, len(imports))):
        with Session(engine) as session:
            start(session, folder)
            load(session, folder, FIRST - DAY, signatories=PEOPLE, seals=("a,甲,公章",))
            for one in imports[:at]:
                one.load(session, folder)
            wish = edited
            held = {row[:4]: row for row in content(session)["signatories"]}
            if edited.before is not None:
                key = tuple(edited.before[name] for name in list(edited.before)[:4])
                row = held.get(key)
                if row is None:  # a list took it away before: nothing to edit
                    return
            edit(session, wish)
            for one in imports[at:]:
                one.load(session, folder)
            found.append(content(session))
            assert Registry(session).revision.revision
    assert found[0]["signatories"] == found[1]["signatories"]
    kept = {row[:4] for row in found[0]["signatories"]}
    if edited.after is not None:
        assert tuple(edited.after[name] for name in list(edited.after)[:4]) in kept
    if edited in (NEVER, SPELT):
        assert (
            tuple((edited.before or {})[name] for name in list(edited.before or {})[:4]) not in kept
        )


@cases(FEW, imports=lists(distinct=True, most=3), edited=st.sampled_from((ADDED, SPELT, SEAL)))
def test_an_edit_is_taken_back_whole_and_nothing_is_forgotten(
    engine: Engine, folder: Path, imports: list[List], edited: EditWish
) -> None:
    with Session(engine) as session:
        start(session, folder)
        load(session, folder, FIRST - DAY, signatories=PEOPLE, seals=("a,甲,公章",))
        before, revision = content(session), Registry(session).revision.revision
        then = known_then(session, 0)
        number = edit(session, edited)
        assert known_then(session, number - 1) == then
        after = content(session)
        assert after != before
        record = session.get_one(ImportRecord, number)
        was = describe.show(session, "a", known_on=today())
        describe.undo(session, number, dry_run=False)
        assert (content(session), Registry(session).revision.revision) == (before, revision)
        describe.undo(session, number + 1, dry_run=False)
        assert content(session) == after and describe.show(session, "a") == was
        for one in imports:
            one.load(session, folder)
        assert known_then(session, number - 1) == then
        told = past.find(session, f"#{number - 1}")
        assert told.revision == revision and record.revision != revision


def test_a_list_of_a_later_day_counts_again(session: Session, tmp_path: Path) -> None:
    start(session, tmp_path)
    load(session, tmp_path, FIRST, signatories=PEOPLE)
    edit(session, ENDED)
    edit(session, ADDED)
    load(session, tmp_path, LATE + DAY, signatories=PEOPLE)
    rows = {row[1]: row[4] for row in content(session)["signatories"]}
    assert rows == {"李": "2030-01-01", "王": "", "孙": LATE.isoformat()}
    # Of the list's own day, what was said later counts, be it the list.
    load(session, tmp_path, LATE, signatories=PEOPLE[:1])
    rows = {row[1]: row[4] for row in content(session)["signatories"]}
    assert rows["李"] == "2030-01-01" and rows["王"] == ""


def test_a_later_list_on_the_same_lab_keeps_an_edit_from_being_undone(
    session: Session, tmp_path: Path
) -> None:
    start(session, tmp_path)
    load(session, tmp_path, FIRST, signatories=PEOPLE)
    listed = session.exec(select(ImportRecord.id).order_by(col(ImportRecord.id).desc())).first()
    number = edit(session, ENDED)
    with pytest.raises(UndoRefusedError) as refused:
        describe.undo(session, listed or 0, dry_run=True)
    assert refused.value.details["imports"] == [number]
    load(session, tmp_path, FIRST + DAY, signatories=PEOPLE)
    with pytest.raises(UndoRefusedError):
        describe.undo(session, number, dry_run=True)


def test_a_seal_ends_on_its_day_and_stays_so(session: Session, tmp_path: Path) -> None:
    start(session, tmp_path)
    load(session, tmp_path, FIRST - DAY, seals=("a,甲,公章",))
    edit(session, SEAL)
    load(session, tmp_path, FIRST + 3 * DAY, seals=("a,甲,公章", "a,乙,公章"))
    rows = {row[1]: row[3] for row in content(session)["seals"]}
    assert rows == {"甲": (FIRST + DAY).isoformat(), "乙": ""}


def test_reason_source_and_document_are_kept(session: Session, tmp_path: Path) -> None:
    start(session, tmp_path)
    load(session, tmp_path, FIRST, signatories=PEOPLE)
    number = edit(
        session, said("signatories", PEOPLE[0], "a,李,全部,2020-01-01,2025-12-31,",
                      url="https://example.gov.cn/1", documents=(Document("函.pdf", "f" * 64),),
                      loaded_by="keeper")
    )  # fmt: skip
    row, record = session.get_one(ImportEdit, number), session.get_one(ImportRecord, number)
    assert (row.reason, row.source, row.url) == (
        "来函更正", "豫市监函〔2026〕12号", "https://example.gov.cn/1"
    )  # fmt: skip
    assert (record.kind, record.loaded_by, record.changed) == (ImportKind.EDIT, "keeper", 1)
    [document] = session.exec(select(ImportDocument).where(ImportDocument.import_id == number))
    assert (document.name, document.sha256) == ("函.pdf", "f" * 64)


def test_a_new_name_keeps_the_former_one_a_corrected_one_does_not(
    session: Session, tmp_path: Path
) -> None:
    start(session, tmp_path)
    old, new = "a,甲检测有限公司,,,", "a,甲珠宝检测有限公司,,,"
    edit(session, said("labs", old, new))
    assert former_names(session.connection(), ["a"]) == [("a", "甲检测有限公司")]
    edit(session, said("labs", new, "a,甲玉检测有限公司,,,", corrects=True))
    assert former_names(session.connection(), ["a"]) == [("a", "甲检测有限公司")]


@pytest.mark.parametrize(
    ("wish", "what"),
    [
        (said("signatories", None, "a,孙,全部,2026-01-03,2025-01-01,"), "reversed_dates"),
        (said("signatories", None, PEOPLE[0]), "edit_exists"),
        (said("signatories", "a,周,全部,,,", PEOPLE[0], corrects=True), "edit_gone"),
        (said("signatories", PEOPLE[0], "a,李,翡翠,2020-01-01,,"), "edit_key"),
        (
            said("signatories", PEOPLE[0], "b,李,全部,2020-01-01,,", corrects=True),
            "edit_of_another",
        ),
        (said("labs", "a,甲检测有限公司,,,", None, corrects=True), "edit_of_nothing"),
        (said("seals", "a,甲,公章", "a,甲,公章", ended_on=dt.date(2999, 1, 1)), "edit_end"),
        (said("signatories", None, "a,孙,全部,,,", reason=" "), "edit_without_reason"),
        (said("signatories", None, "a,孙,全部,,,", source=""), "edit_without_source"),
        (said("signatories", None, "a,,全部,,,"), "required"),
    ],
)
def test_what_cannot_be_said(session: Session, tmp_path: Path, wish: EditWish, what: str) -> None:
    start(session, tmp_path)
    load(session, tmp_path, FIRST, signatories=PEOPLE, seals=("a,甲,公章",))
    before = content(session)
    with pytest.raises(BadImportError) as refused:
        describe.edit(session, wish, dry_run=False)
    assert what in {one.code.rpartition(".")[2] for one in refused.value.problems}
    session.rollback()
    assert content(session) == before
