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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask
from flask.testing import FlaskClient

from certcheck.accounts.people import People
from certcheck.accounts.roles import Role
from certcheck.figures import files
from certcheck.figures.model import Asked
from certcheck.runner.settings import Settings
from certcheck.runner.work import Work
from registry import store
from registry.days import CHINA
from registry.lookup import Registry
from tests.benchmarks import desk_counted
from tests.benchmarks.desk_asked import INSPECTIONS, Address, addresses, known, of_keepers
from tests.certcheck import desk_log, desk_rows
from tests.certcheck.desk_rows import Size
from tests.registry.server import Server, programs
from tests.web import tour
from tests.web.staff import quick
from web import create_app

# The goal of searches and lists, at the 95th of a hundred.
GOAL_MS = 300
_PERCENT = 95
HEADING = f"{'':28}{'p50':>8}{'p95':>8}{'most':>8}{'own p50':>12}{'p95':>8}{'share':>8}{'idle':>8}"


@click.command()
@click.option("--on", "kind", type=click.Choice(store.DATABASES), required=True)
@click.option("--folder", type=click.Path(path_type=Path), required=True, help="Is kept.")
@click.option("--checks", default=200_000)
@click.option("--cases", default=20_000)
@click.option("--times", default=60, help="Requests of each kind.")
@click.option("--only", default="", help="Requests whose name begins so.")
@click.option("--url", help="A PostgreSQL database that is there; else one of its own.")
def main(
    kind: str, folder: Path, checks: int, cases: int, times: int, only: str, url: str | None
) -> None:
    """Measure, and compare every figure with one counted from the export."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = store.open_registry(f"sqlite:///{folder / 'registry.sqlite'}")
    store.fill_with_demo(engine)
    with database(kind, url) as address:
        work = Work(Settings(folder / kind, url=address, workers=1))
        _fill(work, Size(checks, cases, skewed=True, inspections=INSPECTIONS), known(engine))
        app = create_app(
            {"REGISTRY": Registry(engine), "WORK": work, "PASSWORDS": quick(), "CHECKS": False}
        )
        app.extensions["registry_engine"] = engine
        _measure(app, times, only)
        _compare(work, folder / f"{kind}-csv")
        work.close()
    engine.dispose()


@contextmanager
def database(kind: str, url: str | None) -> Iterator[str | None]:
    """The address of a database of its own; None for SQLite's file, `url` where it is given."""
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


def _fill(work: Work, size: Size, labs: list[tuple[str, str]]) -> None:
    began, busy = time.perf_counter(), time.process_time()
    with store.session(work.engine) as opened:
        if opened.connection().exec_driver_sql("SELECT count(*) FROM work_archive").scalar():
            click.echo("as it was left")
            return
        opened.rollback()
        store.write(opened)
        desk_rows.fill(opened.connection(), size, known=labs)
        rows = desk_log.fill(opened.connection(), size.people)
        opened.commit()
    if work.engine.dialect.name != "sqlite":
        with work.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    took, own = time.perf_counter() - began, time.process_time() - busy
    click.echo(
        f"{size.checks} checks, {size.cases} cases, {rows} rows of the log: {took:.0f} s "
        f"({own:.0f} s of this process's own time)"
    )


def _measure(app: Flask, times: int, only: str) -> None:
    """Asks as the first of the made people does, who is a chief and has his share of it all."""
    people: People = app.extensions["people"]
    first = desk_rows.account(0).id
    chief = next(one for one in people.everyone() if one.id == first)
    keeper = tour.someone(app, Role.KEEPER)
    click.echo(HEADING)
    late = []
    for person, asked in ((chief, addresses(app)), (keeper, of_keepers(app))):
        client = tour.browser_of(app, person)
        for name, address in asked.items():
            if name.startswith(only) and measured(client, name, address, times) > GOAL_MS:
                late.append(name)
    click.echo(f"later than {GOAL_MS} ms: {', '.join(late) or 'none'}")


def measured(client: FlaskClient, name: str, address: Address, times: int) -> float:
    """Asks so many times; says how long it took, and returns milliseconds at the 95th percentile.

    Args:
        client: asks.
        name: of what is asked.
        address: makes an address anew each time.
        times: so many.
    """
    before = _shares()
    both = list(_took(client, address, times))
    after = _shares()
    took, own = (sorted(one) for one in zip(*both, strict=True))
    at = min(times - 1, times * _PERCENT // 100)
    idle = (after[0] - before[0]) / max(1, after[1] - before[1])
    mine = sum(own) / max(1.0, sum(took))
    click.echo(
        f"{name:28}{statistics.median(took):8.0f}{took[at]:8.0f}{took[-1]:8.0f}"
        f"{statistics.median(own):12.0f}{own[at]:8.0f}{mine:8.0%}{idle:8.0%}"
    )
    return took[at]


def _servers(client: FlaskClient) -> list[Path]:
    """Where Linux tells the time of PostgreSQL's processes that serve the work store."""
    work: Work = client.application.extensions["work"]
    if work.engine.dialect.name == "sqlite":
        return []
    with work.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        )
        return [Path(f"/proc/{pid}/schedstat") for pid in rows.scalars()]


def _busy(servers: list[Path]) -> float:
    """Seconds of processor time, of this process and of others."""
    told = (path.read_text("ascii") for path in servers if path.exists())
    return time.process_time() + sum(int(one.split()[0]) for one in told) / 10**9


def _shares() -> tuple[int, int]:
    """What the machine's processors had nothing to do in, and all of their time, so far."""
    told = Path("/proc/stat").read_text("ascii").split("\n", 1)[0].split()[1:]
    ticks = [int(one) for one in told]
    return ticks[3] + ticks[4], sum(ticks)


def _took(client: FlaskClient, address: Address, times: int) -> Iterator[tuple[float, float]]:
    """Milliseconds of each request: by the clock, and of processor time."""
    chance = random.Random(11)  # noqa: S311 - no secret
    client.get(address(chance))
    servers = _servers(client)
    for _ in range(times):
        wanted = address(chance)
        began, busy = time.perf_counter(), _busy(servers)
        answer = client.get(wanted)
        took = (time.perf_counter() - began) * 1000, (_busy(servers) - busy) * 1000
        if answer.status_code != 200:
            raise click.ClickException(f"{wanted}: {answer.status_code}")
        yield took


def _compare(work: Work, folder: Path) -> None:
    """Exports all days as an office does, and says whether each figure is what its rows come to."""
    today = work.clock().astimezone(CHINA).date()
    asked = Asked(dt.date(2024, 1, 1), dt.date(2027, 12, 31))
    began = time.perf_counter()
    with store.session(work.engine) as opened:
        files.write(opened, asked, today, folder, files.CSV)
    click.echo(f"exported in {time.perf_counter() - began:.0f} s")
    checks, cases, figures, wrong = desk_counted.differing(folder, today)
    click.echo(f"{figures} figures of {checks} checks and {cases} cases")
    click.echo(f"not as counted by hand: {', '.join(wrong) or 'none'}")


if __name__ == "__main__":
    main()
