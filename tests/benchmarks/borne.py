"""How far a value that was read surely may be relied on when another paper is held against it.

    python -m tests.benchmarks.borne --photographs 20 --level normal

Photographs are made and read once. Of every value that was read surely: is it right, does the
second engine read the same, what does the ink say of a value that stands on another certificate,
and how long does it take to ask. With `--rows` the rows of `tests.benchmarks.reading` are counted,
which tell only whether sure values were right.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from certcheck.confirm import plain
from certcheck.seen.compare import borne_out, plain_number
from certcheck.seen.sighting import COMPARED, SURE, sure
from ocr.read import Part, read_photo
from tests.benchmarks.photographs import Job, kept_photograph

FIRST = 93_000_000
KEYS = (*COMPARED, "issue_date", "certificate_no", "approver")
OTHERS = 3


def same(key: str, one: object, other: object) -> bool:
    """Whether two values say the same."""
    form = plain_number if key == "mass" else plain
    return form(str(one)) == form(str(other))


def counted(rows: Path) -> Iterator[tuple[str, str]]:
    """Key and outcome of each sure value of a file of rows."""
    for line in rows.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for key in KEYS:
            read = row["report"]["fields"].get(key)
            if read and read["confidence"] >= SURE:
                right = same(key, read["value"], row["truth"]["fields"].get(key, ""))
                yield key, "right" if right else "wrong"


def asked(
    part: Part, truth: dict[str, Any], others: dict[str, list[str]]
) -> Iterator[tuple[str, str]]:
    """Key and outcome of each sure value of a paper.

    Args:
        part: as read.
        truth: as printed.
        others: values of other papers.
    """
    for key in KEYS:
        field = part.reading.fields.get(key)
        if field is None or not sure(field):
            continue
        yield key, "right" if same(key, field.text, truth["fields"].get(key, "")) else "wrong"
        start = time.perf_counter()
        again = part.witness.reread(key)
        yield key, f"asked {time.perf_counter() - start:.3f}"
        strange = [one for one in others.get(key, []) if not same(key, one, field.text)][:OTHERS]
        yield key, f"second {_second(key, field.text, again.text if again else '', strange)}"
        for one in part.witness.ask_field(key, strange):
            yield key, f"ink {one.answer.value}"
        others.setdefault(key, []).insert(0, str(truth["fields"].get(key, field.text)))


def _second(key: str, first: str, second: str, strange: Sequence[str]) -> str:
    """What a second reading is: the same, near enough to bear the first out, another, none."""
    if not second:
        return "none"
    if same(key, first, second):
        return "same"
    return "near" if all(borne_out(key, first, second, one) for one in strange) else "other"


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photographs", type=int, default=20)
    parser.add_argument("--level", default="normal")
    parser.add_argument("--first", type=int, default=FIRST)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--rows", type=Path, nargs="*", default=[])
    told = parser.parse_args()
    found: Counter[tuple[str, str]] = Counter()
    times: list[float] = []
    for rows in told.rows:
        found.update(counted(rows))
    others: dict[str, list[str]] = {}
    for seed in range(told.first, told.first + (0 if told.rows else told.photographs)):
        data, truth = kept_photograph(Job(seed, told.level, None), told.folder)
        for key, what in asked(read_photo(data, f"{seed}.jpg")[0], truth, others):
            if what.startswith("asked"):
                times.append(float(what.split()[1]))
            else:
                found[key, what] += 1
    for key in KEYS:
        print(f"{key:<16}", {what: many for (one, what), many in found.items() if one == key})
    if times:
        print(f"asking the second engine: {sum(times) / len(times):.3f} s, most {max(times):.3f} s")


if __name__ == "__main__":
    main()
