"""Which photographs the benchmarks read, and reading them: one process a core, resumable."""

from __future__ import annotations

import concurrent.futures
import dataclasses as dc
import itertools
import json
import multiprocessing
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

# Tests use lower seeds.
FIRST_SEED = 1_000_000
JPEG_QUALITY = 88
ACCUSING = ("inconsistent", "suspected")

Row = dict[str, Any]


@dc.dataclass(frozen=True)
class Job:
    """One photograph to make and check."""

    seed: int
    level: str
    plan: str | None

    @property
    def key(self) -> str:
        """Names the photograph in a file of rows."""
        return f"{self.level}/{self.seed}/{self.plan or ''}"


def faulty() -> tuple[str, ...]:
    """Plans whose fault a check can show."""
    from samples.generator import faults

    return tuple(
        name
        for name in faults.names(honest=False)
        if set(ACCUSING) & set(faults.plan(name).expect.values())
    )


def tricky() -> tuple[str, ...]:
    """Honest plans that are easy to accuse."""
    from samples.generator import faults

    return faults.names(honest=True)


def jobs(level: str, honest: int, tricky_ones: int, faulty_ones: int, first: int) -> list[Job]:
    """Ordinary honest certificates, then tricky and faulty ones, each plan as often as any."""
    plans: list[str | None] = [None] * honest
    plans += itertools.islice(itertools.cycle(tricky()), tricky_ones)
    plans += itertools.islice(itertools.cycle(faulty()), faulty_ones)
    return [Job(first + number, level, plan) for number, plan in enumerate(plans)]


def photograph(job: Job) -> tuple[bytes, dict[str, Any]]:
    """The photograph as a JPEG file, and its truth."""
    import cv2

    from samples.generator import make

    sample = make(job.seed, level=job.level, fault=job.plan)
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    return cv2.imencode(".jpg", sample.image, quality)[1].tobytes(), sample.truth


def demo_database(folder: str) -> str:
    """Address of a database with the demo registry, made in the folder."""
    from registry import store

    url = f"sqlite:///{folder}/demo.sqlite3"
    store.fill_with_demo(store.open_registry(url))
    return url


def check(job: Job, url: str) -> Row:
    """Makes, reads and judges one photograph; returns truth and report."""
    from certcheck.check import check_bytes
    from registry import store
    from registry.lookup import Registry

    data, truth = photograph(job)
    reports = check_bytes(data, f"{job.seed}.jpg", Registry(store.open_registry(url)))
    return {
        "key": job.key,
        "level": job.level,
        "plan": job.plan,
        "truth": truth,
        "report": reports[0].to_json(),
        "parts": len(reports),
    }


def _done(rows: Path | None) -> dict[str, Row]:
    if rows is None or not rows.exists():
        return {}
    lines = rows.read_text(encoding="utf-8").splitlines()
    return {row["key"]: row for row in map(json.loads, lines)}


def checked(work: Sequence[Job], rows: Path | None, workers: int = 0) -> Iterator[Row]:
    """Checks every job; those that the file of rows holds already are taken from there.

    Args:
        work: what to check.
        rows: each result is added to this file, so that a run can be stopped and taken up.
        workers: processes; by default one for each core.

    Yields:
        A row a job, the ones that were done already first.
    """
    from ocr import cores

    done = _done(rows)
    yield from (done[job.key] for job in work if job.key in done)
    todo = [job for job in work if job.key not in done]
    context = multiprocessing.get_context("spawn")
    workers = workers or cores.available()
    with (
        tempfile.TemporaryDirectory() as folder,
        concurrent.futures.ProcessPoolExecutor(
            workers, context, cores.limit, (max(1, cores.available() // workers),)
        ) as pool,
    ):
        url = demo_database(folder)
        for row in pool.map(check, todo, itertools.repeat(url), chunksize=1):
            if rows is not None:
                with rows.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
            yield row
