"""Item 4: the report must be signed off by an authorised signatory within the granted field.

39号令 art 11 and 25. Only the approver is tested: inspectors and checkers need no such
authorisation (facts 3.1).
"""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Iterator, Sequence

from certcheck import ink
from certcheck.case import Case
from certcheck.confirm import Weight, least, plain, weigh, weigh_day
from certcheck.covering import Paper, any_of, covers, is_everything
from certcheck.finding import Evidence, Finding
from certcheck.gems import Species
from certcheck.rules.common import (
    accuse,
    around,
    day_text,
    has,
    holding,
    known,
    lacks,
    period,
    unlisted,
    windows,
)
from certcheck.rules.framework import agree, cannot, rule, seen, suspect
from certcheck.rules.listed import begin_later
from certcheck.rules.objects import paper, tested, weigh_species
from certcheck.rules.since import MEASURES_39, MEASURES_163, REGISTRY
from certcheck.unread import borne_out
from ocr.errors import OcrError
from ocr.geometry import overlap
from ocr.reading import Field
from ocr.witness import Answer
from registry.models import Signatory

LAW = ("plan.3.4.4", "39.11", "39.25")


@dc.dataclass(frozen=True, slots=True)
class Signer:
    """The approver on the paper.

    Attributes:
        name: as registered where the ink agrees with a registered name, else as read.
        rows: the laboratory's authorisations of that name, of any date.
        weight: what the reading is worth as an accusation.
    """

    name: str
    rows: tuple[Signatory, ...]
    weight: Weight


def signatories(case: Case) -> tuple[Signatory, ...]:
    """The identified laboratory's authorisations; none where the registry knows none so old."""
    return known(case.lab.signatories, case.issued_on) if case.lab else ()


def signer(case: Case) -> Signer | None:
    """The approver against the laboratory's signatories; None where nobody was made out.

    A name that was not read may still be told by its ink.
    """
    field = case.field("approver")
    rows = signatories(case)
    held = holding(rows, case.issued_on)
    good = list(dict.fromkeys(row.name for row in held))
    if field is None:
        name = (
            borne_out(case, "approver", good)
            or ink.named_by_text(case, good)
            or ink.named_by_ink(case, held)
        )
        return Signer(name, _rows(rows, name), Weight.MISREAD) if name else None
    name = field.text
    by_name = {plain(row.name): row.name for row in rows}
    known = by_name.get(plain(name))
    if known in good:
        return Signer(known, _rows(rows, known), Weight.CERTAIN)
    asked = good if known else list(dict.fromkeys(row.name for row in rows))
    weighed = weigh(case, "approver", asked)
    weight = weighed.weight
    if not known and any(plain(row.name) in plain(name) for row in rows):
        # Two names in one line, or a name with more behind it: a person should look.
        weight = min(weight, Weight.DOUBTFUL)
    if not known and any(_spoilt(case, name, row.name) for row in rows):
        weight = min(weight, Weight.UNREAD)
    if weight is not Weight.MISREAD and ink.perhaps_written(case):
        mine = ink.named_by_ink(case, held)
        if mine:
            return Signer(mine, _rows(rows, mine), Weight.MISREAD)
        if not known:
            weight = min(weight, _written_weight(case, field, held))
    name = weighed.text or known or name
    return Signer(name, _rows(rows, name), weight)


def _written_weight(case: Case, field: Field, held: Sequence[Signatory]) -> Weight:
    """What a handwritten name that is not registered is worth as an accusation, at most."""
    other = ink.another_name(field.text, field.confidence, signatories(case))
    return Weight.DOUBTFUL if other or ink.nobodys(case, held) else Weight.UNREAD


def _spoilt(case: Case, read: str, name: str) -> bool:
    """Whether a reading is a registered name run together with a seal's ink or other print.

    Two characters in a row of the name, and either more or fewer characters than it has or
    a seal over them: 检江临章 under a seal is 江临川 half read. A whole, clear name that
    differs in a character is another matter.
    """
    one, whole = plain(read), plain(name)
    if whole in one or not any(whole[i : i + 2] in one for i in range(len(whole) - 1)):
        return False
    field = case.field("approver")
    under_seal = field is not None and any(
        overlap(seal.box, field.box) > 0 for seal in case.reading.seals
    )
    return len(one) != len(whole) or under_seal


def _rows(rows: tuple[Signatory, ...], name: str) -> tuple[Signatory, ...]:
    return tuple(row for row in rows if row.name == name)


def _ready(case: Case) -> bool:
    soft = "approver" in case.reading.doubted
    there = case.field("approver") is not None or soft or ink.signature(case) is not None
    return there and bool(signatories(case))


