"""Telephones of bodies are held and matched; those of persons are not."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlmodel import Session, select

from registry import export, phones, store
from registry.errors import BadImportError
from registry.importing.apply import apply_plan
from registry.importing.plan import plan_import
from registry.lookup import LabEvidence, Registry
from registry.models import Phone
from tests.registry import official
from tests.registry.lists import content, load
from tests.registry.test_migrations import migrate_to

DAY = dt.date(2026, 1, 1)
LABS = ("a,甲珠宝检测有限公司,,,", "b,乙珠宝检测有限公司,,,")
PHONES = ("a,0377-65900000", "b,400-820-8820")


@pytest.mark.parametrize(
    ("printed", "kept"),
    [
        ("0377-65900000", "0377-65900000"),
        ("０３７７—６５９０００００", "0377-65900000"),
        ("0377 65900000", "0377-65900000"),
        ("(0377) 65900000 转 801", None),
        ("(0377) 65900000转801", "(0377)65900000转801"),
        ("4008-208-820", "4008-208-820"),
        ("+86-21-62345678", "+86-21-62345678"),
        (official.MOBILE, None),
        (f"0{official.MOBILE}", None),
        (f"张工{official.MOBILE}", None),
        ("110", None),
        (official.NUMBER, None),
        ("翡翠", None),
    ],
)
def test_what_is_a_bodys_number(printed: str, kept: str | None) -> None:
    """A person's mobile would be stored, or a landline refused."""
    assert phones.validate(printed) == kept
    if kept:
        assert phones.validate(kept) == kept


def test_one_number_however_it_is_written() -> None:
    """The paper's spelling would find nobody."""
    spelt = ("0377-65900000", "(0377)65900000", "+86-377-65900000", "0377 65900000转801")
    assert {phones.key(each) for each in spelt} == {"37765900000"}
    assert phones.key("4008-208-820") == phones.key("400-820-8820") == "4008208820"


def test_a_laboratory_is_found_by_its_telephone(session: Session, tmp_path: Path) -> None:
    """A paper of which only the telephone is readable would be nobody's."""
    load(session, tmp_path / "x", DAY, labs=LABS, phones=PHONES)
    registry = Registry(session)
    found = registry.candidates(LabEvidence(phone="电话：(0377) 6590 0000"))
    assert [(one.record.lab_id, one.matched_by) for one in found] == [("a", ("phone",))]
    misread = registry.candidates(LabEvidence(lab_name="甲珠宝检测有限公司", phone="0377-65900006"))
    assert misread[0].record.lab_id == "a"
    assert misread[0].conflicts == ()


def test_dropped_with_its_list_and_back_with_undo(session: Session, tmp_path: Path) -> None:
    """A number that a list no longer has would be forgotten, and with it who had it."""
    load(session, tmp_path / "x", DAY, labs=LABS, phones=PHONES)
    load(session, tmp_path / "x", dt.date(2026, 2, 1), phones=("a,0377-65900001",))
    held = {row.phone: row.dropped_on for row in session.exec(select(Phone))}
    assert held == {
        "0377-65900000": dt.date(2026, 2, 1), "0377-65900001": None, "400-820-8820": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "code"),
    [(official.MOBILE, "personal_number"), ("110", "bad_phone"), ("", "required")],
)
def test_what_is_none_is_refused(session: Session, tmp_path: Path, cell: str, code: str) -> None:
    """Half a list would be loaded, or a person's number kept."""
    with pytest.raises(BadImportError) as refused:
        load(session, tmp_path / "x", DAY, labs=LABS, phones=(f"a,{cell}",))
    assert [each.code for each in refused.value.problems] == [f"registry.import.{code}"]
    assert official.MOBILE not in str(refused.value.problems)


def test_a_list_of_institutions_keeps_landlines_alone(session: Session, tmp_path: Path) -> None:
    """The column holds both; a mobile would stay in the registry for good."""
    page = official.institutions()
    page.rows[1][-1] = f"0377-65900000/{official.MOBILE}"
    plan = plan_import(session, official.xlsx(tmp_path / "list.xlsx", [page]))
    apply_plan(session, plan)
    assert [row.phone for row in session.exec(select(Phone))] == ["0377-65900000"]
    found = Registry(session).candidates(LabEvidence(phone="0377-65900000"))
    assert [one.record.lab.name for one in found] == [official.LAB]
    page.rows[1][-1] = "0377-65900001"
    page.before[1] = "截至2024年4月30日"
    apply_plan(session, plan_import(session, official.xlsx(tmp_path / "next.xlsx", [page])))
    held = session.exec(select(Phone).where(Phone.dropped_on == None))  # noqa: E711 - SQL
    assert {row.phone for row in held} == {"0377-65900000", "0377-65900001"}


def test_out_and_in_again(session: Session, tmp_path: Path) -> None:
    """An operator who moves to another database would lose them."""
    load(session, tmp_path / "x", DAY, labs=LABS, phones=PHONES)
    before = content(session)
    export.export(session, tmp_path / "out")
    apply_plan(session, plan_import(session, tmp_path / "out"))
    assert content(session) == before


def test_the_step_down_and_up_again_keeps_the_rest(empty_url: str, tmp_path: Path) -> None:
    """An operator who goes back to the program before would lose more than telephones."""
    engine = store.open_registry(empty_url)
    with Session(engine) as session:
        load(session, tmp_path / "x", DAY, labs=LABS, phones=PHONES)
        before = content(session)
    migrate_to(engine, "0004", down=True)
    assert not inspect(engine).has_table("phones")
    with engine.connect() as connection:
        listed = text("SELECT count(*) FROM import_groups WHERE table_name = 'phones'")
        assert connection.execute(listed).scalar() == 0
    store.migrate(engine)
    with Session(engine) as session:
        assert content(session) == before | {"phones": []}
        load(session, tmp_path / "x", DAY, phones=PHONES)
        assert content(session) == before
    engine.dispose()
