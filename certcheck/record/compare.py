"""What is printed beside what the laboratory recorded, field by field.

Figures are compared as measurements, stones by the taxonomy of species; words that can be said in
several ways accuse nobody. A field that differs is put to the picture again first (`confirm`).
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from certcheck.case import Case
from certcheck.confirm import Weight, weigh
from certcheck.corrected import prints
from certcheck.corrections import NOWHERE
from certcheck.numbers import cleaning
from certcheck.record import stones
from certcheck.record import values as recorded
from certcheck.record.fields import Fields, Stated
from certcheck.record.model import Result, Row
from ocr.fields import weights
from ocr.hanzi import simplify
from ocr.reading import Field

# Readings of one refractometer, printed and stored, may be rounded apart (facts 4.1).
_INDEX_STEP = Decimal("0.005")
_SPOT_STEP = Decimal("0.01")
# Half a unit of the last digit, and the rounding of a decimal fraction.
_HALF = Decimal("0.5")
# Between testing and issue: days by which dates under different labels may honestly differ.
_DAYS_APART = 31
_FIGURE = re.compile(r"\d+(?:\.\d+)?")
# Figures of a number that are enough to know it by where one side has more before it.
_SHORTEST_NUMBER = 6
# Kilograms are printed to the hundredth.
_KILO_STEP = Decimal(10)
# Labels that do not say of what they are the date, in the form of `cleaning.plain`.
_ANY_DAY = frozenset({"日期", "DATE", "DATED"})

# None where nobody can tell.
Same = Callable[[Field, Stated], bool | None]


def compare(case: Case, stated_by_key: Fields) -> tuple[Row, ...]:
    """The fields that both have.

    Args:
        case: the certificate.
        stated_by_key: what the record says.
    """
    rows = []
    for key, same in _SAME.items():
        field, stated = case.field(key), stated_by_key.get(key, ())
        if field is not None and stated:
            said = " / ".join(one.value for one in stated)
            rows.append(Row(key, field.text, said, _result(case, field, stated, same)))
    return tuple(rows)


def understood(rows: Sequence[Row]) -> bool:
    """Whether enough was compared that the record is one of this certificate, or of another.

    The number alone may be the site's echo of what it was asked.
    """
    compared = {row.key for row in rows if row.result is not Result.NOT_COMPARED}
    figures = compared & DECISIVE
    return bool(figures) if "certificate_no" in compared else len(figures) > 1


def _result(case: Case, field: Field, stated: Sequence[Stated], same: Same) -> Result:
    answers = [same(field, one) for one in stated]
    if True in answers:
        return Result.AGREES
    # Of several values nobody knows which is the certificate's own.
    if len(stated) > 1 or None in answers:
        return Result.NOT_COMPARED
    (one,) = stated
    if field.key == "issue_date" and _of_the_page(one, case.checked_on):
        return Result.NOT_COMPARED
    there = Field(field.key, one.value, one.raw, 1.0, NOWHERE, "record")
    texts = [text for text in prints(there) if text]

    def alike(read: str, other: str) -> bool:
        print_ = dc.replace(field, value=read)
        return same(print_, dc.replace(one, value=other)) is True

    weight = weigh(case, field.key, texts, same=alike).weight
    if weight is Weight.MISREAD:
        return Result.AGREES
    return Result.UNSURE if weight is Weight.UNREAD else Result.DIFFERS


def _number(field: Field, stated: Stated) -> bool | None:
    one, other = sorted((cleaning.fold(field.text), cleaning.fold(stated.value)), key=len)
    if one == other:
        return True
    # One with the laboratory's letters or the year before it, the other without.
    return None if len(one) >= _SHORTEST_NUMBER and other.endswith(one) else False


def _decimals(value: Decimal) -> Decimal:
    """One unit of the last digit."""
    exponent = value.as_tuple().exponent
    return Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None  # a not-tested word


def _close(one: Decimal, other: Decimal, step: Decimal) -> bool:
    """The same as far as the coarser of both is given."""
    return abs(one - other) <= step * _HALF or one.quantize(step) == other.quantize(step)


def _mass(field: Field, stated: Stated) -> bool | None:
    """Masses in grams; a figure without a unit may be either."""
    one, other = _decimal(field.text), _decimal(stated.value)
    if one is None or other is None or recorded.range_of(stated.raw):
        return None
    pairs = [(one, other)]
    if not recorded.says_unit(stated.raw, stated.label):
        pairs.append((one, other * weights.GRAMS_PER_CARAT))
    if not recorded.says_unit(field.raw, field.label):
        pairs.append((one * weights.GRAMS_PER_CARAT, other))
    kilos = any(weights.is_kilo(raw) for raw in (field.raw, stated.raw))
    return any(_close(a, b, _whole_step(a, b, kilos=kilos)) for a, b in pairs)


def _whole_step(one: Decimal, other: Decimal, *, kilos: bool) -> Decimal:
    """One unit of the coarser's last digit; of 1.20 kg that is ten grams."""
    coarser = max(_decimals(one), _decimals(other))
    return max(coarser, _KILO_STEP) if kilos else coarser


