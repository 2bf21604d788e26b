"""What would break: photos lost, or a server that has to be restarted, for a disk that was full."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from certcheck import messages
from certcheck.runner.settings import TIME_LIMIT
from tests.faults import disk
from tests.faults.disk import Disk
from tests.faults.hanging import Hanging
from tests.faults.house import House, Web, until
from tests.faults.ledger import Balance, Ledger, balance, settle, waiting

# Larger than what a server keeps in memory of an upload.
LARGE = b"no photo" * 2**18
UNKNOWN = "photo.unknown_format"


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Disk]:
    made = disk.made(tmp_path)
    if made is None:
        pytest.skip("only root makes a disk of its own, with mkfs.ext4 and mount")
    yield made
    made.end()


def told(server: Web, code: str) -> None:
    """A program and a person are told what it is and what to do, and when to come again."""
    answer = server.send(LARGE)
    assert (answer.status_code, answer.json()["code"]) == (503, code)
    assert int(answer.headers["Retry-After"]) > 0
    step = messages.next_step(code)
    assert step is not None and answer.json()["next_step"] == step.zh
    status, page = server.page()
    assert status == 200 and "<form" in page


def readers_end(server: Web) -> None:
    until(lambda: len(server.readers()) > 0, "a reader")
    os.kill(server.readers()[0], signal.SIGKILL)


@contextlib.contextmanager
def hanging(server: Web, house: House, ledger: Ledger) -> Iterator[None]:
    """A reader in the middle of a photo that never ends, and that takes no signal but the last."""
    readers_end(server)
    until(lambda: not server.readers(), "the end of a reader")
    photo = Hanging(house, server, "endless")  # before the next reader has started
    ledger.accepted["endless"] = photo.id
    photo.begun()
    os.kill(server.readers()[0], signal.SIGSTOP)
    yield
    photo.give_up()


def test_a_disk_that_is_full_then_fails_then_is_repaired(
    small: Disk, house_of: Callable[..., House]
) -> None:
    """One server through all of it, and the next one after the repair."""
    folder = small.place / "work"
    house = house_of(folder, **{TIME_LIMIT: "5", "TMPDIR": str(small.place)})
    server, ledger = house.web(), Ledger()
    assert set(server.ready()) <= {"disk"}  # smaller than what is thought enough

    def some(count: int, name: str) -> None:
        photos = [f"{name} {number}".encode() for number in range(count)]
        ledger.send(photos, lambda: server.url)

    some(12, "before")
    readers_end(server)
    some(4, "after a reader was killed")
    settle(house)
    with hanging(server, house, ledger):
        some(3, "while a reader hangs")
        settle(house)
    small.fill()
    told(server, "work.storage")
    assert server.ready()["disk"] == "ready.disk_away"
    small.free()
    some(3, "with room again")
    settle(house)
    readers_end(server)
    some(2, "waiting when the disk fails")
    small.fail()
    wrong = server.ready()
    assert (wrong["disk"], wrong["store"]) == ("ready.disk_away", "ready.store_away")
    assert server.send(b"nothing is taken").status_code == 503
    server.kill()
    small.repair()
    assert waiting(house) > 0
    server = house.web()
    some(2, "after the repair")
    settle(house)
    found = balance(house, ledger)
    assert found.errors == {UNKNOWN: 26, "check.timeout": 1}
    assert found == Balance(27, 0, 0, (), found.errors)
