"""What the command line shows of the registry."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from registry import describe, store
from registry.errors import BadImportError, LabAmbiguousError, LabUnknownError
from registry.importing.changes import Kind
from registry.lookup import Registry
from registry.models import Accreditation, Fee, Lab, ScopeRow, SealText
from tests.registry.conftest import LABS, fill


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "labs.csv").write_text("lab_id,name,uscc,licence_address,aliases\na,甲,,,\n")
    (folder / "seals.csv").write_text("lab_id,text,kind\na,甲,公章\n")
    return folder


@pytest.mark.parametrize(
    "key", ["wan", LABS["wan"][0], "示例宛玉 珠宝检测有限公司", "2116 0011 0001", "CNAS L0290"]
)
def test_show_by_id_name_or_number(session: Session, key: str) -> None:
    """The operator would have to know the id."""
    fill(session)
    assert describe.show(session, key).lab.lab_id == "wan"


def test_show_unknown_offers_near_names(session: Session) -> None:
    """A misspelt name would end in silence."""
    fill(session)
    with pytest.raises(LabUnknownError) as caught:
        describe.show(session, "示例宛西玉器质量检验所")
    similar = caught.value.details["similar"]
    assert isinstance(similar, list)
    assert similar[0] == f"zhan {LABS['zhan'][0]}"


def test_show_ambiguous(session: Session) -> None:
    """One of two laboratories with the same short name would be shown as the one."""
    session.add(Lab(lab_id="a", name="甲", aliases="中心站点"))
    session.add(Lab(lab_id="b", name="乙", aliases="中心站点"))
    session.flush()
    with pytest.raises(LabAmbiguousError) as caught:
        describe.show(session, "中心站点")
    assert caught.value.details["labs"] == ["a", "b"]


def test_history_in_order_of_days(session: Session) -> None:
    """Which right followed which could not be seen."""
    session.add(Lab(lab_id="a", name="甲", licence_address="地址"))
    session.flush()
    for first, number in ((2021, "211601060417"), (2015, "151601060001")):
        session.add(
            Accreditation(
                lab_id="a",
                kind="CMA",
                number=number,
                valid_from=dt.date(first, 5, 1),
                valid_until=dt.date(first + 6, 4, 30),
            )
        )
    session.add(ScopeRow(lab_id="a", object="翡翠", valid_from=dt.date(2018, 5, 1)))
    session.add(SealText(lab_id="a", text="甲", kind="公章"))
    filed = dt.date(2019, 1, 1)
    session.add(
        Fee(lab_id="a", item="鉴定", unit_cost=Decimal("38.00"), currency="CNY", filed_on=filed)
    )
    session.flush()
    lines = describe.render_show(describe.show(session, "a"))
    assert lines == [
        "a  甲",
        "  licence_address: 地址",
        "2015-05-01..2021-04-30  accreditations: a/CMA/151601060001  status=valid",
        "2018-05-01..…           scopes: a/翡翠",
        "2019-01-01..…           fees: a/鉴定  unit_cost=38  currency=CNY",
        "2021-05-01..2027-04-30  accreditations: a/CMA/211601060417  status=valid",
        "                        seals: a/甲/公章",
    ]


def test_import_diff_and_dry_run(engine: Engine, tables: Path) -> None:
    """A dry run would change something, or an import would not be kept."""
    with store.session(engine) as session:
        assert len(describe.diff(session, tables).changes[Kind.ADD]) == 2
        dry = describe.apply(session, tables, dry_run=True)
    assert dry.revision is None
    assert Registry(engine).lab("a") is None
    with store.session(engine) as session:
        done = describe.apply(session, tables, dry_run=False)
    assert done.revision == Registry(engine).revision
    assert describe.render_apply(done) == [
        "+ labs: a  lab_id=a  name=甲",
        "+ seals: a/甲/公章  lab_id=a  text=甲  kind=公章",
        "removed=0 ended=0 changed=0 added=2 unchanged=0",
        f"revision={done.revision.revision[:12]}",
    ]


def test_diff_tells_every_kind_of_change(engine: Engine, tables: Path) -> None:
    """The operator would not see what goes."""
    with store.session(engine) as session:
        describe.apply(session, tables, dry_run=False)
    (tables / "labs.csv").write_text("lab_id,name,uscc,licence_address,aliases\na,乙,,,\n")
    (tables / "seals.csv").write_text("lab_id,text,kind\na,乙,公章\n")
    with store.session(engine) as session:
        lines = describe.render_diff(describe.diff(session, tables))
    assert lines == [
        "- seals: a/甲/公章  lab_id=a  text=甲  kind=公章",
        "~ labs: a  name: 甲 -> 乙",
        "+ seals: a/乙/公章  lab_id=a  text=乙  kind=公章",
        "removed=1 ended=0 changed=1 added=1 unchanged=0",
    ]


def test_bad_import_changes_nothing(engine: Engine, tables: Path) -> None:
    """The first tables would be in, the bad one not."""
    (tables / "seals.csv").write_text("lab_id,text,kind\nq,甲,公章\n")
    for dry_run in (True, False):
        with pytest.raises(BadImportError) as caught, store.session(engine) as session:
            describe.apply(session, tables, dry_run=dry_run)
        assert [each.place for each in caught.value.problems] == ["seals.csv:2:lab_id"]
    assert Registry(engine).lab("a") is None


def test_a_status_of_later_is_not_shown_for_a_day_before_it(session: Session) -> None:
    """A laboratory that was cancelled in May would seem to have been so in January."""
    session.add(Lab(lab_id="a", name="甲"))
    session.flush()
    may = dt.date(2023, 5, 1)
    session.add(
        Accreditation(
            lab_id="a", kind="CMA", number="211601060417", status="cancelled", status_on=may
        )
    )
    session.flush()

    def line(day: dt.date | None) -> str:
        return describe.render_show(describe.show(session, "a", as_of=day))[1].split("417  ")[1]

    assert line(dt.date(2023, 1, 1)) == "status=valid"
    assert line(may) == line(None) == "status=cancelled  status_on=2023-05-01"
