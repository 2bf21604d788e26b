"""`./run demo`: every sample photo checked, one table, the full reports beside it.

Rests on the demo registry in a database of its own, so that whatever registry the user
has loaded is neither shown nor touched.
"""

from __future__ import annotations

import argparse
import dataclasses as dc
import tempfile
from pathlib import Path

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from certcheck import messages, report_text
from certcheck.batch import ReportFile, photos
from certcheck.check import Wish
from certcheck.progress import bar
from certcheck.report import Report
from certcheck.runner import default_workers, run
from registry import store
from registry.lookup import Registry
from samples import PHOTOS

OUT = Path("build") / "demo"
REPORTS = "reports.jsonl"
TEXTS = "reports.txt"
# Columns below which the table cannot be read; a narrower window scrolls.
NARROWEST = 130
# Of the table's width, by column.
SHARES = (5, 5, 2, 12)


def main() -> None:
    """Checks the samples and prints the table."""
    parser = argparse.ArgumentParser(prog="./run demo", description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT, help="folder for the full reports")
    parser.add_argument("--workers", type=int, default=default_workers())
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'demo.sqlite3'}"
        reports = _check(url, wanted.workers)
    _keep(reports, wanted.out)
    console = Console(width=max(Console().width, NARROWEST))
    console.print(_table(reports))
    where = messages.text("demo.where", text=wanted.out / TEXTS, json=wanted.out / REPORTS)
    for line in where:
        console.print(line, highlight=False, soft_wrap=True)


def _check(url: str, workers: int) -> list[Report]:
    engine = store.open_registry(url)
    store.fill_with_demo(engine)
    tasks = photos(PHOTOS)
    found: dict[str, list[Report]] = {}
    with bar(len(tasks), 0) as advance:
        for task, reports in run(tasks, Registry(engine), url, Wish(), workers):
            found[task.name] = reports
            advance(1)
    return [report for task in tasks for report in found[task.name]]


def _table(reports: list[Report]) -> Table:
    head = report_text.summary_head()
    table = Table(box=box.SIMPLE_HEAD)
    for title, share in zip(dc.astuple(head), SHARES, strict=True):
        table.add_column(title, overflow="fold", ratio=share)
    for report in reports:
        table.add_row(*(escape(cell) for cell in dc.astuple(report_text.summary_row(report))))
    return table


def _keep(reports: list[Report], folder: Path) -> None:
    """The reports of this run, those of an earlier one replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / REPORTS).unlink(missing_ok=True)
    with ReportFile(folder / REPORTS) as file:
        for report in reports:
            file.append([report])
    text = "\n\n".join(report_text.render(report) for report in reports)
    (folder / TEXTS).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
