"""The forms of inspections: what was entered, as a plan or a lot."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections.abc import Sequence

from flask import request

from certcheck.errors import UnknownLabError
from certcheck.inspections.draws import Lot, What, names
from certcheck.inspections.errors import PlanError, PoolError
from certcheck.inspections.plans import Goal, Plan, Planned
from certcheck.seen.observations import lab_name
from web import uploads

# Empty lines for goals that a form offers beside those that are filled in.
SPARE = 3
MORE = 10
# Digits of a count that somebody may mean.
_DIGITS = 7
# Names that are proposed for one that the registry has not.
_MOST_SIMILAR = 3


@dc.dataclass(frozen=True, slots=True)
class Line:
    """A goal as entered."""

    market: str = ""
    stall: str = ""
    lab: str = ""
    wanted: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing was entered."""
        return not (self.market or self.stall or self.lab or self.wanted)


@dc.dataclass(frozen=True, slots=True)
class Entered:
    """What a form holds, whether it makes a plan or not.

    Attributes:
        starts_on, ends_on: as the browser sends days.
        lines: goals, with empty ones at the end.
        members: ids of accounts.
        version: of the plan that is changed, "" for a new one.
    """

    title: str = ""
    note: str = ""
    starts_on: str = ""
    ends_on: str = ""
    lines: tuple[Line, ...] = (Line(),) * SPARE
    members: tuple[str, ...] = ()
    version: str = ""


def of_plan(planned: Planned) -> Entered:
    """A form that holds a plan as it stands."""
    plan = planned.plan
    lines = [Line(one.market, one.stall, one.lab, str(one.wanted)) for one in plan.goals]
    return Entered(
        plan.title, plan.note, plan.starts_on.isoformat(), plan.ends_on.isoformat(),
        (*lines, *(Line(),) * SPARE), plan.members, str(planned.version),
    )  # fmt: skip


def entered() -> Entered:
    """What came with this request; with more empty lines where they are asked for."""
    form = request.form
    columns = (form.getlist(name) for name in ("market", "stall", "lab", "wanted"))
    lines = [Line(*(cell.strip() for cell in row)) for row in zip(*columns, strict=False)]
    filled = [one for one in lines if not one.empty]
    spare = MORE if "more" in form else SPARE
    return Entered(
        form.get("title", "").strip(), form.get("note", "").replace("\r\n", "\n").strip(),
        form.get("starts_on", ""), form.get("ends_on", ""), (*filled, *(Line(),) * spare),
        tuple(form.getlist("member")), form.get("version", ""),
    )  # fmt: skip


def plan(told: Entered) -> Plan:
    """The plan of a form.

    Raises:
        PlanError: it is none.
    """
    return Plan(
        told.title, _day(told.starts_on), _day(told.ends_on),
        tuple(_goal(one) for one in told.lines if not one.empty), told.members, told.note,
    )  # fmt: skip


def lot(people: Sequence[str]) -> Lot:
    """What is to be drawn, from the form of this request.

    Args:
        people: ids of the accounts from which inspectors are drawn.

    Raises:
        PoolError: nothing can be drawn from that.
    """
    form = request.form
    try:
        what = What(form.get("what", ""))
    except ValueError:
        raise PoolError("names", most="—") from None
    pool = tuple(sorted(people)) if what is What.PEOPLE else names(form.get("pool", ""))
    count = number(form.get("count", ""))
    return Lot(what, pool, count or 0, form.get("seed", ""), form.get("reason", ""))


def number(text: str) -> int | None:
    """A count as entered; None where it is none."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else None


def _goal(one: Line) -> Goal:
    wanted = number(one.wanted)
    if wanted is None:
        raise PlanError("wanted")
    registry = uploads.registry()
    try:
        lab = lab_name(registry, one.lab) if one.lab else ""
    except UnknownLabError:
        similar = [near.name for near in registry.similar_names(one.lab, _MOST_SIMILAR)]
        raise PlanError("lab", name=one.lab, similar=similar) from None
    return Goal(one.market, one.stall, lab, wanted)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise PlanError("days") from None
