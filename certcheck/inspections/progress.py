"""How far an inspection is: certificates looked at against those wanted, and what was found."""

from __future__ import annotations

import dataclasses as dc
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import case, func
from sqlmodel import Session, col, select

from certcheck.archive.tables import ITEMS, Archived
from certcheck.finding import Status
from certcheck.inspections.plans import Goal, Planned
from certcheck.inspections.tables import Assigned

# What is at fault, or may be.
FAULTS = (Status.INCONSISTENT, Status.SUSPECTED)
# Certificates of one page of the list.
PAGE = 20

# market, stall, laboratory, verdict
_Key = tuple[str, str, str, str]


@dc.dataclass(frozen=True, slots=True)
class Reached:
    """A goal and what was done towards it; a certificate counts towards each that it fits."""

    goal: Goal
    done: int

    @property
    def share(self) -> float:
        """Of what is wanted, at most 1."""
        return min(1.0, self.done / self.goal.wanted)


@dc.dataclass(frozen=True, slots=True)
class Found:
    """What was found at one place, or of one laboratory.

    Attributes:
        name: of it, "" where none is known.
        verdicts: certificates by verdict.
    """

    name: str
    verdicts: Mapping[str, int]

    @property
    def total(self) -> int:
        """Certificates."""
        return sum(self.verdicts.values())


@dc.dataclass(frozen=True, slots=True)
class Progress:
    """How far an inspection is.

    Attributes:
        goals: in the plan's order.
        done: certificates that were judged.
        waiting: checks that are not done yet.
        verdicts: certificates by verdict.
        items: of each of the eight items, how many certificates are at fault, and how many may be.
        markets, labs, people: the most first.
    """

    goals: tuple[Reached, ...]
    done: int
    waiting: int
    verdicts: Mapping[str, int]
    items: Mapping[int, tuple[int, int]]
    markets: tuple[Found, ...]
    labs: tuple[Found, ...]
    people: tuple[Found, ...]

    @property
    def share(self) -> float:
        """Of all that is wanted; what is more than wanted of one goal makes up for none."""
        wanted = sum(one.goal.wanted for one in self.goals)
        return sum(min(one.done, one.goal.wanted) for one in self.goals) / wanted


def progress(opened: Session, planned: Planned) -> Progress:
    """How far it is.

    Args:
        opened: the session.
        planned: the inspection.
    """
    of_it = col(Archived.inspection) == planned.id
    keys = [
        col(Archived.market), _named(Archived.stall, (one.stall for one in planned.plan.goals)),
        col(Archived.lab), col(Archived.verdict),
    ]  # fmt: skip
    places = opened.connection().execute(_grouped(keys, of_it))
    counts: dict[_Key, int] = {tuple(key): n for *key, n in places}
    of_person = [col(Archived.who), col(Archived.verdict)]
    people = opened.connection().execute(
        sa.select(*of_person, func.count()).where(of_it).group_by(*of_person)
    )
    return Progress(
        goals=tuple(Reached(one, _towards(one, counts)) for one in planned.plan.goals),
        done=sum(counts.values()),
        waiting=_waiting(opened, planned.id),
        verdicts=_summed(counts, 3),
        items=_items(opened, planned.id),
        markets=_by(counts, 0),
        labs=_by(counts, 2),
        people=_found(tuple(row) for row in people),
    )


def shares(opened: Session, several: Sequence[Planned]) -> dict[str, tuple[int, float]]:
    """Of many: certificates that were judged, and the share of what is wanted, by id."""
    ids = [one.id for one in several]
    goals = [goal for one in several for goal in one.plan.goals]
    keys = [
        col(Archived.inspection),
        _named(Archived.market, (one.market for one in goals)),
        _named(Archived.stall, (one.stall for one in goals)),
        _named(Archived.lab, (one.lab for one in goals)),
    ]
    rows = opened.connection().execute(_grouped(keys, col(Archived.inspection).in_(ids)))
    counts: dict[str, dict[_Key, int]] = {one: {} for one in ids}
    for inspection_id, *place, n in rows:
        counts[str(inspection_id)][*place, ""] = n
    return {
        one.id: (
            sum(counts[one.id].values()),
            sum(min(goal.wanted, _towards(goal, counts[one.id])) for goal in one.plan.goals)
            / one.wanted,
        )
        for one in several
    }


def page(opened: Session, inspection_id: str, before: int | None = None) -> list[Archived]:
    """Certificates of an inspection, the latest first.

    Args:
        opened: the session.
        inspection_id: of the inspection.
        before: id of the last row of the page before, None for the first page.
    """
    wanted = select(Archived).where(Archived.inspection == inspection_id)
    if before is not None:
        wanted = wanted.where(col(Archived.id) < before)
    return list(opened.exec(wanted.order_by(col(Archived.id).desc()).limit(PAGE)).all())


def _named(column: Any, names: Iterable[str]) -> Any:  # noqa: ANN401 - a column
    """A column where it says one of some names, else "".

    What no goal names need not be told apart: a great inspection has thousands of stalls.
    """
    wanted = sorted({*names} - {""})
    return case((col(column).in_(wanted), col(column)), else_="") if wanted else sa.literal("")


def _grouped(keys: Sequence[Any], which: Any) -> Any:  # noqa: ANN401 - a statement
    """How many certificates there are of each kind: keys, then the count."""
    told = [key.label(f"key{at}") for at, key in enumerate(keys)]
    by = [one.name for one, key in zip(told, keys, strict=True) if not _constant(key)]
    return sa.select(*told, func.count()).where(which).group_by(*by)


def _constant(key: Any) -> bool:  # noqa: ANN401
    return isinstance(key, sa.BindParameter)


def _towards(goal: Goal, counts: Mapping[_Key, int]) -> int:
    wanted = (goal.market, goal.stall, goal.lab)
    return sum(
        n
        for key, n in counts.items()
        if all(not one or one == told for one, told in zip(wanted, key, strict=False))
    )


def _summed(counts: Mapping[_Key, int], at: int) -> dict[str, int]:
    found: Counter[str] = Counter()
    for key, n in counts.items():
        found[key[at]] += n
    return dict(found)


def _by(counts: Mapping[_Key, int], at: int) -> tuple[Found, ...]:
    return _found((key[at], key[3], n) for key, n in counts.items())


def _found(rows: Iterable[tuple[str, str, int]]) -> tuple[Found, ...]:
    found: dict[str, Counter[str]] = {}
    for name, verdict, n in rows:
        found.setdefault(name, Counter())[verdict] += n
    made = [Found(name, dict(verdicts)) for name, verdicts in found.items()]
    return tuple(sorted(made, key=lambda one: (-one.total, one.name)))


def _items(opened: Session, inspection_id: str) -> dict[int, tuple[int, int]]:
    sums = [
        func.coalesce(func.sum(case((getattr(Archived, f"item{item}") == fault, 1), else_=0)), 0)
        for item in ITEMS
        for fault in FAULTS
    ]
    of_it = col(Archived.inspection) == inspection_id
    row = opened.connection().execute(sa.select(*sums).where(of_it)).one()
    return {item: (int(row[2 * at]), int(row[2 * at + 1])) for at, item in enumerate(ITEMS)}


def _waiting(opened: Session, inspection_id: str) -> int:
    judged = select(Archived.root).where(Archived.inspection == inspection_id)
    return opened.exec(
        select(func.count())
        .select_from(Assigned)
        .where(Assigned.inspection_id == inspection_id, col(Assigned.check_id).not_in(judged))
    ).one()
