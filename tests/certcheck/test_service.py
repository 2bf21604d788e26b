"""What would break: one photo that kills its reader holds up all the others, or is lost."""

from __future__ import annotations

import multiprocessing
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path, PosixPath
from typing import Any

import pytest

from certcheck.runner.limits import MEMORY_BYTES
from certcheck.runner.pool import Lost, Pool, answer_of
from certcheck.runner.queue import MOST_DEATHS, Queue
from certcheck.runner.service import Service
from certcheck.runner.tables import Status
from certcheck.runner.work import Work
from registry.errors import DatabaseUnreachableError
from registry.lookup import Registry
from tests.certcheck.work_store import send, settings, standing, until

SMALL_MEMORY = 2**30
NICE = 3


class Deadly(PosixPath):
    """A folder that kills the process it is sent to."""

    def __reduce__(self) -> Any:
        return os._exit, (3,)


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Work]:
    made = Work(settings(tmp_path / "work", time_limit=30, nice=NICE))
    yield made
    made.close()


def code(work: Work, check_id: str) -> str:
    (report,) = standing(work, check_id).reports
    return str(report["error"]["code"])


def done(work: Work, check_id: str) -> bool:
    return standing(work, check_id).status is Status.DONE


def test_a_deadly_photo_is_set_aside_and_the_next_is_answered(
    work: Work, demo_registry: Registry, demo_url: str
) -> None:
    told: list[str | None] = []
    service = Service(work, demo_registry, demo_url, lambda code, _w, _s: told.append(code))
    folder = work.blobs.folder
    deadly = send(work, b"deadly")
    work.blobs.folder = Deadly(folder)
    service.start()
    until(lambda: done(work, deadly))
    work.blobs.folder = folder
    harmless = send(work, b"no picture")
    until(lambda: done(work, harmless))
    service.stop()
    assert code(work, deadly) == "check.set_aside"
    assert code(work, harmless) == "photo.unknown_format"
    crashes = ["check.crashed"] * (MOST_DEATHS - 1)
    assert told == [*crashes, "check.set_aside", "photo.unknown_format"]


def test_one_server_works_and_the_next_takes_over_what_it_left(
    work: Work, demo_registry: Registry, demo_url: str
) -> None:
    """Two at once would do every photo twice; a photo in work must survive its server."""
    pipe = send(work, b"photo")
    path = _stored(work)
    path.unlink()
    os.mkfifo(path)  # whoever reads this photo never ends
    first = Service(work, demo_registry, demo_url)
    first.start()
    until(lambda: standing(work, pipe).status is Status.RUNNING)
    (reader,) = multiprocessing.active_children()
    # Pages go first: whoever reads stands back behind the server itself, once it has begun.
    steps = min(19, os.nice(0) + NICE)
    until(lambda: os.getpriority(os.PRIO_PROCESS, reader.pid or 0) == steps)
    second = Service(work, demo_registry, demo_url)
    second.start()
    first.stop()
    path.unlink()
    path.write_bytes(b"photo")
    until(lambda: done(work, pipe))
    second.stop()
    assert code(work, pipe) == "photo.unknown_format"


def test_what_nobody_took_and_nobody_could_give_back_is_taken_again(
    work: Work, demo_registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pool breaks while the database is away: else it runs, by the record, until a restart."""

    class Broken:
        def submit(self, *_: object) -> None:
            raise RuntimeError

    def away(*_: object) -> None:
        raise DatabaseUnreachableError()

    service, check_id = Service(work, demo_registry, None), send(work, b"photo")
    with monkeypatch.context() as patch, pytest.raises(DatabaseUnreachableError):
        patch.setattr(Queue, "give_back", away)
        service._turn(Broken())  # type: ignore[arg-type]
    assert standing(work, check_id).status is Status.RUNNING
    service._turn(Broken())  # type: ignore[arg-type]
    assert standing(work, check_id).status is Status.QUEUED


def test_a_registry_that_is_away_costs_no_photo(
    work: Work, demo_registry: Registry, tmp_path: Path
) -> None:
    """An outage says nothing of a certificate; what was accepted meanwhile waits for its end."""
    told: list[str | None] = []
    url = f"sqlite:///{tmp_path / 'later' / 'registry.sqlite'}"
    service = Service(work, demo_registry, url, lambda code, _w, _s: told.append(code))
    check_id = send(work, b"no picture")
    service.start()
    until(lambda: len(told) > 0)
    (tmp_path / "later").mkdir()
    until(lambda: done(work, check_id))
    service.stop()
    assert told[0] == "registry.database_unreachable"
    assert code(work, check_id) == "photo.unknown_format"


def _stored(work: Work) -> Path:
    (path,) = (one for one in work.blobs.folder.rglob("*") if one.is_file())
    return path


def _fill(megabytes: int, _: Registry) -> int:
    """Writes to so much memory."""
    return len(bytearray(megabytes * 2**20))


def _limits(_: None, __: Registry) -> tuple[int, int, int]:
    score = int(Path("/proc/self/oom_score_adj").read_text())
    data, core = (
        resource.getrlimit(one)[0] for one in (resource.RLIMIT_DATA, resource.RLIMIT_CORE)
    )
    return data, core, score


def test_memory_is_limited_and_the_pool_goes_on(demo_url: str) -> None:
    with Pool(1, demo_url, 60, SMALL_MEMORY) as pool:
        futures = [pool.submit(_fill, 2000), pool.submit(_fill, 10), pool.submit(_limits, None)]
        for one in futures:
            one.exception(60)
    assert answer_of(futures[0]) is Lost.DIED
    assert answer_of(futures[1]) == 10 * 2**20
    data, core, score = answer_of(futures[2])  # type: ignore[misc]
    assert (data, core) == (SMALL_MEMORY, 0)
    assert score > 0 and SMALL_MEMORY < MEMORY_BYTES


ORPHAN = """
import sys, time
from certcheck.runner.pool import Pool
from tests.certcheck.test_service import _sleep
if __name__ == "__main__":
    with Pool(1, sys.argv[1]) as pool:
        pool.submit(_sleep, sys.argv[2])
        time.sleep(600)
"""


def _sleep(marker: str, _: Registry) -> None:
    """Says which process it is in and never ends."""
    Path(marker).write_text(str(os.getpid()), encoding="ascii")
    time.sleep(600)


def test_processes_end_with_the_server_that_was_killed(tmp_path: Path, demo_url: str) -> None:
    """Else each kill would leave a reader behind, with its memory, at a photo nobody awaits."""
    script, marker = tmp_path / "orphan.py", tmp_path / "pid"
    script.write_text(ORPHAN, encoding="utf-8")
    root = Path(__file__).parents[2]
    server = subprocess.Popen(
        [sys.executable, str(script), demo_url, str(marker)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    until(lambda: marker.exists() and marker.read_text() != "")
    pid = int(marker.read_text())
    server.kill()
    server.wait()
    until(lambda: not _runs(pid))


def _runs(pid: int) -> bool:
    """Whether a process is there and no zombie that nobody has asked after."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
