"""Inspections planned, changed, begun and closed."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum

from sqlalchemy import Engine, delete, func, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from certcheck import audit
from certcheck.accounts.tables import Account
from certcheck.audit import Who
from certcheck.inspections.errors import (
    InspectionUnknownError,
    MovedOnError,
    PlanError,
    StateError,
)
from certcheck.inspections.tables import (
    LONGEST_NOTE,
    LONGEST_PLACE,
    LONGEST_TITLE,
    Inspection,
    Member,
    Target,
)
from registry import store
from registry.days import CHINA

# Of one page of the list.
PAGE = 50
MOST_TARGETS = 200
MOST_WANTED = 100_000
# Longer than this is no batch of inspections but a mistyped year.
_LONGEST = dt.timedelta(days=731)
_ID_BYTES = 8
# To get a number that nobody else takes at the same moment.
_TRIES = 5


class State(StrEnum):
    """How far an inspection is."""

    PLANNED = "planned"
    UNDER_WAY = "under_way"
    CLOSED = "closed"


# From a state to those that may follow; what is closed may be opened again, with a reason.
MOVES: Mapping[State, tuple[State, ...]] = {
    State.PLANNED: (State.UNDER_WAY, State.CLOSED),
    State.UNDER_WAY: (State.CLOSED,),
    State.CLOSED: (State.UNDER_WAY,),
}


# What the log calls a move.
DEEDS: Mapping[tuple[State, State], str] = {
    (State.PLANNED, State.UNDER_WAY): "begun",
    (State.PLANNED, State.CLOSED): "closed",
    (State.UNDER_WAY, State.CLOSED): "closed",
    (State.CLOSED, State.UNDER_WAY): "reopened",
}


@dc.dataclass(frozen=True, slots=True)
class Goal:
    """How many certificates are to be looked at, and where.

    Attributes:
        market, stall: as inspectors call them, "" for any.
        lab: registered name of a laboratory, "" for any.
        wanted: certificates.
    """

    market: str
    stall: str
    lab: str
    wanted: int


@dc.dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done.

    Attributes:
        title: of the batch.
        starts_on: first day, in China.
        ends_on: last day.
        goals: at least one.
        members: ids of the accounts that take part; all inspectors where it is empty.
        note: on what ground and how.
    """

    title: str
    starts_on: dt.date
    ends_on: dt.date
    goals: tuple[Goal, ...]
    members: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        if not self.title.strip() or len(self.title) > LONGEST_TITLE:
            raise PlanError("title")
        if not dt.timedelta() <= self.ends_on - self.starts_on <= _LONGEST:
            raise PlanError("days")
        if len(self.note) > LONGEST_NOTE:
            raise PlanError("note")
        if not 1 <= len(self.goals) <= MOST_TARGETS:
            raise PlanError("goals")
        for one in self.goals:
            if not 1 <= one.wanted <= MOST_WANTED:
                raise PlanError("wanted")
            if max(len(one.market), len(one.stall), len(one.lab)) > LONGEST_PLACE:
                raise PlanError("place")
        places = [(one.market, one.stall, one.lab) for one in self.goals]
        if len(set(places)) != len(places):
            raise PlanError("twice")


@dc.dataclass(frozen=True, slots=True)
class Planned:
    """An inspection as it stands; see `tables.Inspection`."""

    id: str
    number: str
    plan: Plan
    names: tuple[str, ...]
    state: State
    version: int
    planned_by: str
    planned_at: dt.datetime
    closed_at: dt.datetime | None
    outcome: str

    @property
    def wanted(self) -> int:
        """Certificates that are to be looked at."""
        return sum(one.wanted for one in self.plan.goals)

    @property
    def moves(self) -> tuple[State, ...]:
        """What it may become."""
        return MOVES[self.state]


