"""What the benchmark of the office's pages asks for (`tests.benchmarks.desk`)."""

from __future__ import annotations

import datetime as dt
import random
import urllib.parse
from collections.abc import Callable

from flask import Flask
from sqlalchemy import Engine
from sqlmodel import func, select

from certcheck import audit
from certcheck.archive import index
from certcheck.archive.tables import Archived
from certcheck.cases import desk
from certcheck.cases.rules import Source, State
from certcheck.cases.tables import CaseFile
from certcheck.inspections import plans
from certcheck.runner import history
from certcheck.runner.tables import Check
from certcheck.runner.work import Work
from registry import store
from tests.certcheck import desk_rows

INSPECTIONS = 300
# Makes an address anew each time.
Address = Callable[[random.Random], str]


def addresses(app: Flask) -> dict[str, Address]:
    """What is asked for, by name; each makes an address anew."""
    return {**_searches(app), **_case_lists(app), **_other_lists(app), **_figures(app)}


def known(engine: Engine) -> list[tuple[str, str]]:
    """Ids and names of a registry's laboratories."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT lab_id, name FROM labs ORDER BY lab_id")
        return [(str(lab_id), str(name)) for lab_id, name in rows]


def _searches(app: Flask) -> dict[str, Address]:
    with store.session(_work(app).engine) as opened:
        last = index.newest(opened)
    market = urllib.parse.quote(desk_rows.MARKETS[0])
    return {
        "search, a number": lambda one: f"/search?q={one.randrange(10**5):05d}",
        "search, a whole number": lambda one: f"/search?q={_number(app, one)}",
        "search, a laboratory": lambda one: f"/search?q={one.choice(desk_rows.PLACES)}",
        "search, one character": lambda one: f"/search?q={one.choice('玉王石中检南')}",
        "search, two characters": lambda one: f"/search?q={_pair(one)}",
        "search, rare words": lambda one: f"/search?q={one.choice(desk_rows.RARE)}",
        "search, two words": lambda one: (
            f"/search?q={_pair(one)}+{one.choice(desk_rows.MARKETS[:-1])}"
        ),
        "search, rare and frequent": lambda one: (
            f"/search?q={one.choice(desk_rows.RARE)}+{desk_rows.MARKETS[0]}"
        ),
        "search, narrowed": lambda one: (
            f"/search?q={_pair(one)}&verdict=inconsistent&kind=certificate"
        ),
        "search, several filters": lambda one: (
            f"/search?market={market}&item={one.randint(1, 8)}&verdict=suspected&kind=certificate"
            f"&from=2025-0{one.randint(1, 9)}-11&to=2026-0{one.randint(1, 9)}-20"
        ),
        "search, cases": lambda one: f"/search?q={_pair(one)}&kind=case&state=closed",
        "search, signatories": lambda one: (
            f"/search?q={one.choice(desk_rows.SURNAMES)}{one.choice(desk_rows.GIVEN)}"
        ),
        "search, deep": lambda one: (
            f"/search?q={_pair(one)}&kind=certificate&before={one.randrange(1, last)}"
        ),
        "search, nothing": lambda one: f"/search?q={one.randrange(10**9)}%E4%B8%8D",
        "search, the latest": lambda one: f"/search?x={one.random()}",
    }  # fmt: skip


def _case_lists(app: Flask) -> dict[str, Address]:
    with store.session(_work(app).engine) as opened:
        wanted = select(func.max(CaseFile.id), func.count()).select_from(CaseFile)
        last, count = opened.exec(wanted).one()
    first = (last or 0) - count + 1

    def day(one: random.Random) -> dt.date:
        return desk_rows.FIRST_DAY + dt.timedelta(days=one.randrange(desk_rows.DAYS))

    return {
        "cases, all": lambda one: f"/cases?view=all&x={one.random()}",
        "cases, all, deep": lambda one: f"/cases?view=all&after={one.randint(first, last or 1)}",
        "cases, overdue": lambda one: f"/cases?view=overdue&x={one.random()}",
        "cases, overdue, deep": lambda one: f"/cases?view=overdue&after={day(one)}.0",
        "cases, of a state": lambda one: f"/cases?view=all&state={one.choice(list(State))}",
        "cases, several filters": lambda one: (
            f"/cases?view=all&state={one.choice(list(State))}&source={one.choice(list(Source))}"
            f"&owner={desk_rows.account(one.randrange(40)).id}"
        ),
        "cases, of a source, none": lambda one: (
            f"/cases?view={one.choice(desk.VIEWS)}&source=observation"
        ),
        "cases, mine": lambda one: f"/cases?view=mine&x={one.random()}",
        "cases, free": lambda one: f"/cases?view=free&x={one.random()}",
        "a case": lambda one: f"/cases/{one.randint(first, last or 1)}",
    }  # fmt: skip


def _other_lists(app: Flask) -> dict[str, Address]:
    labs = [lab_id for lab_id, _ in known(app.extensions["registry_engine"])]
    pages = max(1, INSPECTIONS // plans.PAGE)
    first, owner = desk_rows.inspection_id(0), f"person:{desk_rows.account(0).id}"
    with store.session(_work(app).engine) as opened:
        mine = select(func.count()).select_from(Check).where(Check.owner == owner)
        own = max(1, opened.exec(mine).one() // history.PAGE)
    return {
        "a laboratory": lambda one: f"/laboratories/{one.choice(labs)}?x={one.random()}",
        "own checks": lambda one: f"/history?x={one.random()}",
        "own checks, deep": lambda one: f"/history?page={one.randint(1, own)}",
        "inspections": lambda one: f"/inspections?page={one.randint(1, pages)}",
        "an inspection": lambda one: (
            f"/inspections/{desk_rows.inspection_id(one.randrange(1, INSPECTIONS))}"
        ),
        "a great inspection": lambda one: (
            f"/inspections/{first}?before={one.randrange(1, 200_000)}"
        ),
        "observations": lambda one: f"/observations?x={one.random()}",
    }  # fmt: skip


def of_keepers(app: Flask) -> dict[str, Address]:
    """Likewise by who keeps the registry."""
    with store.session(_work(app).engine) as opened:
        head = audit.head(opened).seq
    return {
        "the log": lambda one: f"/audit?before={one.randrange(1, head)}",
        "the log, of somebody": lambda one: (
            f"/audit?who={desk_rows.account(one.randrange(40)).name}"
        ),
        "the log, of nobody": lambda one: f"/audit?who={one.random()}",
        "the log, a rare deed": lambda one: f"/audit?what=pack.&x={one.random()}",
        "the log, cases of days": lambda one: (
            f"/audit?kind=case&since=2025-0{one.randint(1, 5)}-01"
            f"&until=2025-0{one.randint(6, 9)}-28"
        ),
        "the log, of a check": lambda one: f"/audit?kind=check&id={one.randrange(200_000):040x}",
    }  # fmt: skip


def _figures(app: Flask) -> dict[str, Address]:
    market = urllib.parse.quote(desk_rows.MARKETS[0])
    return {
        "figures": lambda one: f"/figures?since=2026-0{one.randrange(1, 9)}-01&until=2026-11-20",
        "figures, the year": lambda one: f"/figures?x={one.random()}",
        "figures, all days": lambda one: (
            f"/figures?since=2024-12-0{one.randint(1, 9)}&until=2026-11-20"
        ),
        "figures, of a laboratory": lambda one: f"/figures?lab={one.choice(_labs(app))}",
        "figures, the greatest one": lambda one: (
            f"/figures?lab={_labs(app)[0]}&since=2024-12-0{one.randint(1, 9)}&until=2026-11-20"
        ),
        "figures, the great market": lambda one: (
            f"/figures?market={market}&since=2024-12-0{one.randint(1, 9)}&until=2026-11-20"
        ),
    }  # fmt: skip


def _work(app: Flask) -> Work:
    work: Work = app.extensions["work"]
    return work


def _number(app: Flask, chance: random.Random) -> str:
    with store.session(_work(app).engine) as opened:
        row = opened.get(Archived, chance.randrange(1, 2000))
        return row.number if row else ""


def _labs(app: Flask) -> list[str]:
    if "benchmark_labs" not in app.extensions:
        work: Work = app.extensions["work"]
        with store.session(work.engine) as opened:
            rows = opened.connection().exec_driver_sql(
                "SELECT lab, count(*) FROM work_archive GROUP BY lab ORDER BY 2 DESC"
            )
            app.extensions["benchmark_labs"] = [str(row[0]) for row in rows]
    found: list[str] = app.extensions["benchmark_labs"]
    return found


def _pair(chance: random.Random) -> str:
    text = chance.choice((*desk_rows.STONES, *desk_rows.MARKETS[:-1], *desk_rows.KINDS))
    at = chance.randrange(len(text) - 1)
    return text[at : at + 2]
