"""What a figure is: things of one kind, each with its counts, for the page, CSV and JSON alike."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from registry.days import CHINA


@dc.dataclass(frozen=True, slots=True)
class Asked:
    """What is counted.

    Attributes:
        since: first day, in China.
        until: last day.
        lab: name of the laboratory that it is about, "" for all.
        market: likewise.
    """

    since: dt.date
    until: dt.date
    lab: str = ""
    market: str = ""


@dc.dataclass(frozen=True, slots=True)
class Row:
    """One thing and its counts.

    Attributes:
        key: a month, a name, a code; "" where it is not known.
        counts: by measure; each of the figure's is there.
    """

    key: str
    counts: Mapping[str, int]


@dc.dataclass(frozen=True, slots=True)
class Figure:
    """Things of one kind, each with its counts.

    Attributes:
        name: of the figure, as in addresses and file names.
        of: what its rows are: `month`, `lab`, `market`, `item`, `person`, `state`, ...
        measures: what is counted, in order.
        rows: in order.
    """

    name: str
    of: str
    measures: tuple[str, ...]
    rows: tuple[Row, ...]

    def to_json(self) -> dict[str, Any]:
        """As `certcheck figures --json` prints it."""
        return {
            "name": self.name, "of": self.of, "measures": list(self.measures),
            "rows": [{"key": one.key, **one.counts} for one in self.rows],
        }  # fmt: skip


def figure(
    name: str, of: str, measures: Sequence[str], rows: Mapping[str, Mapping[str, int]],
    order: Sequence[str] | None = None,
) -> Figure:  # fmt: skip
    """A figure of what the database counted.

    Args:
        name: of it.
        of: what its rows are.
        measures: what is counted; a count that is missing is 0.
        rows: counts by key.
        order: of the keys, all of which are then there; else the most of the first measure first.
    """
    keys = order or sorted(rows, key=lambda key: (-rows[key].get(measures[0], 0), key))
    made = [Row(key, {one: int(rows.get(key, {}).get(one, 0)) for one in measures}) for key in keys]
    if order:  # nothing before the first of which there is something
        first = next((at for at, row in enumerate(made) if any(row.counts.values())), len(made))
        made = made[first:] if of == "month" else made
    return Figure(name, of, tuple(measures), tuple(made))


def months(since: dt.date, until: dt.date) -> list[str]:
    """The months of some days: `2026-01`, `2026-02`."""
    found, at = [], since.replace(day=1)
    while at <= until:
        found.append(f"{at:%Y-%m}")
        at = (at + dt.timedelta(days=31)).replace(day=1)
    return found


class month_of(FunctionElement[str]):  # noqa: N801 - it is used as a function of SQL
    """The month of a day, `2026-01`."""

    type = String()
    inherit_cache = True


class china_day(FunctionElement[str]):  # noqa: N801
    """The day in China of a moment, `2026-01-31`."""

    type = String()
    inherit_cache = True


class in_passing(FunctionElement[Any]):  # noqa: N801
    """A column whose index SQLite is not to begin with; nothing to other databases."""

    inherit_cache = True

    def __init__(self, column: Any) -> None:  # noqa: ANN401
        super().__init__(column)
        self.type = column.type


@compiles(in_passing)
def _in_passing(element: in_passing, compiler: SQLCompiler, **more: Any) -> str:
    return str(compiler.process(element.clauses, **more))


@compiles(in_passing, "sqlite")
def _in_passing_sqlite(element: in_passing, compiler: SQLCompiler, **more: Any) -> str:
    return f"+{compiler.process(element.clauses, **more)}"


@compiles(month_of, "sqlite")
def _month_sqlite(element: month_of, compiler: SQLCompiler, **more: Any) -> str:
    return f"substr({compiler.process(element.clauses, **more)}, 1, 7)"


@compiles(month_of, "postgresql")
def _month_postgresql(element: month_of, compiler: SQLCompiler, **more: Any) -> str:
    return f"substr(({compiler.process(element.clauses, **more)})::text, 1, 7)"


@compiles(china_day, "sqlite")
def _day_sqlite(element: china_day, compiler: SQLCompiler, **more: Any) -> str:
    # Moments are kept in UTC; China has had one time, eight hours before it, since 1991.
    return f"date({compiler.process(element.clauses, **more)}, '+8 hours')"


@compiles(china_day, "postgresql")
def _day_postgresql(element: china_day, compiler: SQLCompiler, **more: Any) -> str:
    moment = compiler.process(element.clauses, **more)
    return f"to_char(({moment}) AT TIME ZONE 'UTC' + INTERVAL '8 hours', 'YYYY-MM-DD')"


def midnight(day: dt.date) -> dt.datetime:
    """The moment at which a day begins in China."""
    return dt.datetime.combine(day, dt.time(), CHINA).astimezone(dt.UTC)


Condition = ColumnElement[bool]
