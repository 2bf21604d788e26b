"""Whether there is room for one more photo: counted in the record, for all servers of it."""

from __future__ import annotations

import math

from sqlalchemy import func
from sqlmodel import Session, select

from certcheck.errors import QueueFullError
from certcheck.runner.settings import Settings
from certcheck.runner.tables import Job, Status, Worker

# What a photo takes on one core, for the time after which to come again.
_SECONDS_A_PHOTO = 4
# Of a full queue, done by then; at least so many seconds.
_ROOM_SHARE, _SHORTEST_WAIT_S = 0.1, 5


def look(opened: Session, settings: Settings, size: int) -> None:
    """Looks whether one more may wait, in a transaction that is open.

    Args:
        opened: the session.
        settings: say how many may, and how many bytes.
        size: of the photo.

    Raises:
        QueueFullError: too many wait; it says when there should be room.
    """
    waiting = select(func.count(), func.coalesce(func.sum(Job.size), 0)).where(
        Job.status == Status.QUEUED
    )
    count, total = opened.exec(waiting).one()
    if count < settings.most_queued and total + size <= settings.most_bytes:
        return
    soon = _SECONDS_A_PHOTO * count * _ROOM_SHARE / _hands(opened, settings)
    raise QueueFullError(max(_SHORTEST_WAIT_S, math.ceil(soon)))


def _hands(opened: Session, settings: Settings) -> int:
    """Photos that are read at once, on all machines."""
    if not settings.celery:
        return settings.workers
    return max(1, opened.exec(select(func.coalesce(func.sum(Worker.hands), 0))).one())
