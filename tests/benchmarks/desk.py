"""The office's pages over 200 000 checks and 20 000 cases: `python -m tests.benchmarks.desk`.

Rows are made straight in the store (`tests.certcheck.desk_rows`), on SQLite or on a PostgreSQL
server of its own. Every request goes through the app as a signed-in chief's does, from the route to
the last byte of the page; none comes twice with the same words. In the end each figure is counted
again from the exported rows in plain Python.
"""

from __future__ import annotations

import datetime as dt
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from certcheck.accounts.roles import Role
from certcheck.cases.rules import State
from certcheck.figures import counting
from certcheck.figures.model import Asked
from certcheck.runner.settings import Settings
from certcheck.runner.work import Work
from registry import store
from registry.lookup import Registry
from tests.certcheck import desk_rows
from tests.certcheck.desk_rows import Size
from tests.registry.server import Server, programs
from tests.web import tour
from tests.web.staff import quick
from web import create_app

# The goal of searches and lists, at the 95th of a hundred.
GOAL_MS = 300
_PERCENT = 95

Address = Callable[[random.Random], str]


@click.command()
@click.option("--on", "kind", type=click.Choice(store.DATABASES), required=True)
@click.option("--folder", type=click.Path(path_type=Path), required=True, help="Is kept.")
@click.option("--checks", default=200_000)
@click.option("--cases", default=20_000)
@click.option("--times", default=60, help="Requests of each kind.")
@click.option("--url", help="A PostgreSQL database that is there; else one of its own.")
def main(kind: str, folder: Path, checks: int, cases: int, times: int, url: str | None) -> None:
    """Measure, and compare every figure with one counted from the export."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = store.open_registry(f"sqlite:///{folder / 'registry.sqlite'}")
    store.fill_with_demo(engine)
    with _database(kind, url) as address:
        work = Work(Settings(folder / kind, url=address, workers=1))
        _fill(work, Size(checks, cases), _known(engine))
        app = create_app(
            {"REGISTRY": Registry(engine), "WORK": work, "PASSWORDS": quick(), "CHECKS": False}
        )
        app.extensions["registry_engine"] = engine
        _measure(app, times)
        _compare(work)
        work.close()
    engine.dispose()


@contextmanager
def _database(kind: str, url: str | None) -> Iterator[str | None]:
    if kind == "sqlite" or url:
        yield url
        return
    binaries = programs()
    if binaries is None:
        raise click.ClickException("no PostgreSQL server is installed")
    server = Server(binaries)
    try:
        yield server.url(server.create())
    finally:
        server.stop()


def _fill(work: Work, size: Size, known: list[tuple[str, str]]) -> None:
    began = time.perf_counter()
    with store.session(work.engine) as opened:
        if opened.connection().exec_driver_sql("SELECT count(*) FROM work_archive").scalar():
            click.echo("as it was left")
            return
        opened.rollback()
        store.write(opened)
        desk_rows.fill(opened.connection(), size, known=known)
        opened.commit()
    if work.engine.dialect.name != "sqlite":
        with work.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    click.echo(f"{size.checks} checks and {size.cases} cases: {time.perf_counter() - began:.0f} s")


def _known(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT lab_id, name FROM labs ORDER BY lab_id")
        return [(str(lab_id), str(name)) for lab_id, name in rows]


def _measure(app: Flask, times: int) -> None:
    person = tour.someone(app, Role.CHIEF)
    client = tour.browser_of(app, person)
    click.echo(f"{'':28}{'p50':>8}{'p95':>8}{'most':>8}  ms; of this process's own time{'p95':>8}")
    late = []
    for name, address in _addresses(app).items():
        both = list(_took(client, address, times))
        took, own = (sorted(one) for one in zip(*both, strict=True))
        p95, own95 = (one[min(times - 1, times * _PERCENT // 100)] for one in (took, own))
        click.echo(f"{name:28}{statistics.median(took):8.0f}{p95:8.0f}{took[-1]:8.0f}{own95:40.0f}")
        if p95 > GOAL_MS and not name.startswith("figures"):
            late.append(name)
    click.echo(f"later than {GOAL_MS} ms: {', '.join(late) or 'none'}")


def _took(client: FlaskClient, address: Address, times: int) -> Iterator[tuple[float, float]]:
    """Milliseconds of each request: by the clock, and of this process's own time."""
    chance = random.Random(11)  # noqa: S311 - no secret
    client.get(address(chance))
    for _ in range(times):
        wanted = address(chance)
        began, busy = time.perf_counter(), time.process_time()
        answer = client.get(wanted)
        took = (time.perf_counter() - began) * 1000, (time.process_time() - busy) * 1000
        if answer.status_code != 200:
            raise click.ClickException(f"{wanted}: {answer.status_code}")
        yield took


