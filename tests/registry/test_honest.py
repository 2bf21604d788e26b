"""What loading a list must not do to a laboratory that it is about."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import Session, select

from registry.importing.plan import ImportPlan, Wish
from registry.models import ScopeRow
from tests.registry import official
from tests.registry.test_formats import load, session

__all__ = ["session"]

HEAD: list[official.Cell] = ["序号", "检测对象", "项目名称", "依据标准", "限制范围", "说明"]
TITLE = f"机构名称：{official.LAB}  证书编号：{official.NUMBER}  批准日期：2021年5月6日"
STANDARD = "GB/T 16553-2017"


@pytest.fixture
def lab(session: Session, tmp_path: Path) -> Session:
    """A registry with the laboratory."""
    load(session, official.xlsx(tmp_path / "名录.xlsx", [official.institutions()]))
    return session


def annex(
    session: Session,
    folder: Path,
    *rows: list[official.Cell],
    name: str = "附表.xlsx",
    title: str = TITLE,
    wish: Wish | None = None,
) -> ImportPlan:
    """Loads a capability table."""
    page = official.Page("能力表", [HEAD, *rows], before=[title])
    return load(session, official.xlsx(folder / name, [page]), wish or Wish())


def scopes(session: Session) -> set[tuple[str, str, str]]:
    held = session.exec(select(ScopeRow)).all()
    return {(row.object, row.standard, row.limitation) for row in held if row.dropped_on is None}


def told(plan: ImportPlan) -> list[str]:
    return [each.code.removeprefix("registry.import.") for each in plan.warnings]


def test_a_standard_that_is_not_understood_is_a_row_and_told(lab: Session, tmp_path: Path) -> None:
    """The annex would seem to have no more than was understood."""
    plan = annex(lab, tmp_path, [1, "翡翠", "全部参数", "GB/T 16552~16554-2017", "", ""])
    assert told(plan) == ["standard_unclear"]
    assert {standard for _, standard, _ in scopes(lab)} == {"GB/T 16552", "16552~16554-2017"}
