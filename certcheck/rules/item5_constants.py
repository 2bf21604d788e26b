"""Item 5: measurements that no stone of the named species gives.

Tolerances and the demand for two outliers: facts 4.1 (inference from what refractometers and
balances can do); ranges and how well each is backed: `certcheck/data/gem_constants.csv`.
Constants never tell natural from synthetic, nor treated jadeite from untreated, and no rule
here tries.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import re
from collections.abc import Callable, Iterator
from decimal import Decimal

from certcheck import gems
from certcheck.case import Case
from certcheck.confirm import Weight, least, weigh
from certcheck.finding import Evidence, Finding
from certcheck.numbers import cleaning
from certcheck.rules.common import has
from certcheck.rules.framework import advise, agree, rule, seen
from certcheck.rules.signs import LAW, MISREAD, UNSURE, sign

# GB/T 16553-2017, whose ranges the table holds, in force from here; the editions before had
# other ranges for some species.
RANGES_2017 = dt.date(2018, 5, 1)

FACET_TOLERANCE = Decimal("0.005")
SPOT_TOLERANCE = Decimal("0.01")
DENSITY_TOLERANCE = Decimal("0.05")

# What a refractometer with its liquid, or a density balance, can have shown for a gem: a
# figure outside is a slip in reading or printing, not a measurement.
_INDEX_PHYSICAL = gems.Range(Decimal("1.3"), Decimal("2.8"))
_DENSITY_PHYSICAL = gems.Range(Decimal("0.9"), Decimal("8"))
_NO_TOLERANCE = Decimal(0)

_FIGURE = re.compile(r"(?<![\d.])\d\.\d{1,4}(?!\d)")
_LIMIT = re.compile(r"[<>≥≤＞＜]|大于|小于|超过|OVER")
_SPOT = re.compile(r"点测|SPOT", re.IGNORECASE)


@dc.dataclass(frozen=True, slots=True)
class Measured:
    """A measurement as printed.

    Attributes:
        values: the figures, one or the two ends of a range.
        spot: a spot reading (点测).
    """

    values: tuple[Decimal, ...]
    spot: bool


def measured(text: str, physical: gems.Range) -> Measured | None:
    """The figures of a print; None for a not-tested word, a mere limit, or an impossible one.

    >>> measured("1.66(点测)", _INDEX_PHYSICAL)
    Measured(values=(Decimal('1.66'),), spot=True)
    >>> measured("因镶嵌未测", _INDEX_PHYSICAL) is None, measured(">1.78", _INDEX_PHYSICAL) is None
    (True, True)
    """
    plain = cleaning.plain(text)
    if _LIMIT.search(plain):
        return None
    values = tuple(Decimal(figure) for figure in _FIGURE.findall(plain))
    if not values or any(physical.outside(value, _NO_TOLERANCE) for value in values):
        return None
    return Measured(values, bool(_SPOT.search(plain)))


def _index_outside(row: gems.Constants, found: Measured) -> bool:
    """Whether no figure fits the row, by the wider of its facet and spot ranges."""
    two_decimals = any(value.as_tuple().exponent == -2 for value in found.values)
    spot = found.spot or two_decimals
    tolerance = SPOT_TOLERANCE if spot else FACET_TOLERANCE
    ranges = [row.refractive_index, *([row.spot_index] if spot and row.spot_index else [])]
    return all(one.outside(value, tolerance) for value in found.values for one in ranges)


def _density_outside(row: gems.Constants, found: Measured) -> bool:
    return all(row.density.outside(value, DENSITY_TOLERANCE) for value in found.values)


@dc.dataclass(frozen=True, slots=True)
class Test:
    """One measurement against the ranges of the named species.

    Attributes:
        key: contract field key.
        outside: by every row that may hold for the species.
        evidence: read and expected.
        weight: what the reading is worth if it is outside.
    """

    key: str
    outside: bool
    evidence: Evidence
    weight: Weight


_TESTS: tuple[
    tuple[str, gems.Range, Callable[[gems.Constants, Measured], bool],
          Callable[[gems.Constants], gems.Range]], ...
] = (
    ("refractive_index", _INDEX_PHYSICAL, _index_outside, lambda row: row.refractive_index),
    ("density", _DENSITY_PHYSICAL, _density_outside, lambda row: row.density),
)  # fmt: skip


def tests(case: Case, species: gems.Species) -> list[Test]:
    """Both measurements, those that were made and read."""
    done = []
    for key, physical, outside, range_of in _TESTS:
        field = case.field(key)
        found = measured(field.text, physical) if field else None
        if field is None or found is None:
            continue

        def differs(
            text: str,
            physical: gems.Range = physical,
            outside: Callable[[gems.Constants, Measured], bool] = outside,
        ) -> bool:
            again = measured(text, physical)
            return again is not None and all(outside(row, again) for row in species.constants)

        is_outside = differs(field.text)
        expected = " / ".join(str(range_of(row)) for row in species.constants)
        names = ", ".join(row.name for row in species.constants)
        evidence = seen(case, key, expected=expected, source=f"gem_constants.csv: {names}")
        weight = _weight(case, key, differs) if is_outside else Weight.CERTAIN
        done.append(Test(key, is_outside, evidence, weight))
    return done


def _weight(case: Case, key: str, outside: Callable[[str], bool]) -> Weight:
    """What a figure outside the range is worth, asked against one-digit slips inside it."""
    field = case.field(key)
    assert field is not None
    slips = [text for text in _slips(field.raw or field.text) if not outside(text)]
    return weigh(case, key, slips, same=lambda one, other: outside(one) == outside(other)).weight


def _slips(text: str) -> Iterator[str]:
    """The print with one digit of one figure changed."""
    for figure in _FIGURE.finditer(text):
        for place in range(figure.start(), figure.end()):
            if text[place].isdigit():
                for digit in "0123456789":
                    if digit != text[place]:
                        yield text[:place] + digit + text[place + 1 :]


# What is said by what was measured.
_WITHIN = {
    ("refractive_index", "density"): ".within",
    ("refractive_index",): ".index_within",
    ("density",): ".density_within",
}


@rule(
    "item5.constants_contradict",
    law=(*LAW, "gbt16553"),
    since=RANGES_2017,
    applies=has("conclusion"),
    messages=(
        "",
        *_WITHIN.values(),
        ".index_outside",
        ".density_outside",
        ".hint",
        MISREAD,
        UNSURE,
    ),
)
def constants_contradict(case: Case) -> Iterator[Finding]:
    """Refractive index and density both lie outside the range of the named species.

    One of them alone is told as advice, as are ranges that are not well backed and stones
    that were treated. What the laboratory did not measure is no sign.
    """
    named = gems.parse(conclusion_of(case))
    # With two stones in one piece nobody can say which of them was measured.
    if len(named.species) != 1 or not named.species[0].constants:
        return
    species = named.species[0]
    done = tests(case, species)
    outside = [test for test in done if test.outside]
    conclusion = seen(case, "conclusion")
    evidence = (*[test.evidence for test in outside or done], conclusion)
    params = {"species": species.name, **_figures(done)}
    if not outside:
        if done:
            yield agree(*evidence, message=_WITHIN[tuple(test.key for test in done)], **params)
    elif len(outside) < len(_TESTS):
        short = ".density_outside" if outside[0].key == "density" else ".index_outside"
        yield advise(*evidence, message=short, **params)
    elif species.treated or not all(row.supported for row in species.constants):
        yield advise(*evidence, message=".hint", **params)
    else:
        weight = least_of([*(test.weight for test in outside), species_weight(case, species)])
        yield sign(weight, *evidence, **params)


def least_of(weights: list[Weight]) -> Weight:
    """As `confirm.least`, but one figure that is in range after all ends the matter."""
    return Weight.MISREAD if Weight.MISREAD in weights else least(*weights)


def species_weight(case: Case, species: gems.Species) -> Weight:
    """What the named species is worth: a second reading must not name another."""
    return weigh(
        case, "conclusion", [], same=lambda one, other: gems.find(one) == gems.find(other)
    ).weight


def conclusion_of(case: Case) -> str:
    """The conclusion as read, "" where it was not."""
    field = case.field("conclusion")
    return field.text if field else ""


def _figures(done: list[Test]) -> dict[str, str]:
    """The sentence's `ri` and `sg` with their ranges; an em dash where not measured."""
    by_key = {test.key: test.evidence for test in done}
    figures = {}
    for key, short in (("refractive_index", "ri"), ("density", "sg")):
        evidence = by_key.get(key)
        figures[short] = evidence.read if evidence else "—"
        figures[f"{short}_range"] = evidence.expected if evidence else "—"
    return figures
