"""What a rule is, where rules are kept, and how a case is judged by them.

A rule is one function that looks at a `Case` and yields findings. The decorator adds
what a reader of the report needs to trust it: its id, its articles of law, since when it
holds. The framework, not the rule, handles dates and failures::

    @rule("item1.number_malformed", law=("plan.3.4.1",), since=MEASURES_163, applies=has_number)
    def number_malformed(case: Case) -> Iterator[Finding]:
        \"\"\"The printed CMA number does not have the form that its issuer gives.\"\"\"
        yield differ(seen(case, "cma_no", expected="…"), read="…")

The helpers `agree`, `differ`, `suspect`, `cannot`, `advise` and `no_matter` leave rule and
law empty: the framework fills them in. A message code is the rule's id when left out, and
relative to it when it begins with a dot (`message=".branch"`).
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import importlib
import logging
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from certcheck.case import Case
from certcheck.finding import Evidence, Finding, Status, worst
from certcheck.remember import RememberingWitness
from certcheck.rules.listed import ENDED_SINCE, LATER, weakened
from registry.days import CHINA
from registry.remembering import RememberingRegistry

log = logging.getLogger(__name__)

ITEMS = tuple(range(1, 9))
FAILED = "rule.failed"
OLDER = "rule.registry_older"
# Items 1 to 4 hold the paper against the registry.
LAST_REGISTERED = 4

Applies = Callable[[Case], bool]
Check = Callable[[Case], Iterable[Finding]]

_ID = re.compile(r"item[1-8]\.[a-z0-9_]+")
_MODULE = re.compile(r"item[1-8](_|$)")

# What an item says when none of its rules found anything to say. Items 1 to 4 need their
# evidence, item 5 looks for signs, 6 to 8 do not count without any (contract, "What silence
# means").
SILENCE = {
    1: (Status.UNVERIFIABLE, "item1.nothing_checked"),
    2: (Status.UNVERIFIABLE, "item2.nothing_checked"),
    3: (Status.UNVERIFIABLE, "item3.nothing_checked"),
    4: (Status.UNVERIFIABLE, "item4.nothing_checked"),
    5: (Status.CONSISTENT, "item5.no_signs"),
    6: (Status.NOT_APPLICABLE, "item6.no_evidence"),
    7: (Status.NOT_APPLICABLE, "item7.nothing_known"),
    8: (Status.NOT_APPLICABLE, "item8.nothing_known"),
}
_SPEAKS = (Status.INCONSISTENT, Status.SUSPECTED, Status.UNVERIFIABLE, Status.CONSISTENT)


@dc.dataclass(frozen=True, slots=True)
class Rule:
    """One rule with its citation and its dates.

    Attributes:
        id: `item<N>.<name>`, also the code of its first message.
        law: keys of the law table, the plan's own item among them.
        about: one paragraph on what it checks; the check's docstring.
        since: first day of issue it applies to.
        until: last day of issue it applies to; None while it is in force.
        told_from: first day of issue on which it is looked at, `since` or before: what
            contradicts the registry before the cited rule was in force is told, but is no
            more than suspected.
        for_foreign: whether it looks at papers of laboratories abroad; of items 1 to 4 only
            these rules do, as nothing is registered that a paper could be held against.
        applies: whether the case has what the rule looks at.
        check: yields what it found, nothing where there is nothing to say.
        messages: every code a finding of this rule may carry.
    """

    id: str
    law: tuple[str, ...]
    about: str
    since: dt.date
    until: dt.date | None
    applies: Applies
    check: Check
    messages: tuple[str, ...]
    told_from: dt.date
    for_foreign: bool = False

    @property
    def item(self) -> int:
        """The item of the plan, 1..8."""
        return int(self.id[len("item")])

    def in_force(self, day: dt.date | None) -> bool:
        """Whether the rule looks at a certificate of that day; an unknown day counts as in."""
        if day is None:
            return True
        return self.told_from <= day and (self.until is None or day <= self.until)


@dc.dataclass(frozen=True, slots=True)
class ItemResult:
    """One of the eight items with what was found; its status is the worst of the findings."""

    item: int
    status: Status
    findings: tuple[Finding, ...]


_rules: dict[str, Rule] = {}


def always(case: Case) -> bool:
    """The rule looks at every case."""
    return True


def rule(
    rule_id: str,
    *,
    law: tuple[str, ...],
    since: dt.date,
    until: dt.date | None = None,
    told_from: dt.date | None = None,
    applies: Applies = always,
    messages: tuple[str, ...] = ("",),
    for_foreign: bool = False,
) -> Callable[[Check], Check]:
    """Registers the function below it as a rule.

    Args:
        rule_id: `item<N>.<name>`.
        law: keys of the law table.
        since: first day of issue the rule applies to.
        until: last such day, None while in force.
        told_from: see `Rule`; `since` when None.
        applies: whether the case has what the rule looks at.
        messages: every code its findings may carry: "" for the rule's id, `.x` for
            `<id>.x`, others as they are.
        for_foreign: see `Rule`.

    Returns:
        A decorator that gives the function back unchanged.

    Raises:
        ValueError: the id is malformed or taken, or law or docstring is missing.
    """

    def register(check: Check) -> Check:
        about = " ".join((check.__doc__ or "").split())
        codes = tuple(_code(rule_id, message) for message in messages)
        _enter(Rule(rule_id, law, about, since, until, applies, check, codes, told_from or since,
                    for_foreign))  # fmt: skip
        return check

    return register


def _enter(one: Rule) -> None:
    if not _ID.fullmatch(one.id) or one.id in _rules:
        raise ValueError(f"rule id {one.id!r} is malformed or taken")
    if not one.law or not one.about:
        raise ValueError(f"rule {one.id} lacks its law or its docstring")
    _rules[one.id] = one


@cache
@cache
def _load() -> None:
    package = importlib.import_module(__package__ or "certcheck.rules")
    for module in pkgutil.iter_modules(package.__path__):
        if _MODULE.match(module.name):
            importlib.import_module(f"{package.__name__}.{module.name}")


def all_rules() -> tuple[Rule, ...]:
    """Every rule, by item, then by module and in the order written there.

    Whichever module was imported first: reports and the page of rules must not depend on it.
    """
    _load()
    return tuple(sorted(_rules.values(), key=lambda one: (one.item, one.check.__module__)))


def judge(case: Case, rules: Iterable[Rule] | None = None) -> tuple[ItemResult, ...]:
    """Judges a case by all rules in force on its day of issue.

    Args:
        case: what was read and who may do what.
        rules: the rules to judge by; all of them when None.

    Returns:
        The eight items in order.
    """
    case = dc.replace(
        case,
        witness=RememberingWitness(case.witness),
        registry=RememberingRegistry(case.registry),
    )
    in_force = [
        one for one in (all_rules() if rules is None else rules) if one.in_force(case.issued_on)
    ]
    if case.foreign is not None:
        in_force = [one for one in in_force if one.for_foreign or one.item > LAST_REGISTERED]
    return tuple(
        _item(item, [found for one in in_force if one.item == item for found in run(one, case)])
        for item in ITEMS
    )


def run(one: Rule, case: Case) -> list[Finding]:
    """One rule's findings; a rule that raises becomes its own `unverifiable`."""
    try:
        found = list(one.check(case)) if one.applies(case) else []
        return [_finish(one, finding, case) for finding in found]
    except Exception as error:  # one broken rule must not cost the rest of the report
        # One line for a user's terminal; the traceback is for those who ask for it.
        log.error("rule %s failed: %s", one.id, type(error).__name__)
        log.debug("rule %s failed", one.id, exc_info=error)
        return [_finish(one, cannot(message=FAILED, exception=type(error).__name__), case)]


