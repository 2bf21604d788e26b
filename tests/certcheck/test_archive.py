"""What would break: an inspector's check lost, counted twice, or kept as a visitor's is."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import col, select

from certcheck.archive import keeping
from certcheck.archive.tables import Archived, Entry, Kind
from certcheck.corrections import Correction
from certcheck.errors import CheckHeldError
from certcheck.runner import again
from certcheck.runner.queue import Queue
from certcheck.runner.work import Work
from registry import store
from tests.certcheck.archived import INSPECTOR, STREAMER, answer, checked, people, report
from tests.certcheck.work_store import REVISION, Clock, request, send, standing

YEARS = 6
MASS = Correction("mass", "12.5")


@pytest.fixture
def work(work: Work) -> Work:
    """With an inspector and a streamer."""
    people(work)
    return work


def rows(work: Work) -> list[Archived]:
    with store.session(work.engine) as opened:
        return list(opened.exec(select(Archived).order_by(col(Archived.id))).all())


def entries(work: Work, kind: Kind) -> list[Entry]:
    with store.session(work.engine) as opened:
        return list(opened.exec(select(Entry).where(Entry.kind == kind)).all())


def hold(work: Work, check_id: str) -> None:
    with store.session(work.engine) as opened:
        store.write(opened)
        keeping.hold(opened, check_id)
        opened.commit()


def test_an_inspectors_check_is_filed_and_others_are_not(work: Work) -> None:
    check_id = checked(work)
    checked(work, owner=STREAMER)
    checked(work, owner=None)
    (row,) = rows(work)
    assert (row.root, row.check_id, row.owner, row.who) == (check_id, check_id, INSPECTOR, "insp甲")
    assert (row.number, row.number_key) == ("YA2026 0117", "ya20260117")
    assert (row.lab_id, row.lab, row.signatory) == ("wanyu", "示例宛玉珠宝检测中心", "王晓明")
    assert (row.verdict, row.item3, row.item1) == ("inconsistent", "inconsistent", "consistent")
    assert row.judged_on == dt.date(2026, 1, 17) and not row.held
    assert [entry.ref for entry in entries(work, Kind.CERTIFICATE)] == [str(row.id)]
    assert [entry.title for entry in entries(work, Kind.SIGNATORY)] == ["王晓明"]


def test_a_photo_of_two_certificates_has_two_rows(work: Work) -> None:
    checked(work, report(), report("YA2026 0118", part=2))
    assert [row.number for row in rows(work)] == ["YA2026 0117", "YA2026 0118"]


def test_what_was_judged_before_is_filed_for_who_asks_later(work: Work) -> None:
    checked(work, owner=None)
    check_id = send(work, b"photo", request(owner=INSPECTOR))
    assert not Queue(work).take(1)
    assert [row.root for row in rows(work)] == [check_id]


def test_a_correction_is_written_over_what_was_there(work: Work, clock: Clock) -> None:
    first = checked(work, report(), report("YA2026 0118", part=2))
    clock.on(minutes=1)
    second = again.check_again(work, first, [MASS], REVISION.revision)
    assert [row.check_id for row in rows(work)] == [first, first]
    answer(work, report("YA2026 0119", verdict="consistent"))
    (row,) = rows(work)
    assert (row.root, row.check_id, row.number) == (first, second, "YA2026 0119")
    assert row.corrected and row.verdict == "consistent"
    (entry,) = entries(work, Kind.CERTIFICATE)
    assert "ya20260119" in entry.texts and "ya20260117" not in entry.texts


def test_a_correction_that_could_not_be_judged_leaves_the_row(work: Work, clock: Clock) -> None:
    first = checked(work)
    clock.on(minutes=1)
    again.check_again(work, first, [MASS], REVISION.revision)
    answer(work, report(error={"code": "check.crashed"}))
    assert [(row.check_id, row.verdict) for row in rows(work)] == [(first, "inconsistent")]


def test_a_photo_that_could_not_be_checked_is_filed_as_that(work: Work) -> None:
    checked(work, report(error={"code": "photo.not_a_certificate"}))
    (row,) = rows(work)
    assert row.verdict == "error" and set(row.items) == {""}


def test_an_inspectors_check_stays_for_years(work: Work, clock: Clock) -> None:
    mine, other = checked(work), checked(work, owner=None)
    clock.on(days=YEARS * 365)
    work.sweep()
    assert work.look(other) is None and standing(work, mine).reports
    clock.on(days=10)
    work.sweep()
    assert work.look(mine) is None
    assert rows(work) == entries(work, Kind.CERTIFICATE) == entries(work, Kind.SIGNATORY) == []


def test_what_a_case_holds_stays_until_it_lets_go(work: Work, clock: Clock) -> None:
    check_id = checked(work, owner=None)
    hold(work, check_id)
    assert [(row.root, row.held, row.who) for row in rows(work)] == [(check_id, True, "")]
    clock.on(days=100 * 366)
    work.sweep()
    with pytest.raises(CheckHeldError):
        work.forget(check_id)
    corrected = again.check_again(work, check_id, [MASS], REVISION.revision)
    answer(work, report("YA2026 0119"))
    assert corrected and standing(work, corrected).reports
    assert [row.number for row in rows(work)] == ["YA2026 0119"]
    with store.session(work.engine) as opened:
        store.write(opened)
        keeping.let_go(opened, check_id, clock() + dt.timedelta(days=1))
        opened.commit()
    assert [row.held for row in rows(work)] == [False]
    clock.on(days=2)
    work.sweep()
    assert work.look(check_id) is work.look(corrected) is None and rows(work) == []


def test_what_a_case_holds_before_it_is_read_is_filed_then(work: Work) -> None:
    check_id = send(work, b"photo")
    hold(work, check_id)
    assert rows(work) == []
    answer(work)
    assert [row.root for row in rows(work)] == [check_id]


def test_a_deleted_check_leaves_nothing_behind(work: Work) -> None:
    first, second = checked(work), checked(work, report("YA2026 0118"), photo=b"other")
    assert work.forget(first)
    assert [row.root for row in rows(work)] == [second]
    assert len(entries(work, Kind.SIGNATORY)) == 1, "the other one has the same approver"
    assert work.forget(second)
    assert rows(work) == entries(work, Kind.SIGNATORY) == entries(work, Kind.CERTIFICATE) == []
