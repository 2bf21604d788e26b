"""What would break: a database of yesterday, put back, costs today's photos, or nobody notices."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from certcheck.runner.store import FILE
from tests.faults.flight import Flight, shut
from tests.faults.house import House, Web
from tests.faults.ledger import settle
from tests.faults.recovered import recovers

COUNT = 3


def test_a_database_of_yesterday(house_of: Callable[..., House], tmp_path: Path) -> None:
    house = house_of()
    now = [house.web()]
    flight = Flight(house, lambda: now[0])
    flight.send("yesterday", 2)
    settle(house)
    with shut(house):
        flight.fill("waits since yesterday", COUNT)
        backup = tmp_path / "backup.sqlite"
        with sqlite3.connect(house.folder / FILE) as live, sqlite3.connect(backup) as copy:
            live.backup(copy)
    server = now[0]
    today = server.send(b"today", "phone 1").json()["id"]
    gone = server.send(b"deleted since", "phone 2").json()["id"]
    settle(house)
    others = Flight(house, lambda: now[0])
    with shut(house):
        others.fill("waits today", COUNT)
        others.strikes("a database of yesterday is put back")
        assert server.stop() == 0

    def restore() -> Web:
        for end in ("", "-wal", "-shm"):
            (house.folder / (FILE + end)).unlink(missing_ok=True)
        shutil.copy(backup, house.folder / FILE)
        # A row whose file is gone.
        name = hashlib.sha256(b"yesterday 1").hexdigest()
        (house.folder / "files" / name[:2] / name).unlink()
        now[0] = house.web()
        return now[0]

    def send_again(server: Web) -> None:
        """What a phone has not seen acknowledged it sends again, under its own name for it."""
        assert server.page(f"/checks/{today}")[0] == 404
        known = list(flight.ledger.accepted.values())[: COUNT + 2]
        assert all(server.page(f"/checks/{one}")[0] == 200 for one in known)
        again = server.send(b"deleted since", "phone 2")
        assert again.status_code == 202 and again.json()["id"] != gone
        same = server.send(b"deleted since", "phone 2")
        assert same.json()["id"] == again.json()["id"]
        settle(house)

    flight.struck = others.struck
    recovers(house, [b"today", *others.photos], tmp_path, restore, send_again)
    flight.balanced()
