"""What several lists say together: any order, corrections, same days, each worked by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlmodel import Session, select

from registry import describe
from registry.days import today
from registry.errors import UndoRefusedError
from registry.history import former_names
from registry.imports import ImportDocument, ImportRecord
from registry.lookup import Registry
from registry.models import Accreditation, Lab, SealText, Signatory
from tests.registry.lists import content, load

JAN, FEB, MAR, APR = (dt.date(2026, month, 1) for month in (1, 2, 3, 4))
DAY = dt.timedelta(days=1)
LABS = ("a,甲检测有限公司,,,", "b,乙检测有限公司,,,")
LI, WANG, ZHAO = ("a,李,全部,2020-01-01,,", "a,王,全部,2020-01-01,,", "a,赵,全部,2021-06-01,,")


@pytest.fixture
def labs(session: Session, tmp_path: Path) -> Session:
    load(session, tmp_path, JAN, labs=LABS)
    return session


def ends(session: Session) -> dict[str, dt.date | None]:
    session.expire_all()
    return {row.name: row.valid_until for row in session.exec(select(Signatory))}


def test_a_list_between_two_brings_the_end_forward(labs: Session, tmp_path: Path) -> None:
    """A right would seem to last until whichever list happened to be loaded first."""
    load(labs, tmp_path, JAN, signatories=(LI, WANG))
    load(labs, tmp_path, APR, signatories=(LI,))
    assert ends(labs) == {"李": None, "王": APR - DAY}
    load(labs, tmp_path, FEB, signatories=(LI,))
    assert ends(labs) == {"李": None, "王": FEB - DAY}


def test_an_old_list_adds_what_has_since_ended(labs: Session, tmp_path: Path) -> None:
    """An archive loaded late would bring dead rights to life, or be no use."""
    load(labs, tmp_path, APR, signatories=(LI,))
    load(labs, tmp_path, JAN, signatories=(LI, WANG))
    assert ends(labs) == {"李": None, "王": APR - DAY}


def test_an_old_list_overwrites_nothing(labs: Session, tmp_path: Path) -> None:
    """A revoked laboratory would be valid again after loading last year's list."""
    old = "a,CMA,211601060417,甲,址,2021-05-01,2027-04-30,valid,,局"
    new = "a,CMA,211601060417,甲,址,2021-05-01,2027-04-30,revoked,2026-02-01,局"
    load(labs, tmp_path, MAR, labs=("a,新名检测有限公司,,,",), accreditations=(new,))
    plan = load(labs, tmp_path, FEB, labs=LABS, accreditations=(old,))
    assert plan.empty
    assert labs.exec(select(Accreditation.status)).one() == "revoked"
    assert labs.get_one(Lab, "a").name == "新名检测有限公司"


def test_a_right_that_comes_back_holds_again(labs: Session, tmp_path: Path) -> None:
    """A name left out of one list by a slip would stay struck off for ever."""
    for day, rows in ((JAN, (LI, WANG)), (FEB, (LI,)), (MAR, (LI, WANG))):
        load(labs, tmp_path, day, signatories=rows)
    assert ends(labs) == {"李": None, "王": None}


def test_a_wrong_first_day_can_be_corrected(labs: Session, tmp_path: Path) -> None:
    """The wrong row would stay valid as history and clear certificates it should not."""
    wrong, right = "a,王,全部,2012-01-01,,", "a,王,全部,2021-01-01,,"
    load(labs, tmp_path, JAN, signatories=(wrong,))
    load(labs, tmp_path, MAR, corrects=True, signatories=(right,))
    rows = labs.exec(select(Signatory)).all()
    assert [row.valid_from for row in rows] == [dt.date(2021, 1, 1)]
    # What was thought before is still known.
    told = describe.show(labs, "a", known_on=today()).lines
    assert len(told) == 1
    # And a list from before the correction has nothing to add.
    assert load(labs, tmp_path, FEB, signatories=(wrong,)).empty
    assert len(labs.exec(select(Signatory)).all()) == 1


