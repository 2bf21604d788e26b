"""Sources that publish documents of authorities, with and without a mapping of their words."""

from __future__ import annotations

from pathlib import Path

from sqlmodel import Session

from registry import describe
from registry.errors import BadMappingError
from registry.sync.run import State
from tests.registry import official
from tests.registry.desk import Desk


def test_a_workbook_as_an_authority_publishes_it(desk: Desk, tmp_path: Path) -> None:
    book = official.xlsx(tmp_path / "book.xlsx", [official.institutions()])
    url = desk.server.publish("/book.xlsx", book.read_bytes())
    (tmp_path / "words.toml").write_text("colums = 1\n")
    source = f'name = "book"\nformat = "xlsx"\nurl = "{url}"\n'
    slip = desk.sync(desk.write(source + 'mapping = "words.toml"\n'), apply=True)
    assert slip.state is State.BROKEN and isinstance(slip.error, BadMappingError)
    assert desk.sync(desk.write(source), apply=True).state is State.APPLIED
    assert official.NUMBER in {row[2] for row in desk.content()["accreditations"]}
    assert desk.sync(desk.write(source)).state is State.CURRENT


def test_another_mapping_is_another_list(desk: Desk, tmp_path: Path) -> None:
    """An operator who corrects what a heading means would be told that all is up to date."""
    book = official.xlsx(tmp_path / "book.xlsx", [official.institutions()])
    url = desk.server.publish("/book.xlsx", book.read_bytes())
    words = tmp_path / "words.toml"
    words.write_text('[columns]\n"发证机关" = "ignore"\n', encoding="utf-8")
    source = f'name = "book"\nformat = "xlsx"\nurl = "{url}"\nmapping = "words.toml"\n'
    assert desk.sync(desk.write(source), apply=True).state is State.APPLIED
    assert {row[-2] for row in desk.content()["accreditations"]} == {""}
    assert desk.sync(desk.write(source), apply=True).state is State.CURRENT
    words.write_text("", encoding="utf-8")
    assert desk.sync(desk.write(source), apply=True).state is State.APPLIED
    assert {row[-2] for row in desk.content()["accreditations"]} == {"示例省局"}


def test_a_source_may_be_whole(desk: Desk, tmp_path: Path) -> None:
    """Kept up to date by machine, a registry would never hear who was struck off."""
    full, short = official.institutions(), official.institutions()
    full.rows.append([3, "示例淅川玉石检测站", "211620110063", *full.rows[1][3:]])
    short.before = ["截至2024年9月30日"]
    for page in (full, short):
        data = official.xlsx(tmp_path / "book.xlsx", [page]).read_bytes()
        url = desk.server.publish("/book.xlsx", data)
        settings = desk.write(f'name = "book"\nformat = "xlsx"\nurl = "{url}"\nwhole = ["16"]\n')
        desk.sync(settings)
        assert desk.sync(settings, staged=True, apply=True).state is State.APPLIED
    ends = {row[2]: row[6] for row in desk.content()["accreditations"]}
    assert ends["211620110063"] == "2024-09-29" and ends[official.NUMBER] == "2027-05-05"


def test_what_is_kept_with_a_mapping_can_be_applied(desk: Desk, tmp_path: Path) -> None:
    """Shown and waiting, a list whose headings need words could never be taken."""
    book = official.xlsx(tmp_path / "book.xlsx", [official.institutions()])
    url = desk.server.publish("/book.xlsx", book.read_bytes())
    (tmp_path / "words.toml").write_text('[columns]\n"发证机关" = "ignore"\n', encoding="utf-8")
    source = f'name = "book"\nformat = "xlsx"\nurl = "{url}"\nmapping = "words.toml"\n'
    assert desk.sync(desk.write(source)).state is State.WAITING
    assert desk.sync(desk.write(source), staged=True, apply=True).state is State.APPLIED
    assert {row[-2] for row in desk.content()["accreditations"]} == {""}


def test_what_a_document_leaves_out_waits_with_it(desk: Desk, tmp_path: Path) -> None:
    """Applied from what is kept, a list of names and numbers would take the days away."""
    rows: list[list[official.Cell]] = [["机构名称", "资质认定证书编号"]]
    rows.append([official.LAB, official.NUMBER])
    pages = ([official.institutions()], [official.Page("名单", rows, before=["截至2025年1月1日"])])
    for name, page in zip(("full", "short"), pages, strict=True):
        data = official.xlsx(tmp_path / f"{name}.xlsx", page).read_bytes()
        url = desk.server.publish(f"/{name}.xlsx", data)
        settings = desk.write(f'name = "{name}"\nformat = "xlsx"\nurl = "{url}"\n')
        desk.sync(settings)
        desk.sync(settings, staged=True, apply=True)
    [row] = [row for row in desk.content()["accreditations"] if row[2] == official.NUMBER]
    assert "2021-05-06" in row and official.ADDRESS in row
    with Session(desk.engine) as session:
        assert all(record.snapshot for record in describe.log(session))