def _density(field: Field, stated: Stated) -> bool | None:
    """Densities; of a range and one figure only that the figure lies within."""
    one, other = _decimal(field.text), _decimal(stated.value)
    if one is None or other is None:
        return None
    step = max(_decimals(one), _decimals(other))
    ours = recorded.range_of(field.raw) or (one, one)
    theirs = recorded.range_of(stated.raw) or (other, other)
    if (ours, theirs) == ((one, one), (other, other)):
        return _close(one, other, step)
    return ours[0] - step <= theirs[1] and theirs[0] - step <= ours[1]


def _index(field: Field, stated: Stated) -> bool | None:
    """Refractive indices; of a range and one reading only that the reading lies within."""
    one, other = (
        [Decimal(figure) for figure in _FIGURE.findall(text)] for text in (field.text, stated.value)
    )
    if not one or not other:
        return None
    step = _SPOT_STEP if "点" in field.text + stated.raw else _INDEX_STEP
    if len(one) == len(other):
        return all(abs(a - b) <= step for a, b in zip(sorted(one), sorted(other), strict=True))
    return min(one) - step <= max(other) and min(other) - step <= max(one)


def _day(field: Field, stated: Stated) -> bool | None:
    try:
        one, other = dt.date.fromisoformat(field.text), dt.date.fromisoformat(stated.value)
    except ValueError:
        return None
    if one == other:
        return True
    apart = abs((one - other).days)
    # Of a time in nobody knows which zone, the day may be the next or the one before.
    if apart == 1 and recorded.bears_time(stated.raw):
        return None
    # The day of testing beside that of issue; what is a date of nothing may be the page's own.
    label = cleaning.plain(stated.label)
    if not label or label == cleaning.plain(field.label):
        return False
    return None if apart <= _DAYS_APART or label in _ANY_DAY else False


def _of_the_page(stated: Stated, today: dt.date) -> bool:
    """Whether a day is that of the look-up: pages show it, and servers have another midnight."""
    return stated.value >= (today - dt.timedelta(days=1)).isoformat()


def _words(field: Field, stated: Stated) -> bool | None:
    """Words for a shape or a colour agree, or nobody can tell."""
    one, other = cleaning.plain(simplify(field.text)), cleaning.plain(stated.value)
    return True if one and other and (one in other or other in one) else None


# What decides, in the order of a paper; other words are only shown where they agree.
_SAME: Mapping[str, Same] = {
    "certificate_no": _number,
    "conclusion": stones.same,
    "mass": _mass,
    "shape": _words,
    "colour": _words,
    "refractive_index": _index,
    "density": _density,
    "issue_date": _day,
}
DECISIVE = frozenset({"conclusion", "mass", "refractive_index", "density", "issue_date"})
