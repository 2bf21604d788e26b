"""Which photographs the benchmarks read, and reading them: one process a core, resumable."""

from __future__ import annotations

import collections
import concurrent.futures
import dataclasses as dc
import functools
import itertools
import json
import multiprocessing
import multiprocessing.connection
import os
import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocr import cores

if TYPE_CHECKING:
    from registry.lookup import Registry

# Tests use lower seeds.
FIRST_SEED = 1_000_000
JPEG_QUALITY = 88
ACCUSING = ("inconsistent", "suspected")
# Shares of the photographs with a layout, a typeface, a degradation that no test uses.
OWN_LAYOUT = OWN_FACE = 0.25
OWN_TREATMENT = {"mild": 0.1, "normal": 0.1, "hard": 0.2}
# Poor light is no ordinary photograph.
TREATMENTS = {
    "mild": ("messenger",),
    "normal": ("messenger", "stain"),
    "hard": ("messenger", "stain", "night"),
}

Row = dict[str, Any]
# What is reported of a certificate that was not found in the photograph.
NOT_FOUND: Row = {
    "fields": {},
    "seals": [],
    "codes": [],
    "verdict": "unverifiable",
    "items": [{"status": "unverifiable", "findings": []}] * 8,
}


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
    """Ordinary honest certificates, tricky and faulty ones, each plan as often as any.

    In mixed order, so that a run that was stopped has some of all.
    """
    plans: list[str | None] = [None] * honest
    plans += itertools.islice(itertools.cycle(tricky()), tricky_ones)
    plans += itertools.islice(itertools.cycle(faulty()), faulty_ones)
    random.Random(first).shuffle(plans)
    return [Job(first + number, level, plan) for number, plan in enumerate(plans)]


def photograph(job: Job) -> tuple[bytes, dict[str, Any]]:
    """The photograph as a JPEG file, and its truth.

    A share has a layout, a typeface or a degradation that no test uses.
    """
    import cv2
    import numpy as np

    from samples.generator import fonts, layouts, make

    rng = np.random.default_rng(job.seed)

    def own(share: float, pool: Sequence[str]) -> str | None:
        chosen = pool[int(rng.integers(len(pool)))]
        return chosen if rng.random() < share else None

    faces = [face for face in fonts.BENCHMARK_FACES if face in fonts.installed()]
    sample = make(
        job.seed,
        level=job.level,
        fault=job.plan,
        layout=own(OWN_LAYOUT, tuple(layouts.BENCHMARK_LAYOUTS)),
        font=own(OWN_FACE, faces),
        treatment=own(OWN_TREATMENT[job.level], TREATMENTS[job.level]),
    )
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    return cv2.imencode(".jpg", sample.image, quality)[1].tobytes(), sample.truth


def kept_photograph(job: Job, folder: Path | None) -> tuple[bytes, dict[str, Any]]:
    """The same, taken from a folder where it was made before; made and kept there else."""
    if folder is None:
        return photograph(job)
    file = folder / f"{job.level}-{job.seed}-{job.plan or 'honest'}.jpg"
    told = file.with_suffix(".json")
    if not told.exists():
        folder.mkdir(parents=True, exist_ok=True)
        data, truth = photograph(job)
        file.write_bytes(data)
        told.write_text(json.dumps(truth, ensure_ascii=False), encoding="utf-8")
    return file.read_bytes(), json.loads(told.read_text(encoding="utf-8"))


def demo_database(folder: str) -> str:
    """Address of a database with the demo registry, made in the folder."""
    from registry import store

    url = f"sqlite:///{folder}/demo.sqlite3"
    store.fill_with_demo(store.open_registry(url))
    return url


def check(job: Job, url: str) -> list[Row]:
    """Makes, reads and judges one photograph; truth and report of each certificate in it.

    It is made in a process beside this one, whose memory is thus that of checking alone.
    """
    maker = _maker()
    maker.send(job)
    data, truth = maker.recv()
    return check_photograph(job, data, truth, url)


