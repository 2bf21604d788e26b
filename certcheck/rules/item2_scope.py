"""Item 2: results outside the accredited scope, objects and parameters.

163号令 art 19: results only within the accredited scope. A scope row may name an object, a
standard, or a parameter (facts 5.2); standards are in `item2_standards`.
"""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Iterator, Sequence

from certcheck.case import Case
from certcheck.confirm import least, weigh_day
from certcheck.finding import Finding
from certcheck.gems import Species
from certcheck.numbers import standard
from certcheck.rules.common import accuse, around, day_text, holding, known, lacks, period, windows
from certcheck.rules.framework import advise, agree, cannot, rule, seen, suspect
from certcheck.rules.objects import (
    any_of,
    covers,
    everything,
    measured,
    parameter_key,
    tested,
    weigh_species,
    within_limits,
    words,
)
from certcheck.rules.since import MEASURES_163, REGISTRY
from registry.models import ScopeRow

LAW = ("plan.3.4.2", "163.19", "163.36")


def scope(case: Case) -> tuple[ScopeRow, ...]:
    """The identified laboratory's scope rows, of any date; none where all begin after the day."""
    return known(case.lab.scopes, case.issued_on) if case.lab else ()


def ready(case: Case) -> bool:
    """Whether there are a day and scope rows to judge by."""
    return bool(scope(case)) and case.issued_on is not None


def _named(case: Case) -> bool:
    return case.field("conclusion") is not None or case.field("metal") is not None


@rule(
    "item2.no_rows",
    law=LAW,
    since=REGISTRY,
    applies=lambda case: not scope(case),
    messages=("", ".no_lab", ".later"),
)
def no_rows(case: Case) -> Iterator[Finding]:
    """The laboratory is not known, or the registry knows no scope of it, or none so old."""
    if case.lab is None:
        yield cannot(seen(case, "conclusion"), message=".no_lab")
    elif case.lab.scopes:
        rows = around(case.lab.scopes, case.issued_on)
        evidence = seen(case, "issue_date", expected=str(rows[0].valid_from), source=rows[0].source)
        params = {"lab": case.lab.name, "day": day_text(case), **period(rows)}
        yield cannot(evidence, message=".later", **params)
    else:
        yield cannot(seen(case, "conclusion"), lab=case.lab.name)


@rule(
    "item2.day_missing",
    law=LAW,
    since=REGISTRY,
    applies=lambda case: bool(scope(case)) and case.issued_on is None,
)
def day_missing(case: Case) -> Iterator[Finding]:
    """Without the day of issue nobody can say what the scope was then."""
    yield cannot(seen(case, "issue_date"))


@rule("item2.conclusion_missing", law=LAW, since=REGISTRY, applies=lacks("conclusion"))
def conclusion_missing(case: Case) -> Iterator[Finding]:
    """The conclusion was not read: what was tested, but for a metal, is not known."""
    yield cannot(seen(case, "conclusion"))


def answer(case: Case, row: ScopeRow, thing: Species) -> bool | None:
    """Whether a row covers what was tested, its limitation aside.

    A row without an object covers what is tested by its standard; a row of a parameter
    alone does not say of what. A standard that was not read may stand on the paper all the
    same, so its absence decides nothing: those read are judged in `item2_standards`.
    """
    if row.object:
        return covers(row.object, thing)
    field = case.field("standards")
    wanted = {one.core for one in standard.find_all(row.standard)}
    read = {one.core for one in standard.find_all(field.text)} if field else set()
    return True if wanted & read else None


@dc.dataclass(frozen=True, slots=True)
class Cover:
    """What a scope says of one thing.

    Attributes:
        allowed: whether some row covers it and leaves it in; None where undecided.
        rows: the rows that cover it.
        limitation: of the row that decides against it or is not understood.
    """

    allowed: bool | None
    rows: tuple[ScopeRow, ...]
    limitation: str = ""


