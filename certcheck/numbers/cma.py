"""CMA (资质认定证书编号, number of a laboratory's mandatory approval).

Issued by the market regulators of the state (authority 00) and of the provinces. Since
about August 2015 it has twelve digits, YY AA FF II NNNN:

* YY: last two digits of the year of issue
* AA: issuing authority, 00 to 31 (not the province code of GB/T 2260)
* FF: professional field, 00 to 21
* II: industry department, 00 to 34
* NNNN: serial from 0001; 0000 is none's

Before that a number had ten digits and a letter, YYYY AA NNNN L, and a term of three years.
The letter's meaning (Z metrology, F food …) is unconfirmed and not read here.

Only length, characters, the authority and a serial of 0000 make a number invalid. A field or
industry that is not in the table is told by `CmaNumber.unknown` and is no more than a warning:
tables grow, and calling a valid number invalid is the worse error.

Sources: http://zizhicanmou.com/gdch/110210.html, http://chinajiance.com/Indunews/416.html;
the older form from one example pair only,
https://22.wendadaohang.com/zd/ITIhIfhS2.html. Rules in circulation that speak of 10, 13 or
14 digits contradict one another and real numbers, and are not followed.

>>> validate("15 2701 0603 45")
'152701060345'
>>> parse("152701060345").authority_name
'陕西'
>>> format("152701060345")
'152701060345'
>>> validate("2012002644z")
'2012002644Z'
>>> parse("2012002644Z").first_year
2012
>>> validate("15270106034")
Traceback (most recent call last):
    ...
certcheck.numbers.errors.InvalidLength: number.invalid_length
>>> validate("153301060345")
Traceback (most recent call last):
    ...
certcheck.numbers.errors.InvalidComponent: authority
>>> is_valid("152701060000")
False
>>> is_valid("159901060345")
False
"""

from __future__ import annotations

import dataclasses as dc
import functools
import importlib.resources
import re
import tomllib
from collections.abc import Mapping

from certcheck.numbers import cleaning
from certcheck.numbers.errors import InvalidComponent, InvalidFormat, InvalidLength, accepts

NEW_FORM = "12-digit"
OLD_FORM = "letter"

_NEW_LENGTH = 12
_OLD_LENGTH = 11
_NEW = re.compile(
    r"(?P<year>\d\d)(?P<authority>\d\d)(?P<field>\d\d)(?P<industry>\d\d)(?P<serial>\d{4})"
)
_OLD = re.compile(r"(?P<year>20\d\d|19\d\d)(?P<authority>\d\d)(?P<serial>\d{4})(?P<letter>[A-Z])")
# Either form within other print, whatever its parts.
_IN_PRINT = re.compile(r"(?:(?<![0-9A-Z])|(?<=MA))(?:\d{12}|\d{10}[A-Z])(?![0-9A-Z])")
# What stands before the digits under the mark; no part of the number.
_PREFIX = re.compile(r"^(?:CMA|MA|编号|证书编号|NO\.?|[:：])+")
_CENTURY = 2000
# Serials begin with 0001.
_NO_SERIAL = "0000"


@dc.dataclass(frozen=True, slots=True)
class CmaNumber:
    """The parts of a number.

    Attributes:
        number: compact.
        form: NEW_FORM or OLD_FORM.
        first_year: year of issue, four digits.
        authority: two digits; `authority_name` in Chinese.
        authority_name: whose number it is.
        field: two digits, "" in the old form.
        industry: two digits, "" in the old form.
        serial: four digits.
        letter: of the old form, else "".
        unknown: parts that are not in the table, in order: `field`, `industry`.
            Worth a warning, no more.
    """

    number: str
    form: str
    first_year: int
    authority: str
    authority_name: str
    field: str
    industry: str
    serial: str
    letter: str
    unknown: tuple[str, ...]


@functools.cache
def codes() -> Mapping[str, Mapping[str, str]]:
    """The tables `authority`, `field` and `industry`, code to name."""
    path = importlib.resources.files("certcheck") / "data" / "cma_codes.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def compact(number: str) -> str:
    """Digits and letter alone; spaces, hyphens and a leading `CMA` are dropped."""
    return _PREFIX.sub("", cleaning.plain(number)).replace("-", "")


def stands_in(text: str) -> bool:
    """Whether a line of print holds something of a number's form, valid or misread.

    >>> stands_in("资质认定 CMA 2116 2011 0417"), stands_in("编号YA202330246633")
    (True, False)
    """
    return _IN_PRINT.search(cleaning.plain(text)) is not None


def parse(number: str) -> CmaNumber:
    """Splits a number into its parts.

    Raises:
        InvalidLength: not twelve characters, nor eleven ending in a letter.
        InvalidFormat: something other than digits where digits belong.
        InvalidComponent: no authority has this code (`authority`), or the `serial` is 0000.
    """
    text = compact(number)
    old = len(text) == _OLD_LENGTH and text[-1:].isalpha()
    if not old and len(text) != _NEW_LENGTH:
        raise InvalidLength
    match = (_OLD if old else _NEW).fullmatch(text)
    if match is None or not text.isascii():
        raise InvalidFormat
    parts = match.groupdict(default="")
    authority_name = codes()["authority"].get(parts["authority"])
    if authority_name is None:
        raise InvalidComponent("authority")
    if parts["serial"] == _NO_SERIAL:
        raise InvalidComponent("serial")
    year = int(parts["year"])
    return CmaNumber(
        number=text,
        form=OLD_FORM if old else NEW_FORM,
        first_year=year if old else _CENTURY + year,
        authority=parts["authority"],
        authority_name=authority_name,
        field=parts.get("field", ""),
        industry=parts.get("industry", ""),
        serial=parts["serial"],
        letter=parts.get("letter", ""),
        unknown=_unknown(parts),
    )


def _unknown(parts: Mapping[str, str]) -> tuple[str, ...]:
    """The parts that no table explains."""
    tables = codes()
    names = ("field", "industry")
    return tuple(key for key in names if parts.get(key, "") not in {"", *tables[key]})


def validate(number: str) -> str:
    """The compact number.

    Raises:
        NumberError: as `parse`.
    """
    return parse(number).number


def is_valid(number: str) -> bool:
    """Whether the number is well formed."""
    return accepts(validate, number)


def format(number: str) -> str:  # noqa: A001 - python-stdnum's name for it
    """The number as printed under the mark: compact, without spaces."""
    return compact(number)
