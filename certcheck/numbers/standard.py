"""Numbers of standards (标准编号), `GB/T 16553-2017`.

Issued by the standardisation administration (GB, GB/T, GB/Z, GSB), the ministries (two
letters, /T where recommended), the provinces and cities (DB and their code), associations
(T/ and their letters) and enterprises (Q/).

* prefix: who, and whether compulsory
* number: with parts after a point or hyphen (`GSB 16-3061-2013`)
* year of the edition, four digits; two digits before 2000

Source of the forms: numbers printed in detection scopes and on certificates
(docs of the domain collected 2026-11-21: GB/T 16552-2017, DB65/T 3442-2013,
GSB 16-3061-2013, T/… of associations).

>>> normalise("GB／T16553—2017")
'GB/T 16553-2017'
>>> normalise("GBT 18043-2013")
'GB/T 18043-2013'
>>> normalise("GB11887-89")
'GB 11887-1989'
>>> normalise("db65/t 3442")
'DB65/T 3442'
>>> split("GB/T 16552-2017、16553-2017，GSB16-3061-2013")
['GB/T 16552-2017', 'GB/T 16553-2017', 'GSB 16-3061-2013']
>>> parse("T/CGA 001-2020").prefix
'T/CGA'
>>> normalise("GB 11887-2012/XG1-2015"), normalise("SNT 1234-2009"), normalise("db4113／T12-2020")
('GB 11887-2012', 'SN/T 1234-2009', 'DB4113/T 12-2020')
>>> is_valid("翡翠")
False
"""

from __future__ import annotations

import dataclasses as dc
import functools
import re

from certcheck.numbers import cleaning
from certcheck.numbers.errors import InvalidFormat, NumberError, accepts

_SLASH = r"\s*/\s*"
_PREFIX = (
    rf"T{_SLASH}[A-Z]{{2,10}}|Q{_SLASH}[A-Z]{{1,6}}|DB\s*\d{{2,6}}(?:(?:{_SLASH})?T)?|GSB"
    rf"|GB(?:(?:{_SLASH})?[TZ])?|JJ[FG]|ISO(?:{_SLASH}IEC)?|IEC|CNAS"
    # Ministries' codes, two letters with or without /T. Named one by one: any two letters
    # would find standards in certificate numbers.
    rf"|(?:SN|QB|DZ|NY|LY|HJ|YS|JC|HG|SB|RB|TY|WH|YB|YD|SL|SY|JB|HB)(?:(?:{_SLASH})?T)?"
)
_NUMBER = r"\d{1,6}(?:\.\d{1,3})?(?:\s*-\s*\d{3,5}(?=\s*-))?"
_YEAR = r"\s*-\s*(?P<year>(?:19|20)\d\d|[89]\d)(?!\d)"
# Not in the middle of a word or number, unless one standard is printed hard upon another.
_START = r"(?:(?<![A-Z0-9])|(?<=-\d{4}))"
_STANDARD = re.compile(rf"{_START}(?P<prefix>{_PREFIX})\s*(?P<number>{_NUMBER})(?:{_YEAR})?(?!\d)")
# `GB/T 16552-2017、16553-2017`: the prefix is printed once.
_FOLLOWER = re.compile(rf"\s*(?:[、,;/和及与]|以及)\s*(?P<number>\d{{4,6}}(?:\.\d{{1,3}})?){_YEAR}")
_SLASHLESS = re.compile(r"(?<=[A-Z0-9])(?<!/)([TZ])$")
# An amendment (修改单) changes clauses of an edition and makes no other.
_AMENDMENT = re.compile(r"(?<=-\d{4})/XG\d{1,2}-\d{4}$")
_CENTURY = 1900
# Cells of capability tables, most of which say what others say.
_REMEMBERED = 4096


@dc.dataclass(frozen=True, slots=True)
class Standard:
    """The parts of a number.

    Attributes:
        prefix: `GB/T`.
        number: `16553`.
        year: of the edition, or None where it is not printed.
    """

    prefix: str
    number: str
    year: int | None

    @property
    def base(self) -> str:
        """The number without its edition, `GB/T 16553`."""
        return f"{self.prefix} {self.number}"

    @property
    def core(self) -> str:
        """The base without /T: many a GB became GB/T under its number (general knowledge)."""
        return f"{self.prefix.removesuffix('/T')} {self.number}"

    def __str__(self) -> str:
        """`GB/T 16553-2017`."""
        return self.base if self.year is None else f"{self.base}-{self.year}"


def compact(number: str) -> str:
    """NFKC, capitals, hyphens alike, no spaces."""
    return cleaning.plain(number)


def parse(number: str) -> Standard:
    """Splits a number into its parts.

    Raises:
        InvalidFormat: no known prefix with a number.
    """
    match = _STANDARD.fullmatch(_AMENDMENT.sub("", compact(number)))
    if match is None:
        raise InvalidFormat
    return _standard(match["prefix"], match["number"], match["year"])


def _standard(prefix: str, number: str, year: str | None) -> Standard:
    """A standard from its printed parts."""
    prefix, number = "".join(prefix.split()), "".join(number.split())
    if "/" not in prefix and prefix not in {"ISO", "IEC", "CNAS", "GSB", "GB", "SY", "TY"}:
        prefix = _SLASHLESS.sub(r"/\1", prefix) if len(prefix) > 2 else prefix
    full = None if year is None else int(year)
    if full is not None and full < 100:
        full += _CENTURY
    return Standard(prefix, number, full)


def find_all(text: str) -> list[Standard]:
    """Every standard named in a text, in order, each once."""
    return list(_named(text))


@functools.lru_cache(maxsize=_REMEMBERED)
def _named(text: str) -> tuple[Standard, ...]:
    source = cleaning.spaced(text)
    found: list[Standard] = []
    for match in _STANDARD.finditer(source):
        found.append(_standard(match["prefix"], match["number"], match["year"]))
        follower = _FOLLOWER.match(source, match.end())
        while follower is not None:
            found.append(_standard(match["prefix"], follower["number"], follower["year"]))
            follower = _FOLLOWER.match(source, follower.end())
    return tuple(dict.fromkeys(found))


def without(text: str) -> str:
    """A plain text with the standards that it names taken out.

    >>> without("GB/T16553-2017全部参数")
    '全部参数'
    """
    return _STANDARD.sub("", text)


def split(text: str) -> list[str]:
    """The standards of a text as the contract writes them."""
    return [str(standard) for standard in find_all(text)]


def validate(number: str) -> str:
    """The number as the contract writes it.

    Raises:
        InvalidFormat: as `parse`.
    """
    return str(parse(number))


def normalise(number: str) -> str:
    """The number as the contract writes it; what is no standard's number is only compacted."""
    try:
        return validate(number)
    except NumberError:
        return compact(number)


def is_valid(number: str) -> bool:
    """Whether this is a standard's number."""
    return accepts(validate, number)


def format(number: str) -> str:  # noqa: A001 - python-stdnum's name for it
    """As `normalise`."""
    return normalise(number)
