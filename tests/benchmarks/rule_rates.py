"""How often each rule accuses an honest paper, and how often it tells a planted fault.

    python -m tests.benchmarks.rule_rates ROWS...

counts the findings in rows that `tests.benchmarks.reading` wrote, photographs through the whole
program, and writes `certcheck/rules/rates.csv`, from which `python -m certcheck.rules` makes
docs/items.md. Of a planted fault only the rules of its own item count.

    python -m tests.benchmarks.records --rates records.json
    python -m tests.benchmarks.evidence --rates evidence.json
    python -m tests.benchmarks.rule_rates --made records.json evidence.json

What no photograph alone can show (a record, an earlier paper) is measured on readings; those rules'
rows take the place of the photographs' and are said to.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

OUT = Path(__file__).parents[2] / "certcheck" / "rules" / "rates.csv"
ACCUSES = ("inconsistent", "suspected")
# Begins the comment lines of what was measured on readings.
MADE = "# Without photographs: "

# Honest papers, alarms among them, papers with the fault, told.
Row = tuple[int, int, int, int]


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


def keep_made(path: Path, how: str, rules: Mapping[str, Row]) -> None:
    """Writes what a benchmark without photographs measured, for `--made`.

    Args:
        path: JSON file.
        how: it was measured, one sentence.
        rules: by id.
    """
    path.write_text(json.dumps({"how": how, "rules": rules}), encoding="utf-8")


def _held() -> tuple[list[str], dict[str, Row]]:
    """Comments and rows of the file as it is."""
    if not OUT.exists():
        return [], {}
    lines = OUT.read_text(encoding="utf-8").splitlines()
    told = csv.DictReader(line for line in lines if not line.startswith("#"))
    figures = ("honest", "alarms", "planted", "caught")
    found: dict[str, Row] = {}
    for row in told:
        honest, alarms, planted, caught = (int(row[one]) for one in figures)
        found[row["rule"]] = (honest, alarms, planted, caught)
    return [line for line in lines if line.startswith("#")], found


def _photographs(paths: Iterable[str]) -> tuple[str, dict[str, Row]]:
    # They register themselves; only the ids are needed.
    from certcheck.rules.framework import all_rules

    honest, alarms, told = count(rows(paths))
    how = (
        f"# Rates: {honest} photographs of honest papers and"
        f" {sum(map(len, told.values()))} with one planted fault, read and judged whole"
        " (`tests/benchmarks/reading.py`, see [benchmarks.md](benchmarks.md);"
        " `python -m tests.benchmarks.rule_rates`)."
    )
    found: dict[str, Row] = {}
    for one in all_rules():
        kinds = [papers for papers in told.values() if any(one.id in each for each in papers)]
        caught = sum(one.id in each for papers in kinds for each in papers)
        found[one.id] = (honest, alarms[one.id], sum(map(len, kinds)), caught)
    return how, found


def main() -> None:
    """Writes the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*")
    parser.add_argument("--made", nargs="*", type=Path, default=[])
    asked = parser.parse_args()
    comments, found = _held()
    made = {line: {key: found[key] for key in found if f"`{key}`" in line}
            for line in comments if line.startswith(MADE)}  # fmt: skip
    how = next((line for line in comments if not line.startswith(MADE)), "")
    if asked.rows:
        how, found = _photographs(asked.rows)
    for path in asked.made:
        new = json.loads(path.read_text(encoding="utf-8"))
        rules: dict[str, Row] = {key: tuple(row) for key, row in new["rules"].items()}
        made = {line: held for line, held in made.items() if not rules.keys() & held.keys()}
        made[f"{MADE}{', '.join(f'`{key}`' for key in rules)}: {new['how']}"] = rules
    for rules in made.values():
        found |= rules
    with OUT.open("w", encoding="utf-8", newline="") as file:
        file.writelines(f"{line}\n" for line in (how, *made))
        write = csv.writer(file, lineterminator="\n")
        write.writerow(("rule", "honest", "alarms", "planted", "caught"))
        write.writerows((key, *row) for key, row in found.items())
    print(OUT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
