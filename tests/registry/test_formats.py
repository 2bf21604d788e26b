"""Tables that authorities publish: headings found, merged cells followed, nothing guessed."""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path

import openpyxl
import pytest
from sqlmodel import Session, select

from registry.errors import BadImportError, BadMappingError
from registry.importing.apply import apply_plan
from registry.importing.plan import ImportPlan, Wish, plan_import
from registry.models import Accreditation, ScopeRow, Signatory
from registry.shape import cell, content_columns
from tests.registry import lists, official
from tests.registry.lists import content, kept

LAB_ID = f"CMA-{official.NUMBER}"


def load(session: Session, path: Path, wish: Wish = Wish()) -> ImportPlan:  # noqa: B008 - frozen
    plan = plan_import(session, path, wish)
    apply_plan(session, plan)
    session.commit()
    return plan


def codes(session: Session, path: Path, wish: Wish = Wish()) -> list[tuple[str, str]]:  # noqa: B008 - frozen
    """(place, code without its prefix) of everything wrong."""
    found = plan_import(session, path, wish).problems
    return [(each.place, each.code.removeprefix("registry.import.")) for each in found]


def scopes(session: Session) -> set[tuple[str, str, str, str]]:
    rows = session.exec(select(ScopeRow).where(ScopeRow.dropped_on == None))  # noqa: E711 - SQL
    return {(row.object, row.parameter, row.standard, row.limitation) for row in rows}


def edit(path: Path, sheet: str, **cells: object) -> Path:
    """The workbook with some cells changed."""
    book = openpyxl.load_workbook(path)
    for place, value in cells.items():
        book[sheet][place] = value
    book.save(path)
    return path


@pytest.fixture
def book(tmp_path: Path) -> Path:
    pages = [official.institutions(), official.capability(), official.signatories()]
    return official.xlsx(tmp_path / "registry.xlsx", pages)


def test_workbook_of_an_authority(session: Session, book: Path) -> None:
    """Numbers kept as floats, days of every form, merged cells and lines above would be lost."""
    plan = load(session, book)
    assert plan.warnings == []
    assert plan.list_date == dt.date(2024, 3, 31)
    held = session.exec(select(Accreditation).order_by(Accreditation.number)).all()
    assert [(row.number, row.address) for row in held] == [
        (official.NUMBER, official.ADDRESS),
        ("211620110062", "河南省南阳市桐柏县示河路2号"),
    ]
    assert {(row.valid_from, row.valid_until) for row in held} == {
        (official.APPROVED, dt.date(2027, 5, 5))
    }
    assert scopes(session) == official.SCOPES
    people = session.exec(select(Signatory)).all()
    assert {(row.name, row.scope) for row in people} == official.SIGNATORIES
    assert {row.valid_from for row in session.exec(select(ScopeRow))} == {official.APPROVED}
    assert held[0].place == "registry.xlsx[名录]:4"


def test_twice_is_once(session: Session, book: Path) -> None:
    """A list loaded again would end or double its own rows."""
    load(session, book)
    assert plan_import(session, book).empty


def test_persons_data_are_stored_nowhere(
    session: Session, book: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """ID and mobile numbers would be in the database, a message or the log."""
    with caplog.at_level(logging.DEBUG):
        edit(
            book,
            "授权签字人表",
            G4=f"仅限电话{official.MOBILE}",
            A6=3,
            B6=official.ID_NUMBER,
            D6="全部",
        )
        plan = plan_import(session, book)
        told = str([plan.problems, plan.warnings]) + caplog.text
        assert plan.problems
        edit(book, "授权签字人表", A6=None, B6=None, D6=None)
        load(session, book)
    told += kept(session)
    assert official.LAB in told
    assert not any(number in told for number in official.PERSONAL)


def test_persons_data_in_the_tables_of_the_contract(session: Session, tmp_path: Path) -> None:
    """The other way in would let them pass; a number of a certificate looks much the same."""
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "labs.csv").write_text(
        "lab_id,name,uscc,licence_address,aliases\n"
        f"a,甲检测有限公司,,一路1号（手机：{official.MOBILE}）,\n",
        encoding="utf-8",
    )
    (folder / "accreditations.csv").write_text(
        "lab_id,kind,number,holder_name,address,valid_from,valid_until,status,status_on,authority\n"
        f"a,CMA,151620110088,甲 {official.ID_NUMBER},,2021-05-01,{official.ID_NUMBER},valid,,局\n",
        encoding="utf-8",
    )
    plan = plan_import(session, folder)
    assert [each.code for each in plan.problems] == ["registry.import.personal_number"]
    assert official.ID_NUMBER not in str(plan.problems)
    labs, held = plan.tables["labs"], plan.tables["accreditations"]
    assert [row.values[3] for _, row in labs.rows] == ["一路1号"]
    assert list(held.rows) == []


