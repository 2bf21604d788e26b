"""What would break: a database of yesterday, put back, costs today's photos, or nobody notices."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import requests

from certcheck import audit
from certcheck.audit.verify import verify
from certcheck.runner.blobs import GRACE
from certcheck.runner.store import FILE
from certcheck.runner.work import Work
from registry import store
from tests.faults.house import ROOT, House
from tests.faults.ledger import Ledger, balance, settle


def command(house: House, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "certcheck.cli", *words], cwd=ROOT, env=house.env, text=True,
        capture_output=True, check=False,
    )  # fmt: skip


def grown_old(folder: Path) -> None:
    """As if the files had come the day before."""
    long_ago = (dt.datetime.now(dt.UTC) - 3 * GRACE).timestamp()
    for one in (folder / "files").rglob("*"):
        os.utime(one, (long_ago, long_ago))


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
    Work(house.settings()).sweep()  # writes down where the log ends
    photo = house.folder / "files" / hashlib.sha256(b"yesterday 2").hexdigest()[:2]
    for end in ("", "-wal", "-shm"):
        (house.folder / (FILE + end)).unlink(missing_ok=True)
    shutil.copy(backup, house.folder / FILE)
    shutil.rmtree(photo)  # a row whose file is gone
    grown_old(house.folder)
    server = house.web()
    assert server.ready()["log"] == "ready.older"
    assert server.page(f"/checks/{today}")[0] == 404
    assert all(server.page(f"/checks/{one}")[0] == 200 for one in ledger.accepted.values())
    # What a phone has not seen acknowledged it sends again, under its own name for it.
    again = server.send(b"deleted since", "phone 2")
    assert again.status_code == 202 and again.json()["id"] != gone
    same = server.send(b"deleted since", "phone 2")
    assert same.json()["id"] == again.json()["id"]
    settle(house)
    work = Work(house.settings())
    work.sweep()
    kept = house.folder / "files" / hashlib.sha256(b"today").hexdigest()[:2]
    assert any(kept.iterdir()), "a photo of which the older database knows nothing"
    out = tmp_path / "out"
    assert verify(work.engine, house.folder).difference is not None
    told = command(house, "recover", "--out", str(out))
    assert told.returncode == 0 and str(out) in told.stderr
    assert [one.read_bytes() for one in out.iterdir()] == [b"today"]
    assert server.ready() == {}
    assert verify(work.engine, house.folder).difference is None
    with store.session(work.engine) as opened:
        (gap,) = audit.about(opened, [("work", "store")])
    assert gap.what == "work.recovered" and gap.told["files"] == 1
    work.sweep()
    work.close()
    assert not any(kept.iterdir())
    assert requests.get(f"{server.url}/readyz", timeout=30).ok
    assert balance(house, ledger).lost == balance(house, ledger).doubled == 0
