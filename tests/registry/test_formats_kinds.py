"""The same tables in every format that they come in say the same."""

from __future__ import annotations

import csv
import datetime as dt
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
from sqlmodel import Session, SQLModel, create_engine

from registry import export, store
from registry.errors import ExportRefusedError, UnknownSourceError
from registry.importing import word as word_reader
from registry.importing.plan import Wish, plan_import
from registry.models import TABLES
from tests.registry import official, official_formats
from tests.registry.lists import content, write
from tests.registry.test_formats import load

Make = Callable[[Path, list[official.Page]], Path]


def _gbk(path: Path, pages: list[official.Page]) -> Path:
    return official_formats.html(path, pages, "gb18030", told="gb2312")


def _utf8(path: Path, pages: list[official.Page]) -> Path:
    return official_formats.html(path, pages, "utf-8")


FORMATS: dict[str, Make] = {
    "a.xls": official_formats.xls,
    "a.html": _utf8,
    "gbk.htm": _gbk,
    "page.xls": _gbk,
    "a.docx": official_formats.word,
    "a.pdf": official_formats.pdf,
    "short.pdf": lambda path, pages: official_formats.pdf(path, pages, height=150),
}


@pytest.fixture
def sessions() -> Iterator[Callable[[], Session]]:
    opened = []

    def make() -> Session:
        engine = create_engine("sqlite://")
        SQLModel.metadata.create_all(engine)
        opened.append((engine, Session(engine)))
        return opened[-1][1]

    yield make
    for engine, session in opened:
        session.close()
        engine.dispose()


def pages() -> list[official.Page]:
    listed = official.institutions()
    listed.rows[1][-1] = f"0377-65900000/{official.MOBILE}"
    return [listed, official.capability(), official.signatories()]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_says_the_same(
    name: str, sessions: Callable[[], Session], tmp_path: Path
) -> None:
    """A merged cell, a broken line or an encoding would make another registry."""
    first, second = sessions(), sessions()
    load(first, official.xlsx(tmp_path / "as.xlsx", pages()))
    plan = load(second, FORMATS[name](tmp_path / name, pages()))
    assert content(second) == content(first)
    assert plan.list_date is not None
    assert not any(number in str(content(second)) for number in official.PERSONAL)


def test_a_folder_is_one_import(sessions: Callable[[], Session], tmp_path: Path) -> None:
    """Page after page of a register, each would end the rows of the one before."""
    whole, parts = sessions(), sessions()
    load(whole, official.xlsx(tmp_path / "as.xlsx", pages()))
    folder = tmp_path / "pages"
    folder.mkdir()
    one, two, three = pages()
    _gbk(folder / "1.html", [one])
    official_formats.pdf(folder / "3.pdf", [three])
    second = official.capability()
    # The second half of the rows stands on a page of its own.
    two.rows, second.rows = two.rows[:4], [*second.rows[:2], second.rows[4]]
    second.spans = second.spans[:6]
    _utf8(folder / "2.html", [two])
    official_formats.word(folder / "2b.docx", [second])
    plan = load(parts, folder)
    assert [each.name for each in plan.documents] == ["1.html", "2.html", "2b.docx", "3.pdf"]
    assert content(parts) == content(whole)


@pytest.mark.parametrize("name", [*FORMATS, "a.xlsx"])
def test_out_and_in_again(name: str, sessions: Callable[[], Session], tmp_path: Path) -> None:
    """What was loaded from any format would not be what the CSV tables say."""
    first, second = sessions(), sessions()
    load(first, FORMATS.get(name, official.xlsx)(tmp_path / name, pages()))
    with store.demo_tables() as demo:
        # Specimens, ended rows, fees, coverage: every table of the contract.
        load(first, demo)
    folder = tmp_path / "out"
    counts = export.export(first, folder)
    assert set(counts) == set(TABLES)
    load(second, folder, Wish(list_date=dt.date(2024, 3, 31)))
    assert content(second) == content(first)
    with pytest.raises(ExportRefusedError):
        export.export(first, folder)


