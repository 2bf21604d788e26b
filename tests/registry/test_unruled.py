"""PDF pages without ruled tables: read where rows and columns are sure, else refused by name."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import openpyxl
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from sqlmodel import Session, SQLModel, create_engine

from certcheck import messages
from registry.importing.source import PREFIX
from tests.registry import official
from tests.registry.lists import content
from tests.registry.official_formats import FONT
from tests.registry.test_formats import codes, load

TITLES = [
    f"批准{official.LAB}检验检测的能力范围",
    f"证书编号：{official.NUMBER} 批准日期：2021年5月6日 有效期至：2027年5月5日",
]
HEAD = ["序号", "检测对象", "参数", "标准编号", "限制范围"]
ROWS = [
    ["1", "翡翠", "折射率", "GB/T 16553-2017", "不测B货"],
    ["2", "和田玉", "密度", "GB/T 16553-2017", "/"],
    ["3", "足金饰品", "金含量", "GB 11887-2012", "/"],
]
NOTE = "注：限制范围以证书附表为准。"
WIDTH, HEIGHT, STEP = 600, 800, 20

Rows = Sequence[Sequence[str]]


def draw(path: Path, pages: Sequence[Rows], picture: float = 0) -> Path:
    """Each line's texts in columns of their own; a single one begins at the margin.

    Args:
        path: to write.
        pages: the lines of each, from the top.
        picture: share of the page's height that a picture takes, as wide as the page.
    """
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT))
    for lines in pages:
        if picture:
            scan = io.BytesIO()
            Image.new("RGB", (60, 80), "white").save(scan, "PNG")
            canvas.drawImage(ImageReader(scan), 0, 0, WIDTH, HEIGHT * picture)
        canvas.setFont(FONT, 10)
        for number, line in enumerate(lines, start=2):
            for column, text in enumerate(line):
                canvas.drawString(40 + column * 110, HEIGHT - number * STEP, text)
        canvas.showPage()
    canvas.save()
    return path


def sheet(path: Path, rows: Rows) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


@pytest.fixture
def two() -> Iterator[list[Session]]:
    engines = [create_engine("sqlite://") for _ in range(2)]
    for engine in engines:
        SQLModel.metadata.create_all(engine)
    with Session(engines[0]) as first, Session(engines[1]) as second:
        yield [first, second]
    for engine in engines:
        engine.dispose()


def lab(folder: Path, session: Session) -> None:
    load(session, official.xlsx(folder / "labs.xlsx", [official.institutions()]))


def lines(*rows: Sequence[str]) -> list[Sequence[str]]:
    return [*([title] for title in TITLES), HEAD, *rows]


@pytest.mark.parametrize(
    "pages",
    [
        [[*lines(*ROWS), [NOTE], ["- 1 -"]]],
        # Over the foot of a page; the headings once more, the numbers go on.
        [[*lines(*ROWS[:2]), ["1"]], [HEAD, ROWS[2], [NOTE], ["2"]]],
        # A cover, letter by letter.
        [[["检", "验", "检", "测"], ["能", "力"], [official.LAB]], [*lines(*ROWS), [NOTE]]],
    ],
)
def test_columns_that_stand_apart_are_read(
    two: list[Session], tmp_path: Path, pages: Sequence[Rows]
) -> None:
    """A list that is plain to anyone would have to be typed by hand."""
    for each in two:
        lab(tmp_path, each)
    load(two[0], draw(tmp_path / "a.pdf", pages))
    load(two[1], sheet(tmp_path / "a.xlsx", [*lines(*ROWS), [NOTE]]))
    assert content(two[0]) == content(two[1])
    assert len(content(two[0])["scopes"]) == len(ROWS)


@pytest.mark.parametrize(
    "pages",
    [
        pytest.param([lines(ROWS[0], ["", "（含 B 货）"], *ROWS[1:])], id="broken cell"),
        pytest.param([lines(*ROWS, ["", "", "", "", "B货"])], id="broken last cell"),
        pytest.param([lines(*ROWS, ["", "", "", "2012"])], id="broken standard"),
        pytest.param([lines(ROWS[0], [*ROWS[1][:4], ""], ROWS[2])], id="merged cell"),
        pytest.param([lines(["1", "翡翠", "", "GB/T 16553-2017", "/"], *ROWS[1:])], id="gap"),
        pytest.param([lines(*(["1", each[1], "", "", ""] for each in ROWS[:1]))], id="needed"),
        pytest.param([lines(*(["", *each[1:]] for each in ROWS))], id="no numbers"),
        pytest.param([lines(ROWS[0], ROWS[2])], id="number missing"),
        pytest.param([lines(["1", "翡翠" * 6, *ROWS[0][2:]], *ROWS[1:])], id="run together"),
        pytest.param([lines(["1", "翡翠" * 9, "", *ROWS[0][3:]])], id="over the next"),
        pytest.param([lines(*ROWS[:2]), [ROWS[2]]], id="no headings on the next page"),
        pytest.param([lines(*ROWS), [["", "", "", "", "足金"]]], id="cell over the foot"),
        pytest.param([lines(*ROWS[:2]), [HEAD, [*ROWS[2][:4], ""]]], id="merged over the foot"),
        pytest.param([[["1", "甲乙", "丙丁", "戊己"]] * 3], id="unknown headings"),
    ],
)
def test_what_is_not_sure_is_refused(
    two: list[Session], tmp_path: Path, pages: Sequence[Rows]
) -> None:
    """A limit would be lost with its cell, a right told of half a product."""
    lab(tmp_path, two[0])
    found = codes(two[0], draw(tmp_path / "a.pdf", pages))
    assert (f"a.pdf[p{len(pages)}]:0:", "page_without_lines") in found


@pytest.mark.parametrize(
    ("page", "picture"),
    [
        pytest.param([], 1, id="scan"),
        pytest.param([["第 1 页"]], 1, id="scan with a page's number"),
        pytest.param(lines(*ROWS), 1, id="text that a machine read"),
    ],
)
def test_a_scan_is_refused(two: list[Session], tmp_path: Path, page: Rows, picture: float) -> None:
    """It would count as a page that lists nothing; or a misread standard would be a right."""
    lab(tmp_path, two[0])
    good = lines(*ROWS)
    path = draw(tmp_path / "a.pdf", [page], picture)
    assert codes(two[0], path) == [("a.pdf[p1]:0:", "page_without_text")]
    assert codes(two[0], draw(path, [good], 0.2)) == []


@pytest.mark.parametrize("what", ["page_without_lines", "page_without_text"])
def test_the_next_step_is_told(what: str) -> None:
    """Who reads it would not know how to go on."""
    for told in messages.text(PREFIX + what, sheet="p1"):
        assert "Excel" in told
        assert '[sheets."p1"]' in told
