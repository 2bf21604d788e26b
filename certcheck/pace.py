"""How many certificates a laboratory issues a day, told from the numbers that were seen.

Where numbers count on, the highest of some seen by chance tells how many there are (the problem
of the German tanks: R. Ruggles and H. Brodie, "An Empirical Approach to Economic Intelligence in
World War II", JASA 42, 1947; L. A. Goodman, "Serial Number Analysis", JASA 47, 1952). Of k numbers
seen, the highest m, there are about m + m/k - 1.

Somebody else's numbers may be among them. So the lower bound is not taken from the highest but
from the number a tenth below it: of N numbers, the j-th of k lies below N·q with the chance that
a Beta(j, k - j + 1) variable lies below q.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import functools
import importlib.resources
import math
import tomllib
from collections.abc import Iterable, Sequence

from certcheck.numbers import certificate

# With fewer numbers of one period nothing is estimated.
FEWEST = 8
# Of the numbers seen, those that may be somebody else's.
FALSE_SHARE = 0.1
CONFIDENCE = 0.95
# As reports cite it.
METHOD = "Goodman 1952, JASA 47:622"
# Serials that fill so much of what their digits can hold do not count on from 1.
_FILLS = 0.3
# Days on which a laboratory works, of a month and of a year, from above.
_WORKING = {"day": 1, "month": 23, "year": 250}


@dc.dataclass(frozen=True, slots=True)
class Pace:
    """An estimate.

    Attributes:
        seen: different numbers of the period.
        highest: serial among them.
        about: certificates a day, the point estimate.
        least: certificates a day, at least so many with a confidence of 95 %.
        most: likewise, at most; from the highest, if all are the laboratory's.
        since: first day of the period.
        days: working days of it.
    """

    seen: int
    highest: int
    about: float
    least: float
    most: float
    since: dt.date
    days: int


@dc.dataclass(frozen=True, slots=True)
class Capacity:
    """What can be done in a day at most.

    Attributes:
        kind: `signatory`, `person` or `instrument`.
        count: of them.
        each: certificates a day that one of them can do.
        source: the row that says how many there are.
    """

    kind: str
    count: int
    each: int
    source: str

    @property
    def whole(self) -> int:
        """Certificates a day."""
        return self.count * self.each


@functools.cache
def a_day(kind: str) -> int:
    """Certificates a day that one `signatory`, `person` or `instrument` can do at most."""
    path = importlib.resources.files("certcheck") / "data" / "pace.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return int(60 * table["day"]["hours"] / table[kind]["minutes"])


def pace(numbers: Iterable[str], *, lab_id: str = "", names: Sequence[str] = ()) -> Pace | None:
    """What numbers tell of a laboratory's pace; None where they tell nothing.

    Only series with a declared place of their date are understood; what stands behind the date
    is the serial, which begins anew with it.

    Args:
        numbers: of certificates seen, compact or as printed.
        lab_id: the laboratory's id in the registry.
        names: its registered name and aliases.
    """
    periods: dict[tuple[str, dt.date], set[int]] = {}
    digits: dict[tuple[str, dt.date], tuple[int, str]] = {}
    for number in numbers:
        parts = certificate.parse(number, lab_id=lab_id, names=names)
        serial = parts.serial if parts else ""
        if parts is None or parts.date is None or not serial.isdigit():
            continue
        key = (parts.format.name, parts.date)
        periods.setdefault(key, set()).add(int(serial))
        digits[key] = (len(serial), parts.format.date_format)
    told = [
        _estimate(sorted(found), key[1], *digits[key]) for key, found in periods.items()
        if len(found) >= FEWEST
    ]  # fmt: skip
    return max((one for one in told if one is not None), key=lambda one: one.least, default=None)


def _estimate(serials: Sequence[int], since: dt.date, digits: int, form: str) -> Pace | None:
    count, highest = len(serials), serials[-1]
    about = highest + highest / count - 1
    if about >= _FILLS * 10**digits:
        return None
    days = _WORKING["day" if "%d" in form else "month" if "%m" in form else "year"]
    place = max(1, count - math.ceil(FALSE_SHARE * count))
    least = serials[place - 1] / _quantile(place, count, CONFIDENCE)
    most = highest / _quantile(count, count, 1 - CONFIDENCE)
    return Pace(count, highest, about / days, least / days, most / days, since, days)


def _quantile(place: int, count: int, chance: float) -> float:
    """Where a Beta(place, count - place + 1) variable lies below with a chance.

    It lies below q with the chance that of `count` tries of chance q at least `place` succeed.
    """
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        below = sum(
            math.comb(count, hits) * middle**hits * (1 - middle) ** (count - hits)
            for hits in range(place, count + 1)
        )
        low, high = (middle, high) if below < chance else (low, middle)
    return high