def test_a_correction_leaves_later_lists_alone(labs: Session, tmp_path: Path) -> None:
    """Correcting January would undo what March says."""
    load(labs, tmp_path, JAN, signatories=(LI, WANG))
    load(labs, tmp_path, MAR, signatories=(LI, ZHAO))
    load(labs, tmp_path, FEB, corrects=True, signatories=(LI,))
    assert ends(labs) == {"李": None, "赵": None}


def test_a_list_of_the_same_day_takes_the_place_of_the_first(labs: Session, tmp_path: Path) -> None:
    """A slip seen at once could only be ended, as if it had been true until yesterday."""
    load(labs, tmp_path, JAN, signatories=(LI, WANG))
    load(labs, tmp_path, FEB, signatories=("a,李,全部,2019-01-01,,", ZHAO))
    plan = load(labs, tmp_path, FEB, signatories=(LI, ZHAO))
    rows = {(row.name, row.valid_from): row for row in labs.exec(select(Signatory))}
    assert set(rows) == {
        ("李", dt.date(2020, 1, 1)), ("王", dt.date(2020, 1, 1)), ("赵", dt.date(2021, 6, 1))
    }  # fmt: skip
    assert rows["李", dt.date(2020, 1, 1)].valid_until is None
    assert rows["王", dt.date(2020, 1, 1)].valid_until == FEB - DAY
    assert plan.unchanged == 1


def test_a_slip_is_gone_though_another_list_was_loaded_meanwhile(
    labs: Session, tmp_path: Path
) -> None:
    """The wrong row would stay, as if it had ended on the day before its own list."""
    wrong = "a,李,全部,2019-01-01,,"
    for day, rows in ((FEB, (wrong,)), (MAR, (LI, ZHAO)), (FEB, (LI,))):
        load(labs, tmp_path, day, signatories=rows)
    assert {row[1:4] for row in content(labs)["signatories"]} == {
        ("李", "全部", "2020-01-01"), ("赵", "全部", "2021-06-01")
    }  # fmt: skip


def test_each_row_tells_where_it_comes_from(labs: Session, tmp_path: Path) -> None:
    """Nobody could look up why the registry says what it says."""
    load(labs, tmp_path, FEB, signatories=(LI, WANG))
    load(labs, tmp_path, MAR, signatories=("", LI))
    rows = {row.name: row for row in labs.exec(select(Signatory))}
    assert (rows["王"].stated_by, rows["王"].place, rows["王"].recorded_by) == (
        2,
        "signatories.csv:3",
        3,
    )
    assert (rows["李"].stated_by, rows["李"].place, rows["李"].recorded_by) == (
        2,
        "signatories.csv:2",
        2,
    )
    record = labs.get_one(ImportRecord, 2)
    assert (record.loaded_by, record.list_date, record.added) == ("tester", FEB, 2)
    documents = labs.exec(select(ImportDocument).where(ImportDocument.import_id == 2)).all()
    assert [one.name for one in documents] == ["signatories.csv"]
    assert len(documents[0].sha256) == 64


def test_known_on_and_as_of(labs: Session, tmp_path: Path) -> None:
    """What we knew when we judged could not be told from what was true."""
    load(labs, tmp_path, FEB, signatories=(LI, WANG), seals=("a,甲,公章",))
    load(labs, tmp_path, MAR, signatories=(LI,), seals=("a,乙,公章",))
    for number, day in ((1, JAN), (2, FEB), (3, MAR)):
        at = dt.datetime.combine(day, dt.time(8), dt.UTC)
        labs.get_one(ImportRecord, number).imported_at = at
    labs.commit()

    def names(as_of: dt.date, known_on: dt.date | None = None) -> list[str]:
        lines = describe.show(labs, "a", as_of=as_of, known_on=known_on).lines
        return [line.source.split("/")[1] for line in lines]

    assert names(MAR - DAY) == ["甲", "李", "王", "乙"]
    assert names(MAR) == ["李", "乙"]
    assert names(MAR, FEB) == ["李", "王", "甲"]
    assert names(MAR, JAN) == []
    assert describe.show(labs, "a", known_on=JAN).lab.name == "甲检测有限公司"


