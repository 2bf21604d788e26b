"""`certcheck search`: the index by which certificates, laboratories and cases are found."""

from __future__ import annotations

import click

from certcheck.terminal import DATABASE_HELP, echo_text, told


@click.group()
def search() -> None:
    """The index of what inspectors checked, of laboratories and cases."""


@search.command("rebuild")
@click.option("--database", metavar="URL", help=DATABASE_HELP)
@told
def rebuild(database: str | None) -> None:
    """Make the index anew of what the work store and the registry hold.

    It is kept by itself; this is for rows that were written past the program.
    """
    from certcheck import messages
    from certcheck.archive.rebuild import rebuild as made_anew
    from certcheck.runner.settings import Settings
    from certcheck.runner.work import Work
    from registry import store
    from registry.lookup import Registry

    work = Work(Settings.from_environment())
    try:
        count = made_anew(work, Registry(store.open_registry(database)))
    finally:
        work.close()
    echo_text(messages.text("search.rebuilt", count=count))
