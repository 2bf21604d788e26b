"""The tables: what the contract's CSV files say, row for row, and when it was imported.

Columns are those of the contract, under the same names. A text that is not given is "",
a day that is not given is None, which is an open end. Instances need no database: rules
and tests build them by hand.

What the registry holds now is in these tables; what it held before is in `registry.history`,
and the imports that made the one into the other in `registry.imports`. Columns that no file
has tell of that (`Row`), and `row_key`, a digest of what makes a row itself and no other, so
that importing a file twice cannot store a row twice, not even where a day is open (SQL holds
two NULLs for different) or a limitation too long for an index.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import Connection, String, UniqueConstraint, event
from sqlalchemy.orm import Mapper
from sqlmodel import Field, SQLModel

# Hexadecimal digits of a row's key: so many rows that two agree by chance do not exist.
KEY_DIGITS = 32

# Kinds and states the contract names.
ACCREDITATION_KINDS = ("CMA", "CAL", "CNAS")
ACCREDITATION_STATUSES = ("valid", "suspended", "revoked", "cancelled")
STATUS_UNKNOWN = "unknown"

# `scope` of a signatory who may sign everything.
EVERYTHING = "全部"

# Between the path of a signature's picture and its SHA-256.
SPECIMEN_HASH = "#sha256="

# Every laboratory of the demo registry is so named (contract).
DEMO_PREFIX = "示例"

# Between the parts of a list in one cell (contract); the full-width form is what a Chinese
# keyboard gives.
_LIST_SEPARATORS = str.maketrans({"；": ";"})


def split_list(cell: str) -> tuple[str, ...]:
    """Parts of a `;` list, without empty ones."""
    parts = cell.translate(_LIST_SEPARATORS).split(";")
    return tuple(part.strip() for part in parts if part.strip())


def within(day: dt.date, first: dt.date | None, last: dt.date | None) -> bool:
    """Whether a day lies between two days, both included; None is an open end."""
    return (first is None or first <= day) and (last is None or day <= last)


class Row(SQLModel):
    """What all tables of the contract have in common.

    Attributes:
        key_columns: the columns that make a row itself and no other.
        source_columns: the columns that name a row to a reader.
        recorded_by: number of the import since which the registry holds the row as it is; 0
            for a row written past the importer.
        stated_by: number of the import whose document states the row; an older one than
            `recorded_by` where a later list ended the row.
        place: where in the document, `scopes.csv:17`.
        dropped_on: day of the first later list that no longer has the row, None while it is
            listed. Where the table has a last day, that is then the day before at most.
    """

    key_columns: ClassVar[tuple[str, ...]] = ()
    source_columns: ClassVar[tuple[str, ...]] = ("lab_id",)

    recorded_by: int = 0
    stated_by: int = 0
    place: str = ""
    dropped_on: dt.date | None = None

    @property
    def row_source(self) -> str:
        """Names the row in evidence: `accreditations: yuan/CMA/211601060417`."""
        parts = (str(getattr(self, column)) for column in self.source_columns)
        return f"{type(self).__tablename__}: {'/'.join(part for part in parts if part)}"

    def natural_key(self) -> tuple[str, ...]:
        """The key columns as text, an open day as ""."""
        values = (getattr(self, column) for column in self.key_columns)
        return tuple("" if value is None else str(value) for value in values)


class LabRow(Row):
    """A row about one laboratory."""

    @property
    def source(self) -> str:
        """The row's name in evidence, see `row_source`."""
        return self.row_source

    @property
    def unlisted_since(self) -> dt.date | None:
        """Day of the list whose silence ended the row; None where it ended by itself, or not.

        A list may be of a part only, or older than a right's successor: no source says that
        the right ended on the day before.
        """
        last: dt.date | None = getattr(self, "valid_until", None)
        if last is None or self.dropped_on is None:
            return None
        return self.dropped_on if self.dropped_on - dt.timedelta(days=1) == last else None

    def holds_on(self, day: dt.date) -> bool:
        """Whether the row counts on a day; without dates of its own, until a list drops it."""
        return self.dropped_on is None or day < self.dropped_on


