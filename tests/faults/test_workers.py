"""What would break: photos lost or answered twice where workers of many machines read them.

One house with a server, PostgreSQL and Redis, in which one fault comes after the other.
"""

from __future__ import annotations

import datetime as dt
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from certcheck.operation.logs import LEVEL
from certcheck.runner.clock_watch import jumped
from certcheck.runner.settings import BROKER, ENGINE, LEASE, RATES, TIME_LIMIT
from samples import PHOTOS
from tests.faults import disk
from tests.faults.flight import LARGE, shut
from tests.faults.hanging import frozen
from tests.faults.house import LEAST, House, Web, until
from tests.faults.ledger import settle, waiting
from tests.faults.machines import Machines
from tests.faults.recovered import recovers
from tests.faults.serve import CLOCK
from tests.registry.server import Server
from tests.servers.redis import Redis

pytest.importorskip("celery")
COUNT = 4


@pytest.fixture(scope="module")
def machines(
    tmp_path_factory: pytest.TempPathFactory, house_of: Callable[..., House], database: Server,
    broker: Redis,
) -> Iterator[Machines]:  # fmt: skip
    place = tmp_path_factory.mktemp("machines")
    small, tables = disk.made(place), disk.made(database.folder("small"))
    clock = place / "clock"
    clock.write_text("0")
    name = database.on(tables.place) if tables else database.create()
    house = house_of(
        small.place / "work" if small else None, database.url(name),
        **{
            ENGINE: "celery", BROKER: broker.url, LEASE: "5", CLOCK: str(clock),
            RATES: broker.counting, LEVEL: "warning",
        },
    )  # fmt: skip
    yield Machines(house, small, tables, broker, clock, house.web())
    house.stop()
    if tables and database.runs:
        database.off(name)
    for one in (small, tables):
        if one:
            one.end()


def test_all_are_killed_while_photos_come(
    machines: Machines, database: Server, broker: Redis
) -> None:
    flight = machines.flight()
    assert machines.web.ready()["workers"] == "ready.no_workers"

    def in_the_middle_of(fault: str) -> threading.Thread:
        """Many wait, some are answered, more come."""
        with machines.full(flight, f"waits: {fault}", COUNT) as there:
            pass
        return flight.comes(fault, COUNT, there)

    coming = in_the_middle_of("a worker is killed")
    machines.workers[0].kill()  # with what it had
    coming.join()
    coming = in_the_middle_of("Redis is killed")
    broker.kill()
    until(lambda: machines.web.ready().get("broker") == "ready.broker_away", "what is wrong")
    coming.join()  # photos are accepted all the same
    broker.start()  # empty
    coming = in_the_middle_of("a reader is killed")
    os.kill(machines.workers[0].readers()[0], signal.SIGKILL)
    coming.join()
    coming = in_the_middle_of("the web server is killed")
    machines.web.kill()
    machines.web = machines.house.web()
    coming.join()
    coming = in_the_middle_of("PostgreSQL is killed")
    database.kill()
    assert machines.web.ready()["store"] == "ready.store_away"
    database.start()
    coming.join()
    flight.balanced()
    _well(machines)


def test_an_answer_waits_for_a_disk_that_takes_nothing(machines: Machines) -> None:
    """A certificate that is really read: its pictures have to be stored with the answer."""
    small = machines.disk
    if small is None:
        pytest.skip("only root makes a disk of its own")
    settle(machines.house)
    flight = machines.flight()

    def told() -> None:
        flight.refused("work.storage", LARGE)
        assert machines.web.ready()["disk"] == "ready.disk_away"
        until(lambda: waiting(machines.house) == 1, "answers to all that need no disk")

    machines.two()
    with shut(machines.house):
        photo = min(PHOTOS.glob("*.jpg")).read_bytes()
        flight.ledger.send([photo], lambda: machines.web.url)
        flight.fill("behind a certificate", COUNT)
        flight.strikes("the disk may only be read, then is full")
        small.read_only()
    until(lambda: any("an answer waits" in one.said() for one in machines.workers), "an answer")
    told()
    small.fill()
    small.writable()
    told()
    small.free()
    flight.balanced({"None": 1})
    _well(machines)


def test_a_database_whose_disk_is_full(machines: Machines) -> None:
    """It changes rows in their place for a while, and takes no new ones."""
    if machines.tables is None:
        pytest.skip("only root makes a disk of its own")
    flight = machines.flight()
    with machines.full(flight, "the database has no room", COUNT):
        flight.strikes("PostgreSQL's disk is full")
        machines.tables.fill()
    flight.refused("work.storage")
    assert machines.web.ready()["store"] == "ready.store_away"
    machines.tables.free()
    flight.balanced()
    _well(machines)


def test_a_broker_without_room(machines: Machines, tmp_path: Path) -> None:
    """First of memory, then on its disk: it answers, and takes nothing."""
    flight, broker, small = machines.flight(), machines.broker, disk.made(tmp_path)

    def refuses(fault: str) -> None:
        assert machines.web.ready().get("broker") is None
        flight.strikes(fault)

    def told() -> None:
        flight.send(f"taken all the same, {len(flight.struck)}", 2)
        until(lambda: machines.web.ready().get("broker") == "ready.broker_refuses", "what is wrong")

    workers = machines.two()
    with machines.full(flight, "no memory", COUNT):
        refuses("Redis has no memory left")
        broker.asked("CONFIG", "SET", "maxmemory", "1")
        told()
    until(lambda: any("OutOfMemory" in one.said() for one in workers), "a worker that is refused")
    broker.asked("CONFIG", "SET", "maxmemory", "0")
    _well(machines)
    if small is not None:
        with machines.full(flight, "no disk", COUNT):
            refuses("Redis' disk is full")
            broker.keeps_in(small.place)
            small.fill()
            assert not broker.saves()
            told()
        until(lambda: any("MISCONF" in one.said() for one in workers), "a worker that is refused")
        small.free()
        assert broker.saves()
        broker.keeps_nothing()
        small.end()
    flight.balanced()
    _well(machines)
    assert workers == machines.two(), "a worker ended"


