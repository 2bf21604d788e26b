"""Item 2: the standards a certificate names, against the scope and against their own dates."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence

from certcheck.case import Case
from certcheck.confirm import Weight, least, weigh, weigh_day
from certcheck.finding import Evidence, Finding
from certcheck.numbers import standard
from certcheck.numbers.errors import NumberError
from certcheck.numbers.standard import Standard
from certcheck.rules.common import (
    accuse,
    around,
    day_text,
    holding,
    period,
    unlisted,
    windows,
)
from certcheck.rules.framework import advise, agree, cannot, rule, seen
from certcheck.rules.item2_scope import LAW, answer, ready, scope
from certcheck.rules.listed import begin_later
from certcheck.rules.objects import tested
from certcheck.rules.since import MEASURES_163, REGISTRY
from registry.models import ScopeRow

# Days after its replacement in which an edition is only told of. Our choice, not the law's:
# laboratories register a change of standard (163号令 art 14) and use up printed forms.
GRACE = dt.timedelta(days=90)

# Trust mark of dates seen in their source (`registry.standards`).
TRUSTED = "S"

# Two standards whose numbers differ in more digits than this are not mistaken for each other.
_SLIPS = 2


def printed(case: Case) -> list[str]:
    """The standards on the paper, as the contract writes them."""
    field = case.field("standards")
    if field is None:
        return []
    return [field.value] if isinstance(field.value, str) else list(field.value)


def _ready(case: Case) -> bool:
    return ready(case) and bool(printed(case))


def _parse(text: str) -> Standard | None:
    try:
        return standard.parse(text)
    except NumberError:
        return None


def _of(rows: Sequence[ScopeRow]) -> list[tuple[Standard, ScopeRow]]:
    return [(one, row) for row in rows for one in standard.find_all(row.standard)]


@rule(
    "item2.standard",
    law=LAW,
    since=MEASURES_163,
    told_from=REGISTRY,
    applies=_ready,
    messages=(
        "", ".agrees", ".edition", ".open", ".other_day", ".not_understood", ".unlisted",
        ".between", "rule.unclear", "rule.illegible",
    ),
)  # fmt: skip
def in_scope(case: Case) -> Iterator[Finding]:
    """Every standard named against the scope rows of the day.

    Another edition than the scope's is never more than suspected. Where no row names a
    standard, the scope goes by object or parameter and this has nothing to say; where some
    do, and a row for what was tested names none, that row may mean any standard.
    """
    rows = holding(scope(case), case.issued_on)
    named = _of(rows)
    if not named and not _of(scope(case)):
        return
    open_rows = _open(case, rows)
    agreed = []
    for text in printed(case):
        one = _parse(text)
        if one is None:
            yield cannot(seen(case, "standards"), message=".not_understood", read=text)
        elif any(_covers(row, one) for row, _ in named):
            agreed.append(text)
        elif open_rows:
            scope_words = "、".join(dict.fromkeys(row.object or row.parameter for row in open_rows))
            evidence = seen(case, "standards", expected=scope_words, source=open_rows[0].source)
            params = {"standard": str(one), "day": day_text(case), "scope": scope_words}
            yield cannot(evidence, message=".open", **params)
        else:
            yield _not_in_scope(case, one, named)
    if agreed:
        source = named[0][1].source
        evidence = seen(case, "standards", expected="、".join(agreed), source=source)
        yield agree(evidence, message=".agrees", standards="、".join(agreed), day=day_text(case))


@rule(
    "item2.standards_missing",
    law=LAW,
    since=REGISTRY,
    applies=lambda case: ready(case) and not printed(case),
)
def standards_missing(case: Case) -> Iterator[Finding]:
    """No standard was read, and the scope of the day goes by standards.

    Where no row of that day names a standard, or one for what was tested names none, the
    scope goes by object or parameter and none is needed.
    """
    rows = holding(scope(case), case.issued_on)
    named = _of(rows)
    if named and not _open(case, rows):
        listed = "、".join(dict.fromkeys(str(one) for one, _ in named))
        evidence = seen(case, "standards", expected=listed, source=named[0][1].source)
        yield cannot(evidence, standards=listed, day=day_text(case))


def _open(case: Case, rows: Sequence[ScopeRow]) -> list[ScopeRow]:
    """The rows that name no standard and may be for what was tested."""
    things = tested(case).all
    bare = [row for row in rows if not standard.find_all(row.standard)]
    if not things:
        return bare
    return [row for row in bare if any(answer(case, row, thing) is not False for thing in things)]


def _covers(row: Standard, one: Standard) -> bool:
    return row.core == one.core and (row.year is None or one.year is None or row.year == one.year)


def _not_in_scope(case: Case, one: Standard, named: Sequence[tuple[Standard, ScopeRow]]) -> Finding:
    editions = [(row, source) for row, source in named if row.core == one.core]
    then = [row for other, row in _of(scope(case)) if _covers(other, one)]
    weight = _weigh(case, one, [row for row, _ in named])
    params = {"standard": str(one), "day": day_text(case)}
    if editions:
        edition, row = editions[0]
        evidence = seen(case, "standards", expected=str(edition), source=row.source)
        weight = min(weight, Weight.DOUBTFUL)
        return accuse(weight, evidence, message=".edition", registered=str(edition), **params)
    if then:
        told = around(then, case.issued_on)
        evidence = seen(case, "standards", source=told[0].source)
        weight = least(weight, weigh_day(case, windows(then)))
        silent = unlisted(then, case.issued_on, then)
        if silent:
            return silent.finding(weight, evidence, **params)
        return accuse(weight, evidence, message=".other_day", **params, **period(told))
    listed = "、".join(dict.fromkeys(str(row) for row, _ in named))
    source = f"scopes: {case.lab.lab_id}" if case.lab else ""
    return accuse(weight, seen(case, "standards", expected=listed, source=source), **params)


def _weigh(case: Case, one: Standard, allowed: Sequence[Standard]) -> Weight:
    """Weighs the reading of one standard among those printed.

    The hypotheses are the whole print with this standard read as one of the allowed.
    """
    field = case.field("standards")
    if field is None:
        return Weight.UNREAD
    others = [other for other in allowed if other != one and _alike(one, other)]
    texts = [_reprint(field.raw, one, other) for other in others]
    hypotheses = list(dict.fromkeys(text for text in texts if text != field.raw))

    def same(again: str, text: str) -> bool:
        found = set(standard.split(again))
        if text == field.text:
            return str(one) in found
        return str(one) not in found and bool(found & set(map(str, others)))

    return weigh(case, "standards", hypotheses, same=same).weight


def _alike(one: Standard, other: Standard) -> bool:
    """Whether a few misread digits could turn one into the other."""
    if one.prefix != other.prefix or len(one.number) != len(other.number):
        return False
    pairs = zip(one.number, other.number, strict=True)
    return sum(a != b for a, b in pairs) <= _SLIPS


def _reprint(raw: str, one: Standard, other: Standard) -> str:
    """The print with one standard's number and year replaced by another's."""
    year = rf"(\D{{1,3}})({one.year})" if one.year else ""
    form = re.compile(rf"(?<!\d)({re.escape(one.number)}){year}(?!\d)")

    def put(match: re.Match[str]) -> str:
        tail = f"{match[2]}{other.year}" if one.year and other.year else ""
        return other.number + (tail or match[0][len(match[1]) :])

    return form.sub(put, raw, count=1)


@rule(
    "item2.standard_not_in_force",
    law=LAW,
    since=MEASURES_163,
    applies=lambda case: bool(printed(case)) and case.issued_on is not None,
    messages=("", ".not_yet", ".grace", ".unknown", "rule.unclear", "rule.illegible"),
)
def in_force(case: Case) -> Iterator[Finding]:
    """Every edition named against the days it was in force.

    An edition replaced not long ago is only told of; one that the laboratory's scope of
    that day still lists is never more than suspected; an unknown edition is no fault, and
    none to check where the scope of that day lists it.
    """
    day = case.issued_on
    later = begin_later(case, "scopes")
    # A right that began again since is listed from its new first day alone.
    held = case.lab.scopes if case.lab and later else holding(scope(case), day)
    rows = [str(one) for one, _ in _of(held)]
    for text in printed(case):
        one = _parse(text)
        if one is not None and day is not None:
            yield from _judge_edition(case, one, day, listed=str(one) in rows)


def _judge_edition(case: Case, one: Standard, day: dt.date, *, listed: bool) -> Iterator[Finding]:
    status = case.registry.standards.status(str(one), day)
    edition = case.registry.standards.edition(str(one))
    params: dict[str, str] = {"standard": str(one), "day": day_text(case)}
    if status == "unknown" or edition is None:
        if not listed and status != "in_force":
            yield cannot(seen(case, "standards"), message=".unknown", **params)
        return
    evidence = seen(case, "standards", expected=_term(edition.in_force_from, edition.replaced_on),
                    source=f"standards: {edition.edition}")  # fmt: skip
    if status == "replaced" and edition.replaced_on is not None:
        params |= {"replaced_on": str(edition.replaced_on), "by": edition.replaced_by}
        if day < edition.replaced_on + GRACE:
            yield advise(evidence, message=".grace", **params)
            return
        yield _accuse_edition(case, one, evidence, edition.replaced_on, "", params, listed=listed)
    elif status == "not_yet" and edition.in_force_from is not None:
        params |= {"from_day": str(edition.in_force_from)}
        yield _accuse_edition(
            case, one, evidence, edition.in_force_from, ".not_yet", params, listed=listed
        )


def _accuse_edition(
    case: Case,
    one: Standard,
    evidence: Evidence,
    turn: dt.date,
    message: str,
    params: dict[str, str],
    *,
    listed: bool,
) -> Finding:
    """An edition on the wrong side of a day: standard and day must both be read surely.

    Days that are general knowledge only (trust `gk`) make it no more than suspected.
    """
    edition = case.registry.standards.edition(str(one))
    first = edition.in_force_from if edition else None
    window = (turn, None) if message else (first or dt.date.min, turn - dt.timedelta(days=1))
    day = case.issued_on
    current = case.registry.standards.in_force(one.base, day) if day else None
    others = [parsed for parsed in [_parse(current.edition) if current else None] if parsed]
    weight = least(_weigh(case, one, others), weigh_day(case, [window]))
    if listed or edition is None or edition.trust != TRUSTED:
        weight = min(weight, Weight.DOUBTFUL)
    return accuse(weight, evidence, message=message, **params)


def _term(first: dt.date | None, replaced: dt.date | None) -> str:
    return f"{first or '…'} – {replaced or '…'}"
