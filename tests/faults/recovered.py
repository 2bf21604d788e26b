"""What an administrator finds after a database of yesterday was put back, and does about it."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from certcheck import audit
from certcheck.audit.verify import verify
from certcheck.runner.blobs import GRACE
from certcheck.runner.work import Work
from registry import store
from tests.faults.house import House, Web, until


def recovers(
    house: House, lost: Sequence[bytes], place: Path, restore: Callable[[], Web],
    then: Callable[[Web], None] = lambda _: None,
) -> None:  # fmt: skip
    """Puts the older database back, looks what is said of it, and recovers.

    Args:
        house: of the servers.
        lost: photos of which the older database knows nothing.
        place: for what is handed out.
        restore: puts the older database in the place of the present one; returns a server.
        then: what happens before anybody recovers.
    """
    work = Work(house.settings())
    _grown_old(house.folder)  # files of photos that were refused for want of a row go now
    work.sweep()  # also writes down where the log ends
    work.close()
    server = restore()
    paths = [_path(house, one) for one in lost]
    _grown_old(house.folder)
    assert server.ready()["log"] == "ready.older"
    then(server)
    work = Work(house.settings())
    work.sweep()
    assert all(one.exists() for one in paths), "photos of which the older database knows nothing"
    assert verify(work.engine, house.folder).difference is not None
    told = house.command("recover", "--out", str(place / "out"))
    assert told.ended() == 0 and str(place / "out") in told.said(), told.said()
    assert sorted(one.read_bytes() for one in (place / "out").iterdir()) == sorted(lost)
    until(lambda: set(server.ready()) <= {"disk"}, "a server that is well again")
    assert verify(work.engine, house.folder).difference is None
    with store.session(work.engine) as opened:
        (gap,) = audit.about(opened, [("work", "store")])
    assert gap.what == "work.recovered" and gap.told["files"] == len(lost)
    work.sweep()
    work.close()
    assert not any(one.exists() for one in paths)


def _path(house: House, photo: bytes) -> Path:
    name = hashlib.sha256(photo).hexdigest()
    return house.folder / "files" / name[:2] / name


def _grown_old(folder: Path) -> None:
    """As if the files had come the day before."""
    long_ago = (dt.datetime.now(dt.UTC) - 3 * GRACE).timestamp()
    for one in (folder / "files").rglob("*"):
        os.utime(one, (long_ago, long_ago))
