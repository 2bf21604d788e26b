"""CNAS (中国合格评定国家认可委员会 laboratory accreditation, `CNAS L0290`).

Issued by the China National Accreditation Service for Conformity Assessment. Accreditation
is voluntary; a certificate without it lacks nothing.

* L: laboratory (calibration and testing)
* four or five digits: serial

Source: `licNo=L0290` in an address of the public register (public source code); that newer
numbers have five digits is general knowledge, so both are accepted.

>>> validate("CNAS L0290")
'L0290'
>>> validate("cnas-l12345")
'L12345'
>>> format("l0290")
'CNAS L0290'
>>> parse("CNAS L0290").serial
'0290'
>>> validate("CNAS L290")
Traceback (most recent call last):
    ...
certcheck.numbers.errors.InvalidLength: number.invalid_length
>>> is_valid("CNAS I0290")
False
"""

from __future__ import annotations

import dataclasses as dc
import re

from certcheck.numbers import cleaning
from certcheck.numbers.errors import InvalidFormat, InvalidLength, accepts

_PREFIX = re.compile(r"^(?:中国认可|国际互认|检测|校准|TESTING|CNAS|NO\.?|[:：])+")
_SERIAL_LENGTHS = (4, 5)


@dc.dataclass(frozen=True, slots=True)
class CnasNumber:
    """The parts of a number.

    Attributes:
        kind: `L`, laboratory.
        serial: four or five digits.
    """

    kind: str
    serial: str


def compact(number: str) -> str:
    """Letter and digits alone."""
    return _PREFIX.sub("", cleaning.plain(number).replace("-", ""))


def parse(number: str) -> CnasNumber:
    """Splits a number into its parts.

    Raises:
        InvalidFormat: not an L and digits.
        InvalidLength: fewer than four digits or more than five.
    """
    text = compact(number)
    kind, serial = text[:1], text[1:]
    if kind != "L" or not (serial.isascii() and serial.isdigit()):
        raise InvalidFormat
    if len(serial) not in _SERIAL_LENGTHS:
        raise InvalidLength
    return CnasNumber(kind, serial)


def validate(number: str) -> str:
    """The compact number, `L0290`.

    Raises:
        NumberError: as `parse`.
    """
    parts = parse(number)
    return parts.kind + parts.serial


def is_valid(number: str) -> bool:
    """Whether the number is well formed."""
    return accepts(validate, number)


def format(number: str) -> str:  # noqa: A001 - python-stdnum's name for it
    """The number as printed, `CNAS L0290`."""
    return f"CNAS {compact(number)}"
