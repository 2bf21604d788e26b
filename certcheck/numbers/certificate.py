"""Certificate numbers (证书编号), each laboratory's own.

There is no common format. What is known of a laboratory's is kept in
`certcheck/data/certificate_formats.toml` with its source: a pattern, and where in it the
day of issue stands. A number of a laboratory without a declared pattern says nothing, and a
number that does not fit a declared pattern is no fault: laboratories have several series.

* `PZ23032100202`: prefix, YYMMDD, serial (GTC)
* `Y-PLDY224598`: letters, hyphen, serial (NGTC)

>>> validate(" y-pldy 224598 ")
'YPLDY224598'
>>> format("ｙ－pldy224598")
'Y-PLDY224598'
>>> parts = parse("PZ23032100202", names=["广东省珠宝玉石及贵金属检测中心"])
>>> parts.date.isoformat()
'2023-03-21'
>>> parts.with_date(dt.date(2023, 4, 1))
'PZ23040100202'
>>> parts.serial
'00202'
>>> parse("PZ23032100202", names=["另一家检测中心"]) is None
True
>>> is_valid("翡翠手镯")
False
>>> is_valid("PZ23132100202", names=["广东省珠宝玉石及贵金属检测中心"])
False
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import functools
import importlib.resources
import re
import tomllib
from collections.abc import Iterable

from certcheck.numbers import cleaning
from certcheck.numbers.errors import InvalidComponent, InvalidFormat, InvalidLength, accepts

# The shortest seen is GIA's and IGI's nine and ten digits; leave room for small laboratories.
MIN_LENGTH = 4
MAX_LENGTH = 32


@dc.dataclass(frozen=True, slots=True)
class Format:
    """A declared series of one or more laboratories.

    Attributes:
        name: of the series, for evidence.
        lab_ids: registry ids it holds for.
        lab_names: registered names it holds for.
        pattern: of the compact number, with a group `date` where the day of issue stands.
        date_format: of that group, as `strptime` reads it; "" without such a group.
        tolerance_days: days that may honestly lie between that date and the printed one.
        source: where the format was seen.
    """

    name: str
    lab_ids: frozenset[str]
    lab_names: frozenset[str]
    pattern: re.Pattern[str]
    date_format: str
    tolerance_days: int
    source: str

    def day(self, number: str) -> dt.date | None:
        """The day in a compact number; None where its series has none, or what stands is none."""
        match = self.pattern.fullmatch(number)
        if match is None or not self.date_format:
            return None
        try:
            return dt.datetime.strptime(match["date"], self.date_format).date()
        except ValueError:
            return None


@dc.dataclass(frozen=True, slots=True)
class CertificateNumber:
    """A number that fits a declared series.

    Attributes:
        number: compact.
        format: the series.
        date: the day of issue inside the number; the first of its month or year where the
            series gives no more; None where it gives none.
    """

    number: str
    format: Format
    date: dt.date | None

    def agrees(self, day: dt.date) -> bool | None:
        """Whether a printed day fits the date inside; None where the series has none."""
        if self.date is None:
            return None
        form = self.format.date_format
        if day.strftime(form) == self.date.strftime(form):
            return True
        return abs((day - self.date).days) <= self.format.tolerance_days

    @property
    def printed_date(self) -> str:
        """The date inside as the number gives it: `2023-03-21`, `2023-03`, `2023`, or ""."""
        if self.date is None:
            return ""
        form = self.format.date_format
        parts = [part for part in ("%d", "%m") if part not in form]
        return self.date.isoformat()[: -3 * len(parts) or None]

    @property
    def serial(self) -> str:
        """What stands behind the date; "" where the series has none."""
        match = self.format.pattern.fullmatch(self.number)
        return self.number[match.end("date") :] if match and self.format.date_format else ""

    def with_date(self, day: dt.date) -> str:
        """The number as it would be with another day in the date's place."""
        match = self.format.pattern.fullmatch(self.number)
        if match is None or not self.format.date_format:
            return self.number
        start, end = match.span("date")
        return self.number[:start] + day.strftime(self.format.date_format) + self.number[end:]