def approver(case: Case, *, expected: str = "", source: str = "") -> Evidence:
    """The approver's place as evidence, also where there is only ink that was not read."""
    evidence = seen(case, "approver", expected=expected, source=source)
    one = ink.signature(case)
    return dc.replace(evidence, box=one.box) if one and evidence.box is None else evidence


@rule(
    "item4.approver_missing",
    law=LAW,
    since=REGISTRY,
    applies=lacks("approver"),
    messages=("", ".not_read", ".empty", ".illegible"),
)
def approver_missing(case: Case) -> Iterator[Finding]:
    """No approver could be stated, nor does the ink bear out a name of the day's signatories.

    It is a sign only where the approver's label stands there with nothing behind it, the
    other names beside theirs were read, and no signatory's name is anywhere on the page.
    Where there is ink, print too soft to be stated, or anything that may hide it, the place
    is not empty: a finger over half a name is nobody's fault.
    """
    held = holding(signatories(case), case.issued_on)
    if borne_out(case, "approver", list(dict.fromkeys(row.name for row in held))):
        return
    if ink.perhaps_written(case):
        if signer(case) is None:
            yield cannot(approver(case), message=".illegible")
        return
    evidence = dc.replace(seen(case, "approver"), box=case.reading.labels.get("approver"))
    others = case.field("inspector") and case.field("checker")
    if evidence.box is None:
        yield cannot(evidence, message=".not_read")
    elif others and not _something_there(case) and _nowhere(case):
        yield suspect(evidence)
    else:
        yield cannot(evidence, message=".empty")


def _something_there(case: Case) -> bool:
    """Whether anything was made out in the approver's place, or may lie over it.

    `Reading.unread` does not tell: it holds every place without a value, bare ones too.
    """
    return (
        ink.signature(case) is not None
        or "approver" in case.reading.doubted
        or any("approver" in one.fields for one in case.reading.advice)
    )


def _nowhere(case: Case) -> bool:
    """Whether the page surely shows none of the laboratory's signatories."""
    names = list(dict.fromkeys(row.name for row in signatories(case)))
    if begin_later(case, "signatories"):
        return False
    try:
        supports = case.witness.ask_anywhere(names) if names else []
    except OcrError:
        return False
    return bool(supports) and all(one.answer is Answer.DIFFERS for one in supports)


@rule(
    "item4.no_rows",
    law=LAW,
    since=REGISTRY,
    applies=has("approver"),
    messages=("", ".no_lab", ".later"),
)
def no_rows(case: Case) -> Iterator[Finding]:
    """The laboratory is not known, or the registry knows no signatories of it, or none so old."""
    name = seen(case, "approver")
    if case.lab is None:
        yield cannot(name, message=".no_lab", name=name.read)
    elif not case.lab.signatories:
        yield cannot(name, name=name.read, lab=case.lab.name)
    elif not signatories(case):
        rows = around(case.lab.signatories, case.issued_on)
        evidence = dc.replace(name, expected=str(rows[0].valid_from), source=rows[0].source)
        params = {"name": name.read, "lab": case.lab.name, "day": day_text(case), **period(rows)}
        yield cannot(evidence, message=".later", **params)


@rule(
    "item4.day_missing",
    law=LAW,
    since=REGISTRY,
    applies=lambda case: _ready(case) and case.issued_on is None,
)
def day_missing(case: Case) -> Iterator[Finding]:
    """Without the day of issue nobody can say who was authorised then."""
    yield cannot(seen(case, "issue_date"))


@rule(
    "item4.not_authorised",
    law=LAW,
    since=MEASURES_39,
    told_from=MEASURES_163,
    applies=_ready,
    messages=("", ".elsewhere", ".other_script", "rule.unclear", "rule.illegible"),
)
def not_authorised(case: Case) -> Iterator[Finding]:
    """The approver is none of the laboratory's authorised signatories, of any date.

    A name in Latin letters is none that a list of Chinese names could hold or lack.
    """
    one = signer(case)
    if one is None or one.rows or case.lab is None or case.issued_on is None:
        return
    names = dict.fromkeys(row.name for row in holding(signatories(case), case.issued_on))
    evidence = approver(case, expected="、".join(names), source=f"signatories: {case.lab.lab_id}")
    params = {"name": one.name, "lab": case.lab.name, "day": day_text(case)}
    other = _elsewhere(case, one.name)
    if one.name.isascii() and not any(row.name.isascii() for row in signatories(case)):
        yield cannot(evidence, message=".other_script", **params)
    elif other:
        yield accuse(one.weight, evidence, message=".elsewhere", other=other, **params)
    else:
        yield accuse(one.weight, evidence, **params)