def _addresses(app: Flask) -> dict[str, Address]:
    """What is asked for, by name; each makes an address anew."""
    known = [lab_id for lab_id, _ in _known(app.extensions["registry_engine"])]
    made: dict[str, Address] = {
        "search, a number": lambda one: f"/search?q={one.randrange(10**5):05d}",
        "search, a laboratory": lambda one: f"/search?q={one.choice(desk_rows.PLACES)}",
        "search, one character": lambda one: f"/search?q={one.choice('玉王石中检南')}",
        "search, two characters": lambda one: f"/search?q={_pair(one)}",
        "search, two words": lambda one: (
            f"/search?q={_pair(one)}+{one.choice(desk_rows.MARKETS[:-1])}"
        ),
        "search, narrowed": lambda one: (
            f"/search?q={_pair(one)}&verdict=inconsistent&kind=certificate"
        ),
        "search, nothing": lambda one: f"/search?q={one.randrange(10**9)}%E4%B8%8D",
        "cases, all": lambda one: "/cases?view=all",
        "cases, overdue": lambda one: "/cases?view=overdue",
        "cases, of a state": lambda one: f"/cases?view=all&state={one.choice(list(State))}",
        "cases, mine": lambda one: "/cases?view=mine",
        "a case": lambda one: f"/cases/{one.randrange(1, 1000)}",
        "a laboratory": lambda one: f"/laboratories/{one.choice(known)}",
        "own checks": lambda one: "/history",
        "inspections": lambda one: "/inspections",
        "figures": lambda one: f"/figures?since=2026-0{one.randrange(1, 9)}-01&until=2026-11-20",
        "figures, all days": lambda one: "/figures?since=2024-12-01&until=2026-11-20",
        "figures, of a laboratory": lambda one: f"/figures?lab={one.choice(_labs(app))}",
    }
    rules = {rule.rule.partition("<")[0].rstrip("/") for rule in app.url_map.iter_rules()}
    there = {name: one for name, one in made.items() if _root(one) in rules}
    for name in made.keys() - there.keys():
        click.echo(f"no such page: {name}")
    return there


def _root(address: Address) -> str:
    return "/" + address(random.Random(1)).partition("?")[0].split("/")[1]  # noqa: S311


def _labs(app: Flask) -> list[str]:
    if "benchmark_labs" not in app.extensions:
        work: Work = app.extensions["work"]
        with store.session(work.engine) as opened:
            rows = opened.connection().exec_driver_sql("SELECT DISTINCT lab FROM work_archive")
            app.extensions["benchmark_labs"] = [str(row[0]) for row in rows]
    found: list[str] = app.extensions["benchmark_labs"]
    return found


def _pair(chance: random.Random) -> str:
    text = chance.choice((*desk_rows.STONES, *desk_rows.MARKETS[:-1], *desk_rows.KINDS))
    at = chance.randrange(len(text) - 1)
    return text[at : at + 2]


def _compare(work: Work) -> None:
    """Says whether each figure is what the exported rows come to."""
    asked = Asked(dt.date(2024, 1, 1), dt.date(2027, 12, 31))
    today = dt.date(2026, 11, 22)
    with store.session(work.engine) as opened:
        figures = {one.name: one for one in counting.figures(opened, asked, today)}
        checks = [
            dict(zip(counting.CHECK_COLUMNS, row, strict=True))
            for row in counting.check_rows(opened, asked)
        ]
        cases = [
            dict(zip(counting.CASE_COLUMNS, row, strict=True))
            for row in counting.case_rows(opened, asked)
        ]
    wrong = []
    for name, figure in figures.items():
        of_checks = name.startswith("checks")
        column = {
            "month": "day" if of_checks else "opened_on",
            "person": "who" if of_checks else "owner",
        }
        if name == "checks_by_item":
            by_hand = {
                (row.key, one): sum(check[f"item{row.key}"] == one for check in checks)
                for row in figure.rows
                for one in figure.measures
            }
        else:
            counted: Counter[tuple[str, str]] = Counter()
            for row in checks if of_checks else cases:
                key = str(row[column.get(figure.of, figure.of)] or "")
                key = key[:7] if figure.of == "month" else key
                counted.update((key, one) for one in figure.measures if _fits(one, row, today))
            if name == "cases_by_month":
                counted = Counter({key: n for key, n in counted.items() if key[1] == "opened"})
                for row in cases:
                    if row["settled_on"]:
                        month = f"{row['settled_on']:%Y-%m}"
                        counted.update(
                            (month, one) for one in figure.measures[1:] if _fits(one, row, today)
                        )
            by_hand = dict(counted)
        found = {(row.key, one): n for row in figure.rows for one, n in row.counts.items()}
        if {key: n for key, n in found.items() if n} != {key: n for key, n in by_hand.items() if n}:
            wrong.append(name)
    click.echo(f"{len(figures)} figures of {len(checks)} checks and {len(cases)} cases")
    click.echo(f"not as counted by hand: {', '.join(wrong) or 'none'}")


def _fits(measure: str, row: dict[str, object], today: dt.date) -> bool:
    state, closed = row.get("state"), row.get("state") == "closed"
    told = {
        "total": True, "opened": True, "settled": bool(row.get("settled_on")),
        "handled": state not in ("pending", "checking"), "filed": state == "filed",
        "referred": state == "referred" or (closed and row["result"] == "handed_over"),
        "closed": closed, "on_time": closed and not row["late"], "open": bool(row.get("active")),
        "overdue": bool(row.get("active")) and str(row["due_on"]) < today.isoformat(),
    } if state else {"total": True}  # fmt: skip
    return bool(told.get(measure, row.get("verdict") == measure))


if __name__ == "__main__":
    main()
