"""Rows that go past the query builder are the same rows."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from registry import bulk, revision
from registry.models import Fee, Lab, row_digest
from registry.shape import shape

COLUMNS = ("lab_id", "item", "unit_cost", "currency", "filed_on")
MARKS = {"recorded_by": 1, "stated_by": 1, "place": "fees.csv:2", "dropped_on": None}


def test_days_money_quotes_and_percent_signs_come_back_as_they_were(engine: Engine) -> None:
    """Each column is stored as its type says, on each engine; nothing is taken for SQL."""
    with Session(engine) as session:
        session.add(Lab(lab_id="a", name="示例甲"))
        session.flush()
        rows = [
            ("a", "翡翠'); DROP TABLE fees; --", Decimal("12.5"), "CNY", dt.date(2024, 2, 29)),
            ("a", '100% "?" %s :x', Decimal("9999999999.9999"), "CNY", None),
        ]
        key = shape("fees").row_key
        bulk.insert(
            session.connection(),
            shape("fees").table,
            (*COLUMNS, *MARKS, "row_key"),
            [(*row, *MARKS.values(), key(row)) for row in rows],
        )
        found = session.exec(select(Fee).order_by(Fee.item)).all()
        held = {tuple(getattr(one, name) for name in COLUMNS) for one in found}
        assert held == set(rows)
        assert all(one.row_key == row_digest(one) and one.place == "fees.csv:2" for one in found)


def test_more_rows_than_a_block_all_arrive(engine: Engine) -> None:
    """Also those behind the last full block; no rows at all are no mistake."""
    with Session(engine) as session:
        columns = ("lab_id", "name", "uscc", "licence_address", "aliases", *MARKS)
        rows = [(f"L{n}", f"示例{n}", "", "", "", *MARKS.values()) for n in range(bulk.ROWS + 3)]
        bulk.insert(session.connection(), shape("labs").table, columns, iter(rows))
        bulk.insert(session.connection(), shape("labs").table, columns, [])
        assert set(session.exec(select(Lab.lab_id))) == {row[0] for row in rows}


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 64, 65])
def test_as_many_are_found_as_are_asked_for(engine: Engine, count: int) -> None:
    """Values are filled up to few lengths: none may be lost, none found twice."""
    with Session(engine) as session:
        session.add_all(Lab(lab_id=f"L{n}'%s", name=f"示例{n}") for n in range(70))
        session.flush()
        wanted = [f"L{n}'%s" for n in range(count)]
        text = "SELECT lab_id, name FROM labs WHERE lab_id IN ({these})"
        found = bulk.ask(session.connection(), text, wanted)
        assert sorted(map(tuple, found)) == sorted((one, f"示例{one[1:-3]}") for one in wanted)
        if wanted:
            these = bulk.these(wanted)
            query = select(Lab.lab_id).where(col(Lab.lab_id).in_(bulk.places(len(these))))
            assert sorted(session.exec(query, params=these)) == sorted(wanted)


@given(st.lists(st.text('翡a"\\/\x00\x1f\x7f\n\t\u2028 ,'), min_size=1, max_size=4))
def test_a_row_is_digested_as_json(cells: list[str]) -> None:
    """Spelt by hand or not: else a registry's revision would depend on the program's."""
    assert revision._text(cells) == json.dumps(cells, ensure_ascii=False)