def cover(case: Case, rows: Sequence[ScopeRow], thing: Species) -> Cover:
    """Asks all rows about one thing."""
    answers = {index: answer(case, row, thing) for index, row in enumerate(rows)}
    covering = tuple(rows[index] for index, said in answers.items() if said)
    if not covering:
        return Cover(any_of(answers.values()), ())
    limits = {row.limitation: within_limits(case, row.limitation, thing) for row in covering}
    allowed = any_of(limits.values())
    shown = "" if allowed else next(text for text, said in limits.items() if said is allowed)
    return Cover(allowed, covering, shown)


@rule(
    "item2.object",
    law=LAW,
    since=MEASURES_163,
    told_from=REGISTRY,
    applies=lambda case: ready(case) and _named(case),
    messages=(
        "", ".agrees", ".other_day", ".excluded", ".limitation", ".unknown", ".not_named",
        "rule.unclear",
    ),
)  # fmt: skip
def tested_object(case: Case) -> Iterator[Finding]:
    """Every gem and every measured metal against the scope rows of the day."""
    things = tested(case).all
    if not things:
        field = case.field("conclusion") or case.field("metal")
        read = field.text if field else ""
        yield cannot(seen(case, "conclusion"), message=".not_named", read=read)
    for thing in things:
        yield _judge_thing(case, thing)


def _judge_thing(case: Case, thing: Species) -> Finding:
    rows = holding(scope(case), case.issued_on)
    found = cover(case, rows, thing)
    key = "metal" if "贵金属" in thing.parents and case.field("metal") else "conclusion"
    names = "、".join(dict.fromkeys(row.object or row.standard for row in found.rows or rows))
    source = (found.rows or scope(case))[0].source
    evidence = seen(case, key, expected=found.limitation or names, source=source)
    params = {"object": thing.name, "day": day_text(case), "scope": names}
    if found.allowed:
        return agree(evidence, message=".agrees", **params)
    if found.limitation and found.allowed is None:
        return cannot(evidence, message=".limitation", limitation=found.limitation, **params)
    if found.allowed is None:
        return cannot(evidence, message=".unknown", **params)
    weight = weigh_species(case, thing, [row.object for row in rows]).weight
    if found.limitation:
        return accuse(weight, evidence, message=".excluded", limitation=found.limitation, **params)
    then = [row for row in scope(case) if answer(case, row, thing)]
    if not then:
        return accuse(weight, evidence, **params)
    weight = least(weight, weigh_day(case, windows(then)))
    told = around(then, case.issued_on)
    was = told[0].object or told[0].standard
    evidence = dc.replace(evidence, expected=was, source=told[0].source)
    return accuse(weight, evidence, message=".other_day", **params, **period(told))


@rule("item2.method_limit", law=LAW, since=MEASURES_163, applies=ready)
def method_limit(case: Case) -> Iterator[Finding]:
    """A covering row limits the method (只用…), which no photo shows; this is only told."""
    methods = tuple(words()["limitation"]["method"])
    rows = holding(scope(case), case.issued_on)
    told = {
        row.limitation: row
        for thing in tested(case).all
        for row in cover(case, rows, thing).rows
        if row.limitation.startswith(methods)
    }
    for limitation, row in told.items():
        evidence = seen(case, "conclusion", expected=limitation, source=row.source)
        yield advise(evidence, limitation=limitation)


@rule("item2.parameter", law=LAW, since=MEASURES_163, applies=ready)
def parameter(case: Case) -> Iterator[Finding]:
    """A measured parameter that the rows covering the object do not name.

    It speaks only where every covering row names its parameter; what laboratories call
    parameters varies, so it is a sign, no more.
    """
    rows = holding(scope(case), case.issued_on)
    covering = [row for thing in tested(case).gems for row in cover(case, rows, thing).rows]
    names = list(dict.fromkeys(row.parameter for row in covering))
    if not names or "" in names or any(everything(name) for name in names):
        return
    keys = {parameter_key(name) for name in names}
    for key, spellings in words()["parameter"].items():
        if key not in keys and measured(case, key):
            named = "、".join(names)
            yield suspect(
                seen(case, key, expected=named, source=covering[0].source),
                parameter=spellings[0],
                scope=named,
            )
