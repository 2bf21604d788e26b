"""What the paper says was tested, against the words of a scope or of a signatory's field."""

from __future__ import annotations

import dataclasses as dc
import re
from collections.abc import Sequence

from certcheck import gems
from certcheck.case import Case
from certcheck.confirm import Weighed, weigh
from certcheck.covering import Paper
from certcheck.gems import Species
from certcheck.numbers import cleaning, standard
from certcheck.phrases import words

# Where a certificate says what was done beyond naming the stone.
_TOLD = ("conclusion", "remarks", "standards")


@dc.dataclass(frozen=True, slots=True)
class Tested:
    """What was tested.

    Attributes:
        gems: species named in the conclusion.
        metals: metals that were measured; a metal that a setting is only named by is none.
    """

    gems: tuple[Species, ...]
    metals: tuple[Species, ...]

    @property
    def all(self) -> tuple[Species, ...]:
        """Everything that needs a scope and a signatory."""
        return (*self.gems, *self.metals)


def measured(case: Case, key: str) -> bool:
    """Whether a field holds a measurement; a not-tested word is none."""
    field = case.field(key)
    if field is None:
        return False
    result = field.text in words()["result"].get(key, ())
    return result or not re.search(words()["not_tested"], field.text)


def tested(case: Case) -> Tested:
    """Reads conclusion and metal field; both empty where neither was read or understood."""
    conclusion, metal = case.field("conclusion"), case.field("metal")
    named = gems.parse(conclusion.text) if conclusion else gems.Named((), ())
    found: tuple[Species, ...] = ()
    if metal is not None and measured(case, "metal"):
        found = gems.parse(metal.text).metals or named.metals
    elif metal is None and not named.species:
        found = named.metals
    return Tested(named.species, found)


def paper(case: Case) -> Paper:
    """What the certificate says beside the species, for phrases that ask for it."""
    texts = [field.text for key in _TOLD if (field := case.field(key))]
    standards, address = case.field("standards"), case.field("address")
    return Paper(
        measured=frozenset(key for key in words()["parameter"] if measured(case, key)),
        text=cleaning.plain(" ".join(texts)),
        standards=tuple(standard.split(standards.text)) if standards else (),
        address=address.text if address else "",
    )


def weigh_species(case: Case, species: Species, allowed: Sequence[str]) -> Weighed:
    """Weighs the reading of a species against the names that would be in order.

    The hypotheses are the print with another name in the species' place.
    """
    key = "metal" if case.field("metal") and "贵金属" in species.parents else "conclusion"
    field = case.field(key)
    raw = field.raw if field else ""
    others = [raw.replace(species.name, name) for name in allowed if species.name in raw and name]
    return weigh(case, key, list(dict.fromkeys(one for one in others if one != raw)))
