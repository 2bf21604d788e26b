"""What would break: photos lost or answered twice where workers of many machines read them."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator

import pytest

from certcheck.runner.settings import BROKER, ENGINE, LEASE
from samples import PHOTOS
from tests.faults.house import House, until
from tests.faults.ledger import Ledger, balance, settle
from tests.registry.server import Server
from tests.servers.redis import Redis, program

pytest.importorskip("celery")
COUNT = 40
REAL = 1


@pytest.fixture
def redis() -> Iterator[Redis]:
    """A broker that keeps nothing on disk."""
    binary = program()
    if binary is None:
        pytest.skip("no Redis server is installed")
    made = Redis(binary)
    yield made
    made.stop()


def test_workers_the_broker_and_the_database_are_killed_while_photos_come(
    database: Server, redis: Redis, house_of: Callable[..., House]
) -> None:
    """Some of the photos are certificates, which are really read."""
    house = house_of(
        store=database.url(database.create()),
        **{ENGINE: "celery", BROKER: redis.url, LEASE: "5"},
    )
    server, ledger = house.web(), Ledger()
    assert server.ready()["workers"] == "ready.no_workers"
    workers = [house.worker(), house.worker()]
    photos = [one.read_bytes() for one in sorted(PHOTOS.glob("*.jpg"))[:REAL]]
    photos += [b"no photo %d" % number for number in range(COUNT - REAL)]
    sending = threading.Thread(target=ledger.send, args=(photos, lambda: server.url))
    sending.start()

    def come(share: float) -> None:
        until(lambda: len(ledger.accepted) >= share * COUNT, "photos")

    come(0.2)
    workers[0].kill()  # with what it had
    redis.kill()
    until(lambda: "broker" in server.ready(), "a broker that is missed")
    assert server.ready()["broker"] == "ready.broker_away"
    come(0.4)  # photos are accepted all the same
    redis.start()  # empty
    until(lambda: bool(workers[1].readers()), "a reader")
    os.kill(workers[1].readers()[0], signal.SIGKILL)
    come(0.6)
    database.kill()
    database.start()
    workers.append(house.worker())
    sending.join()
    settle(house)
    found = balance(house, ledger)
    assert (found.accepted, found.lost, found.doubled, found.strange) == (COUNT, 0, 0, ())
    assert found.errors == {"photo.unknown_format": COUNT - REAL, "None": REAL}
    assert workers[1].stop() == 0
