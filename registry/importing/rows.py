"""Text rows to typed rows; everything that is wrong with a row on its own is told here."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from stdnum.cn import uscc

from registry import domains, names
from registry.errors import Problem
from registry.importing.source import RawRow, RawTable, problem
from registry.models import ACCREDITATION_KINDS, ACCREDITATION_STATUSES, TABLES
from registry.shape import TERMS, Shape, Values, shape

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
    """A row's values in the order of the contract's columns, and where it stands."""

    line: int
    values: Values
    place: str


@dc.dataclass(slots=True)
class ReadTable:
    """A table of typed rows, with what is wrong and what is only odd about it.

    Attributes:
        file: how a place in it is named.
        groups: the rows by what the table is the full list for (`Shape.group`).
    """

    file: str
    groups: dict[str, list[ReadRow]] = dc.field(default_factory=dict)
    problems: list[Problem] = dc.field(default_factory=list)
    warnings: list[Problem] = dc.field(default_factory=list)

    @property
    def rows(self) -> Iterator[ReadRow]:
        """Every row, group by group."""
        return itertools.chain.from_iterable(self.groups.values())


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


@dc.dataclass(frozen=True, slots=True)
class _Column:
    """How the cells of a column are read.

    Attributes:
        empty: the value of an empty cell.
        convert: text to value; None where the text is the value.
    """

    name: str
    required: bool
    empty: object
    convert: Callable[[str], object] | None


def _chosen(column: str) -> Callable[[str], str]:
    choices = _CHOICES[column]

    def convert(text: str) -> str:
        if text not in choices:
            raise _BadCellError(f"unknown_{column}", allowed=", ".join(choices))
        return text

    return convert


def _columns(shaped: Shape) -> list[_Column]:
    converters = dict(_CONVERT)
    if shaped.name in _CHOICE_TABLES:
        converters |= {column: _chosen(column) for column in _CHOICES}
    return [
        _Column(
            name,
            name in REQUIRED[shaped.name],
            None if name in _DAYS else "",
            converters.get(name),
        )
        for name in shaped.columns
    ]


def _value(column: _Column, text: str) -> object:
    """The value of one cell; raises _BadCellError."""
    if not text:
        if column.required:
            raise _BadCellError("required")
        return column.empty
    if _CONTROL.search(text):
        raise _BadCellError("bad_character")
    return column.convert(text) if column.convert else text


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


class _Reader:
    """Reads one table, row after row."""

    def __init__(self, shaped: Shape, file: str) -> None:
        self.into = ReadTable(file)
        self._shape = shaped
        self._columns = _columns(shaped)
        # Whether a row's cells fit together is asked only where that can be in doubt.
        self._checked = shaped.name in TERMS or shaped.name in ("labs", "scopes")
        self._lines: dict[Values, int] = {}

    def take(self, raw: RawRow) -> None:
        """Adds a row, or what is wrong with it."""
        values = self._values(raw)
        if values is None or (self._checked and not self._fits(raw, values)):
            return
        first = self._lines.setdefault(self._shape.key(values), raw.line)
        if first != raw.line:
            columns = TABLES[self._shape.name].key_columns
            column = columns[-1] if len(columns) == 1 else ""
            self._wrong(raw, column, "duplicate", first=first)
            return
        row = ReadRow(raw.line, values, raw.place or f"{self.into.file}:{raw.line}")
        self.into.groups.setdefault(self._shape.group(values), []).append(row)

    def _wrong(self, raw: RawRow, column: str, what: str, **details: object) -> None:
        self.into.problems.append(problem(self.into.file, raw.line, column, what, **details))

    def _values(self, raw: RawRow) -> Values | None:
        values: list[object] = []
        for column in self._columns:
            text = raw.cells[column.name]
            try:
                values.append(_value(column, text))
            except _BadCellError as bad:
                self._wrong(raw, column.name, bad.what, **{"value": text, **bad.details})
        return tuple(values) if len(values) == len(self._columns) else None

    def _fits(self, raw: RawRow, values: Values) -> bool:
        """Whether a row's cells fit together; what is only odd is told as well."""
        named = dict(zip(self._shape.columns, values, strict=True))
        if wrong := _check_row(self._shape.name, named):
            column, what, other = wrong
            self._wrong(raw, column, what, value=raw.cells[column], other=other)
            return False
        if odd := _odd(self._shape.name, named):
            column, what = odd
            told = problem(self.into.file, raw.line, column, what, value=raw.cells[column])
            self.into.warnings.append(told)
        return True


def read_table(name: str, table: RawTable) -> ReadTable:
    """Typed rows of one table.

    Args:
        name: the table's name in the contract.
        table: its text; has all columns (`source.check_headings`).

    Returns:
        The rows that are sound on their own, and a problem for each that is not. A row
        that repeats the key of one before it is a problem too.
    """
    reader = _Reader(shape(name), table.file)
    for raw in table.rows:
        reader.take(raw)
    return reader.into
