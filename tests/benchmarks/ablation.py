"""What each step is worth: the same photographs read with one step switched off at a time.

    .venv/bin/python -m tests.benchmarks.ablation [--level hard] [--honest 30] [--faulty 10]

A step that changes none of these figures does not pay for its time and its code.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from tests.benchmarks import counting
from tests.benchmarks.photographs import (
    ACCUSING,
    Job,
    Row,
    check,
    demo_database,
    jobs,
    photograph,
)

FIRST_SEED = 3_000_000


def _whole(photo: Any) -> list[Any]:
    from ocr.page.model import whole_photo

    return [whole_photo(photo.image)]


def _as_it_is(image: Any, *_: Any) -> Any:
    return image


def _first_reading(_: Any, __: Any, lines: Any, codes: Any) -> Any:
    from ocr.fields.extract import extract

    return lines, extract(lines, codes)


def _nothing(*_: Any) -> list[Any]:
    return []


def _agrees(*_: Any) -> Any:
    from certcheck.confirm import Second

    return Second.SAME


def _true(*_: Any) -> bool:
    return True


# What stands in for a step that is switched off, by the place where it is called.
STEPS: dict[str, dict[str, Callable[..., Any]]] = {
    "everything on": {},
    "no straightening": {"ocr.read.find_pages": _whole},
    "no red-ink removal": {"ocr.read.without_red": _as_it_is},
    "no second look": {"ocr.read._PageReader._second_look": _first_reading},
    "no asking the ink": {"certcheck.confirm.ask_field": _nothing},
    "no second witness": {
        "certcheck.confirm.second_reading": _agrees,
        "certcheck.confirm._seconded": _true,
    },
}


def read_without(step: str, work: Sequence[Job], url: str) -> tuple[list[Row], float]:
    """Rows of the photographs with the step off, and the seconds a photograph took."""
    with contextlib.ExitStack() as off:
        for place, stand_in in STEPS[step].items():
            off.enter_context(mock.patch(place, stand_in))
        start = time.perf_counter()
        rows = [row for job in work for row in check(job, url)]
        return rows, (time.perf_counter() - start) / max(1, len(work))


def line(step: str, rows: Sequence[Row], seconds: float) -> str:
    """One line of the table."""
    fields = counting.total(counting.fields(rows).values())
    of = max(1, fields.total())
    honest = [row["report"]["verdict"] for row in rows if row["truth"]["honest"]]
    seals = [outcome for row in rows if (outcome := counting.seal_judged(row))]
    found = counting.caught(rows).values()
    return (
        f"{step:20} {fields['right'] / of:7.4f} {fields['wrong'] / of:7.4f} "
        f"{seals.count('right'):4}/{len(seals):<4} "
        f"{honest.count('consistent'):4}/{len(honest):<4} "
        f"{sum(honest.count(status) for status in ACCUSING):7} "
        f"{sum(pair[0] for pair in found):4}/{sum(pair[1] for pair in found):<4} {seconds:6.2f}"
    )


def main() -> None:
    """Runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--level", default="hard")
    parser.add_argument("--honest", type=int, default=30)
    parser.add_argument("--faulty", type=int, default=10)
    parser.add_argument("--first", type=int, default=FIRST_SEED)
    wanted = parser.parse_args()
    work = jobs(wanted.level, wanted.honest, 0, wanted.faulty, wanted.first)
    keep = functools.cache(photograph)
    print(f"{len(work)} photographs, level {wanted.level}, seeds from {wanted.first}")
    print(
        f"{'':20} {'right':>7} {'wrong':>7} {'seals':>9} {'cleared':>9} "
        f"{'accused':>7} {'caught':>9} {'s each':>6}"
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch("tests.benchmarks.photographs.photograph", keep),
    ):
        url = demo_database(str(Path(folder)))
        check(work[0], url)  # The models are loaded before anything is timed.
        for photo in work:
            keep(photo)
        for step in STEPS:
            print(line(step, *read_without(step, work, url)), flush=True)


if __name__ == "__main__":
    main()
