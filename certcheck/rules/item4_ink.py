"""Item 4: the approver's ink beside the specimen that the registry holds, and earlier ink.

39号令 art 14(五) names the forging of a signatory's signature. One photograph shows at most a
sign of it: whatever ink alone says here is suspected and never more, and a signature that is
the specimen's very picture is a stamp, as is usual, and no sign of anything.
"""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Iterator

from certcheck import ink
from certcheck.case import Case
from certcheck.confirm import Weight
from certcheck.finding import Evidence, Finding
from certcheck.ink_book import Entry
from certcheck.rules.common import holding
from certcheck.rules.framework import advise, agree, rule, suspect
from certcheck.rules.item4_signatory import approver, signatories, signer
from certcheck.rules.since import MEASURES_39, MEASURES_163, REGISTRY
from ocr.signature.read import same_hand
from ocr.witness import Answer
from registry.models import Signatory

LAW = ("plan.3.4.4", "39.11", "39.14")
# With fewer earlier certificates nothing can be called the usual hand.
FEWEST_EARLIER = 3


def _comparable(case: Case) -> bool:
    return ink.comparable(case) is not None and bool(signatories(case))


def _signed(case: Case) -> tuple[str, tuple[Signatory, ...]]:
    """The signatory whose name stands there, and the rows of that name; "" for none."""
    one = signer(case)
    return (one.name, one.rows) if one is not None and one.rows else ("", ())


def known_forms(case: Case, name: str, rows: tuple[Signatory, ...]) -> list[bytes]:
    """What is known of a signatory's hand: specimens, and earlier ink that agreed with one."""
    forms = ink.specimens(case, rows)
    if forms:
        forms += [one.shape for one in case.earlier_ink(name, anchored=True)]
    return forms


def _evidence(case: Case, name: str, rows: tuple[Signatory, ...]) -> Evidence:
    return dc.replace(
        approver(case, expected=name, source=next((r.source for r in rows if r.specimen), "")),
        field="signature",
    )


@rule("item4.ink_agrees", law=LAW, since=REGISTRY, applies=_comparable)
def ink_agrees(case: Case) -> Iterator[Finding]:
    """The approver's ink is like the registered specimen of the name that stands there."""
    name, rows = _signed(case)
    one = ink.comparable(case)
    if one and name and same_hand(one.shape, known_forms(case, name, rows)) is Answer.AGREES:
        yield agree(_evidence(case, name, rows), name=name)


@rule("item4.ink_differs", law=LAW, since=MEASURES_39, told_from=MEASURES_163, applies=_comparable)
def ink_differs(case: Case) -> Iterator[Finding]:
    """The approver's ink is unlike the registered specimen, and unlike ink that agreed with it.

    Only where the name itself was made out, so that ink is not held against another's
    specimen.
    """
    name, rows = _signed(case)
    one = ink.comparable(case)
    if one and name and ink.unlike(case, one, known_forms(case, name, rows)):
        yield suspect(_evidence(case, name, rows), name=name)


def _perhaps_written(case: Case) -> bool:
    return ink.perhaps_written(case) and bool(signatories(case))


@rule(
    "item4.ink_of_nobody",
    law=LAW,
    since=MEASURES_39,
    told_from=MEASURES_163,
    applies=_perhaps_written,
)
def ink_of_nobody(case: Case) -> Iterator[Finding]:
    """Ink that could not be read is unlike the specimen of every signatory of that day.

    Soft ink must be unlike them by a wide margin, and say none of their names. Silent where
    the registry lacks the specimen of one who may have signed.
    """
    one = signer(case)
    read = one is not None and (bool(one.rows) or one.weight > Weight.UNREAD)
    rows = holding(signatories(case), case.issued_on)
    if not read and ink.nobodys(case, rows):
        names = "、".join(dict.fromkeys(row.name for row in rows))
        yield suspect(_evidence(case, names, tuple(rows)), names=names)


@rule("item4.ink_unlike_earlier", law=LAW, since=MEASURES_163, applies=_comparable)
def ink_unlike_earlier(case: Case) -> Iterator[Finding]:
    """The approver's ink is unlike that on earlier certificates, and the registry has no specimen.

    It is told and no sign against this certificate: which of the two is the signatory's own
    hand nobody knows, and it must not matter which came first.
    """
    name, rows = _signed(case)
    one = ink.comparable(case)
    if one is None or not name or ink.specimens(case, rows):
        return
    earlier = case.earlier_ink(name)
    forms = [each.shape for each in earlier]
    if len(forms) < FEWEST_EARLIER or not ink.unlike(case, one, forms):
        return
    # Earlier ink that differs among itself is no usual hand.
    if all(same_hand(forms[0], [form]) is not Answer.DIFFERS for form in forms[1:]):
        yield advise(_evidence(case, name, rows), name=name, count=len(forms))


def entry(case: Case) -> Entry | None:
    """What is kept of this certificate's ink; None where it is none of a registered name."""
    name, rows = _signed(case)
    one = ink.comparable(case)
    if one is None or not name or case.lab is None or not case.photo:
        return None
    return Entry(
        photo=case.photo,
        part=f"{case.reading.page}/{case.reading.part}",
        lab=case.lab.name,
        name=name,
        certificate_no=case.certificate_no,
        anchored=same_hand(one.shape, ink.specimens(case, rows)) is Answer.AGREES,
        shape=one.shape,
        seen_on=case.checked_on,
    )
