"""Stalls, laboratories and inspectors drawn by lot, so that anybody can draw them again.

The order is that of the SHA-256 of the seed, a line feed and the name: who has the seed and the
list needs `sha256sum` and nothing of ours. A seed is made here, or entered where it was drawn
before witnesses. Every drawing is kept, and one that is repeated says why.

>>> order("7", ["石佛寺市场A区12号", "石佛寺市场A区13号", "老街3号"])
['老街3号', '石佛寺市场A区13号', '石佛寺市场A区12号']
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Callable, Iterable
from enum import StrEnum

from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from certcheck.audit import Who
from certcheck.inspections import plans
from certcheck.inspections.errors import PoolError, StateError
from certcheck.inspections.plans import Goal, Inspections, Plan, Planned, State
from certcheck.inspections.tables import LONGEST_PLACE, Draw
from registry import store

MOST_NAMES = 10_000
# Bytes of a seed that is made here.
_SEED_BYTES = 16
_LONGEST_SEED = 64


class What(StrEnum):
    """What is drawn; 双随机 draws both whom to look at and who looks."""

    STALLS = "stalls"
    LABS = "labs"
    PEOPLE = "people"


@dc.dataclass(frozen=True, slots=True)
class Drawn:
    """A drawing; see `tables.Draw`."""

    number: int
    what: What
    seed: str
    pool: tuple[str, ...]
    drawn: tuple[str, ...]
    reason: str
    by: str
    at: dt.datetime

    @property
    def repeats(self) -> bool:
        """Whether the same comes of drawing it again."""
        return order(self.seed, self.pool)[: len(self.drawn)] == list(self.drawn)


@dc.dataclass(frozen=True, slots=True)
class Lot:
    """What is to be drawn.

    Attributes:
        what: see `What`.
        pool: names to draw from; each once.
        count: how many of them.
        seed: "" for one that is made here.
        reason: why again, where that was drawn before.
    """

    what: What
    pool: tuple[str, ...]
    count: int
    seed: str = ""
    reason: str = ""


def names(text: str) -> tuple[str, ...]:
    """Names of a list as entered, one a line, sorted.

    Raises:
        PoolError: none, too many, one too long, or one twice.
    """
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if not 1 <= len(found) <= MOST_NAMES or max(map(len, found)) > LONGEST_PLACE:
        raise PoolError("names", most=MOST_NAMES)
    if len(set(found)) != len(found):
        raise PoolError("twice", most=MOST_NAMES)
    return tuple(sorted(found))


def order(seed: str, pool: Iterable[str]) -> list[str]:
    """Names in the order of the lot; see the head of this module."""
    return sorted(pool, key=lambda one: hashlib.sha256(f"{seed}\n{one}".encode()).digest())


class Draws:
    """The drawings of a work store.

    Args:
        engine: its database.
        clock: tells the time.
    """

    def __init__(self, engine: Engine, clock: Callable[[], dt.datetime]) -> None:
        self._engine, self._clock = engine, clock

    def draw(self, inspection_id: str, lot: Lot, *, by: Who) -> Drawn:
        """Draws, and keeps what was drawn.

        Raises:
            InspectionUnknownError: there is no such inspection.
            StateError: it has begun: who is looked at is drawn before.
            PoolError: more are wanted than there are, or no reason for drawing again.
            DatabaseUnreachableError: the database does not answer.
        """
        seed = lot.seed.strip() or secrets.token_hex(_SEED_BYTES)
        if not 1 <= lot.count <= len(lot.pool) or len(seed) > _LONGEST_SEED:
            raise PoolError("count", most=MOST_NAMES)
        with store.session(self._engine) as opened:
            store.write(opened)
            planned = plans.planned(opened, inspection_id)
            if planned.state is not State.PLANNED:
                raise StateError(number=planned.number)
            of_it = select(func.count()).where(Draw.inspection_id == inspection_id)
            if not lot.reason.strip() and opened.exec(of_it.where(Draw.what == lot.what)).one():
                raise PoolError("reason", most=MOST_NAMES)
            row = Draw(
                inspection_id=inspection_id, number=opened.exec(of_it).one() + 1, what=lot.what,
                seed=seed, pool=_json(lot.pool), drawn=_json(order(seed, lot.pool)[: lot.count]),
                reason=lot.reason.strip(), by=by.name, at=self._clock(),
            )  # fmt: skip
            opened.add(row)
            opened.flush()
            made = _drawn(row)
            digest = hashlib.sha256("\n".join(made.pool).encode()).hexdigest()
            plans.note(
                opened, "drawn", planned, by, draw=made.number, what=str(made.what),
                seed=seed, pool_sha256=digest, drawn=list(made.drawn), reason=made.reason,
            )  # fmt: skip
            opened.commit()
        return made

    def of(self, inspection_id: str) -> list[Drawn]:
        """All drawings of an inspection, the latest first.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._engine) as opened:
            return drawings(opened, inspection_id)


def drawings(opened: Session, inspection_id: str) -> list[Drawn]:
    """Likewise, in the transaction that is open."""
    wanted = select(Draw).where(Draw.inspection_id == inspection_id)
    return [_drawn(one) for one in opened.exec(wanted.order_by(col(Draw.number).desc()))]


def into_plan(
    inspections: Inspections, planned: Planned, drawn: Drawn, each: int, *, by: Who
) -> Planned:
    """Puts what was drawn into the plan: goals of so many certificates each, or who takes part.

    Args:
        inspections: of the work store.
        planned: as it stands.
        drawn: one of its drawings; of people, the ids of their accounts.
        each: certificates wanted of each.
        by: who does it.

    Raises:
        CertcheckError: see `Inspections.change`.
    """
    plan = planned.plan
    if drawn.what is What.PEOPLE:
        changed = dc.replace(plan, members=tuple(sorted(drawn.drawn)))
    else:
        changed = dc.replace(plan, goals=_goals(plan, drawn, each))
    return inspections.change(planned.id, planned.version, changed, by=by)


def _goals(plan: Plan, drawn: Drawn, each: int) -> tuple[Goal, ...]:
    """One for each that was drawn: stalls in each market of the plan, laboratories anywhere."""
    if drawn.what is What.LABS:
        return tuple(Goal("", "", name, each) for name in drawn.drawn)
    markets = sorted({one.market for one in plan.goals})
    return tuple(Goal(market, name, "", each) for market in markets for name in drawn.drawn)


def _json(names: Iterable[str]) -> str:
    return json.dumps(list(names), ensure_ascii=False)


def _drawn(row: Draw) -> Drawn:
    return Drawn(
        row.number, What(row.what), row.seed, tuple(json.loads(row.pool)),
        tuple(json.loads(row.drawn)), row.reason, row.by, row.at,
    )  # fmt: skip
