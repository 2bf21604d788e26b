"""Item 5: what the laboratory's own record says of the certificate.

A forged paper that copies a genuine number, seal and QR code has a record, of another piece
(facts 3.5, 4). That the site could not be asked is never held against the paper.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from certcheck.case import Case
from certcheck.finding import NAMED, Evidence, Finding
from certcheck.record.model import Outcome, Reason, Record, Result, Row
from certcheck.rules.framework import agree, cannot, rule, seen, suspect
from certcheck.rules.signs import LAW
from certcheck.rules.since import REGISTRY


@rule(
    "item5.record",
    law=LAW,
    since=REGISTRY,
    applies=lambda case: case.record is not None,
    messages=(
        ".agrees", ".differs", ".unsure", ".absent", ".absent_untold",
        *(f".not_asked.{reason}" for reason in Reason),
    ),
)  # fmt: skip
def record(case: Case) -> Iterator[Finding]:
    """The laboratory's own record, looked up at its registered query site, says otherwise.

    Only where somebody asked for the look-up. Number, stone, mass, constants and day are compared
    as measurements and by the taxonomy of species, and what differs is put to the picture again.
    "No such number" counts only where the site has its own sign of it, has all certificates of
    that time, and the number was surely read. An outage, a captcha, a page that was not
    understood: unverifiable.
    """
    found = case.record
    assert found is not None
    lab = case.lab.name if case.lab else ""
    params = {"host": found.host, "lab": lab, "number": case.certificate_no, "link": found.link}
    if found.outcome is Outcome.NOT_ASKED:
        yield cannot(message=f".not_asked.{found.reason}", **params)
    elif found.outcome is Outcome.ABSENT:
        place = seen(case, "certificate_no", source=_source(found))
        yield (
            suspect(place, message=".absent", **params)
            if found.tells
            else cannot(place, message=".absent_untold", **params)
        )
    else:
        yield from _compared(case, found, params)


def _compared(case: Case, found: Record, params: dict[str, str]) -> Iterator[Finding]:
    differing, unsure = found.of(Result.DIFFERS), found.of(Result.UNSURE)
    if differing:
        evidence = _evidence(case, found, differing)
        yield suspect(*evidence, message=".differs", **params, **_named(differing))
    if unsure:
        evidence = _evidence(case, found, unsure)
        yield cannot(*evidence, message=".unsure", **params, **_named(unsure))
    if not differing and not unsure:
        same = found.of(Result.AGREES)
        yield agree(*_evidence(case, found, same), message=".agrees", **params, **_named(same))


def _evidence(case: Case, found: Record, rows: Sequence[Row]) -> list[Evidence]:
    return [seen(case, row.key, expected=row.recorded, source=_source(found)) for row in rows]


def _source(found: Record) -> str:
    return f"record: {found.host}"


def _named(rows: Sequence[Row]) -> dict[str, str]:
    return {NAMED: " ".join(row.key for row in rows)}
