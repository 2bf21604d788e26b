"""What each step is worth: the same photographs read with one step switched off at a time.

    .venv/bin/python -m tests.benchmarks.ablation [--level hard] [--honest 30] [--faulty 10]
        [--rows FILE] [--photographs FOLDER]

A step that changes none of these figures does not pay for its time and its code. `changed`
counts photographs whose report differs from that with everything on: 0 for a step that was
not there to be switched off. With `--rows` a run can be stopped and taken up.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
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
    check_photograph,
    demo_database,
    jobs,
    kept_photograph,
)

FIRST_SEED = 3_000_000


def _whole(photo: Any) -> list[Any]:
    from ocr.page.model import whole_photo

    return [whole_photo(photo.image)]


def _as_it_is(image: Any, *_: Any) -> Any:
    return image


def _first_reading(_: Any, __: Any, lines: Any, codes: Any, ___: Any) -> Any:
    from ocr.fields.extract import extract

    return lines, extract(lines, codes)


def _nothing(_: Any, __: Any, texts: Any) -> list[Any]:
    from ocr.witness import Answer, Support

    return [Support(text, 0.0, Answer.CANNOT_TELL) for text in texts]


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
    "no asking the ink": {
        f"certcheck.{module}.ask_field": _nothing
        for module in ("confirm", "ink", "unread", "rules.item1_accreditation")
    },
    "no second witness": {
        "certcheck.confirm.second_reading": _agrees,
        "certcheck.confirm_seal._seconded": _true,
    },
}


def read_without(step: str, work: Sequence[Job], url: str, kept: Kept) -> list[Row]:
    """Rows of the photographs with the step off, each with the seconds its photograph took."""
    rows = []
    with contextlib.ExitStack() as off:
        for place, stand_in in STEPS[step].items():
            off.enter_context(mock.patch(place, stand_in))
        for job in work:
            done = kept.rows.get((step, job.key))
            if done is None:
                data, truth = kept_photograph(job, kept.photographs)
                start = time.perf_counter()
                found = check_photograph(job, data, truth, url)
                seconds = time.perf_counter() - start
                done = [{**row, "step": step, "seconds": seconds} for row in found]
                kept.add(done)
            rows += done
    return rows


class Kept:
    """What an earlier run left: photographs, and rows by step and photograph.

    Args:
        file: of the rows; None to keep none.
        photographs: folder.
    """

    def __init__(self, file: Path | None, photographs: Path) -> None:
        self.photographs, self._file = photographs, file
        self.rows: dict[tuple[str, str], list[Row]] = {}
        if file is not None and file.exists():
            for text in file.read_text(encoding="utf-8").splitlines():
                row = json.loads(text)
                self.rows.setdefault((row["step"], row["key"]), []).append(row)

    def add(self, rows: Sequence[Row]) -> None:
        """Writes a photograph's rows down."""
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def changed(rows: Sequence[Row], usual: Sequence[Row]) -> int:
    """Photographs of which something else was read or judged than with everything on."""

    def told(row: Row) -> str:
        report = row["report"]
        what = {key: report[key] for key in ("fields", "seals", "verdict", "items")}
        return json.dumps(what, ensure_ascii=False)

    pairs = zip(rows, usual, strict=True)
    return len({one["key"] for one, other in pairs if told(one) != told(other)})


def line(step: str, rows: Sequence[Row], usual: Sequence[Row]) -> str:
    """One line of the table."""
    fields = counting.total(counting.fields(rows).values())
    of = max(1, fields.total())
    honest = [row["report"]["verdict"] for row in rows if row["truth"]["honest"]]
    seals = [outcome for row in rows if (outcome := counting.seal_judged(row))]
    found = counting.caught(rows).values()
    seconds = statistics.median(row["seconds"] for row in rows)
    return (
        f"{step:20} {fields['right'] / of:7.4f} {fields['wrong'] / of:7.4f} "
        f"{seals.count('right'):4}/{len(seals):<4} "
        f"{honest.count('consistent'):4}/{len(honest):<4} "
        f"{sum(honest.count(status) for status in ACCUSING):7} "
        f"{sum(pair[0] for pair in found):4}/{sum(pair[1] for pair in found):<4} "
        f"{seconds:6.2f} {changed(rows, usual):7}"
    )


def main() -> None:
    """Runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--level", default="hard")
    parser.add_argument("--honest", type=int, default=30)
    parser.add_argument("--faulty", type=int, default=10)
    parser.add_argument("--first", type=int, default=FIRST_SEED)
    parser.add_argument("--rows", type=Path, help="keep truth and report of each here")
    parser.add_argument("--photographs", type=Path, help="keep the photographs in this folder")
    wanted = parser.parse_args()
    work = jobs(wanted.level, wanted.honest, 0, wanted.faulty, wanted.first)
    print(f"{len(work)} photographs, level {wanted.level}, seeds from {wanted.first}")
    print(
        f"{'':20} {'right':>7} {'wrong':>7} {'seals':>9} {'cleared':>9} "
        f"{'accused':>7} {'caught':>9} {'s each':>6} {'changed':>7}"
    )
    with tempfile.TemporaryDirectory() as folder:
        url = demo_database(folder)
        kept = Kept(wanted.rows, wanted.photographs or Path(folder))
        # The models are loaded before anything is timed.
        check_photograph(work[0], *kept_photograph(work[0], kept.photographs), url)
        usual: list[Row] = []
        for step in STEPS:
            rows = read_without(step, work, url, kept)
            usual = usual or rows
            print(line(step, rows, usual), flush=True)


if __name__ == "__main__":
    main()