def key_digest(parts: Iterable[str]) -> str:
    """The first 128 bits of the SHA-256 of a natural key, its parts kept apart."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:KEY_DIGITS]


def row_digest(row: Row) -> str:
    """The `row_key` of a row."""
    return key_digest(row.natural_key())


# One row of a key for each laboratory; the index also serves questions about a laboratory.
_ONCE = (UniqueConstraint("lab_id", "row_key"),)


class Lab(LabRow, table=True):
    """A laboratory. `uscc` is its 18-character unified social credit code."""

    __tablename__ = "labs"
    key_columns: ClassVar[tuple[str, ...]] = ("lab_id",)

    lab_id: str = Field(primary_key=True, max_length=64)
    name: str = Field(index=True)
    uscc: str = ""
    licence_address: str = ""
    aliases: str = ""

    @property
    def alias_names(self) -> tuple[str, ...]:
        """The aliases, one by one."""
        return split_list(self.aliases)

    @property
    def demo(self) -> bool:
        """Whether this is an invented laboratory of the demo registry."""
        return self.name.startswith(DEMO_PREFIX)


class Accreditation(LabRow, table=True):
    """A CMA, CAL or CNAS certificate held at one address over one term."""

    __tablename__ = "accreditations"
    __table_args__ = _ONCE
    key_columns: ClassVar[tuple[str, ...]] = ("lab_id", "kind", "number", "address", "valid_from")
    source_columns: ClassVar[tuple[str, ...]] = ("lab_id", "kind", "number")

    id: int | None = Field(default=None, primary_key=True)
    row_key: str | None = Field(default=None, sa_type=String(KEY_DIGITS), nullable=False)
    lab_id: str = Field(foreign_key="labs.lab_id")
    kind: str
    number: str
    holder_name: str = ""
    address: str = ""
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    status: str = "valid"
    status_on: dt.date | None = None
    authority: str = ""

    def holds_on(self, day: dt.date) -> bool:
        """Whether the day is inside the term; says nothing of suspension or revocation."""
        return within(day, self.valid_from, self.valid_until)

    def status_at(self, day: dt.date) -> str:
        """The status on a day.

        Returns:
            `valid` before `status_on`, `status` from that day on, and `unknown` where the
            registry gives a status other than valid without its day.
        """
        if self.status == "valid":
            return "valid"
        if self.status_on is None:
            return STATUS_UNKNOWN
        return self.status if day >= self.status_on else "valid"


class ScopeRow(LabRow, table=True):
    """One line of the capability annex: an object, a parameter, a standard, or several."""

    __tablename__ = "scopes"
    __table_args__ = _ONCE
    key_columns: ClassVar[tuple[str, ...]] = (
        "lab_id",
        "object",
        "parameter",
        "standard",
        "limitation",
        "valid_from",
    )
    source_columns: ClassVar[tuple[str, ...]] = ("lab_id", "object", "parameter", "standard")

    id: int | None = Field(default=None, primary_key=True)
    row_key: str | None = Field(default=None, sa_type=String(KEY_DIGITS), nullable=False)
    lab_id: str = Field(foreign_key="labs.lab_id")
    object: str = ""
    parameter: str = ""
    standard: str = ""
    limitation: str = ""
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None

    def holds_on(self, day: dt.date) -> bool:
        """Whether the line is in force on the day."""
        return within(day, self.valid_from, self.valid_until)


class Signatory(LabRow, table=True):
    """An authorised signatory.

    `specimen` is the path of a picture of the signature in the imported folder, with the
    picture's digest behind it where it was there (`registry.specimens`).
    """

    __tablename__ = "signatories"
    __table_args__ = _ONCE
    key_columns: ClassVar[tuple[str, ...]] = ("lab_id", "name", "scope", "valid_from")
    source_columns: ClassVar[tuple[str, ...]] = ("lab_id", "name")

    id: int | None = Field(default=None, primary_key=True)
    row_key: str | None = Field(default=None, sa_type=String(KEY_DIGITS), nullable=False)
    lab_id: str = Field(foreign_key="labs.lab_id")
    name: str
    scope: str = EVERYTHING
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    specimen: str = ""

    @property
    def objects(self) -> tuple[str, ...]:
        """The objects the signatory may sign for; `("全部",)` for all."""
        return split_list(self.scope)

    @property
    def specimen_sha256(self) -> str:
        """The digest of the picture of the signature, "" where the registry holds none."""
        return self.specimen.partition(SPECIMEN_HASH)[2]

    def holds_on(self, day: dt.date) -> bool:
        """Whether the authorisation is in force on the day."""
        return within(day, self.valid_from, self.valid_until)


class SealText(LabRow, table=True):
    """The text of a seal that the laboratory may use."""

    __tablename__ = "seals"
    __table_args__ = _ONCE
    key_columns: ClassVar[tuple[str, ...]] = ("lab_id", "text", "kind")
    source_columns: ClassVar[tuple[str, ...]] = ("lab_id", "text", "kind")

    id: int | None = Field(default=None, primary_key=True)
    row_key: str | None = Field(default=None, sa_type=String(KEY_DIGITS), nullable=False)
    lab_id: str = Field(foreign_key="labs.lab_id")
    text: str
    kind: str = ""


class Domain(LabRow, table=True):
    """Registrable domain of the laboratory's own query site."""

    __tablename__ = "domains"
    __table_args__ = _ONCE
    key_columns: ClassVar[tuple[str, ...]] = ("lab_id", "domain")
    source_columns: ClassVar[tuple[str, ...]] = ("lab_id", "domain")

    id: int | None = Field(default=None, primary_key=True)
    row_key: str | None = Field(default=None, sa_type=String(KEY_DIGITS), nullable=False)
    lab_id: str = Field(foreign_key="labs.lab_id")
    domain: str = Field(index=True)


