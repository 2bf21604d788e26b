"""What would break: photos lost or answered twice because something was killed in the middle."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

from tests.faults.flight import Flight, shut
from tests.faults.house import House, until
from tests.registry.server import Server
from tests.servers.databases import WorkDatabases

# Before each fault, and as many that come meanwhile.
COUNT = 12


def test_servers_readers_and_the_database_are_killed_while_photos_come(
    database: Server, work_databases: WorkDatabases, house_of: Callable[..., House]
) -> None:
    """Four clients repeat what was not acknowledged, as programs do."""
    house = house_of(store=work_databases.own())
    now = [house.web()]
    flight = Flight(house, lambda: now[0])

    def in_the_middle_of(fault: str) -> threading.Thread:
        """Many wait, some are answered, more come."""
        with shut(house):
            there = flight.fill(f"waits: {fault}", COUNT)
        return flight.comes(fault, COUNT, there)

    coming = in_the_middle_of("a reader is killed")
    os.kill(now[0].readers()[0], signal.SIGKILL)
    coming.join()
    coming = in_the_middle_of("PostgreSQL is killed")
    database.kill()
    wrong = now[0].ready()
    assert (wrong["store"], wrong["queue"]) == ("ready.store_away", "ready.queue_away")
    assert now[0].send(b"not now").status_code == 503
    assert now[0].page("/checks/unknown")[0] == 503
    database.start()
    coming.join()
    until(lambda: now[0].ready() == {}, "a server that is well again")
    coming = in_the_middle_of("the web server is killed")
    now[0].kill()
    now[0] = house.web()
    coming.join()
    flight.balanced()
