"""The command that does what servers accept, on any machine."""

from __future__ import annotations

import click

from certcheck.terminal import DATABASE_HELP, told


@click.command()
@click.option("--database", metavar="URL", help=DATABASE_HELP)
@told
def worker(database: str | None) -> None:
    """Read photos that servers accepted, here or on other machines, until SIGTERM or Ctrl-C.

    The work store, the files and the broker are those of the servers: CERTCHECK_WORK_URL,
    CERTCHECK_BLOBS, CERTCHECK_BROKER, with CERTCHECK_ENGINE=celery. CERTCHECK_WORKERS says how many
    photos are read at once. What is begun is ended before it stops.
    """
    from certcheck.operation import settings
    from certcheck.runner.engines.worker import run
    from certcheck.runner.settings import Settings

    settings.hold()

    def ready(worker_id: str) -> None:
        click.echo(worker_id, err=True)

    run(Settings.from_environment(), database, ready, prepare=True)