class Phone(LabRow, table=True):
    """A telephone number of the body (`registry.phones`), never a person's."""

    __tablename__ = "phones"
    __table_args__ = _ONCE
    key_columns: ClassVar[tuple[str, ...]] = ("lab_id", "phone")
    source_columns: ClassVar[tuple[str, ...]] = ("lab_id", "phone")

    id: int | None = Field(default=None, primary_key=True)
    row_key: str | None = Field(default=None, sa_type=String(KEY_DIGITS), nullable=False)
    lab_id: str = Field(foreign_key="labs.lab_id")
    phone: str


class Membership(LabRow, table=True):
    """Membership of a query platform."""

    __tablename__ = "memberships"
    __table_args__ = _ONCE
    key_columns: ClassVar[tuple[str, ...]] = ("lab_id", "platform", "joined_on")
    source_columns: ClassVar[tuple[str, ...]] = ("lab_id", "platform")

    id: int | None = Field(default=None, primary_key=True)
    row_key: str | None = Field(default=None, sa_type=String(KEY_DIGITS), nullable=False)
    lab_id: str = Field(foreign_key="labs.lab_id")
    platform: str
    joined_on: dt.date | None = None
    left_on: dt.date | None = None

    def holds_on(self, day: dt.date) -> bool:
        """Whether the laboratory is a member on the day."""
        return within(day, self.joined_on, self.left_on)


class Fee(LabRow, table=True):
    """What a certificate costs the laboratory to make, as it filed it."""

    __tablename__ = "fees"
    __table_args__ = _ONCE
    key_columns: ClassVar[tuple[str, ...]] = ("lab_id", "item", "currency", "filed_on")
    source_columns: ClassVar[tuple[str, ...]] = ("lab_id", "item")

    id: int | None = Field(default=None, primary_key=True)
    row_key: str | None = Field(default=None, sa_type=String(KEY_DIGITS), nullable=False)
    lab_id: str = Field(foreign_key="labs.lab_id")
    item: str
    unit_cost: Decimal = Field(max_digits=14, decimal_places=4)
    currency: str = "CNY"
    filed_on: dt.date | None = None

    def holds_on(self, day: dt.date) -> bool:
        """Whether it had been filed by the day; a later filing of the item replaces it."""
        return super().holds_on(day) and within(day, self.filed_on, None)


class Coverage(Row, table=True):
    """A time in which the registry holds every laboratory of an issuing authority.

    `source` is a column of the contract here, and says where the list came from; evidence
    names the row by `row_source`.
    """

    __tablename__ = "coverage"
    key_columns: ClassVar[tuple[str, ...]] = ("authority_code", "kind", "complete_from")
    source_columns: ClassVar[tuple[str, ...]] = ("authority_code", "kind")

    id: int | None = Field(default=None, primary_key=True)
    row_key: str | None = Field(
        default=None, sa_type=String(KEY_DIGITS), unique=True, nullable=False
    )
    authority_code: str = Field(max_length=2, index=True)
    kind: str
    complete_from: dt.date | None = None
    complete_until: dt.date | None = None
    source: str = ""

    def holds_on(self, day: dt.date) -> bool:
        """Whether the list was complete on the day."""
        return within(day, self.complete_from, self.complete_until)


TABLES: dict[str, type[Row]] = {
    "labs": Lab,
    "accreditations": Accreditation,
    "scopes": ScopeRow,
    "signatories": Signatory,
    "seals": SealText,
    "domains": Domain,
    "phones": Phone,
    "memberships": Membership,
    "fees": Fee,
    "coverage": Coverage,
}


def _set_row_key(_mapper: Mapper[Row], _connection: Connection, row: Row) -> None:
    row.row_key = row_digest(row)


for _model in TABLES.values():
    if _model is not Lab:
        event.listen(_model, "before_insert", _set_row_key)
        event.listen(_model, "before_update", _set_row_key)
