"""What an import does to a row, as a reader is shown it."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from enum import StrEnum

from registry.importing.fold import Difference
from registry.shape import Shape, Values, cell


class Kind(StrEnum):
    """What happens to a row."""

    ADD = "add"
    CHANGE = "change"
    END = "end"
    REMOVE = "remove"


@dc.dataclass(frozen=True, slots=True)
class CellChange:
    """One cell before and after, as the CSV file would spell it."""

    column: str
    before: str
    after: str


@dc.dataclass(frozen=True, slots=True)
class Change:
    """One row that an import touches.

    Attributes:
        kind: what happens to it.
        table: the contract's table.
        source: names the row, `accreditations: yuan/CMA/211601060417`.
        cells: what differs; all cells that are not empty for a row added or removed.
        place: where the document states it; "" for a row that it does not list.
    """

    kind: Kind
    table: str
    source: str
    cells: tuple[CellChange, ...]
    place: str = ""


def kind_of(shaped: Shape, difference: Difference) -> Kind | None:
    """What a difference is to a reader; None for one that changes no answer."""
    before, after = difference.before, difference.after
    if before is None:
        return Kind.ADD
    if after is None:
        return Kind.REMOVE
    earlier = after.dropped_on is not None and (
        before.dropped_on is None or after.dropped_on < before.dropped_on
    )
    if after.values == before.values:
        if shaped.last is not None:
            return None  # it had ended before
        return Kind.END if earlier else Kind.CHANGE
    last = shaped.last
    if last is None or not earlier:
        return Kind.CHANGE
    others = before.values[:last] + before.values[last + 1 :]
    same = others == after.values[:last] + after.values[last + 1 :]
    return Kind.END if same else Kind.CHANGE


def _cells(shaped: Shape, values: Values, dropped_on: dt.date | None) -> dict[str, str]:
    cells = {name: cell(value) for name, value in zip(shaped.columns, values, strict=True)}
    if shaped.last is None:
        cells["dropped_on"] = cell(dropped_on)
    return cells


def change_of(shaped: Shape, kind: Kind, difference: Difference) -> Change:
    """What a difference is to be shown as."""
    before, after = difference.before, difference.after
    old = _cells(shaped, before.values, before.dropped_on) if before else {}
    new = _cells(shaped, after.values, after.dropped_on) if after else {}
    cells = tuple(
        CellChange(name, old.get(name, ""), new.get(name, ""))
        for name in (new or old)
        if old.get(name, "") != new.get(name, "")
    )
    row = after or before
    assert row is not None
    place = after.place if after and after.stated_by is None else ""
    return Change(kind, shaped.name, shaped.source(row.values), cells, place)
