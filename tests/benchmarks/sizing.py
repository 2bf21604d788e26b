"""Machines for so many photos, from measured figures: tables in docs/operations.md, benchmarks.md.

    .venv/bin/python -m tests.benchmarks.sizing     # writes them anew from measured.toml

Cores by the queue of `tests.benchmarks.queueing` (its assumptions are written there): 95 of 100
photos are begun within five seconds in the busiest hour, no core is used beyond 85 of 100.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from certcheck.runner.settings import Settings
from tests.benchmarks import queueing

DOCS = Path(__file__).parents[2] / "docs"
PAGES = (DOCS / "operations.md", DOCS / "benchmarks.md")
SECONDS, SPREAD = queueing.MEASURED["seconds"], queueing.MEASURED["spread"]
WORKER_GB, PHOTO_MB = queueing.MEASURED["worker_gb"], queueing.MEASURED["photo_mb"]
# Of one web process with its threads, and what system and database keep for themselves.
WEB_GB, BESIDE_GB = 0.4, 2.0
# In the busiest hour, of the average of a day.
PEAK = 3
WAIT_S, MOST = 5, 0.85
DAY_S = 24 * 3600
# Days that a visitor's, a seller's or a program's photo is kept, and an inspector's or a chief's.
KEPT = Settings(Path()).keep.days
INSPECTED = Settings(Path()).keep_inspected.days
# Photos a day, days that they are kept, what that is.
CASES = (
    (200, KEPT, "one stall, one laptop"),
    (2_000, KEPT, "a county's desk where visitors send photos"),
    (2_000, INSPECTED, "a county's inspectors"),
    (20_000, KEPT, "a city's sellers, a small platform"),
    (20_000, INSPECTED, "a city's inspectors"),
    (2_880_000, KEPT, "10 000 live rooms, a certificate every five minutes"),
    (28_800_000, KEPT, "100 000 live rooms, likewise"),
)
# What one machine has; beyond it there are several.
CORES = 32


def lines() -> Iterator[str]:
    """The table in Markdown."""
    heads = (
        "photos a day", "for instance", "photos/s, busiest hour", "cores",
        f"machines of {CORES} cores", "memory", "days kept", "disk",
    )  # fmt: skip
    yield f"| {' | '.join(heads)} |"
    yield "| --- " * len(heads) + "|"
    for photos, days, what in CASES:
        rate = photos * PEAK / DAY_S
        cores = queueing.needed(rate, SECONDS, SPREAD, WAIT_S, MOST)
        machines = math.ceil(cores / CORES)
        memory = cores * WORKER_GB + 2 * WEB_GB + BESIDE_GB
        disk = photos * days * PHOTO_MB / 1000
        cells = (
            _told(photos), what, _told(rate, 2), f"{cores}", f"{machines}",
            f"{math.ceil(memory)} GB", _told(days), f"{_told(math.ceil(disk))} GB",
        )  # fmt: skip
        yield f"| {' | '.join(cells)} |"


def _told(number: float, digits: int = 0) -> str:
    """A number with gaps between its thousands."""
    return f"{number:,.{digits}f}".replace(",", " ")


def sized() -> Iterator[str]:
    """What docs/operations.md says of sizes, with the figures that it is computed from."""
    yield "Computed by `python -m tests.benchmarks.sizing` from what was measured"
    yield f"([benchmarks.md](benchmarks.md)): {SECONDS:g} s of a core for a photo with all around"
    yield "it on the slower of two processors (3.0 s on one with bfloat16),"
    yield f"{WORKER_GB:g} GB for each reader at its peak, {PHOTO_MB:g} MB on disk for a photo"
    yield f"and what is kept of it: for {KEPT} day (`CERTCHECK_KEEP_HOURS`), what inspectors and"
    yield f"chiefs send for {_told(INSPECTED)} days (`CERTCHECK_KEEP_INSPECTED_DAYS`), what a"
    yield "case holds until it lets it go. Disk is what lies there once the first of them are"
    yield f"deleted, without backups. The busiest hour has {PEAK} times the average; 95 of 100"
    yield f"photos are begun within {WAIT_S} seconds. Assumptions of the queue:"
    yield "`tests/benchmarks/queueing.py`."
    yield ""
    yield from lines()


def queued() -> Iterator[str]:
    """What docs/benchmarks.md says of the queue."""
    yield f"Measured: {SECONDS:g} s of a core a photo, spread {SPREAD:g} of it."
    yield ""
    yield "```"
    yield from queueing.lines(queueing.options().parse_args([]))
    yield "```"


BLOCKS = {"sizing": sized, "queueing": queued}


def page(text: str) -> str:
    """A document with what is computed today between its marks."""
    for name, made in BLOCKS.items():
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        if begin in text:
            before, rest = text.split(begin)
            text = "\n".join([before + begin, *made(), end + rest.split(end)[1]])
    return text


if __name__ == "__main__":
    for one in PAGES:
        one.write_text(page(one.read_text(encoding="utf-8")), encoding="utf-8")
