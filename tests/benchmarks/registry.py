"""A country's registry: loading it, finding the laboratory of a bad reading, judging.

    python -m tests.benchmarks.registry --labs 100000 --scopes 30 --folder /tmp/country
    python -m tests.benchmarks.registry --folder /tmp/country --readings 2000

The first makes the tables and imports them; the second uses what is there. Times are of this
process on the processor, so that another process beside does not count; the wall clock is
given beside them.
"""

from __future__ import annotations

import argparse
import dataclasses as dc
import datetime as dt
import functools
import gc
import random
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from sqlmodel import Session

from certcheck.case import Case
from certcheck.rules.framework import judge
from ocr.reading import Field, Quad, Reading, Seal
from registry import store
from registry.lookup import LabEvidence, Registry
from tests.benchmarks.many_labs import (
    BRANDS,
    Made,
    labs,
    look_alike,
    misread,
    paper,
    write,
)
from tests.certcheck.silent import SilentWitness

# A laboratory is found where it is this one of all registered with such a share …
FOUND = 0.99
# … and the paper is said to be its own from this confidence on.
SURE = 0.9
# Questions before the clock starts: pages and statements are then where they will stay.
WARM = 100
BOX: Quad = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))


T = TypeVar("T")


@dc.dataclass
class Clock:
    """Times of many runs of one thing, in milliseconds."""

    cpu: list[float] = dc.field(default_factory=list)
    wall: list[float] = dc.field(default_factory=list)

    def time(self, act: Callable[[], T]) -> T:
        """Runs and times it."""
        cpu, wall = time.process_time(), time.perf_counter()
        answer = act()
        self.cpu.append((time.process_time() - cpu) * 1000)
        self.wall.append((time.perf_counter() - wall) * 1000)
        return answer

    def __str__(self) -> str:
        """Median and 99th percentile."""

        def at(times: Sequence[float], share: float) -> float:
            return sorted(times)[min(len(times) - 1, int(len(times) * share))]

        return (
            f"p50 {at(self.cpu, 0.5):.1f} p99 {at(self.cpu, 0.99):.1f} ms on the processor,"
            f" p50 {at(self.wall, 0.5):.1f} p99 {at(self.wall, 0.99):.1f} ms by the wall clock"
        )


def megabytes() -> float:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def load(folder: Path, made: Sequence[Made], scopes: int) -> None:
    """Makes the tables and imports them into `registry.sqlite` beside them."""
    from registry.importing.apply import apply_plan
    from registry.importing.plan import read_plan

    tables = folder / "tables"
    tables.mkdir(parents=True, exist_ok=True)
    rows = write(tables, made, scopes)
    database = folder / "registry.sqlite"
    database.unlink(missing_ok=True)
    engine = store.make_engine(store.parse_url(f"sqlite:///{database}"))
    store.migrate(engine)
    cpu, wall = time.process_time(), time.perf_counter()
    with Session(engine) as session:
        store.lock(session)
        apply_plan(session, read_plan(session, tables))
        session.commit()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    size = database.stat().st_size / 1e6
    print(
        f"import: {rows} rows, {rows / cpu:.0f} rows/s of processor time"
        f" ({rows / wall:.0f} by the wall clock), {megabytes():.0f} MB, file {size:.0f} MB"
    )
    engine.dispose()


# ------------------------------------------------------------------ finding


def find(registry: Registry, made: Sequence[Made], readings: int, share: float) -> None:
    """Papers of registered laboratories, read badly."""
    rng = random.Random(f"find {share}")
    clock, count = Clock(), Counter[str]()
    bins: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    for place, one in enumerate(rng.choices(made, k=readings + WARM)):
        evidence = paper(one, share, rng)
        if place < WARM:
            registry.candidates(evidence, 1)
            continue
        found = clock.time(lambda evidence=evidence: registry.candidates(evidence, 1))
        right = bool(found) and found[0].record.lab_id == one.lab_id
        if found and found[0].share >= FOUND:
            count["right" if right else "wrong"] += 1
        if found:
            bins[min(9, int(found[0].confidence * 10))][0] += 1
            bins[min(9, int(found[0].confidence * 10))][1] += right
            count["sure" if right else "sure of another"] += found[0].confidence >= SURE
    print(f"\n{readings} readings, {share:.0%} of the characters misread")
    for name in ("right", "wrong", "sure", "sure of another"):
        print(f"  {name:16} {count[name] / readings:.4f}")
    print(f"  {clock}")
    print("  confidence: of them right", _told(bins))


def _told(bins: dict[int, list[int]]) -> str:
    return ", ".join(
        f"{place / 10:.1f}+: {right}/{count}" for place, (count, right) in sorted(bins.items())
    )


