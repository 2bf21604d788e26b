"""Text rows to typed rows; everything that is wrong with a row on its own is told here."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import functools
import operator
import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from stdnum.cn import uscc

from registry import domains, names, phones
from registry.errors import Problem
from registry.importing.certificates import bare
from registry.importing.personal import scrub
from registry.importing.source import DROPPED, RawRow, RawTable, problem
from registry.importing.spool import ReadRow, Spool
from registry.models import ACCREDITATION_KINDS, ACCREDITATION_STATUSES, SPECIMEN_HASH
from registry.shape import TERMS, Shape, Values, shape

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "labs": ("lab_id", "name"),
    "accreditations": ("lab_id", "kind", "number", "status"),
    "scopes": ("lab_id",),
    "signatories": ("lab_id", "name", "scope"),
    "seals": ("lab_id", "text"),
    "domains": ("lab_id", "domain"),
    "phones": ("lab_id", "phone"),
    "memberships": ("lab_id", "platform"),
    "fees": ("lab_id", "item", "unit_cost", "currency"),
    "coverage": ("authority_code", "kind"),
}
_DAYS = frozenset({day for term in TERMS.values() for day in term} | {"status_on", "filed_on"})
_CHOICES = {"kind": ACCREDITATION_KINDS, "status": ACCREDITATION_STATUSES}
# Tables in which something can be odd.
_ODD = frozenset({"labs", "accreditations"})
# So many texts of a table are remembered, to hold equal ones once.
_KNOWN = 100_000
_CHOICE_TABLES = frozenset({"accreditations", "coverage"})

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# An id stands in addresses and evidence, between slashes.
_ID = re.compile(r"[\w.-]{1,64}")
_AUTHORITY = re.compile(r"\d{2}")
# What the column holds: ten digits before the point and four behind it.
_AMOUNT = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,4})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
# What names a laboratory or a right: with a person's number in it, the row is refused.
_CODES = frozenset({"lab_id", "number", "uscc"})
# Tabs and line ends may stand in a cell; other control characters are damage.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")


@dc.dataclass(slots=True)
class ReadTable:
    """A table of typed rows, with what is wrong and what is only odd about it.

    Attributes:
        file: how a place in it is named.
        rows: by what the table is the full list for (`Shape.group`).
        listed: the ids that the table's first column has, those of bad rows too; of labs only.
        dropped: whether any row says that a list before this one had dropped it.
    """

    file: str
    rows: Spool = dc.field(default_factory=Spool)
    problems: list[Problem] = dc.field(default_factory=list)
    warnings: list[Problem] = dc.field(default_factory=list)
    listed: set[str] = dc.field(default_factory=set)
    dropped: bool = False


class _BadCellError(Exception):
    """A cell's text that is no value of its column."""

    def __init__(self, what: str, **details: object) -> None:
        super().__init__(what)
        self.what = what
        self.details = details


@functools.lru_cache(maxsize=10_000)
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


def _phone(text: str) -> str:
    phone = phones.validate(text)
    if phone is None:
        raise _BadCellError("bad_phone")
    return phone


def _matching(pattern: re.Pattern[str], what: str) -> Callable[[str], str]:
    @functools.lru_cache(maxsize=1000)
    def convert(text: str) -> str:
        if not pattern.fullmatch(text):
            raise _BadCellError(what)
        return text

    return convert


