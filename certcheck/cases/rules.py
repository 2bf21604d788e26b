"""Who may take which step with a case: `data/steps.toml`, asked before every step.

>>> [one.key for one in offered(State.CHECKING, Role.KEEPER, Hold.OTHERS)]
['look']
"""

from __future__ import annotations

import dataclasses as dc
import functools
import importlib.resources
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from certcheck.accounts.roles import Role


class State(StrEnum):
    """How far a case is: 待核查, 核查中, 立案, 移送, 不予立案, 办结."""

    PENDING = "pending"
    CHECKING = "checking"
    FILED = "filed"
    REFERRED = "referred"
    DECLINED = "declined"
    CLOSED = "closed"


# States in which nothing is looked into any more.
SETTLED = (State.REFERRED, State.DECLINED, State.CLOSED)


class Source(StrEnum):
    """What a case came of."""

    CHECK = "check"
    COMPLAINT = "complaint"
    REPORT = "report"
    OBSERVATION = "observation"


# Somebody told it: 投诉 asks for a dispute to be settled, 举报 passes on a lead.
TOLD = (Source.COMPLAINT, Source.REPORT)


class Channel(StrEnum):
    """How a complaint came in."""

    PLATFORM = "platform"
    PHONE = "phone"
    LETTER = "letter"
    DESK = "desk"
    PASSED_ON = "passed_on"


class Hold(StrEnum):
    """Whose a case is, as the one who asks sees it."""

    OWNER = "owner"
    NOBODY = "nobody"
    OTHERS = "others"


# What a word of the table stands for.
_WHOSE: Mapping[str, frozenset[Hold]] = {
    "any": frozenset(Hold),
    "own": frozenset({Hold.OWNER, Hold.NOBODY}),
    "owner": frozenset({Hold.OWNER}),
}


@dc.dataclass(frozen=True, slots=True)
class Step:
    """One row of the table.

    Attributes:
        key: names it.
        sources: states in which it can be taken.
        to: the state that it leads to, or None.
        may: role to whose cases.
        needs: what has to be told: `reason`, `category`, `ground`, `recipient`, `result`, `owner`,
            `move`, `check`, `held` (a check of the case), `event`, `label`, `day`, `deadline`,
            `own` (a day set by hand).
        asked: whether an inspector can ask the chief for it.
    """

    key: str
    sources: frozenset[State]
    to: State | None
    may: Mapping[Role, frozenset[Hold]]
    needs: tuple[str, ...]
    asked: bool

    def allows(self, role: Role, hold: Hold) -> bool:
        """Whether somebody of a role may take it with a case of that hold, in whatever state."""
        return hold in self.may.get(role, frozenset())


@functools.cache
def steps() -> Mapping[str, Step]:
    """The table, read once, in its order."""
    return {row["key"]: _step(row) for row in table("steps.toml")["step"]}


def table(name: str) -> dict[str, Any]:
    """A data file of cases."""
    path = importlib.resources.files("certcheck.cases") / "data" / name
    return tomllib.loads(path.read_text(encoding="utf-8"))


def hold(owner: str | None, me: str) -> Hold:
    """Whose a case is.

    Args:
        owner: account id of who works on it, or None.
        me: of the one who asks.
    """
    if owner is None:
        return Hold.NOBODY
    return Hold.OWNER if owner == me else Hold.OTHERS


def allowed(key: str, state: State, role: Role, whose: Hold) -> bool:
    """Whether a step may be taken."""
    step = steps().get(key)
    return step is not None and state in step.sources and step.allows(role, whose)


def offered(state: State, role: Role, whose: Hold) -> list[Step]:
    """All steps that may be taken."""
    return [one for one in steps().values() if allowed(one.key, state, role, whose)]


def askable(state: State) -> list[Step]:
    """Moves that the chief can be asked for."""
    return [one for one in steps().values() if one.asked and state in one.sources]


def _step(row: Mapping[str, Any]) -> Step:
    return Step(
        key=row["key"],
        sources=frozenset(map(State, row["from"])),
        to=State(row["to"]) if "to" in row else None,
        may={Role(role): _WHOSE[word] for role, word in row["may"].items()},
        needs=tuple(row["needs"]),
        asked=row.get("asked", False),
    )
