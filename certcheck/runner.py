"""Where checks run: a pool of processes on this machine.

A photo that crashes or hangs a decoder takes its own process with it, not the batch: the
process is replaced and the photo gets a report that says so. Each process opens the
registry and loads the models once. The same seam later takes other engines.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses as dc
import functools
import logging
import multiprocessing
import pickle
import signal
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from itertools import chain
from pathlib import Path

import pebble

from certcheck import check, files
from certcheck.check import Wish
from certcheck.errors import CheckCrashedError, CheckTimeoutError, Problem, explain
from certcheck.report import Report
from ocr import cores
from registry import store
from registry.errors import RegistryError
from registry.lookup import Registry, Revision

# A slow phone photo takes a few seconds; what takes this long never ends.
TIME_LIMIT_S = 180
# Photos waiting for a process; the rest of a large folder stays on disk.
AHEAD = 4
# Seconds between two looks whether the pool is still there.
_LOOK_S = 1.0

# What a process answers: the reports, or why it could make none.
Answer = list[Report] | Problem
Waiting = dict[concurrent.futures.Future[Answer], "Task"]


@dc.dataclass(frozen=True, slots=True)
class Task:
    """One photo to check.

    Attributes:
        path: the photo.
        name: the name to report.
    """

    path: Path
    name: str


@dc.dataclass(frozen=True, slots=True)
class _Job:
    """What all photos of a run have in common."""

    revision: Revision
    url: str | None
    wish: Wish
    workers: int
    time_limit: float


def default_workers() -> int:
    """As many as there are cores: each then reads on one."""
    return cores.available()


def run(
    tasks: Iterable[Task],
    registry: Registry,
    url: str | None,
    wish: Wish,
    workers: int,
    time_limit: float = TIME_LIMIT_S,
) -> Generator[tuple[Task, list[Report]], None, None]:
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

    Raises:
        RegistryError: the registry cannot be asked.
    """
    job = _Job(registry.revision, url, wish, workers, time_limit)
    left = iter(tasks)
    # A pool whose processes all died at once is of no more use; the next photos get a new one.
    for task in left:
        yield from _in_one_pool(chain((task,), left), job)


def _in_one_pool(tasks: Iterable[Task], job: _Job) -> Iterator[tuple[Task, list[Report]]]:
    """Checks photos until all are done or the pool is broken."""
    context = multiprocessing.get_context("spawn")
    waiting: Waiting = {}
    with pebble.ProcessPool(job.workers, context=context) as pool:
        try:
            _start(pool)
            for task in tasks:
                try:
                    future = _schedule(pool, task, job)
                except RuntimeError:  # the pool broke
                    yield task, [_lost(task, job, explain(CheckCrashedError()))]
                    break
                waiting[future] = task
                if len(waiting) >= job.workers * AHEAD:
                    yield from _done(pool, waiting, job)
            while waiting:
                yield from _done(pool, waiting, job)
        except BaseException:
            pool.stop()  # type: ignore[no-untyped-call]
            raise


def _start(pool: pebble.ProcessPool) -> None:
    """Starts the processes with Ctrl-C held back from them: stopping is this process's task.

    A signal mask goes over to threads and processes made under it, so also to those that
    the pool's threads make later.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        assert pool.active  # noqa: S101 - asking starts it
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _schedule(pool: pebble.ProcessPool, task: Task, job: _Job) -> concurrent.futures.Future[Answer]:
    # Packed, so that what breaks in unpacking breaks after the process has said which task
    # it took; until then it holds the pool's lock.
    packed = pickle.dumps(task)
    each = max(1, cores.available() // job.workers)
    return pool.schedule(_check, args=[packed, job.url, job.wish, each], timeout=job.time_limit)


def _done(
    pool: pebble.ProcessPool, waiting: Waiting, job: _Job
) -> Iterator[tuple[Task, list[Report]]]:
    done: set[concurrent.futures.Future[Answer]] = set()
    while not done:
        done, _ = concurrent.futures.wait(waiting, _LOOK_S, concurrent.futures.FIRST_COMPLETED)
        if not done and not pool.active:
            done = set(waiting)  # a broken pool forgets those it had not yet sent out
    for future in done:
        task = waiting.pop(future)
        answer = _answer(future)
        yield task, [_lost(task, job, answer)] if isinstance(answer, Problem) else answer


def _answer(future: concurrent.futures.Future[Answer]) -> Answer:
    if not future.done():
        return explain(CheckCrashedError())
    try:
        return future.result()
    except concurrent.futures.TimeoutError:
        return explain(CheckTimeoutError())
    except (pebble.ProcessExpired, BrokenProcessPool, OSError):
        return explain(CheckCrashedError())


def _lost(task: Task, job: _Job, problem: Problem) -> Report:
    return check.failed(task.name, files.sha256(task.path), job.revision, job.wish, problem)


@functools.cache
def _open(url: str | None) -> Registry:
    logging.basicConfig(level=logging.ERROR, format="%(name)s: %(message)s")
    return Registry(store.open_registry(url))


@functools.cache
def _use(count: int) -> None:
    cores.limit(count)


def _check(packed: bytes, url: str | None, wish: Wish, each: int) -> Answer:
    """Runs in a process of the pool, on `each` cores; never raises what cannot be sent back."""
    _use(each)
    task: Task = pickle.loads(packed)  # noqa: S301 - packed by `_schedule`
    try:
        return check.check_file(task.path, _open(url), wish, task.name)
    except RegistryError as error:
        return explain(error)
