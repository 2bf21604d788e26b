"""What would break: what was there before an upgrade is not found after it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Connection

from certcheck.runner.store import migrate
from registry import store
from tests.registry.server import Server

MOMENT = "2026-11-20 02:00:00"
JOB = {
    "key": "k", "sha256": "s", "size": 1, "wish": "{}", "revision": "r", "status": "done",
    "priority": 0, "deaths": 0, "interruptions": 0, "queued_at": MOMENT,
}  # fmt: skip
ARCHIVED = {
    "root": "c", "check_id": "c", "page": 1, "part": 1, "checked_at": MOMENT, "day": "2026-11-20",
    "corrected": False, "online": False, "held": False,
    **dict.fromkeys(
        ("number", "number_key", "lab_id", "lab", "signatory", "conclusion", "verdict", "who",
         "market", "stall", *(f"item{item}" for item in range(1, 9))), "",
    ),
}  # fmt: skip
AROUND = {
    "check_id": "c", "owner": "o", "key": "k", "market": "", "stall": "", "note": "去年买的",
    "code": "", "captured_at": MOMENT, "received_at": MOMENT,
}  # fmt: skip


def put(connection: Connection, table: str, row: dict[str, object]) -> None:
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)  # noqa: S608


@pytest.mark.parametrize("database", store.DATABASES)
def test_reports_and_notes_of_before_are_known_by_their_own_tables(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path / 'work.sqlite'}"
    if database != "sqlite":
        server: Server = request.getfixturevalue("server")
        url = server.url(server.create())
    engine = store.make_engine(store.parse_url(url))
    with engine.begin() as connection:
        migrate(connection, "0016")
        for key, reports in (
            ("a", [{"id": "r1"}, {"id": "r2"}]),
            ("b", [{"id": "r1"}, {}]),
            ("c", None),
        ):
            told = json.dumps(reports) if reports else None
            put(connection, "work_jobs", {**JOB, "key": key, "reports": told})
        put(connection, "work_circumstances", AROUND)
        put(connection, "work_archive", ARCHIVED)
        put(connection, "work_archive", {**ARCHIVED, "root": "d"})
    with engine.begin() as connection:
        migrate(connection)
        names = connection.execute(text("SELECT report_id, job_id FROM work_reports")).all()
        notes = connection.execute(text("SELECT root, note FROM work_archive")).all()
    engine.dispose()
    assert sorted(map(tuple, names)) == [("r1", 1), ("r1", 2), ("r2", 1)]
    assert sorted(map(tuple, notes)) == [("c", "去年买的"), ("d", "")]
