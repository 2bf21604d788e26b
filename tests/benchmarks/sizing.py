"""Machines for so many photos, from measured figures: the table in docs/operations.md.

    .venv/bin/python -m tests.benchmarks.sizing     # writes it anew

Cores by the queue of `tests.benchmarks.queueing` (its assumptions are written there): 95 of 100
photos are begun within five seconds in the busiest hour, no core is used beyond 85 of 100.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import queueing

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
BEGIN, END = "<!-- sizing -->", "<!-- /sizing -->"
# docs/benchmarks.md: a whole check of a photograph takes 2.0 s of processor time and some more for
# its judgement, pictures and rows; `queueing` assumes so, too.
SECONDS, SPREAD = 2.5, 0.35
# docs/benchmarks.md: peak of one worker over a thousand photographs of changing size, 824 MB.
WORKER_GB = 0.9
# Of one web process with its threads, and what system and database keep for themselves.
WEB_GB, BESIDE_GB = 0.4, 2.0
# A phone's photo, and rows, pictures and what was read beside it.
PHOTO_MB = 3.4
# In the busiest hour, of the average of a day.
PEAK = 3
WAIT_S, MOST = 5, 0.85
DAY_S = 24 * 3600
# Photos a day, days that they are kept, what that is.
CASES = (
    (200, 1, "one stall, one laptop"),
    (2_000, 1, "a county's desk"),
    (20_000, 1, "a city, a small platform"),
    (2_880_000, 1, "10 000 live rooms, a certificate every five minutes"),
    (28_800_000, 1, "100 000 live rooms, likewise"),
)
# What one machine has; beyond it there are several.
CORES = 32


def lines() -> Iterator[str]:
    """The table in Markdown."""
    heads = (
        "photos a day", "for instance", "photos/s, busiest hour", "cores",
        f"machines of {CORES} cores", "memory", "disk",
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
            f"{photos:,}".replace(",", " "), what, f"{rate:,.2f}".replace(",", " "), f"{cores}",
            f"{machines}",
            f"{math.ceil(memory)} GB", f"{math.ceil(disk):,} GB".replace(",", " "),
        )  # fmt: skip
        yield f"| {' | '.join(cells)} |"


def page(text: str) -> str:
    """The document with the table of today between its marks."""
    before, rest = text.split(BEGIN)
    return "\n".join([before + BEGIN, *lines(), END + rest.split(END)[1]])


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
