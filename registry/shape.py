"""How rows of each table are laid out: as tuples in the order of the contract's columns.

Importing moves millions of rows; it works on tuples, and only what is shown or handed out
becomes an object.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import functools
import operator
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Table

from registry.models import TABLES, Row, key_digest

Values = tuple[Any, ...]

# First and last day of a row, by table.
TERMS: Mapping[str, tuple[str, str]] = {
    "accreditations": ("valid_from", "valid_until"),
    "scopes": ("valid_from", "valid_until"),
    "signatories": ("valid_from", "valid_until"),
    "memberships": ("joined_on", "left_on"),
    "coverage": ("complete_from", "complete_until"),
}
# Columns that hold no content.
BOOKKEEPING = frozenset({"id", "row_key", "recorded_by", "stated_by", "place", "dropped_on"})
_ONE_DAY = dt.timedelta(days=1)


def content_columns(model: type[Row]) -> tuple[str, ...]:
    """The contract's columns of a table."""
    return tuple(name for name in model.model_fields if name not in BOOKKEEPING)


def cell(value: object) -> str:
    """A value as the contract's CSV would have it; equal money is spelt alike."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


@dc.dataclass(frozen=True, slots=True)
class Shape:
    """One table of the contract.

    Attributes:
        name: of the table.
        columns: the contract's, in order.
        key: a row's key, from its values.
        group: what a list of this table is the full list for, from a row's values.
        first: place of the first day among the columns, None for a table without.
        last: place of the last day, None for a table without.
        primary: the column that numbers the rows.
        named_by: places of the columns that name a row to a reader.
    """

    name: str
    columns: tuple[str, ...]
    key: Callable[[Values], Values]
    group: Callable[[Sequence[Any]], str]
    first: int | None
    last: int | None
    primary: str
    named_by: tuple[int, ...]

    @property
    def table(self) -> Table:
        """The table that holds what counts now."""
        found: Table = TABLES[self.name].__table__  # type: ignore[attr-defined]
        return found

    @property
    def is_claim(self) -> bool:
        """Whether a row is a claim about a list, which ends with the list."""
        return self.name == "coverage"

    def source(self, values: Values) -> str:
        """Names a row, as `Row.row_source` does."""
        parts = (str(values[place]) for place in self.named_by)
        return f"{self.name}: {'/'.join(part for part in parts if part)}"

    def row_key(self, values: Values) -> str:
        """The digest of a row's key, as `row_digest` makes it."""
        return key_digest(
            [
                part if type(part) is str else "" if part is None else str(part)
                for part in self.key(values)
            ]
        )

    def until(self, values: Values, dropped_on: dt.date | None) -> Values | None:
        """A row that lists of a day no longer have: ended on the day before at the latest.

        Args:
            values: as stated.
            dropped_on: that day; None for a row that every list has.

        Returns:
            None where nothing is left of it: it would have begun later, or is a claim.
        """
        if dropped_on is None:
            return values
        if self.is_claim:
            return None
        if self.first is None or self.last is None:
            return values
        ended, first, last = dropped_on - _ONE_DAY, values[self.first], values[self.last]
        if first is not None and first > ended:
            return None
        if last is not None and last <= ended:
            return values
        return (*values[: self.last], ended, *values[self.last + 1 :])


def _getter(places: tuple[int, ...]) -> Callable[[Values], Values]:
    if len(places) == 1:
        [place] = places
        return lambda values: (values[place],)
    return operator.itemgetter(*places)


def _authority(values: Sequence[Any]) -> str:
    return f"{values[0]}/{values[1]}"


def _laboratory(values: Sequence[Any]) -> str:
    lab_id: str = values[0]
    return lab_id


@functools.cache
def shape(name: str) -> Shape:
    """The shape of a table of the contract."""
    model = TABLES[name]
    columns = content_columns(model)
    first, last = TERMS.get(name, (None, None))
    return Shape(
        name=name,
        columns=columns,
        key=_getter(tuple(columns.index(column) for column in model.key_columns)),
        group=_authority if name == "coverage" else _laboratory,
        first=columns.index(first) if first else None,
        last=columns.index(last) if last else None,
        primary="lab_id" if name == "labs" else "id",
        named_by=tuple(columns.index(column) for column in model.source_columns),
    )
