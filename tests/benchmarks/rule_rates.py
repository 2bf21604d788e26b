"""How often each rule accuses an honest paper, and how often it tells a planted fault.

    python -m tests.benchmarks.rule_rates ROWS...

counts the findings in rows that `tests.benchmarks.reading` wrote, photographs through the whole
program, and writes `certcheck/rules/rates.csv`, from which `python -m certcheck.rules` makes
docs/items.md. Of a planted fault only the rules of its own item count.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

OUT = Path(__file__).parents[2] / "certcheck" / "rules" / "rates.csv"
ACCUSES = ("inconsistent", "suspected")


def rows(paths: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The rows of all files."""
    for path in paths:
        with Path(path).open(encoding="utf-8") as file:
            yield from map(json.loads, file)


def accused(report: dict[str, Any], item: int | None = None) -> set[str]:
    """The rules that accuse in a report, of one item where one is given."""
    return {
        finding["rule"]
        for one in report["items"]
        if item in (None, one["item"])
        for finding in one["findings"]
        if finding["status"] in ACCUSES
    }


def count(found: Iterable[dict[str, Any]]) -> tuple[int, Counter[str], dict[str, list[set[str]]]]:
    """Honest photographs, the rules that accused one, and by fault what each one's told."""
    honest = 0
    alarms: Counter[str] = Counter()
    told: dict[str, list[set[str]]] = defaultdict(list)
    for row in found:
        truth = row["truth"]
        if truth["honest"] and truth["expected"]["verdict"] not in ACCUSES:
            honest += 1
            alarms.update(accused(row["report"]))
        elif truth["expected"]["verdict"] in ACCUSES and not truth.get("hidden"):
            told[truth["case"] or truth["fault"]].append(accused(row["report"], truth["item"]))
    return honest, alarms, told


def main(paths: list[str]) -> None:
    """Writes the file."""
    # They register themselves; only the ids are needed.
    from certcheck.rules.framework import all_rules

    honest, alarms, told = count(rows(paths))
    with OUT.open("w", encoding="utf-8", newline="") as file:
        file.write(
            f"# Rates: {honest} photographs of honest papers and"
            f" {sum(map(len, told.values()))} with one planted fault, read and judged whole"
            " (`tests/benchmarks/reading.py`, see [benchmarks.md](benchmarks.md);"
            " `python -m tests.benchmarks.rule_rates`).\n"
        )
        write = csv.writer(file, lineterminator="\n")
        write.writerow(("rule", "honest", "alarms", "planted", "caught"))
        for one in all_rules():
            kinds = [papers for papers in told.values() if any(one.id in each for each in papers)]
            planted = sum(map(len, kinds))
            caught = sum(one.id in each for papers in kinds for each in papers)
            write.writerow((one.id, honest, alarms[one.id], planted, caught))
    print(OUT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main(sys.argv[1:])