class Inspections:
    """The inspections of a work store.

    Args:
        engine: its database.
        clock: tells the time.
    """

    def __init__(self, engine: Engine, clock: Callable[[], dt.datetime]) -> None:
        self.engine, self.clock = engine, clock

    def plan(self, plan: Plan, *, by: Who) -> Planned:
        """Writes a new one down.

        Raises:
            PlanError: somebody who is to take part has no account.
            DatabaseUnreachableError: the database does not answer.
        """
        moment = self.clock()
        for left in reversed(range(_TRIES)):
            made = Inspection(
                id=secrets.token_hex(_ID_BYTES), number="", title=plan.title.strip(),
                note=plan.note, starts_on=plan.starts_on, ends_on=plan.ends_on,
                state=State.PLANNED, version=1, planned_by=by.name, planned_at=moment, outcome="",
            )  # fmt: skip
            try:
                return self._added(made, plan, by)
            except IntegrityError:  # somebody else's has got the number
                if not left:
                    raise
        raise AssertionError("unreachable")

    def _added(self, made: Inspection, plan: Plan, by: Who) -> Planned:
        with store.session(self.engine) as opened:
            store.write(opened)
            made.number = _number(opened, made.planned_at.astimezone(CHINA).year)
            opened.add(made)
            opened.flush()
            _fill(opened, made.id, plan)
            found = planned(opened, made.id)
            note(opened, "planned", found, by)
            opened.commit()
        return found

    def change(self, inspection_id: str, version: int, plan: Plan, *, by: Who) -> Planned:
        """Puts another plan in the place of one that is not closed.

        Args:
            inspection_id: of the inspection.
            version: that the change was made on.
            plan: the new one.
            by: who changes it.

        Raises:
            InspectionUnknownError: there is none of that id.
            MovedOnError: it was changed in the meantime.
            StateError: it is closed.
            PlanError: somebody who is to take part has no account.
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self.engine) as opened:
            row = _held(opened, inspection_id, version)
            if row.state == State.CLOSED:
                raise StateError(number=row.number)
            row.title, row.note = plan.title.strip(), plan.note
            row.starts_on, row.ends_on = plan.starts_on, plan.ends_on
            opened.add(row)
            for table in (Target, Member):
                opened.exec(delete(table).where(col(table.inspection_id) == row.id))
            _fill(opened, row.id, plan)
            found = planned(opened, row.id)
            note(opened, "changed", found, by)
            opened.commit()
        return found

    def move(
        self, inspection_id: str, version: int, state: State, *, by: Who, said: str = ""
    ) -> Planned:
        """Begins, closes or opens one again.

        Args:
            inspection_id: of the inspection.
            version: that was looked at.
            state: what it becomes; see `MOVES`.
            by: who moves it.
            said: what came of it, asked for at its close; why it is opened again.

        Raises:
            InspectionUnknownError: there is none of that id.
            MovedOnError: it was changed in the meantime.
            StateError: it cannot become that from where it is.
            PlanError: nothing was said where something is asked for.
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self.engine) as opened:
            row = _held(opened, inspection_id, version)
            was = State(row.state)
            if state not in MOVES[was]:
                raise StateError(number=row.number)
            if State.CLOSED in (was, state) and not said.strip() or len(said) > LONGEST_NOTE:
                raise PlanError("said")
            row.state = state
            row.closed_at = self.clock() if state is State.CLOSED else None
            row.outcome = said.strip() if state is State.CLOSED else ""
            opened.add(row)
            opened.flush()
            found = planned(opened, row.id)
            said_of_it = {"said": said.strip()} if said.strip() else {}
            note(opened, DEEDS[was, state], found, by, **said_of_it)
            opened.commit()
        return found

    def get(self, inspection_id: str) -> Planned:
        """One as it stands.

        Raises:
            InspectionUnknownError: there is none of that id.
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self.engine) as opened:
            return planned(opened, inspection_id)

    def page(self, number: int = 1, state: State | None = None) -> tuple[list[Planned], int]:
        """A page, those that end last first, and how many there are in all.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        wanted = select(Inspection.id)
        if state is not None:
            wanted = wanted.where(Inspection.state == state)
        with store.session(self.engine) as opened:
            total = opened.exec(select(func.count()).select_from(wanted.subquery())).one()
            ids = opened.exec(
                wanted.order_by(col(Inspection.ends_on).desc(), col(Inspection.id))
                .offset((number - 1) * PAGE)
                .limit(PAGE)
            ).all()
            return _all(opened, ids), total


