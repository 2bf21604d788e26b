"""`certcheck work`: the tables of the work store brought forward and back, photos set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from certcheck.terminal import echo_lines, echo_text, told

if TYPE_CHECKING:
    from sqlalchemy import Connection


@click.group()
def work() -> None:
    """The tables of checks, cases, accounts and the log, and photos that were set aside.

    A program that starts brings them forward by itself; an older one works with newer tables.
    """


@work.command("status")
@told
def status() -> None:
    """Print the step that the tables are at."""
    _moved(None)


@work.command("upgrade")
@click.option("--to", default="head", show_default=True, help="The step.")
@told
def upgrade(to: str) -> None:
    """Bring the tables forward; servers may run."""
    _moved(to)


@work.command("downgrade")
@click.option("--to", required=True, help="The step, as an older program needs it.")
@told
def downgrade(to: str) -> None:
    """Take later steps back, with what only they hold; servers of the older program may run."""
    _moved(to)


@work.command("aside")
@click.option("--retry", metavar="ID", help="Put this one back; it is tried as if it were new.")
@told
def aside(retry: str | None) -> None:
    """Print the checks whose photos were set aside: id, time, processes that died, reason."""
    from certcheck import messages
    from certcheck.cli_audit import settings_of
    from certcheck.runner import set_aside
    from certcheck.runner.errors import NotAsideError
    from certcheck.runner.work import Work

    store = Work(settings_of(None))
    try:
        if retry is None:
            found = set_aside.listed(store)
            echo_lines(
                [f"{one.id}\t{one.at:%Y-%m-%dT%H:%MZ}\t{one.deaths}\t{one.code}" for one in found]
            )
        elif set_aside.retry(store, retry):
            echo_text(messages.text("work.retried", id=retry))
        else:
            raise NotAsideError(id=retry)
    finally:
        store.close()


def _at(connection: Connection, to: str | None) -> str:
    """The step that the tables are at, brought to another where one is named."""
    from certcheck.runner import store as work_store

    if to is not None:
        work_store.migrate(connection, to)
    return work_store.step_of(connection) or "base"


def _moved(to: str | None) -> None:
    from certcheck import messages
    from certcheck.cli_audit import settings_of
    from certcheck.runner import store as work_store
    from registry import store

    settings = settings_of(None)
    address = settings.url or f"sqlite:///{settings.folder / work_store.FILE}"
    engine = store.make_engine(store.parse_url(address))
    try:
        step = work_store.stepped(engine, lambda opened: _at(opened, to))
    finally:
        engine.dispose()
    echo_lines([step])
    echo_text(messages.text("work.at_step", step=step))