def _finish(one: Rule, finding: Finding, case: Case) -> Finding:
    """Fills in rule and law, and takes back what nobody can be accused of.

    A registry imported before the day of issue knows nothing of that day: a renewal may
    have come since. A contradiction with it, or a doubt about one, is then no more than
    unverifiable. So is one with a list of another day that cannot bear it out (`listed`).
    """
    status = finding.status
    day = case.issued_on
    held_against = status is Status.INCONSISTENT or (
        # Signs of item 5 lie in the paper itself.
        status is Status.SUSPECTED and one.item <= LAST_REGISTERED
    )
    imported = _imported_before(case) if held_against else None
    if imported is not None:
        older = cannot(*finding.evidence, message=OLDER, day=day, imported=imported)
        finding = dc.replace(older, law=finding.law)
        status = finding.status
    elif held_against and one.item <= LAST_REGISTERED:
        finding = weakened(case, one.id, finding)
        status = finding.status
    if status is Status.INCONSISTENT and (day is None or day < one.since):
        # Without a day, or before its first, nobody can be said to have broken a dated rule.
        status = Status.SUSPECTED
    return dc.replace(
        finding,
        rule=one.id,
        status=status,
        message=_code(one.id, finding.message),
        law=finding.law or one.law,
    )


def _imported_before(case: Case) -> dt.date | None:
    """The day of the registry's import where the certificate was issued after it, else None.

    A registry that was never imported has no day to compare with.
    """
    if case.issued_on is None:
        return None
    moment = case.registry.revision.imported_at
    if moment.year == dt.MINYEAR:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    imported = aware.astimezone(CHINA).date()
    return imported if imported < case.issued_on else None


