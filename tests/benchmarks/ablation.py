"""What each step is worth: the same photographs read with one step switched off at a time.

    .venv/bin/python -m tests.benchmarks.ablation [--level hard] [--honest 30] [--faulty 10]
        [--rows FILE] [--photographs FOLDER] [--usual ROWS]

A step that changes none of these figures does not pay for its time and its code. `changed`
counts photographs whose report differs from that with everything on: 0 for a step that was
not there to be switched off. With `--rows` a run can be stopped and taken up.

`--usual` names rows that `tests.benchmarks.reading` kept, of the same code: the photographs
are the first of those, and what was read with everything on is taken from there (without its
time, as two were read beside one another).
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import itertools
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
    by_itself,
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


def _fields_as_they_are(_: Any, fields: Any) -> Any:
    return fields


def _no_character(*_: Any) -> list[int]:
    return []


def _agrees(*_: Any) -> Any:
    from certcheck.confirm import Second

    return Second.SAME


def _true(*_: Any) -> bool:
    return True


def _false(*_: Any) -> bool:
    return False


USUAL = "everything on"
ASKING, SECONDING = "no asking the ink", "no second witness"
# What is read does not hang on these: a photograph is read once for them.
JUDGING = (USUAL, ASKING, SECONDING)
# What stands in for a step that is switched off, by the place where it is called.
STEPS: dict[str, dict[str, Callable[..., Any]]] = {
    USUAL: {},
    "no straightening": {"ocr.read.find_pages": _whole},
    "no red-ink removal": {"ocr.read.without_red": _as_it_is},
    "no second look": {"ocr.read._PageReader._second_look": _first_reading},
    "no words of fields": {
        "ocr.read.WordLook.again": _fields_as_they_are,
        "ocr.fields.wording.outside": _no_character,
        "ocr.fields.wording.made_of_words": _false,
    },
    ASKING: {
        f"certcheck.{module}.ask_field": _nothing
        for module in ("confirm", "ink", "unread", "rules.item1_accreditation")
    },
    SECONDING: {
        "certcheck.confirm.second_reading": _agrees,
        "certcheck.confirm_seal._seconded": _true,
    },
}


def read_photographs(work: Sequence[Job], url: str, kept: Kept) -> None:
    """Reads each with every step off in turn, but for what was done before."""
    for job in work:
        todo = [step for step in STEPS if (step, job.key) not in kept.rows]
        if not todo:
            continue
        data, truth = kept_photograph(job, kept.photographs)
        once = _ReadOnce()
        for step in todo:
            start = time.perf_counter()
            found = _without(step, once, job, data, truth, url)
            # A reading that was there already is part of what the step would have taken.
            seconds = time.perf_counter() - start + (once.saved if step in JUDGING else 0.0)
            kept.add([{**row, "step": step, "seconds": seconds} for row in found])


def _without(
    step: str, once: _ReadOnce, job: Job, data: bytes, truth: dict[str, Any], url: str
) -> list[Row]:
    from certcheck.check import check_bytes

    with contextlib.ExitStack() as off:
        for place, stand_in in STEPS[step].items():
            off.enter_context(mock.patch(place, stand_in))
        if step in JUDGING:
            shared = functools.partial(check_bytes, read=once)
            off.enter_context(mock.patch("certcheck.check.check_bytes", shared))
        return check_photograph(job, data, truth, url)


class _ReadOnce:
    """Reads a photograph the first time and knows it after."""

    def __init__(self) -> None:
        self.saved = self._took = 0.0
        self._parts: list[Any] | None = None

    def __call__(self, data: bytes, name: str, *, engine: str | None = None) -> list[Any]:
        from ocr.read import read_photo

        self.saved = self._took
        if self._parts is None:
            start = time.perf_counter()
            self._parts = read_photo(data, name, engine=engine)
            self._took = time.perf_counter() - start
        return self._parts


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
            rows = _whole_rows(file)
            self.rows = {key: found for key, found in rows.items() if len(found) == found[0]["of"]}
            # Without what was being written when the run was stopped.
            text = "".join(_told(row) for found in self.rows.values() for row in found)
            file.write_text(text, encoding="utf-8")

    def add(self, rows: Sequence[Row]) -> None:
        """Writes a photograph's rows down."""
        self.rows[rows[0]["step"], rows[0]["key"]] = list(rows)
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as file:
                file.writelines(map(_told, rows))

    def take(self, usual: Path, count: int) -> list[Job]:
        """Photographs that were read with everything on before, the first of a file."""
        found = {key: rows for (_, key), rows in _whole_rows(usual).items()}
        work = []
        for key, rows in itertools.islice(found.items(), count):
            level, seed, plan = key.split("/", 2)
            work.append(Job(int(seed), level, plan or None))
            known = [{**row, "step": USUAL, "seconds": None} for row in rows]
            self.rows.setdefault((USUAL, key), known)
        return work


def _whole_rows(file: Path) -> dict[tuple[str, str], list[Row]]:
    """Rows by step and photograph; a last line that was cut short is left out."""
    rows: dict[tuple[str, str], list[Row]] = {}
    for text in file.read_text(encoding="utf-8").splitlines(keepends=True):
        if text.endswith("\n"):
            row = json.loads(text)
            rows.setdefault((row.get("step", USUAL), row["key"]), []).append(row)
    return rows


def _told(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


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
    timed = [row["seconds"] for row in rows if row["seconds"] is not None]
    seconds = f"{statistics.median(timed):6.2f}" if timed else f"{'':6}"
    return (
        f"{step:20} {fields['right'] / of:7.4f} {fields['wrong'] / of:7.4f} "
        f"{seals.count('right'):4}/{len(seals):<4} "
        f"{honest.count('consistent'):4}/{len(honest):<4} "
        f"{sum(honest.count(status) for status in ACCUSING):7} "
        f"{sum(pair[0] for pair in found):4}/{sum(pair[1] for pair in found):<4} "
        f"{seconds} {changed(rows, usual):7}"
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
    parser.add_argument("--usual", type=Path, help="rows of the reading benchmark")
    wanted = parser.parse_args()
    by_itself()
    with tempfile.TemporaryDirectory() as folder:
        url = demo_database(folder)
        kept = Kept(wanted.rows, wanted.photographs or Path(folder))
        if wanted.usual:
            work = kept.take(wanted.usual, wanted.honest + wanted.faulty)
        else:
            work = jobs(wanted.level, wanted.honest, 0, wanted.faulty, wanted.first)
        # The models are loaded before anything is timed.
        check_photograph(work[0], *kept_photograph(work[0], kept.photographs), url)
        read_photographs(work, url, kept)
        of = {step: [row for job in work for row in kept.rows[step, job.key]] for step in STEPS}
    print(f"{len(work)} photographs, the first {work[0].key}")
    print(
        f"{'':20} {'right':>7} {'wrong':>7} {'seals':>9} {'cleared':>9} "
        f"{'accused':>7} {'caught':>9} {'s each':>6} {'changed':>7}"
    )
    for step, rows in of.items():
        print(line(step, rows, of[USUAL]))


if __name__ == "__main__":
    main()