def test_a_seal_given_up_still_serves_old_certificates(labs: Session, tmp_path: Path) -> None:
    """A laboratory with a new seal would be accused over its old certificates."""
    load(labs, tmp_path, FEB, seals=("a,旧章,公章",))
    load(labs, tmp_path, MAR, seals=("a,新章,公章",))
    record = Registry(labs).lab("a")
    assert record is not None
    assert {row.text for row in record.on(MAR - DAY).seals} == {"旧章", "新章"}
    assert {row.text for row in record.on(MAR).seals} == {"新章"}


def test_dry_run_tells_the_same_and_changes_nothing(labs: Session, tmp_path: Path) -> None:
    """An operator would approve one thing and get another."""
    rows = ("a,李,珠宝玉石,2020-01-01,,", ZHAO)
    load(labs, tmp_path, FEB, signatories=(LI, WANG), seals=("a,甲,公章",))
    before = content(labs), len(labs.exec(select(ImportRecord)).all())
    labs.rollback()
    told = load(labs, tmp_path, MAR, dry_run=True, signatories=rows, seals=())
    labs.rollback()
    assert (content(labs), len(labs.exec(select(ImportRecord)).all())) == before
    labs.rollback()
    done = load(labs, tmp_path, MAR, signatories=rows, seals=())
    assert describe.render_diff(told) == describe.render_diff(done)
    assert done.counts.total() == 4


def test_undo_of_the_middle_one_is_refused(labs: Session, tmp_path: Path) -> None:
    """What a later list was compared with would vanish under it."""
    load(labs, tmp_path, FEB, signatories=(LI,))
    load(labs, tmp_path, MAR, signatories=(LI, WANG))
    load(labs, tmp_path, APR, signatories=(LI,))
    with pytest.raises(UndoRefusedError) as caught:
        describe.undo(labs, 2, dry_run=False)
    assert caught.value.code == "registry.undo_refused_later"
    assert caught.value.details["imports"] == [4, 3]
    labs.rollback()
    describe.undo(labs, 4, dry_run=False)
    describe.undo(labs, 3, dry_run=False)
    describe.undo(labs, 2, dry_run=False)
    assert labs.exec(select(Signatory)).all() == []


def test_undo_leaves_imports_of_others_alone(labs: Session, tmp_path: Path) -> None:
    """A small later import would keep a wrong large one in for ever."""
    load(labs, tmp_path, FEB, signatories=(LI,))
    load(labs, tmp_path, MAR, signatories=("b,孙,全部,2020-01-01,,",))
    load(labs, tmp_path, MAR, seals=("a,甲,公章",))
    describe.undo(labs, 2, dry_run=False)
    assert ends(labs) == {"孙": None}
    assert len(labs.exec(select(SealText)).all()) == 1


def test_undo_of_a_laboratory_others_speak_of_is_refused(session: Session, tmp_path: Path) -> None:
    """Rows would be left without their laboratory."""
    load(session, tmp_path, JAN, labs=LABS)
    load(session, tmp_path, FEB, seals=("a,甲,公章",))
    with pytest.raises(UndoRefusedError) as caught:
        describe.undo(session, 1, dry_run=False)
    assert caught.value.details["imports"] == [2]
    session.rollback()
    describe.undo(session, 2, dry_run=False)
    describe.undo(session, 1, dry_run=False)
    assert Registry(session).lab("a") is None
    assert Registry(session).similar_names("甲检测有限公司") == []


