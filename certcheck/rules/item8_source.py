"""Item 8: a certificate of a laboratory that was accredited; guidance, never a fault."""

from __future__ import annotations

from collections.abc import Iterator

from certcheck.case import Case
from certcheck.finding import Finding
from certcheck.rules.framework import advise, agree, no_matter, rule, seen
from certcheck.rules.item1_accreditation import in_order, own
from certcheck.rules.since import REGISTRY


@rule(
    "item8.accredited_laboratory",
    law=("plan.3.4.8",),
    since=REGISTRY,
    applies=lambda case: case.foreign is None,
    messages=("", ".not_then", ".nothing_on_file", ".lab_unknown"),
)
def accredited_laboratory(case: Case) -> Iterator[Finding]:
    """Whether the laboratory the paper names held an accreditation on the day."""
    lab, day = case.lab, case.issued_on
    if lab is None or day is None:
        yield no_matter(seen(case, "lab_name"), message=".lab_unknown")
        return
    params = {"lab": lab.name, "day": day.isoformat()}
    held = [row for row in own(case) if in_order(row, day)]
    if held:
        evidence = seen(case, "lab_name", expected=held[0].holder_name, source=held[0].source)
        yield agree(evidence, number=held[0].number, **params)
    elif own(case):
        evidence = seen(case, "lab_name", source=own(case)[-1].source)
        yield advise(evidence, message=".not_then", **params)
    else:
        yield advise(seen(case, "lab_name"), message=".nothing_on_file", **params)
