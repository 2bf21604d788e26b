"""How well generated photographs are read and judged; prints the tables of docs/benchmarks.md.

    .venv/bin/python -m tests.benchmarks.reading --level normal \
        [--honest 200] [--tricky 25] [--faulty 75] [--first SEED] [--rows FILE]

With `--rows` a run can be stopped and taken up, and counted again later with the same command.
Photographs are made in processes of their own, so that a worker's memory is that of a batch
worker: what it takes to check, on one core, photographs of changing size.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.benchmarks.counting import (
    advice_table,
    fields_table,
    marks_table,
    memory_table,
    treatments_table,
    verdict_table,
)
from tests.benchmarks.photographs import FIRST_SEED, checked, jobs


def main() -> None:
    """Runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--level", default="normal")
    parser.add_argument("--honest", type=int, default=200)
    parser.add_argument("--tricky", type=int, default=25)
    parser.add_argument("--faulty", type=int, default=75)
    parser.add_argument("--first", type=int, default=FIRST_SEED)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--rows", type=Path, help="keep truth and report of each photograph here")
    wanted = parser.parse_args()
    work = jobs(wanted.level, wanted.honest, wanted.tricky, wanted.faulty, wanted.first)
    rows = list(checked(work, wanted.rows, wanted.workers))
    print(
        f"{len(work)} photographs of {len(rows)} certificates, level {wanted.level}, "
        f"seeds from {wanted.first}"
    )
    for table in (
        fields_table,
        marks_table,
        verdict_table,
        treatments_table,
        advice_table,
        memory_table,
    ):
        print()
        print("\n".join(table(rows)))


if __name__ == "__main__":
    main()