def check_photograph(job: Job, data: bytes, truth: dict[str, Any], url: str) -> list[Row]:
    """Reads and judges a photograph; truth and report of each certificate in it."""
    from certcheck.check import check_bytes

    reports = [one.to_json() for one in check_bytes(data, f"{job.seed}.jpg", _registry(url))]
    used = _used()
    truths = [truth, *truth.get("others", ())]
    rows = []
    for number, one in enumerate(truths):
        report = _about(one, reports)
        plan = job.plan if number == 0 else None
        row = {"key": job.key, "level": job.level, "plan": plan, "truth": one, "report": report}
        rows.append({**row, "parts": len(reports), "of": len(truths), "process": used})
    return rows


@functools.cache
def _maker() -> multiprocessing.connection.Connection:
    """Jobs go in, photographs come out; the process ends with this one."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    context.Process(target=_make, args=(theirs,), daemon=True).start()
    return ours


def _make(pipe: multiprocessing.connection.Connection) -> None:
    cores.limit(1)
    while True:
        pipe.send(photograph(pipe.recv()))


@functools.cache
def _registry(url: str) -> Registry:
    from registry import store
    from registry.lookup import Registry

    return Registry(store.open_registry(url))


_PHOTOGRAPHS = itertools.count(1)


def _used() -> Row:
    """This process: which one it is, photographs checked so far, memory now and at most."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    held = dict(line.split(":", 1) for line in status.splitlines())

    def megabytes(key: str) -> float:
        return round(int(held[key].split()[0]) / 1024, 1)

    return {
        "pid": os.getpid(),
        "started": Path(f"/proc/{os.getpid()}").stat().st_mtime,
        "photographs": next(_PHOTOGRAPHS),
        "rss_mb": megabytes("VmRSS"),
        "peak_mb": megabytes("VmHWM"),
    }


def _about(truth: dict[str, Any], reports: Sequence[Row]) -> Row:
    """The report that has most of a certificate's fields; NOT_FOUND where none has any."""

    def alike(report: Row) -> int:
        read = report["fields"]
        return sum(read.get(key, {}).get("value") == is_ for key, is_ in truth["fields"].items())

    best = max(reports, key=alike)
    return best if len(reports) == 1 or alike(best) else NOT_FOUND


def _start(threads: int) -> None:
    cores.limit(threads)
    by_itself()


def by_itself() -> None:
    """Nothing is known in this process of photographs that were checked before.

    Generated papers of other runs bear the same numbers and the same names, as no two
    laboratories' do; each photograph is judged by what it shows and the registry holds.
    """
    os.environ |= {"CERTCHECK_SEEN": "off", "CERTCHECK_INK_BOOK": "off"}


def _done(rows: Path | None) -> dict[str, list[Row]]:
    done: dict[str, list[Row]] = collections.defaultdict(list)
    if rows is not None and rows.exists():
        for line in rows.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            done[row["key"]].append(row)
    return done


def checked(work: Sequence[Job], rows: Path | None, workers: int = 0) -> Iterator[Row]:
    """Checks every job; those that the file of rows holds already are taken from there.

    Args:
        work: what to check.
        rows: each result is added to this file, so that a run can be stopped and taken up.
        workers: processes; by default one for each core.

    Yields:
        A row a certificate, those that were done already first.
    """
    done = _done(rows)
    for job in work:
        yield from done.get(job.key, ())
    todo = [job for job in work if job.key not in done]
    context = multiprocessing.get_context("spawn")
    workers = workers or cores.available()
    each = max(1, cores.available() // workers)
    with (
        tempfile.TemporaryDirectory() as folder,
        concurrent.futures.ProcessPoolExecutor(
            workers, mp_context=context, initializer=_start, initargs=(each,)
        ) as pool,
    ):
        url = demo_database(folder)
        for found in pool.map(check, todo, itertools.repeat(url)):
            if rows is not None:
                with rows.open("a", encoding="utf-8") as file:
                    file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in found)
            yield from found