_CONVERT: Mapping[str, Callable[[str], object]] = {
    **dict.fromkeys(_DAYS, _day),
    "unit_cost": _money,
    "domain": _domain,
    "phone": _phone,
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

    @property
    def free(self) -> bool:
        """Whether a person's number can be left out of it and the rest be taken."""
        return self.convert is None and self.name not in _CODES

    def blank(self) -> object:
        """The value of an empty cell; raises _BadCellError where it must not be."""
        if self.required:
            raise _BadCellError("required")
        return self.empty


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
        return column.blank()
    if _CONTROL.search(text):
        raise _BadCellError("bad_character")
    return column.convert(text) if column.convert else text


def _check_row(shaped: Shape, values: Values) -> tuple[str, str, str] | None:
    """(column, problem, other) where a row's cells do not fit together."""
    if shaped.first is not None and shaped.last is not None:
        first, last = values[shaped.first], values[shaped.last]
        if first is not None and last is not None and last < first:
            return shaped.columns[shaped.last], "reversed_dates", first.isoformat()
    # Behind the laboratory: object, parameter, standard.
    if shaped.name == "scopes" and not any(values[1:4]):
        return "object", "empty_scope", ""
    return None


def _odd(shaped: Shape, values: Values) -> tuple[str, str] | None:
    """(column, warning) of what can be right but rarely is."""
    named = dict(zip(shaped.columns, values, strict=True))
    if shaped.name == "labs":
        code = named["uscc"]
        return ("uscc", "odd_uscc") if code and not uscc.is_valid(code) else None
    number = names.number_key(named["number"])
    if named["kind"] == "CMA" and not names.CMA_NUMBER.fullmatch(number):
        return "number", "odd_cma_number"
    if named["status"] != "valid" and named["status_on"] is None:
        return "status_on", "status_without_day"
    return None


class _Reader:
    """Reads one table, row after row."""

    def __init__(self, shaped: Shape, file: str) -> None:
        self.into = ReadTable(file)
        self._shape = shaped
        self._columns = _columns(shaped)
        self._cells_of = operator.itemgetter(*shaped.columns)
        self._converts = [column.convert for column in self._columns]
        self._blanks = [column.blank for column in self._columns]
        self._harmless: set[str] = set()
        # Most cells of a capability table say what those above them say.
        self._known: dict[str, str] = {}

    def take(self, raw: RawRow) -> None:
        """Adds a row, or what is wrong with it."""
        if self._shape.name == "labs":
            self.into.listed.add(raw.cells["lab_id"])
        if self._shape.name == "accreditations" and raw.cells["kind"] == "CMA":
            # Matched as it stands under the mark: 第211620110061号 is 211620110061.
            number = bare(raw.cells["number"])
            raw = dc.replace(raw, cells={**raw.cells, "number": number})
        values = self._values(raw)
        if values is None or not self._fits(raw, values):
            return
        dropped_on = None
        if text := raw.cells.get(DROPPED):
            try:
                dropped_on = _day(text)
            except _BadCellError as bad:
                self._wrong(raw, DROPPED, bad.what, value=scrub(text))
                return
            self.into.dropped = True
        row = ReadRow(raw.line, values, raw.place, dropped_on)
        self.into.rows.add(self._shape.group(values), row)

    def _wrong(self, raw: RawRow, column: str, what: str, **details: object) -> None:
        self.into.problems.append(problem(self._file(raw), raw.line, column, what, **details))

    def _file(self, raw: RawRow) -> str:
        """The sheet or table that a row stands in."""
        return raw.place.rpartition(":")[0] or self.into.file

    def _values(self, raw: RawRow) -> Values | None:
        texts = self._cells_of(raw.cells)
        known = self._known
        if len(known) > _KNOWN:
            known.clear()
        if not self._harmless.issuperset(texts):
            held, texts = texts, tuple(map(self._scrubbed, texts))
            if any(
                text != before and not column.free
                for column, text, before in zip(self._columns, texts, held, strict=True)
            ):
                self._tell(raw)
                return None
        whole = "".join(texts)
        try:
            if whole.isprintable() or not _CONTROL.search(whole):
                return tuple(
                    [
                        (convert(text) if convert else known.setdefault(text, text))
                        if text
                        else blank()
                        for text, convert, blank in zip(
                            texts, self._converts, self._blanks, strict=True
                        )
                    ]
                )
        except _BadCellError:
            pass
        self._tell(raw)
        return None

    def _scrubbed(self, text: str) -> str:
        """A cell's text without ID and mobile numbers of persons; remembers it as harmless."""
        if len(self._harmless) > _KNOWN:
            self._harmless.clear()
        # A picture's digest is none of a person's, whatever its digits.
        name, mark, digest = text.partition(SPECIMEN_HASH)
        found = scrub(name) + mark + digest
        self._harmless.add(found)
        return found

    def _tell(self, raw: RawRow) -> None:
        """Tells every cell of a row that cannot be taken."""
        for column in self._columns:
            text = raw.cells[column.name]
            scrubbed = self._scrubbed(text)
            if scrubbed != text and not column.free:
                self._wrong(raw, column.name, "personal_number")
                continue
            try:
                _value(column, scrubbed)
            except _BadCellError as bad:
                told = {"value": scrubbed, **bad.details}
                self._wrong(raw, column.name, bad.what, **told)

    def _fits(self, raw: RawRow, values: Values) -> bool:
        """Whether a row's cells fit together; what is only odd is told as well."""
        wrong = _check_row(self._shape, values)
        if wrong is not None:
            column, what, other = wrong
            self._wrong(raw, column, what, value=raw.cells[column], other=other)
            return False
        if self._shape.name in _ODD and (odd := _odd(self._shape, values)):
            column, what = odd
            told = problem(self._file(raw), raw.line, column, what, value=raw.cells[column])
            self.into.warnings.append(told)
        return True


def read_table(name: str, table: RawTable) -> ReadTable:
    """Typed rows of one table.

    Args:
        name: the table's name in the contract.
        table: its text; has all columns (`source.check_headings`).

    Returns:
        The rows that are sound on their own, and a problem for each that is not.
    """
    reader = _Reader(shape(name), table.file)
    for raw in table.rows:
        reader.take(raw)
    reader.into.problems += table.problems
    return reader.into