def _item(item: int, findings: list[Finding]) -> ItemResult:
    told_why_not = item <= LAST_REGISTERED and any(
        finding.status is Status.NOT_APPLICABLE for finding in findings
    )
    if not told_why_not and not any(finding.status in _SPEAKS for finding in findings):
        status, code = SILENCE[item]
        if status in _SPEAKS or not findings:
            findings = [*findings, Finding(code, status, code)]
    return ItemResult(item, worst(one.status for one in findings), tuple(findings))


def _code(rule_id: str, message: str) -> str:
    if not message:
        return rule_id
    return rule_id + message if message.startswith(".") else message


def _finding(
    status: Status, evidence: tuple[Evidence, ...], message: str, params: dict[str, object]
) -> Finding:
    return Finding("", status, message, {key: str(value) for key, value in params.items()}, (),
                   evidence)  # fmt: skip


def agree(*evidence: Evidence, message: str = "", **params: object) -> Finding:
    """What was read agrees with what is registered."""
    return _finding(Status.CONSISTENT, evidence, message, params)


def differ(*evidence: Evidence, message: str = "", **params: object) -> Finding:
    """What was read with certainty contradicts the registry or a cited rule."""
    return _finding(Status.INCONSISTENT, evidence, message, params)


def suspect(*evidence: Evidence, message: str = "", **params: object) -> Finding:
    """A sign that a person must look at."""
    return _finding(Status.SUSPECTED, evidence, message, params)


def cannot(*evidence: Evidence, message: str = "", **params: object) -> Finding:
    """Could not be read, or the registry does not say."""
    return _finding(Status.UNVERIFIABLE, evidence, message, params)


def advise(*evidence: Evidence, message: str = "", **params: object) -> Finding:
    """Worth telling, no fault."""
    return _finding(Status.ADVICE, evidence, message, params)


def no_matter(*evidence: Evidence, message: str = "", **params: object) -> Finding:
    """The rule has nothing to look at here, and that is worth saying."""
    return _finding(Status.NOT_APPLICABLE, evidence, message, params)


def seen(case: Case, key: str, *, expected: str = "", source: str = "") -> Evidence:
    """A field of the photo as evidence; of a value too soft to be stated only its place.

    Args:
        case: the case.
        key: contract field key; need not have been read.
        expected: what the registry or the rule says.
        source: the registry row or data row that says so.
    """
    field, soft = case.field(key), case.reading.doubted.get(key)
    place = field or soft
    return Evidence(
        key, field.text if field else "", expected, place.box if place else None, source
    )


def with_status(
    status: Status, *evidence: Evidence, message: str = "", **params: object
) -> Finding:
    """A finding whose status was weighed elsewhere (`certcheck.confirm`)."""
    return _finding(status, evidence, message, params)


def documentation(rules: Iterable[Rule]) -> Iterator[str]:
    """Lines of `docs/rules.md`: every rule with its law, its dates and what it checks."""
    yield "# Rules"
    yield ""
    yield "Made from the rules themselves by `python -m certcheck.rules`; do not edit."
    yield ""
    yield from (
        "Of every rule: where the certificate was issued after the day on which the registry was",
        "imported, the registry knows nothing of the day of issue (a renewal may have come since),",
        "and what would contradict it is unverifiable (`rule.registry_older`). Where scope or",
        "signatories are known from lists of authorities alone, the first of them of after the",
        f"day of issue, what they lack may have been there that day (`{LATER}`); a term",
        f"that ended since the last list may have been renewed (`{ENDED_SINCE}`).",
    )
    item = 0
    for one in rules:
        if one.item != item:
            item = one.item
            yield from ("", f"## Item {item}")
        until = f" until {one.until}" if one.until else ""
        yield from ("", f"### {one.id}", "", one.about, "")
        yield f"- law: {', '.join(one.law)}"
        yield f"- certificates issued from {one.since}{until}"
        if one.told_from < one.since:
            yield f"- from {one.told_from}, no more than suspected"
        yield f"- messages: {', '.join(one.messages)}"
