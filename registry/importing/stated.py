"""What a document states of a laboratory, kept as it states it.

What a list leaves out is taken from the lists before it (`filling`); one of these may be
imported only later. So the list is kept as it is, to be filled in again then (`replay`). So is
a list of the contract's tables that comes to lists of documents: what these take from it, and
it from nobody, cannot be told from what is held after it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping

from registry.importing.filling import Cells, Given
from registry.importing.fold import Key, Listed
from registry.importing.personal import scrub
from registry.importing.rows import read_table
from registry.importing.source import DROPPED, RawRow, RawTable
from registry.importing.statements import Statement
from registry.models import TABLES
from registry.shape import Shape, cell, content_columns

# Of a statement's own cells and facts, what filling asks for.
_ASKED = ("number", "site", "note")
# Columns whose text is no free one; a number of a person in them is refused (`rows`).
_CODES = frozenset({"number", "uscc", "lab_id"})


def encoded(given: Given, *, adds: bool | None) -> str:
    """Rows of a laboratory in one table, as text.

    Args:
        given: the rows as stated.
        adds: whether the operator said that the list only adds.
    """
    rows = [
        {
            "cells": {name: _clean(name, text) for name, text in cells.items() if text},
            "file": row.file,
            "line": row.line,
            "part": row.part,
            **{name: _clean(name, row.get(name)) for name in _ASKED if row.get(name)},
        }
        for cells, row in given
    ]
    return json.dumps({"adds": adds, "rows": rows}, ensure_ascii=False, separators=(",", ":"))


def _clean(name: str, text: str) -> str:
    return text if name in _CODES else scrub(text)


def decoded(table: str, text: str) -> tuple[list[tuple[Cells, Statement]], bool | None]:
    """What `encoded` wrote: the rows, and whether the list only adds."""
    told = json.loads(text)
    blank = dict.fromkeys(content_columns(TABLES[table]), "")
    rows = [({**blank, **row["cells"]}, _statement(table, row)) for row in told["rows"]]
    return rows, told["adds"]


def encoded_rows(shaped: Shape, rows: Mapping[Key, Listed]) -> str:
    """Rows of the contract's tables, as text."""
    told = [[*map(cell, row.values), row.place] for row in rows.values()]
    dropped = {
        str(place): cell(row.dropped_on)
        for place, row in enumerate(rows.values())
        if row.dropped_on is not None
    }
    whole = {"complete": told, **({"dropped": dropped} if dropped else {})}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def decoded_rows(shaped: Shape, text: str) -> dict[Key, Listed] | None:
    """What `encoded_rows` wrote; None for what `encoded` did."""
    whole = json.loads(text)
    told = whole.get("complete")
    if told is None:
        return None
    dropped: Mapping[str, str] = whole.get("dropped", {})
    rows = [
        RawRow(
            0,
            {**dict(zip(shaped.columns, cells, strict=True)), DROPPED: dropped.get(str(place), "")},
            at,
        )
        for place, (*cells, at) in enumerate(told)
    ]
    read = read_table(shaped.name, RawTable("", rows))
    return {
        shaped.key(row.values): Listed(row.values, row.place, row.dropped_on)
        for _, row in read.rows
    }


def _statement(table: str, row: Mapping[str, object]) -> Statement:
    cells = {name: str(row[name]) for name in _ASKED if row.get(name)}
    line = row["line"]
    assert isinstance(line, int)
    return Statement(
        table, str(row["file"]), line, cells, {}, dt.date.min, (), str(row.get("part", ""))
    )


def written(stated: Mapping[str, Mapping[str, Given]], *, adds: bool | None) -> str:
    """All that documents state, as text, to be read again by `read`."""
    return json.dumps(
        {
            table: {lab_id: encoded(given, adds=adds) for lab_id, given in groups.items()}
            for table, groups in stated.items()
        },
        ensure_ascii=False,
    )


def read(text: str) -> tuple[dict[str, dict[str, Given]], bool | None]:
    """What `written` wrote: the rows by table and laboratory, and whether they only add."""
    stated: dict[str, dict[str, Given]] = {}
    adds: bool | None = None
    for table, groups in json.loads(text).items():
        for lab_id, told in groups.items():
            stated.setdefault(table, {})[lab_id], adds = decoded(table, told)
    return stated, adds