@pytest.mark.parametrize(
    ("sheet", "cells", "place", "code"),
    [
        ("名录", {"C4": "2.11620110061E+11"}, "4:number", "rounded_number"),
        ("名录", {"F5": "2021年13月6日"}, "5:valid_from", "bad_date"),
        ("名录", {"H5": "在册"}, "5:status", "unknown_state"),
        ("名录", {"J3": "资质限制"}, "3:资质限制", "unknown_heading"),
        ("名录", {"B5": "另一检测站", "C5": None}, "5:lab_id", "lab_without_number"),
        ("能力表", {"F6": "=B1&C1"}, "6:standard", "formula"),
        ("授权签字人表", {"B4": None}, "4:name", "required"),
        ("授权签字人表", {"D3": "领 域 说 法"}, "3:", "unknown_sheet"),
    ],
)
def test_a_broken_row_leaves_all_as_it_was(
    session: Session,
    book: Path,
    sheet: str,
    cells: dict[str, object],
    place: str,
    code: str,
) -> None:
    """Half a list would turn the other half into strangers; a slip would not be found."""
    load(session, book)
    before = content(session)
    edit(book, sheet, **cells)
    assert (f"registry.xlsx[{sheet}]:{place}", code) in codes(session, book)
    with pytest.raises(BadImportError):
        load(session, book)
    session.rollback()
    assert content(session) == before


def test_what_a_list_cannot_say_stays(session: Session, book: Path, tmp_path: Path) -> None:
    """A list of names and numbers would take away days, sites, codes and CNAS numbers."""
    load(session, book)
    own = session.exec(select(Accreditation).where(Accreditation.lab_id == LAB_ID)).one()
    row = ",".join(cell(getattr(own, name)) for name in content_columns(Accreditation))
    lists.load(
        session,
        tmp_path / "csv",
        dt.date(2024, 6, 1),
        labs=(f"{LAB_ID},{official.LAB},,,伏牛检测",),
        accreditations=(row, f"{LAB_ID},CNAS,CNAS L0290,,,,,valid,,"),
    )
    before = content(session)
    rows: list[list[official.Cell]] = [
        ["机构名称", "资质认定证书编号", "机构信息"],
        [official.LAB, official.NUMBER, "查看"],
    ]
    short = official.xlsx(tmp_path / "short.xlsx", [official.Page("名单", rows)])
    load(session, short, Wish(list_date=dt.date(2025, 1, 1)))
    assert content(session) == before


def test_a_laboratory_is_never_guessed(session: Session, book: Path, tmp_path: Path) -> None:
    """Rights would be given to a laboratory of a like name, or of somebody else's number."""
    load(session, book)
    page = official.capability()
    page.before = [line.replace("伏牛", "伏午") for line in page.before]
    other = official.xlsx(tmp_path / "other.xlsx", [page])
    # The number is known: that name and number differ is told, and nothing is taken.
    assert {code for _, code in codes(session, other)} <= {"lab_conflict", "lab_renamed"}
    page.before = []
    untold = official.xlsx(tmp_path / "untold.xlsx", [page])
    assert {code for _, code in codes(session, untold)} == {"lab_untold"}
    (tmp_path / "untold.xlsx.map.toml").write_text(f'lab_id = "{LAB_ID}"\n', encoding="utf-8")
    assert codes(session, untold) == []


