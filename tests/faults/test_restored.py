"""What would break: a database of yesterday, put back, costs today's photos, or nobody notices."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from certcheck.runner.store import FILE
from tests.faults.house import House, Web
from tests.faults.ledger import Ledger, balance, settle
from tests.faults.recovered import recovers


def test_a_database_of_yesterday(house_of: Callable[..., House], tmp_path: Path) -> None:
    house, ledger = house_of(), Ledger()
    server = house.web()
    ledger.send([b"yesterday 1", b"yesterday 2"], lambda: server.url)
    settle(house)
    backup = tmp_path / "backup.sqlite"
    with sqlite3.connect(house.folder / FILE) as live, sqlite3.connect(backup) as copy:
        live.backup(copy)
    today = server.send(b"today", "phone 1").json()["id"]
    gone = server.send(b"deleted since", "phone 2").json()["id"]
    settle(house)
    assert server.stop() == 0

    def restore() -> Web:
        for end in ("", "-wal", "-shm"):
            (house.folder / (FILE + end)).unlink(missing_ok=True)
        shutil.copy(backup, house.folder / FILE)
        # A row whose file is gone.
        shutil.rmtree(house.folder / "files" / hashlib.sha256(b"yesterday 2").hexdigest()[:2])
        return house.web()

    def send_again(server: Web) -> None:
        """What a phone has not seen acknowledged it sends again, under its own name for it."""
        assert server.page(f"/checks/{today}")[0] == 404
        assert all(server.page(f"/checks/{one}")[0] == 200 for one in ledger.accepted.values())
        again = server.send(b"deleted since", "phone 2")
        assert again.status_code == 202 and again.json()["id"] != gone
        same = server.send(b"deleted since", "phone 2")
        assert same.json()["id"] == again.json()["id"]
        settle(house)

    recovers(house, [b"today"], tmp_path, restore, send_again)
    assert balance(house, ledger).lost == balance(house, ledger).doubled == 0
