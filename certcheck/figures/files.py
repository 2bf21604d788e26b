"""Figures and the rows that they were counted from, written into a folder."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlmodel import Session

from certcheck.errors import BadOutputError
from certcheck.figures import counting, sheets, wording
from certcheck.figures.model import Asked
from certcheck.messages import Text

CSV, JSON = "csv", "json"


def write(opened: Session, asked: Asked, today: dt.date, folder: Path, kind: str) -> dict[str, int]:
    """Writes `checks`, `cases` and each figure, a file each; tells how many of each.

    Args:
        opened: the session.
        asked: of which days, laboratory and market.
        today: in China.
        folder: is made where it is not there; files of these names are written over.
        kind: `csv`, with words for people, in Chinese, or `json`, with the keys of the store.

    Raises:
        BadOutputError: the folder cannot be written to.
    """
    found = counting.figures(opened, asked, today)
    tables = (
        ("checks", counting.CHECK_COLUMNS, counting.check_rows(opened, asked)),
        ("cases", counting.CASE_COLUMNS, counting.case_rows(opened, asked)),
    )
    counts = {"figures": len(found)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, columns, rows in tables:
            held = _Counted(rows)
            _put(folder / f"{name}.{kind}", _table(columns, held, kind))
            counts[name] = held.count
        for one in found:
            told = (
                sheets.lines(wording.headings(one, _zh), wording.rows(one, _zh))
                if kind == CSV
                else [json.dumps(one.to_json(), ensure_ascii=False, indent=1), "\n"]
            )
            _put(folder / f"{one.name}.{kind}", told)
    except OSError as error:
        raise BadOutputError(name=error.filename or folder, detail=error.strerror) from error
    return counts


class _Counted:
    """Rows that are counted as they go by."""

    def __init__(self, rows: Iterator[Sequence[Any]]) -> None:
        self._rows, self.count = rows, 0

    def __iter__(self) -> Iterator[Sequence[Any]]:
        for row in self._rows:
            self.count += 1
            yield row


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]], kind: str) -> Iterator[str]:
    if kind == CSV:
        headings = [wording.column(one, _zh) for one in columns]
        yield from sheets.lines(headings, (wording.cells(columns, row, _zh) for row in rows))
        return
    yield "["
    for at, row in enumerate(rows):
        one = dict(zip(columns, row, strict=True))
        yield (",\n" if at else "\n") + json.dumps(one, ensure_ascii=False, default=_day)
    yield "\n]\n"


def _day(value: object) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(type(value))


def _put(path: Path, parts: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        for one in parts:
            file.write(one)


def _zh(text: Text) -> str:
    return text.zh