def test_mapping_file(session: Session, book: Path, tmp_path: Path) -> None:
    """Headings and words of one office would need a programmer."""
    edit(book, "名录", J3="资质限制", H5="在册")
    edit(book, "授权签字人表", D3="可以签什么")
    told = tmp_path / "words.toml"
    told.write_text(
        'list_date = 2024-01-02\n[columns]\n"资质限制" = "ignore"\n"可以签什么" = "scope"\n'
        '[states]\n"在册" = "valid"\n[sheets."能力表"]\ntable = "skip"\n',
        encoding="utf-8",
    )
    plan = load(session, book, Wish(mapping=told))
    assert plan.list_date == dt.date(2024, 1, 2)
    assert scopes(session) == set()
    assert len(session.exec(select(Signatory)).all()) == 2


@pytest.mark.parametrize("text", ["nonsense", "colums = 1\n", '[columns]\n"名" = "nam"\n'])
def test_mapping_file_with_a_slip(session: Session, book: Path, tmp_path: Path, text: str) -> None:
    """A misspelt word in it would be passed over, and with it what it was to say."""
    told = tmp_path / "words.toml"
    told.write_text(text, encoding="utf-8")
    with pytest.raises(BadMappingError):
        plan_import(session, book, Wish(mapping=told))


def test_sites_are_kept_apart(session: Session, book: Path, tmp_path: Path) -> None:
    """A page for one site would take the rights of the others away, or give them to all."""
    second = "河南省郑州市金水区例行路5号"
    line: list[official.Cell] = [
        3,
        official.LAB,
        official.NUMBER,
        None,
        second,
        "2021-05-06",
        "2027-05-05",
        "有效",
        "示例省局",
    ]
    load(session, official.xlsx(tmp_path / "a.xlsx", [official.institutions(line)]))
    pages = []
    for place, thing in ((official.ADDRESS, "翡翠"), (second, "钻石")):
        rows: list[list[official.Cell]] = [
            ["序号", "检测对象", "依据的标准（方法）名称及编号（含年号）", "限制范围"],
            [1, thing, "珠宝玉石 鉴定 GB/T 16553-2017", None],
        ]
        before = [f"机构名称：{official.LAB}", f"场所地址：{place}", "批准日期：2021年5月6日"]
        pages.append(official.Page(thing, rows, before=before))
    for page in pages:
        load(session, official.xlsx(tmp_path / f"{page.name}.xlsx", [page]))
    assert {(thing, limit) for thing, _, _, limit in scopes(session)} == {
        ("翡翠", f"仅限{official.ADDRESS}场所"),
        ("钻石", f"仅限{second}场所"),
    }


def test_hidden_sheets_are_told_and_left_out(session: Session, tmp_path: Path) -> None:
    """Last year's list, hidden in the same file, would count."""
    old = official.signatories()
    old.name = "旧表"
    old.rows[1][1] = "旧人"
    path = official.xlsx(
        tmp_path / "a.xlsx", [official.institutions(), official.signatories()], [old]
    )
    plan = load(session, path)
    assert [(each.place, each.code) for each in plan.warnings] == [
        ("a.xlsx[旧表]:0:", "registry.import.hidden_sheet")
    ]
    assert {row.name for row in session.exec(select(Signatory))} == {"沈怀瑾", "顾明哲"}


@pytest.mark.parametrize(
    "written",
    ["第211620110061号", "（豫）211620110061", "CMA证书编号：211620110061", "2116 2011 0061"],
)
def test_a_number_is_kept_without_what_stands_round_it(
    session: Session, tmp_path: Path, written: str
) -> None:
    """The number under the mark would not be registered, and an honest laboratory be unknown."""
    page = official.institutions()
    page.rows[1][2] = written
    load(session, official.xlsx(tmp_path / "list.xlsx", [page]))
    held = session.exec(select(Accreditation.kind, Accreditation.number)).all()
    assert sorted(held) == [("CMA", official.NUMBER), ("CMA", "211620110062")]


def test_two_numbers_in_a_cell_and_none(session: Session, tmp_path: Path) -> None:
    """The CNAS number would be a part of the CMA number; a cell without one would be a number."""
    page = official.institutions()
    page.rows[1][2] = "211620110061 CNAS L1234"
    path = official.xlsx(tmp_path / "list.xlsx", [page])
    load(session, path)
    held = session.exec(select(Accreditation.kind, Accreditation.number)).all()
    assert ("CNAS", "CNAS L1234") in held and ("CMA", official.NUMBER) in held
    edit(path, page.name, C4="见证书原件")
    assert [code for _, code in codes(session, path)] == ["odd_number"]
