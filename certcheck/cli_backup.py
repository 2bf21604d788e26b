"""`certcheck backup`, `restore`, `blobs`: all that is kept, copied, put back, looked through."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import click

from certcheck.terminal import DATABASE_HELP, echo_lines, echo_text, told


@click.command()
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--database", metavar="URL", help=DATABASE_HELP)
@told
def backup(out: Path, database: str | None) -> None:
    """Copy all that this deployment keeps into one file, while it runs.

    Databases, stored files and where the log ended; not the secret that signs cookies. What is
    where is said by the settings (`certcheck config`). Prints the digest that names the backup.

    Exit status: 0 all of it was copied, 1 some stored files are damaged and lack, 3 no backup.
    """
    from certcheck import messages
    from certcheck.backup import databases, make
    from certcheck.backup.errors import told_where
    from certcheck.cli_audit import settings_of
    from certcheck.files import shown_name
    from certcheck.runner.work import Work

    if not out.absolute().parent.is_dir():
        raise click.UsageError(f"--out: there is no folder {out.parent}.")
    with told_where(), contextlib.closing(Work(settings_of(None))) as work:
        made = make.make(out, work, databases.configured(work.settings, database))
    echo_lines([made.digest])
    echo_text(messages.text("backup.made", name=shown_name(out), count=made.files, size=made.size))
    _damaged(list(made.damaged))


@click.command()
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Only look whether the file is what was made.")
@click.option("--force", is_flag=True, help="Replace what is there.")
@click.option("--database", metavar="URL", help=DATABASE_HELP)
@told
def restore(
    path: Path,
    check: bool,  # noqa: FBT001 - click passes it by name
    force: bool,  # noqa: FBT001 - click passes it by name
    database: str | None,
) -> None:
    """Put a backup back where the settings say that things are kept; stop the server first.

    Every byte of FILE is looked at before anything is touched.
    """
    from certcheck import messages
    from certcheck.backup import container, databases
    from certcheck.backup import restore as restoring
    from certcheck.backup.errors import told_where
    from certcheck.runner.settings import Settings

    settings = Settings.from_environment()
    if check:
        found = container.verified(path)
    else:
        places = databases.configured(settings, database)
        with told_where():
            found = restoring.restore(path, settings, places, force=force)
    code = "backup.sound" if check else "backup.restored"
    made_at, count = found.told.get("made_at", ""), found.told.get("files", 0)
    echo_lines([found.digest])
    echo_text(messages.text(code, made_at=made_at, count=count))


@click.group()
def blobs() -> None:
    """Stored files: photos, pictures, PDFs, each under its SHA-256."""


@blobs.command("verify")
@told
def verify() -> None:
    """Read every stored file that something refers to, and name those that are not as stored.

    Exit status: 0 all of them are, 1 some are not.
    """
    from certcheck import messages
    from certcheck.backup import files
    from certcheck.backup.errors import told_where
    from certcheck.cli_audit import settings_of
    from certcheck.runner.work import Work

    with told_where(), contextlib.closing(Work(settings_of(None))) as work:
        found = files.verify(work)
    echo_text(messages.text("blobs.looked", count=found.count))
    _damaged(list(found.damaged))


def _damaged(names: list[str]) -> None:
    """Names what is damaged, and exits where something is."""
    from certcheck import messages

    if names:
        echo_lines(names)
        echo_text(messages.text("blobs.damaged", count=len(names)))
        sys.exit(1)
