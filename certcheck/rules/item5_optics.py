"""Item 5: optic character and birefringence against the named stone.

One of them alone may be a slip of hand or press and is advice. Together, or one of them beside
a refractive index or density outside its range, they are two outliers of different instruments
(facts 4.1) and a sign.
"""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Iterator
from decimal import Decimal

from certcheck import gems, optics
from certcheck.case import Case
from certcheck.confirm import Weight, weigh
from certcheck.finding import Evidence, Finding
from certcheck.rules.common import has
from certcheck.rules.framework import advise, agree, rule, seen
from certcheck.rules.item5_constants import (
    RANGES_2017,
    conclusion_of,
    least_of,
    species_weight,
    tests,
)
from certcheck.rules.signs import LAW, MISREAD, UNSURE, only_certain, sign

# Of a difference of two readings, each good to ±0.002 (inference).
TOLERANCE = Decimal("0.004")
_OPTIC = "optic_character"
# The difference of a pair of facet readings serves where no figure of its own is printed.
_PRINTED = ("birefringence", "refractive_index")


@dc.dataclass(frozen=True, slots=True)
class Outlier:
    """One observation that the named stone does not give.

    Attributes:
        message: of the advice where it stands alone.
        evidence: read and expected.
        weight: what the reading is worth.
    """

    message: str
    evidence: Evidence
    weight: Weight


def _optic(case: Case, rows: tuple[gems.Constants, ...]) -> Outlier | None:
    """The optic character where no row of the species allows it."""

    def ruled_out(text: str) -> bool:
        meant = optics.meaning(text)
        return meant is not None and all(optics.excluded(row, meant) for row in rows)

    field = case.field(_OPTIC)
    if field is None or optics.anomalous(field.text) or not ruled_out(field.text):
        return None
    expected = " / ".join(dict.fromkeys(row.optic for row in rows))
    evidence = seen(case, _OPTIC, expected=expected, source=f"gem_constants.csv: {rows[0].name}")
    weight = weigh(case, _OPTIC, [], same=lambda a, b: ruled_out(a) == ruled_out(b)).weight
    return Outlier(".optic_outside", evidence, weight)


def _doubled(case: Case, rows: tuple[gems.Constants, ...]) -> Outlier | None:
    """The birefringence where no row of the species allows it."""

    def ruled_out(text: str) -> bool:
        value = optics.birefringence(text)
        return value is not None and all(_outside(row, value, key) for row in rows)

    for key in _PRINTED:
        field = case.field(key)
        if field is None or optics.birefringence(field.text) is None:
            continue
        if not ruled_out(field.text):
            return None
        expected = " / ".join(str(row.birefringence) for row in rows if row.birefringence)
        evidence = seen(case, key, expected=expected, source=f"gem_constants.csv: {rows[0].name}")
        weight = weigh(case, key, [], same=lambda a, b: ruled_out(a) == ruled_out(b)).weight
        return Outlier(".birefringence_outside", evidence, weight)
    return None


def _outside(row: gems.Constants, value: Decimal, key: str) -> bool:
    """Whether a row has a birefringence, and this is not it.

    A pair of readings that differ little may be one direction measured twice; that they
    differ much is told.
    """
    if row.birefringence is None:
        return False
    if key == "birefringence":
        return row.birefringence.outside(value, TOLERANCE)
    return value > row.birefringence.high + TOLERANCE


@rule(
    "item5.optics_contradict",
    law=(*LAW, "gbt16553"),
    since=RANGES_2017,
    applies=has("conclusion"),
    messages=("", ".within", ".optic_outside", ".birefringence_outside", MISREAD, UNSURE),
)
def optics_contradict(case: Case) -> Iterator[Finding]:
    """Optic character or birefringence is not that of the named species.

    Alone advice; a sign where both are off, or one of them and one of refractive index and
    density, of a stone that was not treated and whose row is well backed.
    """
    named = gems.parse(conclusion_of(case)).species
    if len(named) != 1 or not named[0].constants:
        return
    species = named[0]
    rows = species.constants
    found = [one for one in (_optic(case, rows), _doubled(case, rows)) if one is not None]
    others = [test for test in tests(case, species) if test.outside]
    conclusion = seen(case, "conclusion")
    if not found:
        field = case.field(_OPTIC)
        if field is not None and optics.meaning(field.text):
            yield agree(seen(case, _OPTIC), conclusion, message=".within",
                        species=species.name, read=field.text)  # fmt: skip
        return
    backed = not species.treated and all(row.supported for row in rows)
    if backed and len(found) + len(others) == 2:
        evidence = [one.evidence for one in found] + [test.evidence for test in others]
        weights = [one.weight for one in found] + [test.weight for test in others]
        weight = least_of([*weights, species_weight(case, species)])
        yield sign(only_certain(weight), *evidence, conclusion, species=species.name,
                   first=_told(evidence[0]), second=_told(evidence[1]))  # fmt: skip
        return
    for one in found:
        yield advise(one.evidence, conclusion, message=one.message, species=species.name,
                     read=one.evidence.read, expected=one.evidence.expected)  # fmt: skip


def _told(evidence: Evidence) -> str:
    return f"{evidence.read}（{evidence.expected}）"