@functools.cache
def formats() -> tuple[Format, ...]:
    """All declared series.

    Raises:
        ValueError: a pattern with a date group but no date format, or the reverse.
    """
    path = importlib.resources.files("certcheck") / "data" / "certificate_formats.toml"
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["format"]
    return tuple(
        _format(
            name=row["name"],
            lab_ids=row.get("lab_ids", []),
            lab_names=row.get("lab_names", []),
            pattern=row["pattern"],
            date_format=row.get("date_format", ""),
            tolerance_days=row.get("tolerance_days", 0),
            source=row["source"],
        )
        for row in rows
    )


def _format(
    *,
    name: str,
    lab_ids: Iterable[str],
    lab_names: Iterable[str],
    pattern: str,
    date_format: str,
    tolerance_days: int,
    source: str,
) -> Format:
    """One row of the table, checked."""
    compiled = re.compile(pattern)
    if ("date" in compiled.groupindex) != bool(date_format):
        raise ValueError(f"format {name!r}: a date group and a date format go together")
    return Format(
        name=name,
        lab_ids=frozenset(lab_ids),
        lab_names=frozenset(lab_names),
        pattern=compiled,
        date_format=date_format,
        tolerance_days=tolerance_days,
        source=source,
    )


def compact(number: str) -> str:
    """Letters and digits alone, for comparing."""
    return "".join(char for char in cleaning.plain(number) if char.isalnum())


def validate(number: str, *, lab_id: str = "", names: Iterable[str] = ()) -> str:
    """The compact number.

    Args:
        number: as printed.
        lab_id: the laboratory's registry id, where it is known.
        names: its registered name and aliases.

    Raises:
        InvalidLength: shorter than MIN_LENGTH or longer than MAX_LENGTH.
        InvalidFormat: something other than Latin letters and digits, or no digit.
        InvalidComponent: it fits a series declared for the laboratory, and what stands in the
            date's place is no day (month 13), nor does it fit another.
    """
    text = compact(number)
    if not MIN_LENGTH <= len(text) <= MAX_LENGTH:
        raise InvalidLength
    if not text.isascii() or not any(char.isdigit() for char in text):
        raise InvalidFormat
    series = _fitting(text, lab_id, names)
    if series and all(each.day(text) is None and each.date_format for each in series):
        raise InvalidComponent("date")
    return text


def is_valid(number: str, *, lab_id: str = "", names: Iterable[str] = ()) -> bool:
    """Whether this may be a certificate's number, and one of the laboratory's."""
    return accepts(functools.partial(validate, lab_id=lab_id, names=tuple(names)), number)


def _fitting(text: str, lab_id: str, names: Iterable[str]) -> list[Format]:
    """The series declared for a laboratory that a compact number has the form of."""
    known = set(names)
    declared = (one for one in formats() if lab_id in one.lab_ids or known & one.lab_names)
    return [one for one in declared if one.pattern.fullmatch(text)]


def parse(number: str, *, lab_id: str = "", names: Iterable[str] = ()) -> CertificateNumber | None:
    """What the number says by the series declared for its laboratory.

    Args:
        number: as printed.
        lab_id: the laboratory's registry id, where it is known.
        names: its registered name and aliases.

    Returns:
        The parts, or None where no series is declared for the laboratory, the number fits
        none of them, or what stands in the date's place is no day.
    """
    text = compact(number)
    for series in _fitting(text, lab_id, names):
        day = series.day(text)
        if day is not None or not series.date_format:
            return CertificateNumber(text, series, day)
    return None


def format(number: str) -> str:  # noqa: A001 - python-stdnum's name for it
    """The number as printed, in capitals without spaces; hyphens stay."""
    return cleaning.plain(number)
