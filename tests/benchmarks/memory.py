"""Memory of one worker over many photographs of changing size.

    .venv/bin/python -m tests.benchmarks.memory [--checks 1000] [--photos 40] [--scales 0.5 1.3]

One process checks generated photographs one after the other as a batch worker does, on one
core; each is scaled to a size of its own between two shares, so that no two have the
same number of pixels. Printed: resident memory after each hundred, the peak, and the ratio
of the last to the hundredth.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.benchmarks.photographs import Job

FIRST_SEED = 6_100_000
LEVELS = ("mild", "normal", "hard")
GOAL_MB, GOAL_RATIO = 900, 1.1
# Fractions of this spread sizes evenly however many photographs there are.
GOLDEN = 0.6180339887
EACH = 100
JPEG_QUALITY = 88


def resident_mb() -> float:
    """Of this process, now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def peak_mb() -> float:
    """Of this process, so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def job(number: int) -> Job:
    """Which photograph is the one of this number."""
    from tests.benchmarks.photographs import Job

    return Job(FIRST_SEED + number, LEVELS[number % len(LEVELS)], None)


def make(different: int, keep: Path) -> None:
    """Makes the photographs; in a process of its own, as the generator takes a gigabyte."""
    from tests.benchmarks.photographs import kept_photograph

    for number in range(different):
        kept_photograph(job(number), keep)


def photographs(
    checks: int, different: int, scales: Sequence[float], keep: Path
) -> Iterator[bytes]:
    """JPEG files, each of another size."""
    import cv2
    import numpy as np

    from tests.benchmarks.photographs import kept_photograph

    for number in range(checks):
        data, _ = kept_photograph(job(number % different), keep)
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        scale = scales[0] + (scales[1] - scales[0]) * (number * GOLDEN % 1.0)
        sized = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
        yield cv2.imencode(".jpg", sized, quality)[1].tobytes()


def main() -> None:
    """Runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checks", type=int, default=1000)
    parser.add_argument("--photos", type=int, default=40)
    parser.add_argument("--scales", type=float, nargs=2, default=(0.5, 1.3))
    parser.add_argument("--photographs", type=Path, help="keep the photographs in this folder")
    wanted = parser.parse_args()

    from certcheck.check import check_bytes
    from ocr import cores
    from registry import store
    from registry.lookup import Registry
    from tests.benchmarks.photographs import by_itself, demo_database

    cores.limit(1)
    by_itself()
    with tempfile.TemporaryDirectory() as folder:
        registry = Registry(store.open_registry(demo_database(folder)))
        keep = wanted.photographs or Path(folder)
        maker = multiprocessing.get_context("spawn").Process(
            target=make, args=(wanted.photos, keep)
        )
        maker.start()
        maker.join()
        pictures = photographs(wanted.checks, wanted.photos, wanted.scales, keep)
        after: list[float] = []
        for number, data in enumerate(pictures, start=1):
            check_bytes(data, f"{number}.jpg", registry)
            if number % EACH == 0:
                after.append(resident_mb())
                print(f"after {number:5} {after[-1]:7.0f} MB, peak {peak_mb():7.0f} MB", flush=True)
    print(f"peak {peak_mb():.0f} MB (goal {GOAL_MB})")
    if after:
        print(f"last to first hundred {after[-1] / after[0]:.3f} (goal {GOAL_RATIO})")


if __name__ == "__main__":
    main()
