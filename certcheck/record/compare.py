"""What is printed beside what the laboratory recorded, field by field.

Figures are compared as measurements, stones by the taxonomy of species; words that can be said in
several ways accuse nobody. A field that differs is put to the picture again first (`confirm`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from certcheck import gems
from certcheck.case import Case
from certcheck.confirm import Weight, weigh
from certcheck.corrected import prints
from certcheck.corrections import NOWHERE
from certcheck.gems import Named
from certcheck.numbers import cleaning
from certcheck.record.fields import Fields, Stated
from certcheck.record.model import Result, Row
from ocr.reading import Field

# Readings of one refractometer, printed and stored, may be rounded apart (facts 4.1).
_INDEX_STEP = Decimal("0.005")
_SPOT_STEP = Decimal("0.01")
# Half a unit of the last digit, and the rounding of a decimal fraction.
_HALF = Decimal("0.5")
# Between testing and issue: days by which dates under different labels may honestly differ.
_DAYS_APART = 31
_FIGURE = re.compile(r"\d+(?:\.\d+)?")

# None where nobody can tell.
Same = Callable[[str, Stated, str], bool | None]


def compare(case: Case, recorded: Fields) -> tuple[Row, ...]:
    """The fields that both have.

    Args:
        case: the certificate.
        recorded: what the record says.
    """
    rows = []
    for key, same in _SAME.items():
        field, stated = case.field(key), recorded.get(key, ())
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
    answers = [same(field.text, one, field.label) for one in stated]
    if True in answers:
        return Result.AGREES
    # Of several values nobody knows which is the certificate's own.
    if len(stated) > 1 or None in answers:
        return Result.NOT_COMPARED
    (one,) = stated
    there = Field(field.key, one.value, one.raw, 1.0, NOWHERE, "record")
    texts = [text for text in prints(there) if text]

    def alike(read: str, other: str) -> bool:
        return same(read, Stated(other, other, one.label), field.label) is True

    weight = weigh(case, field.key, texts, same=alike).weight
    if weight is Weight.MISREAD:
        return Result.AGREES
    return Result.UNSURE if weight is Weight.UNREAD else Result.DIFFERS


def _number(printed: str, stated: Stated, _label: str) -> bool:
    return cleaning.fold(printed) == cleaning.fold(stated.value)


def _decimals(value: Decimal) -> Decimal:
    """One unit of the last digit."""
    exponent = value.as_tuple().exponent
    return Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)


def _measured(printed: str, stated: Stated, _label: str) -> bool | None:
    """A mass in grams or a density: the same as far as the coarser of both is given."""
    try:
        one, other = Decimal(printed), Decimal(stated.value)
    except InvalidOperation:
        return None  # a not-tested word
    step = max(_decimals(one), _decimals(other))
    return abs(one - other) <= step * _HALF or one.quantize(step) == other.quantize(step)


def _index(printed: str, stated: Stated, _label: str) -> bool | None:
    """Refractive indices; of a range and one reading only that the reading lies within."""
    one, other = (
        [Decimal(figure) for figure in _FIGURE.findall(text)] for text in (printed, stated.value)
    )
    if not one or not other:
        return None
    step = _SPOT_STEP if "点" in printed + stated.raw else _INDEX_STEP
    if len(one) == len(other):
        return all(abs(a - b) <= step for a, b in zip(sorted(one), sorted(other), strict=True))
    return min(one) - step <= max(other) and min(other) - step <= max(one)


def _day(printed: str, stated: Stated, label: str) -> bool | None:
    try:
        one, other = dt.date.fromisoformat(printed), dt.date.fromisoformat(stated.value)
    except ValueError:
        return None
    if one == other:
        return True
    # The day of testing beside that of issue.
    same_day = not stated.label or cleaning.plain(stated.label) == cleaning.plain(label)
    return False if same_day or abs((one - other).days) > _DAYS_APART else None


def _stone(printed: str, stated: Stated, _label: str) -> bool | None:
    """Two names: the same, of the same species and treatment, or another stone."""
    if cleaning.plain(printed) == cleaning.plain(stated.value):
        return True
    one, other = gems.parse(printed), gems.parse(stated.value)
    if not (one.species or one.metals) or not (other.species or other.metals):
        return None
    if one.species and other.species:
        return _species(one, other)
    # Of one of them only the setting is named.
    return None if one.species or other.species else _names(one) == _names(other)


def _species(one: Named, other: Named) -> bool | None:
    if _made(one) != _made(other):
        return False
    if any(species.enhanced for species in (*one.species, *other.species)):
        treated: bool | None = None
    else:
        treated = _treated(one) == _treated(other)
    if _names(one) == _names(other):
        return treated
    answers = [
        gems.relation(a.name, b) or gems.relation(b.name, a)
        for a in one.species for b in other.species
    ]  # fmt: skip
    if any(answers):
        # A class above says less than the species.
        return False if treated is False else None
    return None if None in answers else False


def _names(named: Named) -> set[str]:
    return {species.name for species in named.species or named.metals}


def _made(named: Named) -> bool:
    return any(species.name.startswith(gems.prefixes()) for species in named.species)


def _treated(named: Named) -> bool:
    return any(species.treated for species in named.species)


def _words(printed: str, stated: Stated, _label: str) -> bool | None:
    """Words for a shape or a colour agree, or nobody can tell."""
    one, other = cleaning.plain(printed), cleaning.plain(stated.value)
    return True if one and other and (one in other or other in one) else None


# What decides, in the order of a paper; other words are only shown where they agree.
_SAME: Mapping[str, Same] = {
    "certificate_no": _number,
    "conclusion": _stone,
    "mass": _measured,
    "shape": _words,
    "colour": _words,
    "refractive_index": _index,
    "density": _measured,
    "issue_date": _day,
}
DECISIVE = frozenset({"conclusion", "mass", "refractive_index", "density", "issue_date"})
