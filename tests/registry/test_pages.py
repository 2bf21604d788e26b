"""Pages that end in the middle of a row, and what stands under a table or is not shown."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest
from sqlmodel import Session

from registry.importing.plan import plan_import
from tests.registry import official
from tests.registry.official_formats import cut_pdf
from tests.registry.test_formats import load
from tests.registry.test_honest import STANDARD, TITLE, lab, scopes, told

__all__ = ["lab"]

HEAD = ["序号", "检测对象", "项目名称", "依据标准", "限制范围"]
REST = ["2", "珍珠", "全部参数", STANDARD, ""]
PEARL = ("珍珠", STANDARD, "")


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (
            ["1", "翡翠、", "全部参数", STANDARD, ""],
            ["", "和田玉", "", "", ""],
            {("翡翠、和田玉", STANDARD, "")},
        ),
        (
            ["1", "翡翠", "全部参数", "GB/T 16552-2017、GB/T", ""],
            ["", "", "", "16553-2017", ""],
            {("翡翠", "GB/T 16552-2017", ""), ("翡翠", STANDARD, "")},
        ),
        (
            ["1", "翡翠", "全部参数", STANDARD, "只测"],
            ["", "", "", "", "A货"],
            {("翡翠", STANDARD, "只测A货")},
        ),
        (  # no half of a row: the merged cell of the object was cut
            ["1", "翡翠", "全部参数", "GB/T 16552-2017", ""],
            ["", "", "全部参数", STANDARD, ""],
            {("翡翠", "GB/T 16552-2017", ""), ("翡翠", STANDARD, "")},
        ),
    ],
)
def test_a_row_over_the_end_of_a_page(
    lab: Session,
    tmp_path: Path,
    first: list[str],
    second: list[str],
    expected: set[tuple[str, str, str]],
) -> None:
    """Its second half would be lost, and with it an object, a standard or a limit."""
    load(lab, cut_pdf(tmp_path / "a.pdf", [TITLE], [[HEAD, first], [second, REST]]))
    assert scopes(lab) == {*expected, PEARL}


def test_a_cut_row_of_a_table_without_numbers_is_asked(lab: Session, tmp_path: Path) -> None:
    """Half of a row and a row that lacks a cell look the same."""
    tables = [
        [["检测对象", "依据标准", "限制范围"], ["翡翠、", STANDARD, ""]],
        [["和田玉", "", ""], ["珍珠", STANDARD, ""]],
    ]
    plan = plan_import(lab, cut_pdf(tmp_path / "a.pdf", [TITLE], tables))
    assert [each.code for each in plan.problems] == ["registry.import.row_cut"]


def test_a_limit_under_the_last_table(lab: Session, tmp_path: Path) -> None:
    """What stands outside the rules of a table would not be read."""
    note = "注：以上项目均不测B货"
    pdf = cut_pdf(tmp_path / "a.pdf", [TITLE], [[HEAD, REST]], [note])
    page = tmp_path / "a.html"
    rows = "".join("<tr>" + "".join(f"<td>{cell}" for cell in row) for row in (HEAD, REST))
    page.write_text(f"<p>{TITLE}</p><table>{rows}</table><p>{note}</p>", encoding="utf-8")
    word = docx.Document()
    word.add_paragraph(TITLE)
    table = word.add_table(2, len(HEAD))
    for place, row in enumerate((HEAD, REST)):
        for column, cell in enumerate(row):
            table.cell(place, column).text = cell
    word.add_paragraph(note)
    word.save(str(tmp_path / "a.docx"))
    for path in (pdf, page, tmp_path / "a.docx"):
        plan = load(lab, path)
        assert scopes(lab) == {("珍珠", STANDARD, "不测B货")}
        assert "note_kept" in told(plan)


def test_text_that_a_page_does_not_show(lab: Session, tmp_path: Path) -> None:
    """A limit that nobody sees would count."""
    hidden = ("style='display:none'", "style='visibility: hidden'", "hidden")
    spans = [f"<span {how}>不测翡翠</span>" for how in hidden]
    cells = ["1", f"翡翠{spans[0]}", f"全部参数{spans[1]}", STANDARD, spans[2]]
    rows = "".join("<tr>" + "".join(f"<td>{cell}" for cell in row) for row in (HEAD, cells))
    page = tmp_path / "a.html"
    page.write_text(f"<p>{TITLE}</p><table>{rows}</table>", encoding="utf-8")
    load(lab, page)
    assert scopes(lab) == {("翡翠", STANDARD, "")}
    assert official.LAB in TITLE
