"""Standards, their editions, and the days between which an edition was in force.

The days come from `data/standards.csv`, which an operator may correct. Where a day is not
known, the answer is `unknown`: nobody is told that an edition was out of force on hearsay.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Literal

from registry import tables

EditionStatus = Literal["in_force", "not_yet", "replaced", "unknown"]

# GB, GB/T, GB/Z; DB65/T of a province; trade standards (DZ/T, QB/T, SN/T) likewise; the
# group T/XXX 001. A slash is often lost or read as a stroke, a year has two or four digits.
_CODE = re.compile(
    r"(?P<prefix>(?:GB|DB\d{2,6}|DZ|QB|SN|NY|JJF|JJG|HJ))(?:[/1I|](?=[TZ]))?(?P<kind>[TZ])?"
    r"(?P<number>\d{2,6}(?:\.\d+)?)(?:-(?P<year>\d{4}|\d{2}))?(?!\d)"
)
_DASHES = re.compile(r"[‐‑‒–—―−~_]+")
# Letters that a recogniser writes for digits, behind the prefix only.
_AS_DIGITS = str.maketrans("OQILS", "00115")


@dc.dataclass(frozen=True, slots=True)
class Standard:
    """One edition of a standard.

    Attributes:
        number: without the year, `GB/T 16553`.
        year: of the edition.
        edition: `GB/T 16553-2017`.
        title: in Chinese, or "".
        object: what it is for, in the words of a scope table, or "" where that is not told.
        in_force_from: first day in force, or None where it is not known.
        replaced_on: first day on which another edition was in force instead, or None where
            it was not replaced or that is not known.
        replaced_by: that edition, or "".
        source: where the dates were seen.
        trust: `S` seen in its source, `gk` general knowledge.
    """

    number: str
    year: int
    edition: str
    title: str
    object: str
    in_force_from: dt.date | None
    replaced_on: dt.date | None
    replaced_by: str
    source: str
    trust: str

    def status(self, day: dt.date) -> EditionStatus:
        """Whether this edition was in force on a day; `unknown` where a day is missing."""
        if self.replaced_on is not None and day >= self.replaced_on:
            return "replaced"
        if self.in_force_from is None:
            return "unknown"
        if day < self.in_force_from:
            return "not_yet"
        if self.replaced_by and self.replaced_on is None:
            return "unknown"
        return "in_force"


@dc.dataclass(frozen=True, slots=True)
class Reference:
    """A standard as a certificate quotes it.

    Attributes:
        number: `GB/T 16553`.
        year: of the edition, or None where it was not printed.
    """

    number: str
    year: int | None

    @property
    def edition(self) -> str:
        """`GB/T 16553-2017`, or the bare number without a year."""
        return self.number if self.year is None else f"{self.number}-{self.year}"


def _compact(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).upper()
    folded = _DASHES.sub("-", re.sub(r"[\s《》]", "", folded))
    # 6B/T for GB/T; then digits behind the prefix.
    folded = re.sub(r"^6B", "GB", folded)
    match = re.match(r"(?:GB|DB\d{2,6})(?:[/1I|](?=[TZ]))?[TZ]?", folded)
    if match:
        folded = match.group() + folded[match.end() :].translate(_AS_DIGITS)
    return folded


def reference(text: str) -> Reference | None:
    """The standard that a text quotes, spelt as the tables do; None where it quotes none.

    >>> reference("GB／T16553—2017 珠宝玉石 鉴定").edition
    'GB/T 16553-2017'
    >>> reference("GB 11887-2012").number
    'GB 11887'
    """
    match = _CODE.search(_compact(text))
    if not match:
        return None
    kind = f"/{match['kind']}" if match["kind"] else ""
    year = int(match["year"]) if match["year"] else None
    if year is not None and len(match["year"]) == 2:
        # Editions before 1996 carried two digits.
        year += 1900
    return Reference(f"{match['prefix']}{kind} {match['number']}", year)


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def from_rows(rows: Iterable[Mapping[str, str]]) -> list[Standard]:
    """Editions from table rows; raises ValueError on a bad day or year."""
    return [
        Standard(
            number=row["number"],
            year=int(row["year"]),
            edition=f"{row['number']}-{row['year']}",
            title=row["title"],
            object=row.get("object", ""),
            in_force_from=_day(row["in_force_from"]),
            replaced_on=_day(row["replaced_on"]),
            replaced_by=row["replaced_by"],
            source=row["source"],
            trust=row["trust"],
        )
        for row in rows
    ]


class Standards:
    """Questions to the table of standards."""

    def __init__(self, editions: Iterable[Standard]) -> None:
        self._editions = {standard.edition: standard for standard in editions}

    def edition(self, text: str) -> Standard | None:
        """The edition a text quotes; None for one not in the table, or without its year."""
        quoted = reference(text)
        return self._editions.get(quoted.edition) if quoted else None

    def editions(self, number: str) -> list[Standard]:
        """All editions of a standard (`GB/T 16553`, with or without a year), oldest first."""
        quoted = reference(number)
        wanted = quoted.number if quoted else number
        found = (each for each in self._editions.values() if each.number == wanted)
        return sorted(found, key=lambda standard: standard.year)

    def objects(self, number: str) -> str:
        """What a standard is for (珠宝玉石, 贵金属 …), of any edition; "" where not told."""
        return next((each.object for each in self.editions(number) if each.object), "")

    def in_force(self, number: str, day: dt.date) -> Standard | None:
        """The edition in force on a day, or None where that is not known."""
        in_force = (each for each in self.editions(number) if each.status(day) == "in_force")
        return next(in_force, None)

    def status(self, edition: str, day: dt.date) -> EditionStatus:
        """Whether the quoted edition was in force on a day."""
        standard = self.edition(edition)
        return standard.status(day) if standard else "unknown"


@functools.cache
def shipped() -> Standards:
    """The table that comes with the program."""
    return Standards(from_rows(tables.rows("standards")))
