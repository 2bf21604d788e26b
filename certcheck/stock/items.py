"""A batch as it stands: plain data, what its items are counted by, how they are sorted."""

from __future__ import annotations

import collections
import dataclasses as dc
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from certcheck.errors import Problem
from certcheck.runner.tables import Status
from certcheck.stock.outcome import Outcome, State


@dc.dataclass(frozen=True, slots=True)
class Item:
    """One thing of a batch.

    Attributes:
        number: its place in what was sent, from 1.
        name: as given; else its file's.
        file: the file's name.
        state: see State.
        check_id: of the check, the latest where values were corrected; None where there is none.
        problem: why it was refused, or None.
        outcome: what came of it, once it is done.
        corrected: whether check and outcome are those of values corrected by hand.
    """

    number: int
    name: str
    file: str
    state: State
    check_id: str | None
    problem: Problem | None
    outcome: Outcome | None
    corrected: bool = False

    @property
    def settled(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state not in (State.QUEUED, State.RUNNING)


@dc.dataclass(frozen=True, slots=True)
class Stock:
    """How a batch stands.

    Attributes:
        id: of the batch.
        title: given by whoever sent it, or "".
        owner: the client or person that asked, or None.
        created_at: when it came.
        expires_at: when all of it is deleted.
        items: in their order.
    """

    id: str
    title: str
    owner: str | None
    created_at: dt.datetime
    expires_at: dt.datetime
    items: tuple[Item, ...]

    @property
    def done(self) -> bool:
        """Whether nothing more will come."""
        return all(one.settled for one in self.items)

    @property
    def status(self) -> str:
        """As of a check: `queued` before the first photo is read, `done` after the last."""
        if self.done:
            return str(Status.DONE)
        begun = any(one.state in (State.RUNNING, State.DONE) for one in self.items)
        return str(Status.RUNNING if begun else Status.QUEUED)

    @property
    def counts(self) -> dict[str, int]:
        """Items by their verdict, `failed` without one, else by their state."""
        found = collections.Counter(kind(one) for one in self.items)
        return {name: found[name] for name in KINDS}


# Worst first: what somebody has to look at stands above what needs no look.
KINDS = (
    "inconsistent", "suspected", "unverifiable", "failed", "refused", "consistent",
    "running", "queued", "deleted",
)  # fmt: skip


def kind(item: Item) -> str:
    """One word of KINDS: how an item stands."""
    if item.outcome is None:
        return str(item.state)
    return str(item.outcome.verdict) if item.outcome.verdict else "failed"


@dc.dataclass(frozen=True, slots=True)
class Brief:
    """A batch in a list of somebody's batches.

    Attributes:
        id: of the batch.
        title: given by whoever sent it, or "".
        created_at: when it came.
        expires_at: when it is deleted.
        total: items in it.
    """

    id: str
    title: str
    created_at: dt.datetime
    expires_at: dt.datetime
    total: int


_Key = Callable[[Item], tuple[Any, ...]]
ORDERS: Mapping[str, _Key] = {
    "trouble": lambda one: (KINDS.index(kind(one)), one.number),
    "number": lambda one: (one.number,),
    "name": lambda one: (one.name.casefold(), one.number),
}


def ordered(items: Sequence[Item], by: str) -> list[Item]:
    """Items in an order of ORDERS."""
    return sorted(items, key=ORDERS[by])
