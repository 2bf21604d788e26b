"""Tables as CSV that Excel opens as it should, and that runs nothing when it does."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from registry.formulas import guarded

# Without it Excel takes UTF-8 for the system's own code page.
BOM = "\ufeff"
TYPE = "text/csv; charset=utf-8"
# Rows that are handed on together.
_AT_ONCE = 500


def lines(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """A CSV file, some rows at a time.

    Args:
        headings: of the columns.
        rows: cells; None is an empty one, numbers and days are written as they are.
    """
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\r\n")
    held.write(BOM)
    writer.writerow([guarded(one) for one in headings])
    for at, row in enumerate(rows, 1):
        writer.writerow([_cell(one) for one in row])
        if at % _AT_ONCE == 0:
            yield held.getvalue()
            held.seek(0)
            held.truncate()
    yield held.getvalue()


def _cell(value: object) -> object:
    return guarded(value) if isinstance(value, str) else "" if value is None else value
