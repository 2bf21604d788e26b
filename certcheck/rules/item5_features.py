"""Item 5: what magnification and spectra tell against the named stone. Advice, whichever."""

from __future__ import annotations

from collections.abc import Iterator

from certcheck import features, gems
from certcheck.case import Case
from certcheck.finding import Finding
from certcheck.rules.common import has
from certcheck.rules.framework import advise, rule, seen
from certcheck.rules.item5_constants import RANGES_2017, conclusion_of
from certcheck.rules.signs import LAW

# Where a paper says what the microscope and the spectrometer showed.
_TOLD = ("magnification", "spectra", "remarks")


@rule(
    "item5.features_contradict",
    law=(*LAW, "gbt16553"),
    since=RANGES_2017,
    applies=has("conclusion"),
    messages=("", ".treated"),
)
def features_contradict(case: Case) -> Iterator[Finding]:
    """Words of magnification or spectra belong to another stone, or to a treatment untold."""
    named = gems.parse(conclusion_of(case)).species
    if len(named) != 1:
        return
    species = named[0]
    for key in _TOLD:
        field = case.field(key)
        if field is None:
            continue
        other = features.strange(field.text, species)
        if other is not None:
            evidence = seen(case, key, source=f"features.toml ({other.trust})")
            yield advise(evidence, seen(case, "conclusion"), species=species.name,
                         words=other.words, stones="、".join(other.stones))  # fmt: skip
        mark = None if species.treated else features.treated(field.text, species)
        if mark is not None:
            evidence = seen(case, key, source=f"features.toml ({mark.trust})")
            yield advise(evidence, seen(case, "conclusion"), message=".treated",
                         species=species.name, words=mark.words,
                         treatment=mark.treatment)  # fmt: skip
