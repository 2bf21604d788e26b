"""A thousand checks in flight while everything is killed again and again: none lost, none doubled.

    .venv/bin/python -m tests.benchmarks.kills [--photos 1000] [--engine local|celery]
        [--store sqlite|postgresql] [--broker redis|rabbitmq] [--kills 24] [--seed 1] [--real]
        [--fill]

Clients send under names of their own and repeat what was not acknowledged, as programs do; a queue
of a thousand builds up. Meanwhile, at random moments of one second to three: a server is killed
(SIGKILL) and another started in its place, or a reading process, or the database with all its
processes, or, with Celery, one of two workers or the broker (Redis forgets all that it held).
With `--fill` nobody reads before all was sent: so many are in flight at once.

Nothing of the program is replaced but this: models are loaded when a photo first needs them, not at
the start. The photos are files that no decoder knows, so that reading ends at their first bytes;
`--real` sends the sample photos instead, which are really read.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from certcheck.runner.lock import held
from certcheck.runner.service import LOCK
from registry import store
from tests.benchmarks.load import photos as real_photos
from tests.faults.house import House, Process, Web
from tests.faults.ledger import Ledger, balance, settle, waiting
from tests.registry.server import Server, programs
from tests.servers import rabbit, redis
from tests.servers.rabbit import Rabbit
from tests.servers.redis import Redis

_PAUSES_S = (1.0, 3.0)


class Victims:
    """What is killed, each with what brings it back.

    Args:
        house: of the servers.
        database: their PostgreSQL server, or None.
        broker: likewise, or None.
    """

    def __init__(
        self, house: House, database: Server | None, broker: Redis | Rabbit | None
    ) -> None:
        self.house, self._database, self._broker = house, database, broker
        self.web: Web = house.web()
        self.workers: list[Process] = []
        self.kills: dict[str, int] = {}

    def start_workers(self) -> None:
        """Two, where there is a broker."""
        if self._broker is not None:
            self.workers = [self.house.worker(), self.house.worker()]

    def ways(self) -> dict[str, Callable[[], None]]:
        """By name."""
        found: dict[str, Callable[[], None]] = {"web": self._kill_web, "reader": self._kill_reader}
        if self._database is not None:
            found["database"] = self._kill_database
        if self._broker is not None:
            found |= {"worker": self._kill_worker, "broker": self._kill_broker}
        return found

    def kill(self, dice: random.Random) -> None:
        """One of them, and brings it back."""
        name, way = dice.choice(sorted(self.ways().items()))
        way()
        self.kills[name] = self.kills.get(name, 0) + 1

    def _kill_web(self) -> None:
        self.web.kill()
        self.web = self.house.web()

    def _kill_reader(self) -> None:
        readers = [pid for one in (self.web, *self.workers) for pid in one.readers()]
        for pid in readers[:1]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _kill_database(self) -> None:
        assert self._database is not None
        self._database.kill()
        self._database.start()

    def _kill_worker(self) -> None:
        self.workers.pop(0).kill()
        self.workers.append(self.house.worker())

    def _kill_broker(self) -> None:
        assert self._broker is not None
        self._broker.kill()
        self._broker.start()


def main() -> int:
    """Runs and prints; 0 where nothing was lost or doubled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=1000)
    parser.add_argument("--engine", choices=("local", "celery"), default="local")
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--broker", choices=("redis", "rabbitmq"), default="redis")
    parser.add_argument("--kills", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--real", action="store_true")
    parser.add_argument("--fill", action="store_true", help="workers begin when all was sent")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, contextlib.ExitStack() as ends:
        folder = Path(home)
        url = f"sqlite:///{folder / 'demo.sqlite3'}"
        engine = store.open_registry(url)
        store.fill_with_demo(engine)
        engine.dispose()
        house, database = House(folder / "work", url), None
        if wanted.store == "postgresql" or wanted.engine == "celery":
            binaries = programs()
            assert binaries, "PostgreSQL has to be installed"
            database = Server(binaries)
            ends.callback(database.stop)
            house.store = database.url(database.create())
        broker = None
        if wanted.engine == "celery":
            kind: type[Redis | Rabbit] = Redis if wanted.broker == "redis" else Rabbit
            binary = (redis if wanted.broker == "redis" else rabbit).program()
            assert binary, f"{wanted.broker} has to be installed"
            broker = kind(binary)
            ends.callback(broker.stop)
            house.more = {
                "CERTCHECK_ENGINE": "celery", "CERTCHECK_BROKER": broker.url,
                "CERTCHECK_LEASE": "10",
            }  # fmt: skip
        ends.callback(house.stop)
        return run(wanted, house, database, broker)


def run(
    wanted: argparse.Namespace, house: House, database: Server | None,
    broker: Redis | Rabbit | None,
) -> int:  # fmt: skip
    """Sends, kills, counts."""
    begun, dice, ledger = time.monotonic(), random.Random(wanted.seed), Ledger()
    some = real_photos(wanted.photos) if wanted.real else map(_unknown, range(wanted.photos))
    with contextlib.ExitStack() as still:
        if wanted.fill:
            house.folder.mkdir()
            still.enter_context(held(house.folder / LOCK))
        victims = Victims(house, database, broker)
        sending = threading.Thread(target=ledger.send, args=(list(some), lambda: victims.web.url))
        sending.start()
        if wanted.fill:
            sending.join()
        most = waiting(house)
    victims.start_workers()
    for _ in range(wanted.kills):
        time.sleep(dice.uniform(*_PAUSES_S))
        victims.kill(dice)
        with contextlib.suppress(Exception):
            most = max(most, waiting(house))
    sending.join()
    settle(house)
    found = balance(house, ledger)
    print(
        f"{wanted.engine} on {'postgresql' if house.store else 'sqlite'}: {found.accepted} accepted"
        f" of {wanted.photos}, {ledger.refused} times told to come later; killed {victims.kills};"
        f" at most {most} in flight; lost {found.lost}, doubled {found.doubled},"
        f" strange {len(found.strange)}, answers {found.errors};"
        f" {time.monotonic() - begun:.0f} s"
    )
    for one in found.strange[:10]:
        print("  ", one)
    return 1 if found.lost or found.doubled or found.strange else 0


def _unknown(number: int) -> bytes:
    return b"no photo %d" % number


if __name__ == "__main__":
    sys.exit(main())
