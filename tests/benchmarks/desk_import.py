"""A country's registry through the desk: `python -m tests.benchmarks.desk_import --folder DIR`.

As a keeper does it: the tables of so many laboratories are sent by the form, what they would
change is looked through, they are applied, the doctor examines them, his findings are looked
through, and the import is taken back. The desk's own thread and processes do the work. Lists are
measured as they are asked for by a browser, none twice with the same words where there are others.
"""

from __future__ import annotations

import random
import re
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask.testing import FlaskClient

from certcheck.accounts.roles import Role
from certcheck.desk.clerk import Clerk
from certcheck.runner.settings import Settings
from certcheck.runner.work import Work
from registry import store
from registry.lookup import Registry
from tests.benchmarks import many_labs
from tests.benchmarks.desk import HEADING, database, measured
from tests.benchmarks.desk_asked import Address
from tests.web import tour
from tests.web.staff import quick
from web import create_app

_LOOK_S = 0.5
_GOES_S = 3.0


@click.command()
@click.option("--on", "kind", type=click.Choice(store.DATABASES), default="sqlite")
@click.option("--folder", type=click.Path(path_type=Path), required=True, help="New.")
@click.option("--labs", default=100_000)
@click.option("--scopes", default=1)
@click.option("--times", default=60, help="Requests of each kind.")
def main(kind: str, folder: Path, labs: int, scopes: int, times: int) -> None:
    """Has it done, and tells what each step and each list takes."""
    folder.mkdir(parents=True)
    url = f"sqlite:///{folder / 'registry.sqlite'}"
    engine = store.open_registry(url)
    store.fill_with_demo(engine)
    made = many_labs.labs(labs)
    tables = folder / "tables"
    tables.mkdir()
    rows = many_labs.write(tables, made, scopes)
    with database(kind, None) as address:
        work = Work(Settings(folder / kind, url=address, workers=1))
        app = create_app(
            {"REGISTRY": Registry(engine), "WORK": work, "PASSWORDS": quick(), "CHECKS": False,
             "WTF_CSRF_ENABLED": False}
        )  # fmt: skip
        client = tour.browser_of(app, tour.someone(app, Role.KEEPER))
        clerk = Clerk(work, url)
        clerk.start()
        try:
            click.echo(f"{rows} rows of {labs} laboratories")
            _import(client, tables, [one.name for one in made], times)
        finally:
            clerk.stop()
            work.close()
    engine.dispose()


def _import(client: FlaskClient, tables: Path, names: list[str], times: int) -> None:
    files = [(path.open("rb"), path.name) for path in sorted(tables.iterdir())]
    with _told("shown what it would change"):
        page = client.post("/registry/import", data={"files": files, "list_date": "2026-11-01"})
        task = _waited(client, page.location)
    _lists(client, _differences(task, names), times)
    with _told("applied"):
        _carried_out(client, task)
    with _told("examined"):
        _examined(client)
    _lists(client, _findings(client, names), times)
    number = re.search(r"/registry/imports/(\d+)/undo", client.get("/registry/imports").text)
    assert number is not None
    with _told("shown what taking it back would change"):
        page = client.post(number.group(0))
        task = _waited(client, page.location)
    _lists(client, _differences(task, names), times)
    with _told("taken back"):
        _carried_out(client, task)


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Says how long something took: by the clock, and of the processes that did it."""
    began, busy = time.perf_counter(), _children()
    yield
    own = _children() - busy
    click.echo(f"{what}: {time.perf_counter() - began:.0f} s ({own:.0f} s of processor time)")


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _waited(client: FlaskClient, address: str) -> str:
    """The address of a task, once its page no longer waits."""
    bare = address.partition("?")[0]
    while client.get(f"{bare}/state").get_json()["status"] != "done":
        time.sleep(_LOOK_S)
    # Until its process has gone, so that its time is counted.
    time.sleep(_GOES_S)
    return bare


def _carried_out(client: FlaskClient, task: str) -> None:
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', client.get(task).text)
    if seen is None:
        raise click.ClickException(f"{task} cannot be carried out")
    _waited(client, client.post(f"{task}/apply", data={"seen": seen.group(1)}).location)


def _examined(client: FlaskClient) -> None:
    """Waits until the page of findings no longer says that they are looked for."""
    while 'role="status"' in client.get("/registry/findings").text:
        time.sleep(_LOOK_S)
    time.sleep(_GOES_S)


def _lists(client: FlaskClient, addresses: dict[str, Address], times: int) -> None:
    click.echo(HEADING)
    for name, address in addresses.items():
        measured(client, name, address, times)


def _differences(task: str, names: list[str]) -> dict[str, Address]:
    found: dict[str, Callable[[random.Random], str]] = {
        "difference": lambda one: f"{task}?after={one.randrange(190_000)}",
        "difference, of a table": lambda one: (
            f"{task}?table={one.choice(['labs', 'scopes', 'seals'])}&after={one.randrange(90_000)}"
        ),
        "difference, a laboratory": lambda one: f"{task}?lab=L{one.randrange(len(names)):06d}",
        "difference, frequent words": lambda one: f"{task}?q={one.choice(many_labs.BODIES)}",
        "difference, rare words": lambda one: f"{task}?q={one.choice(names)}",
        "difference, two words": lambda one: (
            f"{task}?q={one.choice(many_labs.BRANDS)}+{one.choice(many_labs.TRADES)}&kind=add"
        ),
    }
    return found


def _findings(client: FlaskClient, names: list[str]) -> dict[str, Address]:
    first = "/registry/findings"
    kinds = sorted(
        set(re.findall(r"[?&]kind=([a-z_]+)", client.get(first).text.replace("&amp;", "&")))
    )
    found: dict[str, Callable[[random.Random], str]] = {
        "registry desk": lambda one: f"/registry?x={one.random()}",
        "findings": lambda one: f"{first}?after={one.randrange(3)}-{one.randrange(50_000)}",
        "findings, of a kind": lambda one: f"{first}?kind={one.choice(kinds or [''])}",
        "findings, nobody's errors": lambda one: f"{first}?rank={one.randrange(3)}&taken=nobody",
        "findings, a laboratory": lambda one: f"{first}?lab=L{one.randrange(len(names)):06d}",
        "findings, frequent words": lambda one: f"{first}?q={one.choice(many_labs.BODIES)}",
        "findings, rare words": lambda one: f"{first}?q={one.choice(names)}",
        "laboratories by words": lambda one: f"/registry/labs?q={one.choice(names)[:4]}",
        "laboratories by number": lambda one: f"/registry/labs?q=L{one.randrange(len(names)):06d}",
        "a laboratory's rows": lambda one: f"/registry/labs/L{one.randrange(len(names)):06d}",
        "imports": lambda one: f"/registry/imports?x={one.random()}",
    }
    return found


if __name__ == "__main__":
    main()
