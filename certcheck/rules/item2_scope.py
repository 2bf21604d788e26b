"""Item 2: results outside the accredited scope, objects and parameters.

163号令 art 19: results only within the accredited scope. A scope row may name an object, a
standard, or a parameter (facts 5.2); standards are in `item2_standards`.
"""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Iterator, Sequence

from certcheck.case import Case
from certcheck.confirm import least, weigh_day
from certcheck.covering import (
    Paper,
    all_of,
    allows,
    any_of,
    covers,
    is_everything,
    is_method,
    only_parameters,
    parameter_key,
)
from certcheck.finding import Finding
from certcheck.gems import Species
from certcheck.numbers import standard
from certcheck.phrases import words
from certcheck.rules.common import (
    accuse,
    around,
    day_text,
    holding,
    known,
    lacks,
    period,
    unlisted,
    windows,
)
from certcheck.rules.framework import advise, agree, cannot, rule, seen, suspect
from certcheck.rules.objects import measured, paper, tested, weigh_species
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


def answer(case: Case, row: ScopeRow, thing: Species, page: Paper | None = None) -> bool | None:
    """Whether a row covers what was tested, its limitation aside.

    A row without an object covers what is tested by its standard, as far as the table of
    standards says that the standard is for it; a row of a parameter alone does not say of
    what. A standard that was not read may stand on the paper all the same, so its absence
    decides nothing: those read are judged in `item2_standards`.
    """
    if row.object:
        return covers(row.object, thing, page or paper(case))
    field = case.field("standards")
    read = {one.core for one in standard.find_all(field.text)} if field else set()
    answers: list[bool | None] = []
    for one in standard.find_all(row.standard):
        made_for = case.registry.standards.objects(str(one))
        fits = covers(made_for, thing) if made_for else True
        answers.append(all_of((fits, True if one.core in read else None)))
    return any_of(answers) if answers else None


@dc.dataclass(frozen=True, slots=True)
class Cover:
    """What a scope says of one thing.

    Attributes:
        allowed: whether some row covers it and leaves it in; None where undecided.
        rows: the rows that cover it.
        undecided: the rows of which that cannot be said.
        limitation: of the covering row that decides against it or is not understood.
    """

    allowed: bool | None
    rows: tuple[ScopeRow, ...]
    undecided: tuple[ScopeRow, ...] = ()
    limitation: str = ""


def cover(case: Case, rows: Sequence[ScopeRow], thing: Species) -> Cover:
    """Asks all rows about one thing."""
    page = paper(case)
    answers = [answer(case, row, thing, page) for row in rows]
    limits = {row.limitation: allows(row.limitation, thing, page) for row in rows}
    pairs = list(zip(rows, answers, strict=True))
    allowed = any_of(all_of((said, limits[row.limitation])) for row, said in pairs)
    covering = tuple(row for row, said in pairs if said)
    undecided = tuple(row for row, said in pairs if said is None)
    # The one that makes the answer what it is.
    deciding = (row.limitation for row in covering if limits[row.limitation] is allowed)
    return Cover(allowed, covering, undecided, "" if allowed else next(deciding, ""))


@rule(
    "item2.object",
    law=LAW,
    since=MEASURES_163,
    told_from=REGISTRY,
    applies=lambda case: ready(case) and _named(case),
    messages=(
        "", ".agrees", ".other_day", ".excluded", ".limitation", ".unknown", ".not_named",
        ".unlisted", ".between", "rule.unclear", "rule.illegible",
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
    # What nobody could decide is shown as it is written.
    shown = found.undecided if found.allowed is None and not found.limitation else found.rows
    names = "、".join(dict.fromkeys(_words(row) for row in shown or rows))
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
    silent = unlisted(then, case.issued_on, then)
    if silent:
        return silent.finding(weight, evidence, **params)
    return accuse(weight, evidence, message=".other_day", **params, **period(told))


def _words(row: ScopeRow) -> str:
    """A row as the annex has it: its object, or what stands for one."""
    return row.object or row.standard or row.parameter


@rule("item2.method_limit", law=LAW, since=MEASURES_163, applies=ready)
def method_limit(case: Case) -> Iterator[Finding]:
    """A covering row limits the method (只用…), which no photo shows; this is only told."""
    rows = holding(scope(case), case.issued_on)
    told = {
        row.limitation: row
        for thing in tested(case).all
        for row in cover(case, rows, thing).rows
        if is_method(row.limitation)
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
    named = [_parameters(row) for row in covering]
    if not named or None in named:
        return
    keys = {key for each in named if each is not None for key in each}
    listed = "、".join(dict.fromkeys(row.parameter or row.limitation for row in covering))
    for key, spellings in words()["parameter"].items():
        if key not in keys and measured(case, key):
            yield suspect(
                seen(case, key, expected=listed, source=covering[0].source),
                parameter=spellings[0],
                scope=listed,
            )


def _parameters(row: ScopeRow) -> frozenset[str] | None:
    """Contract keys of the parameters that a row names; None for one that names none."""
    if row.parameter and not is_everything(row.parameter):
        return frozenset({parameter_key(row.parameter)})
    return only_parameters(row.limitation)
