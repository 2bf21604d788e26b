"""`certcheck recover`: after a database of an earlier day was put in the place of a later one."""

from __future__ import annotations

from pathlib import Path

import click

from certcheck.terminal import echo_text, told


@click.command()
@click.option(
    "--out", required=True, metavar="FOLDER", type=click.Path(path_type=Path),
    help="Where the files go that the database does not know.",
)  # fmt: skip
@click.option(
    "--work", metavar="FOLDER|URL",
    help="The work store; else CERTCHECK_WORK and CERTCHECK_WORK_URL, else this user's.",
)  # fmt: skip
@told
def recover(out: Path, work: str | None) -> None:
    """Hand out what came since the backup, note the gap in the log, and let deletions go on.

    The server may run meanwhile.
    """
    from certcheck import messages
    from certcheck.cli_audit import settings_of
    from certcheck.runner import recovering
    from certcheck.runner.work import Work

    store = Work(settings_of(work))
    found = recovering.recover(store, out)
    store.close()
    if found is None:
        echo_text(messages.text("work.nothing_to_recover"))
    else:
        echo_text(
            messages.text(
                "work.recovered", count=found.files, folder=out, known=found.known,
                holds=found.holds,
            )
        )  # fmt: skip
