"""ID and mobile numbers of persons are stored nowhere, however and wherever they are written."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from registry import describe
from registry.errors import BadImportError
from registry.importing.personal import holds, may_hold, scrub
from registry.importing.plan import Wish, plan_import
from tests.registry import official
from tests.registry.lists import kept, load, write

MOBILE, PERSON = official.MOBILE, official.ID_NUMBER
DAY = dt.date(2026, 1, 1)
SPACED = f"{PERSON[:6]} {PERSON[6:10]} {PERSON[10:14]} {PERSON[14:]}"
FOURS = " ".join(PERSON[at : at + 4] for at in range(0, 18, 4))
WIDE = MOBILE.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(40)


@pytest.mark.parametrize(
    "text",
    [
        MOBILE, WIDE, f"TEL{MOBILE}", f"QQ:{MOBILE}", f"微信号{MOBILE}", f"(+86){MOBILE}",
        f"0086-{MOBILE}", f"0086{MOBILE}", f"86{MOBILE}", f"{MOBILE}.0", "1.3800138E+10",
        "138 0013 8000", "1380013 8000", "13800 138000", "138.0013.8000", "138—0013—8000",
        "138－0013－8000", "138\u200b00138000", "138_0013_8000", PERSON, f"{PERSON}.0", SPACED,
        FOURS, f"身份证{PERSON[:6]}-{PERSON[6:14]}-{PERSON[14:]}", "41010119900101123Ｘ",
        "410101900101123", "138-001-38000", "1380-013-8000", "138 00 13 80 00", "138 001 380 00",
        "1 3 8 0 0 1 3 8 0 0 0", "１３８　００１　３８０００", "+86 138 001 38000", "138-00138-000",
        "13-80-01-38-00-0", "+86-138-001-38000", "（+86）138.001.38000", f"{MOBILE} {MOBILE}",
    ],
)  # fmt: skip
def test_numbers_however_they_are_written(text: str) -> None:
    """One odd space, and a person's number would stay in the registry for good."""
    assert scrub(f"沈怀瑾 {text}") == scrub(f"沈怀瑾{text}") == "沈怀瑾"


@pytest.mark.parametrize(
    "text",
    [
        "211620110061", "2116 2011 0061", "第211620110061号", "CNAS L13800", "2016160345Z",
        "GB/T 16552-2017、16553-2017", "GB/T 16553-2017 4.1.2条", "GB/T 18043-2013\nGB 11887-2012",
        "91411324MA3X13800M", "12410000415801234X", "0377-65901234", "2021-05-06至2027-05-05",
        "河南省镇平县玉都大道138号 474250", "YA202330246633", "GB/T 16553-2017 4.1条",
        "1499-2018-001", "16553-2017-12", "13-14-2021-001", "1.38 3.33 1.66 2.7",
    ],
)  # fmt: skip
def test_what_is_no_person_stays(text: str) -> None:
    """A certificate's number or a standard would be cut to pieces, and match nothing."""
    assert scrub(text) == text


_MARKS = st.sampled_from(
    ["", " ", "-", "—", "、", "翡翠", "TEL", "１", "138", "19900101", "4101", "X"]
)


@given(st.lists(_MARKS | st.text("0123456789０１ -", max_size=12), max_size=8).map("".join))
def test_the_first_look_misses_nothing(text: str) -> None:
    """A cell would be passed over before it was looked at."""
    left = scrub(text)
    assert left == text or may_hold(text)
    assert not holds(left)


def told(session: Session) -> list[str]:
    return [each for each in (MOBILE, WIDE, PERSON, SPACED, "1990 0101") if each in kept(session)]


def test_every_column_of_the_contracts_tables(session: Session, tmp_path: Path) -> None:
    """Full-width digits and spaced numbers went through, and so did a picture's path."""
    picture = tmp_path / "specimens" / f"沈怀瑾_{PERSON}.png"
    picture.parent.mkdir()
    picture.write_bytes(PICTURE)
    load(
        session,
        tmp_path,
        DAY,
        labs=[f"a,甲检测有限公司{MOBILE},,一路1号 {SPACED},张三{PERSON};{WIDE}"],
        accreditations=[f"a,CMA,211620110061,甲{WIDE},路1号 {MOBILE},,,valid,,省局 {MOBILE}"],
        scopes=[f"a,翡翠{WIDE},密度{MOBILE},GB/T 16553-2017 {MOBILE},联系{SPACED},,"],
        signatories=[
            f"a,沈怀瑾{SPACED},全部{MOBILE},,,specimens/{picture.name}",
            f"a,顾明哲,全部,,,missing/{PERSON}.png",
        ],
        seals=[f"a,甲{WIDE},检验检测专用章{PERSON}"],
        memberships=[f"a,平台{MOBILE},,"],
        fees=[f"a,鉴定{MOBILE},10,CNY,"],
        coverage=[f"16,CMA,,,张三{MOBILE}"],
    )
    assert told(session) == []
    assert "沈怀瑾" in kept(session) and "specimens/" in kept(session)


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ("labs", f"{MOBILE},甲检测有限公司,,,"),
        ("labs", f"a,甲检测有限公司,{PERSON},,"),
        ("accreditations", f"a,CMA,{PERSON},甲,,,,valid,,局"),
        ("accreditations", f"a,CAL,{WIDE},甲,,,,valid,,局"),
    ],
)
def test_a_code_that_is_a_persons_number_is_refused_without_showing_it(
    session: Session, tmp_path: Path, table: str, line: str
) -> None:
    """It would be the laboratory's own code, in every report and log."""
    labs = ["a,甲检测有限公司,,,"] if table != "labs" else []
    folder = write(tmp_path, **{"labs": labs, table: [line]})
    found = plan_import(session, folder, Wish(list_date=DAY)).problems
    assert [each.code for each in found] == ["registry.import.personal_number"]
    assert not any(each in str(found) for each in (MOBILE, WIDE, PERSON))
    with pytest.raises(BadImportError):
        describe.apply(session, folder, Wish(list_date=DAY), dry_run=False)


def test_names_of_files_and_sheets(session: Session, tmp_path: Path) -> None:
    """`签字人_…_<ID number>.xlsx` would stand in the log and beside every row."""
    page = official.signatories()
    page.name = f"沈怀瑾{MOBILE}"
    book = official.xlsx(tmp_path / "book.xlsx", [official.institutions(), page])
    named = shutil.move(book, tmp_path / f"签字人_沈怀瑾_{PERSON}_{MOBILE}.xlsx")
    describe.apply(session, Path(named), Wish(loaded_by="tester"), dry_run=False)
    assert told(session) == []
    assert "签字人_沈怀瑾" in kept(session)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (" " * 20_000, None), ("1 " * 10_000, None), ("13 " * 7_000, None), ("1" * 20_000, None),
        ("211620110061 " * 2_000, None), ("41010119900101123 " * 1_000, None),
        ("电话：" * 7_000, None), (f"{MOBILE} " * 2_000, ""), (f"{PERSON} " * 1_000, ""),
        ("(" * 20_000 + MOBILE, "(" * 19_999),
    ],
)  # fmt: skip
def test_a_long_cell_is_looked_at_once(text: str, left: str | None) -> None:
    """Each number in it looked at all of it: a cell of a page would keep an import for hours."""
    assert scrub(text) == (text if left is None else left)
