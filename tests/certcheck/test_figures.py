"""What would break: a figure that is not what somebody counts who has only the exported rows."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from certcheck.cases.rules import State
from certcheck.cli import cli
from certcheck.figures import counting, sheets
from certcheck.figures.model import Asked, Figure, months
from certcheck.messages import catalogue
from certcheck.runner import settings
from certcheck.runner.store import open_store
from registry import store
from tests.certcheck import desk_rows
from tests.certcheck.desk_rows import Size
from tests.servers.databases import WorkDatabases

TODAY = dt.date(2026, 11, 22)
ALL = Asked(dt.date(2024, 1, 1), TODAY)
Row = dict[str, Any]


@pytest.fixture(scope="module", params=store.DATABASES)
def office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Engine, Path, str]]:
    """A store with some hundred checks, its folder and its address."""
    url = ""
    if request.param != "sqlite":
        databases: WorkDatabases = request.getfixturevalue("work_databases")
        url = databases.own()
    folder = tmp_path_factory.mktemp("office")
    engine = open_store(folder, url or None)
    with store.session(engine) as opened:
        store.write(opened)
        desk_rows.fill(opened.connection(), Size(700, 150, labs=9, people=4, stalls=5))
        opened.commit()
    yield engine, folder, url
    engine.dispose()


def exported(office: tuple[Engine, Path, str], out: Path, *more: str) -> Callable[[str], Any]:
    """What `certcheck figures export` writes, by file."""
    _, folder, url = office
    environment = {settings.FOLDER: str(folder), settings.URL: url}
    asked = ["figures", "export", "--out", str(out), "--until", TODAY.isoformat(), *more]
    told = CliRunner(env=environment).invoke(cli, asked)
    assert told.exit_code == 0, told.output
    return lambda name: json.loads((out / f"{name}.json").read_text("utf-8"))


def tally(
    rows: list[Row], column: str, length: int | None = None, **measures: Callable[[Row], bool]
) -> Any:
    """Counted by hand: by the beginning of a column, how many rows fit each measure."""
    found: dict[str, Counter[str]] = {}
    for row in rows:
        counts = found.setdefault(str(row[column] or "")[:length], Counter())
        counts.update({name: 1 for name, fits in measures.items() if fits(row)})
    return {name: {one: counts[one] for one in measures} for name, counts in found.items()}


def as_counted(figure: Figure) -> dict[str, Mapping[str, int]]:
    return {row.key: row.counts for row in figure.rows}


def without_zeros(found: Mapping[str, Mapping[str, int]]) -> dict[str, Mapping[str, int]]:
    return {key: counts for key, counts in found.items() if any(counts.values())}


def test_every_figure_is_what_the_exported_rows_say(
    office: tuple[Engine, Path, str], tmp_path: Path
) -> None:
    read = exported(office, tmp_path, "--format", "json")
    checks, cases = read("checks"), read("cases")
    assert (len(checks), len(cases)) == (700, 150)
    with store.session(office[0]) as opened:
        figures = {one.name: one for one in counting.figures(opened, ALL, TODAY)}
    verdicts = {
        one: lambda row, one=one: row["verdict"] == one
        for one in ("inconsistent", "suspected", "unverifiable", "consistent", "error")
    }
    total = {"total": lambda row: True}
    keys = {"month": "day", "lab": "lab", "market": "market", "person": "who"}
    for of, column in keys.items():
        length = 7 if of == "month" else None
        by_hand = tally(checks, column, length, **total, **verdicts)
        assert without_zeros(as_counted(figures[f"checks_by_{of}"])) == by_hand, of
    for item, counts in as_counted(figures["checks_by_item"]).items():
        assert counts == {one: sum(row[f"item{item}"] == one for row in checks) for one in counts}
    of_cases = {
        "lab": "lab", "item": "item", "market": "market", "person": "owner",
        "category": "category", "state": "state", "source": "source",
    }  # fmt: skip
    for of, column in of_cases.items():
        by_hand = tally(cases, column, **MEASURES)
        assert as_counted(figures[f"cases_by_{of}"]) == by_hand, of
    monthly: dict[str, Counter[str]] = {}
    for row in cases:
        monthly.setdefault(row["opened_on"][:7], Counter())["opened"] += 1
        if row["settled_on"]:
            counts = monthly.setdefault(row["settled_on"][:7], Counter())
            counts["settled"] += 1
            counts.update({one: MEASURES[one](row) for one in ("closed", "on_time", "referred")})
    found = as_counted(figures["cases_by_month"])
    in_time = {month: counts for month, counts in monthly.items() if month <= "2026-11"}
    assert without_zeros(found) == {
        month: {one: counts[one] for one in found[month]} for month, counts in in_time.items()
    }
    assert {one.name: as_counted(one) for one in figures.values()} == {
        name: {row.pop("key"): row for row in read(name)["rows"]} for name in figures
    }


def _referred(row: Row) -> bool:
    closed = row["state"] == "closed" and row["result"] == "handed_over"
    return bool(row["state"] == "referred" or closed)


MEASURES: dict[str, Callable[[Row], bool]] = {
    "opened": lambda row: True,
    "handled": lambda row: row["state"] not in ("pending", "checking"),
    "filed": lambda row: row["state"] == "filed",
    "referred": _referred,
    "closed": lambda row: row["state"] == "closed",
    "on_time": lambda row: row["state"] == "closed" and not row["late"],
    "open": lambda row: row["active"],
    "overdue": lambda row: row["active"] and row["due_on"] < TODAY.isoformat(),
}


def test_days_laboratory_and_market_narrow_all_of_it(office: tuple[Engine, Path, str]) -> None:
    since, until = dt.date(2025, 3, 1), dt.date(2025, 8, 31)
    with store.session(office[0]) as opened:
        rows = list(counting.check_rows(opened, ALL))
        lab, market = rows[0][5], desk_rows.MARKETS[0]
        asked = Asked(since, until, lab, market)
        (figure,) = (
            one for one in counting.figures(opened, asked, TODAY) if one.name == "checks_by_lab"
        )
        fits = [
            row for row in rows if (row[5], row[2]) == (lab, market) and since <= row[1] <= until
        ]
        assert [row.counts["total"] for row in figure.rows] == [len(fits)] and fits
        assert list(counting.check_rows(opened, asked)) == fits
        cases = list(counting.case_rows(opened, Asked(since, until, lab)))
    assert cases and all(row[7] == lab and since <= row[13] <= until for row in cases)


def test_a_csv_opens_in_excel_and_runs_nothing(
    office: tuple[Engine, Path, str], tmp_path: Path
) -> None:
    exported(office, tmp_path)
    data = (tmp_path / "cases.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader((tmp_path / "cases.csv").read_text("utf-8-sig").splitlines()))
    assert len(rows) == 151 and "状态" in rows[0] and "closed" not in {row[3] for row in rows}
    assert len(list(tmp_path.glob("*.csv"))) == 2 + 13
    told = "".join(sheets.lines(["=a"], [["=1+1", 5], [None, TODAY]]))
    assert told == "\ufeff'=a\r\n'=1+1,5\r\n,2026-11-22\r\n"


def test_figures_are_printed(office: tuple[Engine, Path, str]) -> None:
    _, folder, url = office
    run = CliRunner(env={settings.FOLDER: str(folder), settings.URL: url})
    told = run.invoke(cli, ["figures", "show", "--until", TODAY.isoformat()])
    assert told.exit_code == 0 and "按期办结" in told.output and "石佛寺" in told.output
    wrong = run.invoke(cli, ["figures", "show", "--since", "2026-02-01", "--until", "2026-01-01"])
    assert wrong.exit_code == 2


def test_every_class_of_the_regulators_has_a_name_and_months_follow() -> None:
    assert months(dt.date(2025, 11, 30), dt.date(2026, 2, 1)) == [
        "2025-11", "2025-12", "2026-01", "2026-02",
    ]  # fmt: skip
    assert {f"figures.state.{one}" for one in State} <= set(catalogue())
