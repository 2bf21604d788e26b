"""What would break: photos lost or answered twice where workers of many machines read them.

One house with a server, PostgreSQL and Redis, in which one fault comes after the other.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from certcheck.operation.logs import LEVEL
from certcheck.runner.clock_watch import jumped
from certcheck.runner.settings import BROKER, ENGINE, LEASE, TIME_LIMIT
from samples import PHOTOS
from tests.faults import disk
from tests.faults.disk import Disk
from tests.faults.hanging import Hanging, frozen
from tests.faults.house import House, Process, Web, until
from tests.faults.ledger import Balance, Ledger, balance, settle, waiting
from tests.faults.recovered import recovers
from tests.faults.serve import CLOCK
from tests.registry.server import Server
from tests.servers.redis import Redis

pytest.importorskip("celery")
COUNT = 30
UNKNOWN = "photo.unknown_format"


@dc.dataclass
class Machines:
    """A server and its workers.

    Attributes:
        house: where they live.
        disk: on which their folder lies, None where none can be made.
        clock: file by which their clock is set.
        web: the server.
        workers: those that were started.
    """

    house: House
    disk: Disk | None
    clock: Path
    web: Web
    workers: list[Process] = dc.field(default_factory=list)

    def two(self) -> list[Process]:
        """Two workers that live and have a process to read with."""
        self.workers = [one for one in self.workers if not one.gone]
        while len(self.workers) < 2:
            self.add()
        until(lambda: all(one.readers() for one in self.workers), "readers")
        return self.workers

    def add(self) -> Process:
        """One more worker."""
        self.workers.append(self.house.worker())
        return self.workers[-1]

    def send(self, name: str, count: int, ledger: Ledger) -> None:
        """Photos to the server that is there now."""
        photos = [f"{name} {number}".encode() for number in range(count)]
        ledger.send(photos, lambda: self.web.url)

    def hang(self, name: str, by: Process, ledger: Ledger) -> Hanging:
        """A photo that a worker has begun and does not end."""
        others = [one for one in self.workers if one is not by]
        with frozen(*others):
            with frozen(by):
                photo = Hanging(self.house, self.web, name)
            photo.begun()
        ledger.accepted[name] = photo.id
        return photo

    def set(self, by: dt.timedelta) -> None:
        """Sets the clock of all of them, beside the right time."""
        new = self.clock.with_suffix(".new")
        new.write_text(str(by.total_seconds()))
        new.replace(self.clock)


@pytest.fixture(scope="module")
def machines(
    tmp_path_factory: pytest.TempPathFactory, house_of: Callable[..., House], database: Server,
    broker: Redis,
) -> Iterator[Machines]:  # fmt: skip
    place = tmp_path_factory.mktemp("machines")
    small = disk.made(place)
    clock = place / "clock"
    clock.write_text("0")
    house = house_of(
        small.place / "work" if small else None, database.url(database.create()),
        **{
            ENGINE: "celery", BROKER: broker.url, LEASE: "5", CLOCK: str(clock),
            LEVEL: "warning",
        },
    )  # fmt: skip
    yield Machines(house, small, clock, house.web())
    house.stop()
    if small:
        small.end()


def test_all_are_killed_while_photos_come(
    machines: Machines, database: Server, broker: Redis
) -> None:
    ledger = Ledger()
    assert machines.web.ready()["workers"] == "ready.no_workers"
    sending = threading.Thread(target=machines.send, args=("no photo", COUNT, ledger))
    first, second = machines.two()
    sending.start()

    def come(share: float) -> None:
        until(lambda: len(ledger.accepted) >= share * COUNT, "photos")

    come(0.2)
    first.kill()  # with what it had
    broker.kill()
    until(lambda: "broker" in machines.web.ready(), "a broker that is missed")
    assert machines.web.ready()["broker"] == "ready.broker_away"
    come(0.4)  # photos are accepted all the same
    broker.start()  # empty
    os.kill(second.readers()[0], signal.SIGKILL)
    machines.web.kill()
    machines.web = machines.house.web()
    come(0.6)
    database.kill()
    assert machines.web.ready()["store"] == "ready.store_away"
    database.start()
    machines.two()
    sending.join()
    settle(machines.house)
    assert balance(machines.house, ledger) == Balance(COUNT, 0, 0, (), {UNKNOWN: COUNT})
    until(lambda: set(machines.web.ready()) <= {"disk"}, "all that is well again")


def test_an_answer_waits_for_a_disk_that_is_full(machines: Machines) -> None:
    """A certificate that is really read: its pictures have to be stored with the answer."""
    if machines.disk is None:
        pytest.skip("only root makes a disk of its own")
    ledger = Ledger()
    machines.two()
    with frozen(*machines.workers):
        photo = min(PHOTOS.glob("*.jpg")).read_bytes()
        ledger.send([photo], lambda: machines.web.url)
        machines.disk.fill()
    until(lambda: any("an answer waits" in one.said() for one in machines.workers), "an answer")
    assert machines.web.ready()["disk"] == "ready.disk_away"
    assert machines.web.send(b"no photo" * 2**18).status_code == 503
    assert waiting(machines.house) == 1
    machines.disk.free()
    settle(machines.house)
    assert balance(machines.house, ledger) == Balance(1, 0, 0, (), {"None": 1})


def test_a_worker_that_stands_still_is_done_without(machines: Machines) -> None:
    """Also where it was the one that keeps order; when it goes on, its answer is too late."""
    ledger = Ledger()
    lock = machines.house.folder / "keeper.lock"
    until(lambda: _holder(lock) in {one.pid for one in machines.two()}, "one that keeps order")
    (still,) = (one for one in machines.workers if one.pid == _holder(lock))
    photo = machines.hang("stands still", still, ledger)
    with frozen(still):
        photo.for_others()
        settle(machines.house)
    photo.go_on()
    until(lambda: "an answer came too late" in still.said(), "a late answer")
    assert balance(machines.house, ledger) == Balance(1, 0, 0, (), {UNKNOWN: 1})


def test_workers_that_are_asked_to_end(machines: Machines) -> None:
    """Once: what is begun is ended. Twice, or with SIGQUIT: it is left to another."""
    ledger = Ledger()
    first, second = machines.two()
    photo = machines.hang("is ended", first, ledger)
    first.tell(signal.SIGTERM)
    machines.send("meanwhile", 2, ledger)
    until(lambda: waiting(machines.house) == 1, "photos of another worker")
    assert not first.gone
    photo.go_on()
    assert first.ended() == 0
    assert waiting(machines.house) == 0
    for signals in ((signal.SIGTERM, signal.SIGINT), (signal.SIGQUIT,)):
        (last,) = (one for one in machines.workers if not one.gone)
        photo = machines.hang(f"is left, {signals}", last, ledger)
        last.tell(*signals)
        assert last.ended() == 0
        photo.for_others()
        machines.add()
        settle(machines.house)
        photo.give_up()
    assert balance(machines.house, ledger) == Balance(5, 0, 0, (), {UNKNOWN: 5})


def test_a_reader_that_hangs_is_ended(machines: Machines) -> None:
    """It takes no signal but the last; others go on meanwhile."""
    ledger = Ledger()
    machines.house.more = {**machines.house.more, TIME_LIMIT: "5"}
    hasty = machines.add()
    machines.house.more = {**machines.house.more, TIME_LIMIT: "180"}
    until(lambda: bool(hasty.readers()), "a reader")
    photo = machines.hang("hangs", hasty, ledger)
    os.kill(hasty.readers()[0], signal.SIGSTOP)
    machines.send("beside it", 2, ledger)
    settle(machines.house)
    photo.give_up()
    found = {"check.timeout": 1, UNKNOWN: 2}
    assert balance(machines.house, ledger) == Balance(3, 0, 0, (), found)


def test_clocks_that_jump_delete_nothing(machines: Machines) -> None:
    ledger = Ledger()
    machines.two()
    machines.send("before", 2, ledger)
    for by in (dt.timedelta(days=10), dt.timedelta(hours=-5)):
        machines.set(by)
        until(lambda: jumped(machines.house.folder), "whoever sweeps to look at the clock")
        assert machines.web.ready()["clock"] == "ready.clock_apart"
        machines.send(f"{by}", 2, ledger)
        settle(machines.house)
        machines.set(dt.timedelta())
        until(lambda: not jumped(machines.house.folder), "the right time")
    assert "clock" not in machines.web.ready()
    assert balance(machines.house, ledger) == Balance(6, 0, 0, (), {UNKNOWN: 6})
    assert all(machines.web.page(f"/checks/{one}")[0] == 200 for one in ledger.accepted.values())


def test_a_database_of_yesterday(machines: Machines, database: Server, tmp_path: Path) -> None:
    house, ledger = machines.house, Ledger()
    machines.two()
    machines.send("yesterday", 2, ledger)
    settle(house)
    backup = database.copy(house.store)
    today = machines.web.send(b"today", "phone 1").json()["id"]
    settle(house)
    recovers(house, [b"today"], tmp_path, lambda: _restored(machines, backup, today))
    assert balance(house, ledger) == Balance(2, 0, 0, (), {UNKNOWN: 2})


def _restored(machines: Machines, url: str, today: str) -> Web:
    """Everything is ended, and begins anew with another database."""
    for one in (machines.web, *machines.workers):
        one.kill()
    machines.house.store = url
    machines.add()
    machines.web = machines.house.web()
    assert machines.web.page(f"/checks/{today}")[0] == 404
    return machines.web


def _holder(path: Path) -> int | None:
    """Whose lock a file is."""
    try:
        number = path.stat().st_ino
    except FileNotFoundError:  # nobody's yet
        return None
    lines = map(str.split, Path("/proc/locks").read_text().splitlines())
    return next((int(one[4]) for one in lines if one[5].endswith(f":{number}")), None)
