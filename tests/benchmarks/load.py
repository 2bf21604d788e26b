"""Throughput of both engines over the same photos, beside reading them with nothing around.

    .venv/bin/python -m tests.benchmarks.load [--photos 500] [--only bare local1 …]

`bare` reads them one after the other in one process on one core: `check_bytes` and nothing else.
`local1` and `local2` are `certcheck serve` on SQLite with one and two processes; `celery1` and
`celery2` are `certcheck serve` on PostgreSQL with one and two `certcheck worker`s of one process
each, and Redis. The photos are the samples, each time another file by a few bytes at its end, so
that nothing is answered from what is known. All are sent as fast as they are taken; time runs from
the first to the last that was answered, after every process has read one photo before.

Seconds of the clock depend on what else the machine does; seconds of processors (of the server,
its readers, the workers, the database and the broker) hardly do. Scaling efficiency is the
throughput of two over twice that of one; the overhead is what a photo costs in processor time
over bare reading.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses as dc
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import text

from certcheck.runner.store import open_store
from registry import store
from samples import PHOTOS
from tests.faults.house import House, children
from tests.faults.ledger import Ledger, settle
from tests.registry.server import Server, programs

ENGINES = ("bare", "local1", "local2", "celery1", "celery2")
_TICKS = os.sysconf("SC_CLK_TCK")
_BARE = """
import os, sys, time, json
from pathlib import Path
from certcheck.check import Wish, check_bytes
from certcheck.runner import limits
from ocr import cores
from registry import store
from registry.lookup import Registry
limits.confine(); cores.limit(1)
registry = Registry(store.open_registry(sys.argv[1]))
each = []
for number, path in enumerate(Path(sys.argv[2]).iterdir()):
    begun, spent = time.perf_counter(), sum(os.times()[:4])
    check_bytes(path.read_bytes(), "", registry, Wish(visitor=True))
    each.append((time.perf_counter() - begun, sum(os.times()[:4]) - spent))
print(json.dumps(each[1:]))
"""


@dc.dataclass(frozen=True)
class Run:
    """What one engine needed.

    Attributes:
        name: of the engine.
        photos: that were read.
        seconds: by the clock.
        processor: seconds of processors.
        spread: deviation of a photo's seconds over their mean; 0 where it was not measured.
    """

    name: str
    photos: int
    seconds: float
    processor: float
    spread: float = 0.0

    @property
    def rate(self) -> float:
        """Photos a second."""
        return self.photos / self.seconds

    @property
    def each(self) -> float:
        """Seconds of processors a photo."""
        return self.processor / self.photos


def photos(count: int) -> Iterator[bytes]:
    """So many files, no two alike."""
    known = [one.read_bytes() for one in sorted(PHOTOS.glob("*.jpg"))]
    for number, data in zip(range(count), itertools.cycle(known), strict=False):
        yield data + b"%08d" % number


def spent(pids: list[int]) -> float:
    """Seconds of processors of processes, and of those that they started."""
    total = 0.0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, fields[11:15])) / _TICKS
        total += spent(list(children(pid)))
    return total


def bare(folder: Path, url: str, count: int) -> Run:
    """Reading alone."""
    place = folder / "photos"
    place.mkdir()
    for number, data in enumerate(photos(count + 1)):
        (place / f"{number:04}.jpg").write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", _BARE, url, str(place)], capture_output=True, text=True, check=True,
    )  # fmt: skip

    each = json.loads(done.stdout.splitlines()[-1])
    clock, processor = [one[0] for one in each], [one[1] for one in each]
    spread = statistics.pstdev(processor) / statistics.fmean(processor)
    return Run("bare", count, sum(clock), sum(processor), spread)


def through(name: str, house: House, url: Callable[[], str], pids: list[int], count: int) -> Run:
    """All photos through servers that run."""
    workers = int(name[-1])
    warm = Ledger()
    warm.send([data + b"warm" for data in photos(2 * workers)], url)
    settle(house)
    ledger, before = Ledger(), spent(pids)
    begun = time.perf_counter()
    ledger.send(list(photos(count)), url)
    settle(house)
    seconds = time.perf_counter() - begun
    processor = spent(pids) - before
    assert len(ledger.accepted) == count and not ledger.strange, ledger.strange[:3]
    assert answered(house) == count + 2 * workers
    return Run(name, count, seconds, processor)


def answered(house: House) -> int:
    """Jobs that were answered with a report; one of the samples is no certificate."""
    engine = open_store(house.folder, house.store)
    with store.session(engine) as opened:
        asked = text(
            "SELECT count(*) FROM work_jobs WHERE status = 'done'"
            " AND (error IS NULL OR error = 'photo.not_a_certificate')"
        )
        count = int(opened.connection().execute(asked).scalar_one())
    engine.dispose()
    return count


def local(name: str, folder: Path, url: str, count: int) -> Run:
    """The server's own processes, on SQLite."""
    house = House(folder / "work", url, more={"CERTCHECK_WORKERS": name[-1], "CERTCHECK_NICE": "0"})
    try:
        server = house.web()
        return through(name, house, lambda: server.url, [server.pid], count)
    finally:
        house.stop()


def celery(name: str, folder: Path, url: str, count: int) -> Run:
    """Workers, on PostgreSQL and Redis."""
    from tests.servers.redis import Redis, program

    binary, binaries = program(), programs()
    assert binary and binaries, "redis-server and PostgreSQL have to be installed"
    redis, database = Redis(binary), Server(binaries)
    more = {
        "CERTCHECK_ENGINE": "celery", "CERTCHECK_BROKER": redis.url, "CERTCHECK_NICE": "0",
    }  # fmt: skip
    house = House(folder / "work", url, database.url(database.create()), more)
    try:
        server = house.web()
        workers = [house.worker() for _ in range(int(name[-1]))]
        pids = [one.pid for one in (server, *workers)] + [redis.pid, database.pid]
        return through(name, house, lambda: server.url, pids, count)
    finally:
        house.stop()
        redis.stop()
        database.stop()


def main() -> None:
    """Runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=500)
    parser.add_argument("--only", nargs="+", choices=ENGINES, default=ENGINES)
    wanted = parser.parse_args()
    found: dict[str, Run] = {}
    print(f"{wanted.photos} photos; load of the machine at the start {os.getloadavg()[0]:.1f}")
    print("engine    photos/s  processor s/photo  spread")
    for name in wanted.only:
        with tempfile.TemporaryDirectory() as home:
            folder = Path(home)
            url = f"sqlite:///{folder / 'demo.sqlite3'}"
            engine = store.open_registry(url)
            store.fill_with_demo(engine)
            engine.dispose()
            if name == "bare":
                one = bare(folder, url, wanted.photos)
            else:
                one = (local if name.startswith("local") else celery)(
                    name, folder, url, wanted.photos
                )
        found[name] = one
        print(f"{name:9} {one.rate:8.3f} {one.each:18.3f} {one.spread:7.2f}", flush=True)
    for kind in ("local", "celery"):
        first, second = found.get(f"{kind}1"), found.get(f"{kind}2")
        if first and second:
            print(f"{kind}: scaling efficiency {second.rate / first.rate / 2:.2f}")
        if first and "bare" in found:
            print(f"{kind}: overhead {first.each / found['bare'].each - 1:+.1%} of processor time")


if __name__ == "__main__":
    main()
