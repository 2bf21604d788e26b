"""What would break: photos lost, or a server that has to be restarted, for a disk that was full."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from certcheck.runner.settings import TIME_LIMIT
from tests.faults import disk
from tests.faults.disk import Disk
from tests.faults.flight import LARGE, Flight, shut
from tests.faults.hanging import Hanging
from tests.faults.house import LEAST, House, Web, until
from tests.faults.ledger import settle, waiting

COUNT = 4


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Disk]:
    made = disk.made(tmp_path)
    if made is None:
        pytest.skip("only root makes a disk of its own, with mkfs.ext4 and mount")
    yield made
    made.end()


def readers_end(server: Web) -> None:
    until(lambda: len(server.readers()) > 0, "a reader")
    os.kill(server.readers()[0], signal.SIGKILL)


def test_a_disk_that_is_full_then_fails_then_is_repaired(
    small: Disk, house_of: Callable[..., House]
) -> None:
    """One server through all of it, and the next one after the repair."""
    folder = small.place / "work"
    house = house_of(folder, **{TIME_LIMIT: str(5 + LEAST // 50), "TMPDIR": str(small.place)})
    now = [house.web()]
    flight = Flight(house, lambda: now[0])
    assert set(now[0].ready()) <= {"disk"}  # smaller than what is thought enough
    with shut(house):
        there = flight.fill("before", COUNT)
    flight.begun(there)
    flight.strikes("a reader is killed")
    readers_end(now[0])
    settle(house)
    with shut(house):
        photo = Hanging(house, now[0], "endless")
        flight.ledger.accepted["endless"] = photo.id
        flight.fill("while a reader hangs", COUNT)
    photo.begun()
    flight.strikes("a reader hangs")
    os.kill(now[0].readers()[0], signal.SIGSTOP)  # it takes no signal but the last
    settle(house)
    photo.give_up()
    with shut(house):
        flight.fill("when there is no more room", COUNT)
        flight.strikes("the disk is full")
        small.fill()
    flight.refused("work.storage", LARGE)
    status, page = now[0].page()
    assert status == 200 and "<form" in page
    assert now[0].ready()["disk"] == "ready.disk_away"
    small.free()
    settle(house)
    with shut(house):
        flight.fill("when the disk fails", COUNT)
        flight.strikes("the disk fails")
        small.fail()
    wrong = now[0].ready()
    assert (wrong["disk"], wrong["store"]) == ("ready.disk_away", "ready.store_away")
    flight.refused("work.storage")
    now[0].kill()
    small.repair()
    assert waiting(house) >= max(LEAST, COUNT)
    now[0] = house.web()
    flight.send("after the repair", 2)
    flight.balanced({"check.timeout": 1})
