"""A server and workers on Celery, PostgreSQL and Redis, on small disks, with a clock to set."""

from __future__ import annotations

import contextlib
import dataclasses as dc
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from tests.faults.disk import Disk
from tests.faults.flight import Flight, shut
from tests.faults.hanging import Hanging, frozen
from tests.faults.house import House, Process, Web, until
from tests.faults.ledger import settle, waiting
from tests.servers.redis import Redis


@dc.dataclass
class Machines:
    """A server and its workers.

    Attributes:
        house: where they live.
        disk: on which their folder lies, None where none can be made.
        tables: on which their database's tables lie, likewise.
        broker: which tells the workers.
        clock: file by which their clock is set.
        web: the server.
        workers: those that were started.
    """

    house: House
    disk: Disk | None
    tables: Disk | None
    broker: Redis
    clock: Path
    web: Web
    workers: list[Process] = dc.field(default_factory=list)

    def two(self) -> list[Process]:
        """Two workers that live; new ones have a process to read with."""
        self.workers = [one for one in self.workers if not one.gone]
        new = [self.add() for _ in range(2 - len(self.workers))]
        until(lambda: all(one.readers() for one in new), "readers")
        return self.workers

    def add(self) -> Process:
        """One more worker."""
        self.workers.append(self.house.worker())
        return self.workers[-1]

    def flight(self) -> Flight:
        """Photos of a test."""
        return Flight(self.house, lambda: self.web)

    @contextlib.contextmanager
    def full(self, flight: Flight, name: str, small: int) -> Iterator[int]:
        """Two workers with readers, who take nothing while so many wait; yields how many."""
        self.two()
        with shut(self.house):
            until(lambda: not waiting(self.house, "status = 'running'"), "the end of what is begun")
            yield flight.fill(name, small)

    def hang(self, fault: str, by: Process, flight: Flight, small: int) -> Hanging:
        """A photo that a worker has begun and does not end; behind it others wait for the fault."""
        settle(self.house)
        with contextlib.ExitStack() as still:
            with frozen(*(one for one in self.workers if one is not by)):
                with frozen(by):
                    photo = Hanging(self.house, self.web, fault)
                photo.begun()
                still.enter_context(shut(self.house))
            flight.ledger.accepted[fault] = photo.id
            flight.fill(f"behind: {fault}", small)
            flight.strikes(fault)
        return photo

    def set(self, by: dt.timedelta) -> None:
        """Sets the clock of all of them, beside the right time."""
        new = self.clock.with_suffix(".new")
        new.write_text(str(by.total_seconds()))
        new.replace(self.clock)
