"""Item 5: the name in the conclusion against the naming standard of the day.

Advice alone. A name that the standard does not want tells a buyer something (缅甸翡翠, 冰种 and
A货 are words of the trade, not results), but laboratories in good standing print such names,
and none makes a report what the plan calls false.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from certcheck import naming
from certcheck.case import Case
from certcheck.finding import Finding
from certcheck.rules.common import has
from certcheck.rules.framework import advise, agree, rule, seen

# The oldest edition of GB/T 16552 whose text was seen.
NAMES_2003 = dt.date(2003, 11, 1)
_SOURCE = "naming.toml"


@rule(
    "item5.naming",
    law=("plan.3.4.5", "gbt16552.5.1", "gbt34098"),
    since=NAMES_2003,
    applies=has("conclusion"),
    messages=tuple(f".{kind}" for kind in naming.KINDS),
)
def name(case: Case) -> Iterator[Finding]:
    """The name has an origin, a level of the trade or another thing that GB/T 16552 keeps out.

    Told as advice, one finding for each kind; where nothing is amiss, nothing is said.
    """
    field = case.field("conclusion")
    assert field is not None
    for flaw in naming.flaws(field.text, case.issued_on or case.checked_on):
        evidence = seen(case, "conclusion", source=f"{_SOURCE} ({flaw.trust})")
        yield advise(evidence, message=f".{flaw.kind}", words=flaw.words)


@rule(
    "item5.treatment_untold",
    law=("plan.3.4.5", "gbt16552.5.4"),
    since=NAMES_2003,
    applies=has("conclusion"),
    messages=("", ".told"),
)
def treatment_untold(case: Case) -> Iterator[Finding]:
    """Remarks, magnification or spectra tell of a treatment that the name leaves out."""
    conclusion = case.field("conclusion")
    assert conclusion is not None
    for key in ("remarks", "magnification", "spectra"):
        field = case.field(key)
        word = naming.untold_treatment(conclusion.text, field.text) if field else None
        if word:
            told = seen(case, key, source=f"treatments.toml: {word}")
            yield advise(told, seen(case, "conclusion"), name=conclusion.text, treatment=word)
            return
    done = naming.told_treatment(conclusion.text)
    if done:
        yield agree(seen(case, "conclusion"), message=".told", name=conclusion.text)
