"""Item 1: the marks on the paper beside the accreditations that the registry holds.

Only CMA is compulsory; CAL and CNAS mean nothing by their absence (facts 1.4), but a mark that
the laboratory has no right to is a sign (facts 3.5: genuine CMA, invented others). Marks are
recognised, not read with a second witness: never more than suspected.
"""

from __future__ import annotations

from collections.abc import Iterator

from certcheck.case import Case
from certcheck.confirm import plain
from certcheck.finding import Evidence, Finding
from certcheck.numbers import cma
from certcheck.rules.common import around, day_text, known, lacks, period
from certcheck.rules.framework import advise, agree, rule, suspect
from certcheck.rules.item1_accreditation import NUMBER_LAW, in_order
from certcheck.rules.since import MEASURES_163, REGISTRY
from ocr.reading import Mark
from registry.models import Accreditation

LAW = ("plan.3.4.1", "163.20")
# A mark less sure than this may be other print.
SURE_MARK = 0.9
# A number whose weakest character is less sure than this may be the other one, misread.
SURE_NUMBER = 0.9
# Advice on what may hide a number, wherever it stands.
HIDING = frozenset({"photo.glare", "photo.covered", "photo.cut_edge"})


def marks(case: Case, kind: str) -> list[Mark]:
    """The marks of a kind that were surely seen."""
    return [one for one in case.reading.marks if one.kind == kind and one.confidence >= SURE_MARK]


def _shown(mark: Mark, expected: str = "", source: str = "") -> Evidence:
    return Evidence("mark", f"{mark.kind} {mark.number}".strip(), expected, mark.box, source)


@rule("item1.mark_without_number", law=NUMBER_LAW, since=MEASURES_163, applies=lacks("cma_no"))
def mark_without_number(case: Case) -> Iterator[Finding]:
    """A CMA mark with bare paper around it, and no number anywhere else.

    Where anything is printed there, a number of its form stands elsewhere, or glare or a
    finger lies over the paper, the number was not read and that is all.
    """
    found = marks(case, "CMA")
    bare = found and all(mark.bare_below and not mark.number for mark in found)
    if bare and not _number_elsewhere(case):
        yield suspect(_shown(found[0]))


def _number_elsewhere(case: Case) -> bool:
    """Whether a CMA number may stand on the paper though none was read."""
    reading = case.reading
    places = (reading.doubted, reading.unread, reading.labels)
    return (
        any("cma_no" in part for part in places)
        or any(one.code in HIDING for one in reading.advice)
        or any(cma.stands_in(line.text) for line in reading.lines)
    )


@rule(
    "item1.cal_mark",
    law=LAW,
    since=MEASURES_163,
    applies=lambda case: bool(marks(case, "CAL")),
    messages=("", ".ended", ".not_covered", ".agrees"),
)
def cal_mark(case: Case) -> Iterator[Finding]:
    """A CAL mark on the paper of a laboratory that is not accepted for it on that day."""
    yield from _voluntary(case, "CAL")


@rule(
    "item1.cnas_mark",
    law=LAW,
    since=MEASURES_163,
    applies=lambda case: bool(marks(case, "CNAS")),
    messages=("", ".ended", ".not_covered", ".agrees"),
)
def cnas_mark(case: Case) -> Iterator[Finding]:
    """A CNAS mark on the paper of a laboratory that is not accredited by CNAS on that day."""
    yield from _voluntary(case, "CNAS")


@rule("item1.two_numbers", law=LAW, since=REGISTRY, applies=lambda case: bool(marks(case, "CMA")))
def two_numbers(case: Case) -> Iterator[Finding]:
    """The number under the CMA mark is another than the one taken for the CMA number.

    Two numbers of one form on one paper: a person should see both. No sign by itself, for the
    one may be a parent body's; nor where the one under the mark was read softly.
    """
    field = case.field("cma_no")
    if field is None:
        return
    for mark in marks(case, "CMA"):
        sure = mark.number and mark.number_confidence >= SURE_NUMBER
        if sure and plain(mark.number) != plain(field.text):
            yield advise(_shown(mark, expected=field.text), read=mark.number, number=field.text)


def _voluntary(case: Case, kind: str) -> Iterator[Finding]:
    """What the registry says of a mark that nobody must carry."""
    mark, day = marks(case, kind)[0], case.issued_on
    if case.lab is None or day is None:
        return
    every = [row for row in case.lab.accreditations if row.kind == kind]
    rows = known(every, day)
    held = [row for row in rows if in_order(row, day)]
    params = {"lab": case.lab.name, "day": day_text(case)}
    if held:
        yield from _numbered(mark, held, params)
    elif rows:
        last = around(rows, day)
        evidence = _shown(mark, last[0].number, last[0].source)
        yield suspect(evidence, message=".ended", **params, **period(last))
    elif not every and _complete(case, kind):
        yield suspect(_shown(mark), **params)
    else:
        yield advise(_shown(mark), message=".not_covered", **params)


def _numbered(mark: Mark, held: list[Accreditation], params: dict[str, str]) -> Iterator[Finding]:
    """A mark of right, with its own number under it; another number is a reader's affair."""
    for row in held:
        if mark.number and plain(row.number) == plain(mark.number):
            yield agree(
                _shown(mark, row.number, row.source), message=".agrees", number=row.number, **params
            )
            return


def _complete(case: Case, kind: str) -> bool:
    """Whether the registry held every body of this kind, of the laboratory's authority."""
    day = case.issued_on
    numbers = (
        [row.number for row in case.lab.accreditations if row.kind == "CMA"] if case.lab else []
    )
    codes = {cma.parse(number).authority for number in numbers if cma.is_valid(number)}
    return day is not None and any(case.registry.covers(code, kind, day) for code in codes)