def _elsewhere(case: Case, name: str) -> str:
    """Another laboratory that has a signatory of this name; "" for none."""
    for row in case.registry.signatory_labs(name):
        record = case.registry.lab(row.lab_id)
        if record is not None and record != case.lab:
            return record.name
    return ""


@rule(
    "item4.ended",
    law=LAW,
    since=MEASURES_39,
    told_from=MEASURES_163,
    applies=_ready,
    messages=("", ".unlisted", ".between", "rule.unclear", "rule.illegible"),
)
def ended(case: Case) -> Iterator[Finding]:
    """The approver's authorisation had ended by the day of issue."""
    one, day = signer(case), case.issued_on
    if one is None or day is None or not one.rows or holding(one.rows, day):
        return
    silent = unlisted(one.rows, day, one.rows)
    if silent:
        source = around(one.rows, day)[0].source
        evidence = approver(case, expected=one.name, source=source)
        yield silent.finding(one.weight, evidence, name=one.name, day=day_text(case))
    elif any(row.valid_until and row.valid_until < day for row in one.rows):
        yield _outside(case, one)


@rule(
    "item4.not_begun",
    law=LAW,
    since=MEASURES_39,
    told_from=MEASURES_163,
    applies=_ready,
    messages=("", "rule.unclear", "rule.illegible"),
)
def not_begun(case: Case) -> Iterator[Finding]:
    """The approver's authorisation began after the day of issue."""
    one, day = signer(case), case.issued_on
    if one is None or day is None or not one.rows or holding(one.rows, day):
        return
    if all(row.valid_from and day < row.valid_from for row in one.rows):
        yield _outside(case, one)


def _outside(case: Case, one: Signer) -> Finding:
    rows = around(one.rows, case.issued_on)
    term, source = period(rows), rows[0].source
    expected = f"{one.name} {term['since']} – {term['until']}"
    return accuse(
        least(one.weight, weigh_day(case, windows(one.rows))),
        approver(case, expected=expected, source=source),
        seen(case, "issue_date", source=source),
        name=one.name,
        day=day_text(case),
        **term,
    )


@rule(
    "item4.outside_field",
    law=LAW,
    since=MEASURES_39,
    told_from=MEASURES_163,
    applies=_ready,
    messages=("", ".unknown", ".no_object", "rule.unclear", "rule.illegible"),
)
def outside_field(case: Case) -> Iterator[Finding]:
    """What was tested lies outside the field the approver may sign for."""
    one = signer(case)
    rows = holding(one.rows, case.issued_on) if one else []
    if one is None or not rows:
        return
    field = "、".join(row.scope for row in rows)
    objects = tested(case).all
    page = paper(case)
    answers = {thing: _may(rows, thing, page) for thing in objects}
    beyond = [thing for thing, answer in answers.items() if answer is False]
    evidence = approver(case, expected=f"{one.name}：{field}", source=rows[0].source)
    if beyond:
        yield _beyond(case, one, beyond[0], rows)
    elif None in answers.values() or (
        not objects and not any(is_everything(row.scope) for row in rows)
    ):
        what = case.field("conclusion") or case.field("metal")
        if what is None:
            yield cannot(evidence, message=".no_object", name=one.name, field=field)
        else:
            yield cannot(evidence, message=".unknown", name=one.name, field=field, read=what.text)


def _beyond(case: Case, one: Signer, thing: Species, rows: list[Signatory]) -> Finding:
    """An object outside the field: name and object must both be read surely."""
    allowed = [name for row in rows for name in row.objects]
    others = {
        row.name
        for row in holding(signatories(case), case.issued_on)
        if row.name != one.name and covers(row.scope, thing)
    }
    field = "、".join(row.scope for row in rows)
    return accuse(
        least(
            weigh(case, "approver", sorted(others)).weight,
            weigh_species(case, thing, allowed).weight,
        ),
        approver(case, expected=f"{one.name}：{field}", source=rows[0].source),
        seen(case, "conclusion", expected=field, source=rows[0].source),
        name=one.name,
        object=thing.name,
        field=field,
    )


def _may(rows: list[Signatory], thing: Species, page: Paper) -> bool | None:
    return any_of(covers(row.scope, thing, page) for row in rows)


@rule("item4.authorised", law=LAW, since=REGISTRY, applies=_ready)
def authorised(case: Case) -> Iterator[Finding]:
    """The approver was an authorised signatory on the day of issue."""
    one = signer(case)
    rows = holding(one.rows, case.issued_on) if one else []
    if one is not None and rows:
        yield agree(
            approver(case, expected=one.name, source=rows[0].source),
            name=one.name,
            field="、".join(row.scope for row in rows),
            day=day_text(case),
        )
