"""Writes down what came of a job, whoever did it: the server's own processes, or a worker's."""

from __future__ import annotations

import dataclasses as dc
import logging

from certcheck.errors import (
    CheckCrashedError,
    CheckTimeoutError,
    PhotoSetAsideError,
    Problem,
    StoppedError,
    StorageError,
)
from certcheck.runner.errors import PhotoUnreadableError
from certcheck.runner.pool import Lost
from certcheck.runner.queue import Done, Queue, Taken, failed
from registry.errors import DatabaseUnreachableError, RegistryError
from registry.lookup import Registry

log = logging.getLogger(__name__)


@dc.dataclass(frozen=True, slots=True)
class Ended:
    """What became of a job.

    Attributes:
        code: of what went wrong, or None.
        away: whether it was given back because something is away that it needs; it is no use to
            go on at once.
    """

    code: str | None
    away: bool = False


class Outcome:
    """Writes down what came of jobs.

    Args:
        queue: that they were taken from.
        registry: for reports of photos that could not be checked.
    """

    def __init__(self, queue: Queue, registry: Registry) -> None:
        self._queue, self._registry = queue, registry

    def write(self, one: Taken, found: Done | Problem | Lost) -> Ended:
        """Writes it down.

        Raises:
            RegistryError, StorageError: it cannot be written down now; try again.
        """
        try:
            return self._written(one, found)
        except (RegistryError, StorageError):
            raise
        except Exception:  # an answer that cannot be written must not hold up the others
            log.exception("no answer for %s", one.sha256)
            return self._died(one)

    def _written(self, one: Taken, found: Done | Problem | Lost) -> Ended:
        if found is Lost.DIED:
            log.error("a process died over %s", one.sha256)
            return self._died(one)
        if found is Lost.STOPPED:
            self._queue.postpone(one.id, one.claim)
            return Ended(StoppedError.code)
        if found is Lost.BROKEN:
            self._queue.give_back(one.id, self._registry.revision, one.claim)
            return Ended(StoppedError.code)
        if isinstance(found, Problem):  # the registry or the photo could not be read at all
            if found.code == StorageError.code and self._queue.alone(one.sha256):
                return self._unreadable(one)
            return self._postponed(one, found.code)
        if isinstance(found, Lost):
            found = failed(one.sha256, self._registry.revision, one.wish, CheckTimeoutError())
        if found.error == DatabaseUnreachableError.code:  # nor in the middle of the check
            return self._postponed(one, found.error)
        if not self._queue.finish(one.id, found, one.claim):
            log.warning("an answer came too late for %s", one.sha256)
        return Ended(found.error)

    def _postponed(self, one: Taken, code: str) -> Ended:
        """Later, then: an outage says nothing of a certificate."""
        log.error("checks wait: %s", code)
        self._queue.postpone(one.id, one.claim)
        return Ended(code, away=True)

    def _unreadable(self, one: Taken) -> Ended:
        """Later than others, then, and not for ever."""
        log.error("a photo cannot be read, others can: %s", one.sha256)
        aside = self._queue.unreadable(one.id, self._registry.revision, one.claim)
        return Ended(PhotoUnreadableError.code if aside else StorageError.code)

    def _died(self, one: Taken) -> Ended:
        aside = self._queue.died(one.id, self._registry.revision, one.claim)
        return Ended(PhotoSetAsideError.code if aside else CheckCrashedError.code)
