"""Work in a process of its own, as its row stands: begun and not ended, or ended by its death."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from sqlalchemy import update

from certcheck.runner.tables import Status
from certcheck.runner.work import Work
from registry import store


class Begun(Protocol):
    """A row of such work.

    Attributes:
        status: how far it is.
        deaths: processes that died over it.
    """

    status: str
    deaths: int


Row = TypeVar("Row", bound=Begun)


def died(
    work: Work, table: type[Row], key: object, most: int, give_up: Callable[[Row], None]
) -> None:
    """A process died over it: it is tried once more, or given up.

    Args:
        work: the store.
        table: of the row.
        key: its own.
        most: processes that may die over it.
        give_up: writes into the row what is told then.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """
    with store.session(work.engine) as opened:
        store.write(opened)
        one = opened.get(table, key)
        if one is None or one.status != Status.RUNNING:
            return
        one.deaths += 1
        one.status = Status.QUEUED
        if one.deaths >= most:
            one.status = Status.DONE
            give_up(one)
        opened.add(one)
        opened.commit()


def take_up(work: Work, table: Any) -> None:  # noqa: ANN401 - its columns
    """Queues what was begun and not ended, as if it had never begun.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """
    begun = update(table).where(table.status == Status.RUNNING)
    with store.session(work.engine) as opened:
        store.write(opened)
        opened.exec(begun.values(status=Status.QUEUED))
        opened.commit()
