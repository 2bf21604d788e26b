"""Item 5 of a report from abroad: where its code leads, and its number's form.

The table's addresses and forms are mostly not the laboratories' own word, so this is never
more than advice.
"""

from __future__ import annotations

from collections.abc import Iterator

from certcheck.case import Case
from certcheck.finding import Evidence, Finding
from certcheck.numbers import certificate
from certcheck.rules.framework import advise, agree, rule, seen
from certcheck.rules.item5_hosts import addresses
from certcheck.rules.signs import LAW
from certcheck.rules.since import REGISTRY
from registry.domains import registrable


@rule(
    "item5.foreign_site",
    law=LAW,
    since=REGISTRY,
    applies=lambda case: case.foreign is not None and bool(addresses(case)),
    messages=("", ".own"),
)
def foreign_site(case: Case) -> Iterator[Finding]:
    """The code leads to the laboratory's own site, or to one that is not known as such."""
    assert case.foreign is not None
    lab = case.foreign.lab
    for code, host in addresses(case):
        known = ", ".join(lab.hosts)
        evidence = Evidence("code", host, known, code.box, f"foreign_labs: {lab.key}")
        params = {"host": host, "hosts": known, "name": lab.name, "query": lab.query}
        if registrable(host) in lab.hosts:
            yield agree(evidence, message=".own", **params)
        else:
            yield advise(evidence, **params)


@rule(
    "item5.foreign_number",
    law=LAW,
    since=REGISTRY,
    applies=lambda case: case.foreign is not None and case.field("certificate_no") is not None,
)
def foreign_number(case: Case) -> Iterator[Finding]:
    """The report number has not the form that the laboratory's numbers are known to have."""
    field = case.field("certificate_no")
    assert case.foreign is not None and field is not None
    lab = case.foreign.lab
    if not lab.has_number(field.text) and not lab.has_number(certificate.compact(field.text)):
        yield advise(seen(case, "certificate_no", source=f"foreign_labs: {lab.key}"),
                     number=field.text, name=lab.name)  # fmt: skip
