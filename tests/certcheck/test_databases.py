"""What would break: a test that finds what another left in a database, or tables it changed."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from certcheck.runner.work import Work
from tests.certcheck.work_store import send, settings
from tests.servers.databases import WorkDatabases


def opened(url: str, folder: Path) -> Work:
    return Work(settings(folder, url=url))


def test_a_database_is_handed_on_empty(work_databases: WorkDatabases, tmp_path: Path) -> None:
    urls = set()
    for _ in "ab":
        urls.add(url := work_databases.next())
        work = opened(url, tmp_path)
        send(work, b"photo")
        with work.engine.connect() as connection:
            assert connection.execute(text("SELECT id FROM work_jobs")).scalars().all() == [1]
        work.close()
    assert len(urls) == 1


def test_what_was_changed_or_is_used_is_not(work_databases: WorkDatabases, tmp_path: Path) -> None:
    first = work_databases.next()
    work = opened(first, tmp_path)
    with work.engine.begin() as connection:
        connection.execute(text("ALTER TABLE work_jobs ADD COLUMN other INTEGER"))
    work.close()
    second = work_databases.next()
    assert second != first
    work = opened(second, tmp_path)
    with work.engine.connect():
        assert work_databases.next() not in (first, second)
    work.close()