def strangers(registry: Registry, made: Sequence[Made], readings: int, share: float) -> None:
    """Papers of bodies that are not registered: how often is it sure that they are?"""
    rng = random.Random(f"strangers {share}")
    names = {one.name for one in made}
    print(f"\n{readings} papers of each kind of body not registered, {share:.0%} misread: sure")
    for kind in ("look-alike", "look-alike with number and address", "stranger", "borrowed number"):
        sure = 0
        for one in rng.choices(made, k=readings):
            evidence = _stranger(kind, one, made, names, share, rng)
            found = registry.candidates(evidence, 1)
            sure += bool(found) and found[0].confidence >= SURE
        print(f"  {kind:36} {sure / readings:.4f}")


def _stranger(
    kind: str, one: Made, made: Sequence[Made], names: Iterable[str], share: float,
    rng: random.Random,
) -> LabEvidence:  # fmt: skip
    name = look_alike(one.name, rng)
    while name in names:
        name = look_alike(one.name, rng)
    if kind in ("stranger", "borrowed number"):
        name = f"{rng.choice(BRANDS)}{rng.choice(BRANDS)}{rng.choice(BRANDS)}文化传播中心"
    other = rng.choice(made)
    number = f"{rng.randint(18, 25)}{other.number[2:8]}{rng.randint(5000, 9999)}"
    address = other.address.replace("号", "1号")
    if "number" in kind:
        number = one.number
    if "address" in kind:
        address = one.address
    return paper(one, share, rng, name=name, number=number, address=address)


# ------------------------------------------------------------------ judging


def _field(key: str, value: str) -> Field:
    return Field(key, value, value, 0.98, BOX, "rapidocr")


def judged(registry: Registry, made: Sequence[Made], readings: int) -> None:
    """All eight items of well-read papers, without the picture."""
    rng = random.Random("judge")
    finding, judging = Clock(), Clock()
    for place, one in enumerate(rng.choices(made, k=readings + WARM)):
        number = one.number if rng.random() < 0.9 else misread(one.number, 0.2, rng)
        values = {
            "cma_no": number, "lab_name": one.name, "address": one.address,
            "certificate_no": f"A{place:08d}", "conclusion": rng.choice(("翡翠手镯", "钻石戒指")),
            "standards": "GB/T 16552-2017; GB/T 16553-2017", "refractive_index": "1.66（点测）",
            "density": "3.33", "approver": f"{one.name[0]}{one.number[-2:]}",
            "issue_date": f"20{int(one.number[:2]) + 1}-05-01",
        }  # fmt: skip
        reading = Reading(
            page=1, part=1, width=100, height=100, is_certificate=True,
            seals=(Seal(one.name, "检验检测专用章", "round", 0.97, BOX),),
            fields={key: _field(key, value) for key, value in values.items()},
        )  # fmt: skip
        evidence = LabEvidence(
            cma_no=reading.fields["cma_no"].text, lab_name=one.name, address=one.address
        )

        def case(evidence: LabEvidence = evidence, reading: Reading = reading) -> Case:
            found = registry.candidates(evidence, 1)
            day = dt.date.fromisoformat(reading.fields["issue_date"].text)
            match = found[0] if found else None
            return Case(reading, SilentWitness(), registry, match, day, dt.date(2026, 11, 21))

        if place < WARM:
            judge(case())
            continue
        made_case = finding.time(case)
        judging.time(functools.partial(judge, made_case))
    both = Clock(
        [sum(pair) for pair in zip(finding.cpu, judging.cpu, strict=True)],
        [sum(pair) for pair in zip(finding.wall, judging.wall, strict=True)],
    )
    print(f"\n{readings} papers judged on all eight items: {judging}")
    print(f"  found and judged: {both}")


def main() -> None:
    """Runs what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labs", type=int, default=100_000)
    parser.add_argument("--scopes", type=int, help="rows a laboratory; makes and imports them")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--readings", type=int, default=0)
    wanted = parser.parse_args()
    made = labs(wanted.labs)
    if wanted.scopes is not None:
        load(wanted.folder, made, wanted.scopes)
    if wanted.readings:
        # The invented laboratories are no garbage, and looking through them takes time.
        gc.freeze()
        engine = store.open_registry(f"sqlite:///{wanted.folder / 'registry.sqlite'}")
        registry = Registry(engine)
        for share in (0.2, 0.05):
            find(registry, made, wanted.readings, share)
        strangers(registry, made, wanted.readings // 4, 0.02)
        judged(registry, made, wanted.readings)
        print(f"memory: {megabytes():.0f} MB, the invented laboratories included")


if __name__ == "__main__":
    main()