def test_formulas_in_lists_do_not_run_and_are_not_lost(
    sessions: Callable[[], Session], tmp_path: Path
) -> None:
    """A name in a list would act on the computer of whoever opens the exported tables."""
    first, second, third = sessions(), sessions(), sessions()
    line = 'a,"=HYPERLINK(""http://x"",""y"")",,"+1 -2","@SUM(A1);\'-x"'
    load(first, write(tmp_path / "in", labs=[line], seals=["a,-,＝１＋１"]))
    export.export(first, tmp_path / "out")
    with (tmp_path / "out" / "labs.csv").open(encoding="utf-8", newline="") as file:
        cells = list(csv.reader(file))[1]
    assert cells == ["a", '\'=HYPERLINK("http://x","y")', "", "'+1 -2", "'@SUM(A1);'-x"]
    load(second, tmp_path / "out")
    assert content(second) == content(first)
    # As a spreadsheet program would save it.
    book = openpyxl.Workbook()
    book.active.title = "labs"
    for row in (["lab_id", "name", "uscc", "licence_address", "aliases"], cells):
        book.active.append(row)
    book.save(tmp_path / "labs.xlsx")
    load(third, tmp_path / "labs.xlsx")
    assert content(third)["labs"] == content(first)["labs"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        ("a.pdf", b"%PDF-1.7\nnothing"),
        ("a.docx", b"PK\x03\x04 nothing"),
        ("a.xlsx", b"PK\x03\x04 nothing"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        ("a.txt", "机构名称".encode()),
    ],
)
def test_what_is_no_document(
    sessions: Callable[[], Session], tmp_path: Path, name: str, data: bytes
) -> None:
    """A damaged file would stop the program, or count as an empty list."""
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(UnknownSourceError):
        plan_import(sessions(), path)


@pytest.mark.parametrize("name", ["a.xlsx", "a.docx", "a.html"])
def test_what_its_reader_stumbles_over_is_damaged(
    sessions: Callable[[], Session], tmp_path: Path, name: str
) -> None:
    """A list made to break its reader would be a traceback on the desk, and tried three times."""
    path = FORMATS.get(name, official.xlsx)(tmp_path / name, pages())
    data = path.read_bytes()
    if data.startswith(b"PK"):
        with zipfile.ZipFile(path) as archive:
            parts = {one: archive.read(one) for one in archive.namelist()}
        with zipfile.ZipFile(path, "w") as archive:
            for part, body in parts.items():
                archive.writestr(part, body[:-20] + b"<\x00&" + body[-20:])
    else:
        path.write_bytes(data.replace(b"rowspan='", b"rowspan='9999999999999999999"))
    try:
        plan_import(sessions(), path)
    except UnknownSourceError as error:
        assert error.details["reason"] in ("damaged", "no_tables", "too_large")


def test_a_bomb_is_not_unpacked(
    sessions: Callable[[], Session], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few kilobytes would fill the memory."""
    path = official_formats.word(tmp_path / "a.docx", pages())
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/more.xml", bytes(5_000_000))
    monkeypatch.setattr(word_reader, "MAX_UNPACKED_BYTES", 4_000_000)
    with pytest.raises(UnknownSourceError) as caught:
        plan_import(sessions(), path)
    assert caught.value.details["reason"] == "too_large"


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("a.xlsx", "workbook.MAX_UNPACKED_BYTES"),
        ("a.xls", "old_sheets.MAX_BYTES"),
        ("a.html", "web_pages.MAX_BYTES"),
        ("a.pdf", "pdf_pages.MAX_BYTES"),
        ("a.pdf", "pdf_pages.MAX_PAGES"),
        ("a.docx", "documents.MAX_BYTES"),
    ],
)
def test_what_is_too_large_is_not_read(
    sessions: Callable[[], Session],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    limit: str,
) -> None:
    """One file that nobody made by hand would take the memory of all that runs beside it."""
    path = FORMATS.get(name, official.xlsx)(tmp_path / name, pages())
    monkeypatch.setattr(f"registry.importing.{limit}", 0)
    with pytest.raises(UnknownSourceError) as caught:
        plan_import(sessions(), path)
    assert caught.value.details["reason"] == "too_large"
