"""Text rows to typed rows; everything that is wrong with a row on its own is told here."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from stdnum.cn import uscc

from registry import domains, names
from registry.errors import Problem
from registry.importing.source import RawRow, RawTable, problem
from registry.models import ACCREDITATION_KINDS, ACCREDITATION_STATUSES, TABLES, Row, row_digest
from registry.revision import content_columns

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "labs": ("lab_id", "name"),
    "accreditations": ("lab_id", "kind", "number", "status"),
    "scopes": ("lab_id",),
    "signatories": ("lab_id", "name", "scope"),
    "seals": ("lab_id", "text"),
    "domains": ("lab_id", "domain"),
    "memberships": ("lab_id", "platform"),
    "fees": ("lab_id", "item", "unit_cost", "currency"),
    "coverage": ("authority_code", "kind"),
}
# First and last day of a row, by table.
TERMS: Mapping[str, tuple[str, str]] = {
    "accreditations": ("valid_from", "valid_until"),
    "scopes": ("valid_from", "valid_until"),
    "signatories": ("valid_from", "valid_until"),
    "memberships": ("joined_on", "left_on"),
    "coverage": ("complete_from", "complete_until"),
}
_DAYS = frozenset({day for term in TERMS.values() for day in term} | {"status_on", "filed_on"})
_CHOICES = {"kind": ACCREDITATION_KINDS, "status": ACCREDITATION_STATUSES}
_CHOICE_TABLES = frozenset({"accreditations", "coverage"})

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# An id stands in addresses and evidence, between slashes.
_ID = re.compile(r"[\w.-]{1,64}")
_AUTHORITY = re.compile(r"\d{2}")
# What the column holds: ten digits before the point and four behind it.
_AMOUNT = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,4})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
# Two numbers of CMA are in use: 12 digits, authority 00 to 31 in the third and fourth; and
# before August 2015 four digits of the year, two of the authority, four and a letter.
_CMA_NUMBER = re.compile(r"\d{2}(?:[0-2]\d|3[01])\d{8}|(?:19|20)\d{2}(?:[0-2]\d|3[01])\d{4}[A-Z]")
# Tabs and line ends may stand in a cell; other control characters are damage.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")


@dc.dataclass(frozen=True, slots=True)
class ReadRow:
    """A typed row and where it stands."""

    line: int
    row: Row


@dc.dataclass(slots=True)
class ReadTable:
    """A table of typed rows, with what is wrong and what is only odd about it."""

    file: str
    rows: list[ReadRow] = dc.field(default_factory=list)
    problems: list[Problem] = dc.field(default_factory=list)
    warnings: list[Problem] = dc.field(default_factory=list)


class _BadCellError(Exception):
    """A cell's text that is no value of its column."""

    def __init__(self, what: str, **details: object) -> None:
        super().__init__(what)
        self.what = what
        self.details = details


def _day(text: str) -> dt.date:
    # fromisoformat alone would also take 20240101 and 2024-W01-1.
    if not _ISO_DAY.fullmatch(text):
        raise _BadCellError("bad_date")
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise _BadCellError("bad_date") from error


def _money(text: str) -> Decimal:
    # Decimal alone would also take 1e3, 1_000 and infinity.
    if not _AMOUNT.fullmatch(text):
        raise _BadCellError("bad_amount")
    return Decimal(text)


def _domain(text: str) -> str:
    registrable = domains.registrable(text)
    if registrable is None or registrable != domains.host(text) or "/" in text:
        raise _BadCellError("bad_domain", registrable=registrable or "")
    return registrable


def _matching(pattern: re.Pattern[str], what: str) -> Callable[[str], str]:
    def convert(text: str) -> str:
        if not pattern.fullmatch(text):
            raise _BadCellError(what)
        return text

    return convert


_CONVERT: Mapping[str, Callable[[str], object]] = {
    **dict.fromkeys(_DAYS, _day),
    "unit_cost": _money,
    "domain": _domain,
    "lab_id": _matching(_ID, "bad_id"),
    "authority_code": _matching(_AUTHORITY, "bad_authority"),
    "currency": _matching(_CURRENCY, "bad_currency"),
}


def _convert(table: str, column: str, text: str) -> object:
    """The value of one cell; raises _BadCellError."""
    if _CONTROL.search(text):
        raise _BadCellError("bad_character")
    if not text:
        if column in REQUIRED[table]:
            raise _BadCellError("required")
        return None if column in _DAYS else ""
    choices = _CHOICES.get(column) if table in _CHOICE_TABLES else None
    if choices and text not in choices:
        raise _BadCellError(f"unknown_{column}", allowed=", ".join(choices))
    converter = _CONVERT.get(column)
    return converter(text) if converter else text


def _check_row(name: str, values: Mapping[str, object]) -> tuple[str, str, str] | None:
    """(column, problem, other) where a row's cells do not fit together."""
    if name in TERMS:
        first_name, last_name = TERMS[name]
        first, last = values[first_name], values[last_name]
        if isinstance(first, dt.date) and isinstance(last, dt.date) and last < first:
            return last_name, "reversed_dates", first.isoformat()
    if name == "scopes" and not any(values[part] for part in ("object", "parameter", "standard")):
        return "object", "empty_scope", ""
    return None


def _odd(name: str, values: Mapping[str, object]) -> tuple[str, str] | None:
    """(column, warning) of what can be right but rarely is."""
    if name == "labs" and values["uscc"] and not uscc.is_valid(str(values["uscc"])):
        return "uscc", "odd_uscc"
    if name != "accreditations":
        return None
    number = names.number_key(str(values["number"]))
    if values["kind"] == "CMA" and not _CMA_NUMBER.fullmatch(number):
        return "number", "odd_cma_number"
    if values["status"] != "valid" and values["status_on"] is None:
        return "status_on", "status_without_day"
    return None


def _read_row(name: str, table: RawTable, raw: RawRow, into: ReadTable) -> Row | None:
    model = TABLES[name]
    values: dict[str, object] = {}
    good = True
    for column in content_columns(model):
        text = raw.cells[column]
        try:
            values[column] = _convert(name, column, text)
        except _BadCellError as bad:
            good = False
            details = {"value": text, **bad.details}
            into.problems.append(problem(table.file, raw.line, column, bad.what, **details))
    if not good:
        return None
    if wrong := _check_row(name, values):
        column, what, other = wrong
        details = {"value": raw.cells[column], "other": other}
        into.problems.append(problem(table.file, raw.line, column, what, **details))
        return None
    if odd := _odd(name, values):
        column, what = odd
        details = {"value": raw.cells[column]}
        into.warnings.append(problem(table.file, raw.line, column, what, **details))
    return model(**values)


def read_table(name: str, table: RawTable) -> ReadTable:
    """Typed rows of one table.

    Args:
        name: the table's name in the contract.
        table: its text; has all columns (`source.check_headings`).

    Returns:
        The rows that are sound on their own, and a problem for each that is not. A row
        that repeats the key of one before it is a problem too.
    """
    into = ReadTable(table.file)
    seen: dict[str, int] = {}
    for raw in table.rows:
        row = _read_row(name, table, raw, into)
        if row is None:
            continue
        first = seen.setdefault(row_digest(row), raw.line)
        if first != raw.line:
            column = row.key_columns[-1] if len(row.key_columns) == 1 else ""
            into.problems.append(problem(table.file, raw.line, column, "duplicate", first=first))
        else:
            into.rows.append(ReadRow(raw.line, row))
    return into
