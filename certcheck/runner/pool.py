"""A pool of processes on this machine.

A photo that crashes or hangs a decoder, or asks for all memory, takes its own process with
it, not the others: the process is replaced and the photo gets a report that says so. Each
process opens the registry and loads the models once.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses as dc
import functools
import multiprocessing
import pickle
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from enum import Enum
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import pebble

from certcheck import check, files
from certcheck.check import Wish
from certcheck.errors import (
    CheckCrashedError,
    CheckTimeoutError,
    Problem,
    SettingError,
    StorageError,
    explain,
)
from certcheck.evidence import keep
from certcheck.operation import logs
from certcheck.report import Report
from certcheck.runner import limits
from certcheck.runner.time_limit import TimeLimit, late
from ocr import cores, readers
from ocr.errors import EngineError
from registry import store
from registry.errors import RegistryError
from registry.lookup import Registry, Revision

# A slow phone photo takes a few seconds; what takes this long never ends.
TIME_LIMIT_S = 180
# Photos waiting for a process; the rest of a large folder stays on disk.
AHEAD = 4
# Seconds between two looks whether the pool is still there.
_LOOK_S = 1.0
# What a process that was asked to end answers with, by its handler or by the kernel.
_ENDED = (signal.SIGTERM, -signal.SIGTERM)

T = TypeVar("T")


class Lost(Enum):
    """Why a photo has no answer.

    Attributes:
        DIED: its process died.
        LATE: it took longer than the limit.
        BROKEN: the pool ended with it, or somebody ended its process.
        STOPPED: likewise, because whoever has the pool was asked to end.
    """

    DIED = 1
    LATE = 2
    BROKEN = 3
    STOPPED = 4


class Pool:
    """Processes that do one thing after the other; a context manager.

    Args:
        workers: number of processes.
        url: the registry's database, opened again in each of them.
        time_limit: seconds that one piece of work may take.
        memory_bytes: what one process may write to.
        nice: steps by which they stand back behind this process.
        prepare: whether models are loaded before there is work.
    """

    def __init__(
        self,
        workers: int,
        url: str | None,
        time_limit: float = TIME_LIMIT_S,
        memory_bytes: int = limits.MEMORY_BYTES,
        *,
        nice: int = 0,
        prepare: bool = False,
    ) -> None:
        self._url, self._limit = url, TimeLimit(time_limit)
        each = max(1, cores.available() // workers)
        self._pool = pebble.ProcessPool(
            workers,
            context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(memory_bytes, each, nice, prepare),
        )

    def __enter__(self) -> Pool:
        """Starts the processes with Ctrl-C held back: stopping is this process's task.

        A signal mask goes over to threads and processes made under it, so also to those that
        the pool's threads make later.
        """
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        try:
            if not self._pool.active:  # asking starts it
                raise RuntimeError("the pool of processes did not start")
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self._limit.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends the processes, those at work too; all is done where a run went to its end."""
        try:
            self._end(whole=kind is None and not self._limit.stuck)
        finally:
            self._limit.__exit__(kind, error, trace)

    def _end(self, *, whole: bool) -> None:
        if whole:
            self._pool.close()  # type: ignore[no-untyped-call]
        else:
            self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def stop(self) -> None:
        """Ends the processes, those at work too."""
        try:
            self._end(whole=False)
        finally:
            self._limit.__exit__(None, None, None)

    @property
    def active(self) -> bool:
        """Whether it takes work; a pool whose processes all died or hang does not."""
        return bool(self._pool.active) and not self._limit.stuck

    def submit(
        self, work: Callable[[Any, Registry], T], about: Any
    ) -> concurrent.futures.Future[T | Problem]:
        """Gives work to the next free process.

        Args:
            work: a function of a module; called with `about` and the registry.
            about: what it is to work on; can be pickled.

        Raises:
            RuntimeError: the pool is broken.
        """
        # Packed, so that what breaks in unpacking breaks after the process has said which
        # task it took; until then it holds the pool's lock.
        packed = pickle.dumps(about)
        args = [work, packed, self._url]
        future = self._pool.schedule(_do, args=args)
        self._limit.watch(future)
        return future


def answer_of(future: concurrent.futures.Future[T]) -> T | Lost:
    """What came of work; a future that is not done when its pool has ended is lost."""
    if not future.done():
        return Lost.BROKEN
    try:
        return future.result()
    except pebble.ProcessExpired as error:
        return Lost.BROKEN if error.exitcode in _ENDED else Lost.DIED
    except (BrokenProcessPool, concurrent.futures.CancelledError):
        return Lost.LATE if late(future) else Lost.BROKEN
    except (OSError, MemoryError):
        return Lost.DIED


def _begin(memory_bytes: int, each: int, nice: int, prepare: bool) -> None:  # noqa: FBT001 - pebble's
    """The first thing a process does."""
    with contextlib.suppress(SettingError):  # told by who started the pool
        logs.set_up()
    limits.confine(memory_bytes)
    limits.stand_back(nice)
    cores.limit(each)
    if prepare:
        # What is missing is told by who reads.
        with contextlib.suppress(EngineError):
            rapid = readers.readers().rapid
            if rapid is not None:
                rapid.warm_up(threading.Event())


@functools.cache
def _open(url: str | None) -> Registry:
    return Registry(store.open_registry(url))


def _do(work: Callable[[Any, Registry], T], packed: bytes, url: str | None) -> T | Problem:
    """Runs in a process of the pool; never raises what cannot be sent back."""
    about = pickle.loads(packed)  # noqa: S301 - packed by `Pool.submit`
    try:
        return work(about, _open(url))
    except (RegistryError, StorageError) as error:
        return explain(error)


# A folder of photos -------------------------------------------------------------------------


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


Answer = list[Report] | Problem
Waiting = dict[concurrent.futures.Future[Answer], Task]
_TOLD = {
    Lost.DIED: CheckCrashedError, Lost.LATE: CheckTimeoutError, Lost.BROKEN: CheckCrashedError,
    Lost.STOPPED: CheckCrashedError,
}  # fmt: skip


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
    waiting: Waiting = {}
    with Pool(job.workers, job.url, job.time_limit) as pool:
        for task in tasks:
            try:
                future = pool.submit(_check, (task, job.wish))
            except RuntimeError:  # the pool broke
                yield task, [_lost(task, job, explain(CheckCrashedError()))]
                break
            waiting[future] = task
            if len(waiting) >= job.workers * AHEAD:
                yield from _done(pool, waiting, job)
        while waiting:
            yield from _done(pool, waiting, job)


def _done(pool: Pool, waiting: Waiting, job: _Job) -> Iterator[tuple[Task, list[Report]]]:
    done: set[concurrent.futures.Future[Answer]] = set()
    while not done:
        done, _ = concurrent.futures.wait(waiting, _LOOK_S, concurrent.futures.FIRST_COMPLETED)
        if not done and not pool.active:
            done = set(waiting)  # a broken pool forgets those it had not yet sent out
    for future in done:
        task = waiting.pop(future)
        answer = answer_of(future)
        if isinstance(answer, Lost):
            answer = explain(_TOLD[answer]())
        yield task, [_lost(task, job, answer)] if isinstance(answer, Problem) else answer


def _lost(task: Task, job: _Job, problem: Problem) -> Report:
    return check.failed(task.name, files.sha256(task.path), job.revision, job.wish, problem)


def _check(about: tuple[Task, Wish], registry: Registry) -> list[Report]:
    task, wish = about
    return check.check_file(task.path, registry, wish, task.name, keeper=keep.configured())