def test_undo_twice_and_of_nothing_is_refused(labs: Session, tmp_path: Path) -> None:
    """A second undo would bring the import back unasked."""
    load(labs, tmp_path, FEB, signatories=(LI,))
    describe.undo(labs, 2, dry_run=False)
    for number, reason in ((2, "undone"), (9, "unknown")):
        with pytest.raises(UndoRefusedError) as caught:
            describe.undo(labs, number, dry_run=False)
        assert caught.value.code == f"registry.undo_refused_{reason}"
        labs.rollback()


def test_an_undone_list_has_no_say_in_later_ones(labs: Session, tmp_path: Path) -> None:
    """A list taken back would still end rights by its day."""
    load(labs, tmp_path, JAN, signatories=(LI, WANG))
    load(labs, tmp_path, FEB, signatories=(LI,))
    describe.undo(labs, 3, dry_run=False)
    load(labs, tmp_path, APR, signatories=(LI,))
    assert ends(labs) == {"李": None, "王": APR - DAY}


def test_undo_of_an_undo_that_others_follow_is_refused(labs: Session, tmp_path: Path) -> None:
    """An import would come back on top of a state it was never made for."""
    load(labs, tmp_path, JAN, signatories=(LI, WANG))
    load(labs, tmp_path, FEB, signatories=(LI,))
    describe.undo(labs, 3, dry_run=False)
    describe.undo(labs, 2, dry_run=False)
    with pytest.raises(UndoRefusedError) as caught:
        describe.undo(labs, 4, dry_run=False)
    assert caught.value.details["imports"] == [5]
    labs.rollback()
    describe.undo(labs, 5, dry_run=False)
    describe.undo(labs, 4, dry_run=False)
    assert ends(labs) == {"李": None, "王": FEB - DAY}


def test_log_tells_each_import(labs: Session, tmp_path: Path) -> None:
    """Nobody could see what to take back."""
    load(labs, tmp_path, FEB, signatories=(LI,))
    describe.undo(labs, 2, "chief", dry_run=False)
    lines = describe.render_log(describe.log(labs))
    assert [line.split()[0] for line in lines] == ["#3", "#2", "#1"]
    assert "undo of #2" in lines[0] and "by=chief" in lines[0]
    assert "list of 2026-02-01" in lines[1] and "undone by #3" in lines[1]
    assert "+1" in lines[1]


def test_only_true_names_are_former_names(labs: Session, tmp_path: Path) -> None:
    """A certificate with a name typed wrong once would be taken for the laboratory's."""

    def found(name: str) -> list[str]:
        return [one.lab_id for one in Registry(labs).similar_names(name, limit=1)]

    load(labs, tmp_path, FEB, labs=("a,错字鉴定研究所,,,",))
    load(labs, tmp_path, FEB, labs=("a,昆仑玉石鉴定站,,,",))
    assert found("错字鉴定研究所") == []
    load(labs, tmp_path, MAR, labs=("a,祁连玉石鉴定站,,,",))
    load(labs, tmp_path, APR, labs=("a,误导入宝石馆,,,",))
    describe.undo(labs, 5, dry_run=False)
    connection = labs.connection()
    assert sorted(former_names(connection, ["a"])) == [
        ("a", "昆仑玉石鉴定站"),
        ("a", "甲检测有限公司"),
    ]
    assert found("昆仑玉石鉴定站") == ["a"]
    assert found("误导入宝石馆") == []


def test_what_is_gone_stays_gone_since_then(labs: Session, tmp_path: Path) -> None:
    """Each further list without a seal would give the seal another month."""
    load(labs, tmp_path, JAN, seals=("a,旧章,公章", "a,章,公章"))
    for day in (FEB, MAR, APR):
        load(labs, tmp_path, day, seals=("a,章,公章",))
    dropped = {row.text: row.dropped_on for row in labs.exec(select(SealText))}
    assert dropped == {"旧章": FEB, "章": None}