def test_a_worker_that_stands_still_is_done_without(machines: Machines) -> None:
    """Also where it was the one that keeps order; when it goes on, its answer is too late."""
    flight = machines.flight()
    lock = machines.house.folder / "keeper.lock"
    until(lambda: _holder(lock) in {one.pid for one in machines.two()}, "one that keeps order")
    (still,) = (one for one in machines.workers if one.pid == _holder(lock))
    photo = machines.hang("a worker stands still", still, flight, COUNT)
    with frozen(still):
        photo.for_others()
        settle(machines.house)
    photo.go_on()
    until(lambda: "an answer came too late" in still.said(), "a late answer")
    flight.balanced()


def test_workers_that_are_asked_to_end(machines: Machines) -> None:
    """Once: what is begun is ended. More often, or with SIGQUIT: it is left to another."""
    flight = machines.flight()
    first, _ = machines.two()
    photo = machines.hang("asked once to end", first, flight, COUNT)
    first.tell(signal.SIGTERM)
    until(lambda: waiting(machines.house) == 1, "photos of another worker")
    assert not first.gone
    photo.go_on()
    assert first.ended() == 0
    assert waiting(machines.house) == 0
    once, twice, thrice = signal.SIGTERM, signal.SIGINT, signal.SIGHUP
    for signals, status in (
        ((once, twice), 0), ((signal.SIGQUIT,), 0), ((once, twice, thrice), 1),
    ):  # fmt: skip
        (last,) = (one for one in machines.workers if not one.gone)
        names = "+".join(one.name for one in signals)
        photo = machines.hang(f"asked to end with {names}", last, flight, COUNT)
        if status:  # what the second asks for cannot be done
            os.kill(last.readers()[0], signal.SIGSTOP)
        last.tell(*signals)
        assert last.ended() == status
        photo.for_others()
        machines.add()
        settle(machines.house)
        photo.give_up()
    flight.balanced()


def test_a_reader_that_hangs_is_ended(machines: Machines) -> None:
    """It takes no signal but the last; others go on meanwhile."""
    flight = machines.flight()
    machines.house.more = {**machines.house.more, TIME_LIMIT: str(5 + LEAST // 50)}
    hasty = machines.add()
    machines.house.more = {**machines.house.more, TIME_LIMIT: "180"}
    until(lambda: bool(hasty.readers()), "a reader")
    photo = machines.hang("a reader hangs", hasty, flight, COUNT)
    os.kill(hasty.readers()[0], signal.SIGSTOP)
    settle(machines.house)
    photo.give_up()
    flight.balanced({"check.timeout": 1})


def test_clocks_that_jump_delete_nothing(machines: Machines) -> None:
    flight = machines.flight()
    machines.two()
    for by in (dt.timedelta(days=10), dt.timedelta(hours=-5)):
        with machines.full(flight, f"before: {by}", COUNT):
            flight.strikes(f"clocks jump by {by}")
            machines.set(by)
        until(lambda: jumped(machines.house.folder), "whoever sweeps to look at the clock")
        assert machines.web.ready()["clock"] == "ready.clock_apart"
        flight.send(f"{by}", 2)
        settle(machines.house)
        machines.set(dt.timedelta())
        until(lambda: not jumped(machines.house.folder), "the right time")
    assert "clock" not in machines.web.ready()
    flight.balanced()
    some = list(flight.ledger.accepted.values())[:: 1 + LEAST // 5]
    assert all(machines.web.page(f"/checks/{one}")[0] == 200 for one in some)


def test_a_database_of_yesterday(machines: Machines, database: Server, tmp_path: Path) -> None:
    house, flight, later = machines.house, machines.flight(), machines.flight()
    with machines.full(flight, "yesterday", COUNT):
        backup = database.copy(house.store)
    today = machines.web.send(b"today", "phone 1").json()["id"]
    settle(house)
    with shut(house):
        later.fill("waits today", COUNT)
        later.strikes("a database of yesterday is put back")
        for one in (machines.web, *machines.workers):
            one.kill()
    flight.struck = later.struck
    lost = [b"today", *later.photos]
    recovers(house, lost, tmp_path, lambda: _restored(machines, backup, today))
    flight.balanced()


def _restored(machines: Machines, url: str, today: str) -> Web:
    """Everything begins anew with another database."""
    machines.house.store = url
    machines.add()
    machines.web = machines.house.web()
    assert machines.web.page(f"/checks/{today}")[0] == 404
    return machines.web


def _well(machines: Machines) -> None:
    until(lambda: set(machines.web.ready()) <= {"disk"}, "all that is well again")


def _holder(path: Path) -> int | None:
    """Whose lock a file is."""
    try:
        number = path.stat().st_ino
    except FileNotFoundError:  # nobody's yet
        return None
    lines = map(str.split, Path("/proc/locks").read_text().splitlines())
    return next((int(one[4]) for one in lines if one[5].endswith(f":{number}")), None)
