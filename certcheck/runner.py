"""Where checks run: a pool of processes on this machine.

A photo that crashes or hangs a decoder takes its own process with it, not the batch: the
process is replaced and the photo gets a report that says so. Each process opens the
registry and loads the models once. The same seam later takes other engines.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses as dc
import multiprocessing
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pebble

from certcheck import check
from certcheck.check import Wish
from certcheck.errors import CheckCrashedError, CheckTimeoutError, explain
from certcheck.report import Report
from registry import store
from registry.lookup import Registry

# A slow phone photo takes a few seconds; what takes this long never ends.
TIME_LIMIT_S = 180
# Photos waiting for a process; the rest of a large folder stays on disk.
AHEAD = 4

_registry: Registry | None = None


@dc.dataclass(frozen=True, slots=True)
class Task:
    """One photo to check.

    Attributes:
        path: the photo.
        name: the name to report.
    """

    path: Path
    name: str


def default_workers() -> int:
    """As many as there are cores: each reads with few threads."""
    return max(1, len(os.sched_getaffinity(0)))


def run(
    tasks: Iterable[Task],
    registry: Registry,
    url: str | None,
    wish: Wish,
    workers: int,
    time_limit: float = TIME_LIMIT_S,
) -> Iterator[tuple[Task, list[Report]]]:
    """Checks photos in processes of their own.

    Args:
        tasks: the photos; taken as processes become free.
        registry: for reports of photos whose process died.
        url: the registry's database, opened again in each process.
        wish: how to check.
        workers: number of processes.
        time_limit: seconds a photo may take.

    Yields:
        Each photo with its reports, as they are done.
    """
    context = multiprocessing.get_context("spawn")
    waiting: dict[concurrent.futures.Future[list[Report]], Task] = {}
    with pebble.ProcessPool(workers, initializer=_open, initargs=(url,), context=context) as pool:
        try:
            for task in tasks:
                future = pool.schedule(_check, args=[task, wish], timeout=time_limit)
                waiting[future] = task
                if len(waiting) >= workers * AHEAD:
                    yield from _done(waiting, registry, wish)
            while waiting:
                yield from _done(waiting, registry, wish)
        except BaseException:
            pool.stop()  # type: ignore[no-untyped-call]
            raise


def _done(
    waiting: dict[concurrent.futures.Future[list[Report]], Task], registry: Registry, wish: Wish
) -> Iterator[tuple[Task, list[Report]]]:
    done, _ = concurrent.futures.wait(waiting, return_when=concurrent.futures.FIRST_COMPLETED)
    for future in done:
        task = waiting.pop(future)
        try:
            yield task, future.result()
        except concurrent.futures.TimeoutError:
            yield task, [_lost(task, registry, wish, CheckTimeoutError())]
        except (pebble.ProcessExpired, OSError):
            yield task, [_lost(task, registry, wish, CheckCrashedError())]


def _lost(
    task: Task, registry: Registry, wish: Wish, error: CheckTimeoutError | CheckCrashedError
) -> Report:
    try:
        data = task.path.read_bytes()
    except OSError:
        data = b""
    return check.failed(task.name, data, registry, wish, explain(error))


def _open(url: str | None) -> None:
    global _registry  # noqa: PLW0603 - one registry a process, opened by its initializer
    _registry = Registry(store.open_registry(url))


def _check(task: Task, wish: Wish) -> list[Report]:
    assert _registry is not None  # noqa: S101 - the initializer ran
    return check.check_file(task.path, _registry, wish, task.name)