def note(opened: Session, deed: str, one: Planned, by: Who, **more: object) -> None:
    """Writes in the log what was done to an inspection, with its plan as it is from then on."""
    plan = one.plan
    detail = {
        "number": one.number, "version": one.version, "state": str(one.state),
        "title": plan.title, "from": plan.starts_on.isoformat(),
        "until": plan.ends_on.isoformat(), "members": list(plan.members),
        "goals": [[goal.market, goal.stall, goal.lab, goal.wanted] for goal in plan.goals],
    }  # fmt: skip
    about = ("inspection", one.id)
    audit.write(opened, who=by, what=f"inspection.{deed}", about=about, detail=detail | more)


def planned(opened: Session, inspection_id: str) -> Planned:
    """One as it stands, in the transaction that is open.

    Raises:
        InspectionUnknownError: there is none of that id.
    """
    found = _all(opened, [inspection_id])
    if not found:
        raise InspectionUnknownError()
    return found[0]


def _all(opened: Session, ids: Sequence[str]) -> list[Planned]:
    """Those of these ids, in their order."""
    rows = opened.exec(select(Inspection).where(col(Inspection.id).in_(ids))).all()
    goals: dict[str, list[Goal]] = {one: [] for one in ids}
    members: dict[str, list[Member]] = {one: [] for one in ids}
    targets = select(Target).where(col(Target.inspection_id).in_(ids))
    for target in opened.exec(targets.order_by(col(Target.number))):
        goals[target.inspection_id].append(
            Goal(target.market, target.stall, target.lab, target.wanted)
        )
    wanted = select(Member).where(col(Member.inspection_id).in_(ids))
    for member in opened.exec(wanted.order_by(col(Member.name))):
        members[member.inspection_id].append(member)
    made = {row.id: _planned(row, goals[row.id], members[row.id]) for row in rows}
    return [made[one] for one in ids if one in made]


def _planned(row: Inspection, goals: Iterable[Goal], members: Sequence[Member]) -> Planned:
    plan = Plan(
        row.title, row.starts_on, row.ends_on, tuple(goals),
        tuple(one.person_id for one in members), row.note,
    )  # fmt: skip
    return Planned(
        row.id, row.number, plan, tuple(one.name for one in members), State(row.state),
        row.version, row.planned_by, row.planned_at, row.closed_at, row.outcome,
    )  # fmt: skip


def _number(opened: Session, year: int) -> str:
    """The next of a year: `2026-003`; two at once may get the same, see `Inspections.plan`."""
    last = opened.exec(
        select(func.count()).where(col(Inspection.number).startswith(f"{year}-"))
    ).one()
    return f"{year}-{last + 1:03d}"


def _held(opened: Session, inspection_id: str, version: int) -> Inspection:
    """A row in a transaction that begins here and is the only one to change it."""
    store.write(opened)
    done = opened.exec(
        update(Inspection)
        .where(col(Inspection.id) == inspection_id, col(Inspection.version) == version)
        .values(version=version + 1)
    )
    row = opened.get(Inspection, inspection_id)
    if row is None:
        raise InspectionUnknownError()
    if done.rowcount != 1:
        raise MovedOnError(number=row.number)
    return row


def _fill(opened: Session, inspection_id: str, plan: Plan) -> None:
    for at, one in enumerate(plan.goals, 1):
        opened.add(Target(inspection_id=inspection_id, number=at, **dc.asdict(one)))
    wanted = set(plan.members)
    names = opened.exec(select(Account.id, Account.name).where(col(Account.id).in_(wanted))).all()
    if len(names) != len(wanted):
        raise PlanError("members")
    for person_id, name in names:
        opened.add(Member(inspection_id=inspection_id, person_id=person_id, name=name))
    opened.flush()
