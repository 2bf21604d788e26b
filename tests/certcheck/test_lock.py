"""What would break: two servers do the same work twice, or nobody does it after a power cut."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sqlalchemy import text
from sqlmodel import Session

from certcheck.runner.lock import held, sole
from certcheck.runner.work import Work
from tests.certcheck.work_store import settings, until
from tests.servers.databases import WorkDatabases

_HOLDER = (
    "import sys, time; from pathlib import Path; from certcheck.runner.lock import held\n"
    "with held(Path(sys.argv[1])) as mine: print(mine, flush=True); time.sleep(600)"
)


def test_one_holds_it_and_the_next_when_he_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with held(path) as first, held(path) as second:
        assert (first, second) == (True, False)
    with held(path) as again:
        assert again


def test_who_is_killed_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    command = [sys.executable, "-c", _HOLDER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        with held(path) as mine:
            assert not mine
        other.kill()
        other.wait()
    with held(path) as mine:
        assert mine


def test_of_two_machines_one_does_what_only_one_may(
    work_databases: WorkDatabases, tmp_path: Path
) -> None:
    """And it knows when it no longer does: its connection went, and with it the lock."""
    url = work_databases.own()
    first, second, third = (Work(settings(tmp_path / name, url=url)) for name in "abc")
    with sole(first, "a") as ours, sole(second, "a") as theirs, sole(second, "b") as other:
        assert (ours(), theirs(), other()) == (True, False, True)
        with Session(second.engine) as opened:
            ended = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            opened.connection().execute(text(ended))
        assert not ours()
        with sole(third, "a") as taken_over:
            assert taken_over()
    with sole(first, "a") as again:
        assert again()
    for one in (first, second, third):
        one.close()


def test_who_stands_still_loses_what_only_one_may_do(
    work_databases: WorkDatabases, tmp_path: Path
) -> None:
    """Its connection lives, as it is the kernel's; so the database ends it when nobody asks."""
    url = work_databases.own()
    first, second = (Work(settings(tmp_path / name, url=url)) for name in "ab")
    with sole(first, "a", silent_ms=50) as ours:
        assert ours()
        until(lambda: _taken(second))
        assert not ours()
    for one in (first, second):
        one.close()


def _taken(work: Work) -> bool:
    with sole(work, "a") as ours:
        return ours()
