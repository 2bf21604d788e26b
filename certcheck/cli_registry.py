"""`certcheck registry`: commands that load, show and take back; the registry does the work."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from certcheck.cli_find import find
from certcheck.cli_fresh import doctor, sync
from certcheck.terminal import DATABASE_HELP, echo_lines, echo_places, echo_text, told

if TYPE_CHECKING:
    from registry.importing.plan import Wish

_DAY = click.DateTime(["%Y-%m-%d"])
_database = click.option("--database", metavar="URL", help=DATABASE_HELP)
_dry_run = click.option("--dry-run", is_flag=True, help="Show what would change, change nothing.")
_by = click.option(
    "--by", "loaded_by", metavar="NAME", help="Who does this; else the name you are logged in by."
)
_list_date = click.option(
    "--list-date",
    type=_DAY,
    metavar="DATE",
    help="Day on which the list was true; else the one it states, else today.",
)
_correct = click.option(
    "--correct",
    "corrects",
    is_flag=True,
    help="Rows that the list no longer has were wrong and never held; they are not just ended.",
)
_map = click.option(
    "--map",
    "mapping",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="What a document's headings mean (TOML); else PATH.map.toml where there is one.",
)
_whole = click.option(
    "--whole",
    multiple=True,
    metavar="CODE",
    help="The list has every laboratory of an authority (16: its CMA certificates) or CNAS: "
    "it ends what earlier ones have of those it leaves out. May be given several times.",
)


@click.group()
def registry() -> None:
    """Load and look at the registry of laboratories."""


registry.add_command(doctor)
registry.add_command(find)
registry.add_command(sync)


@registry.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@_database
@_list_date
@_correct
@_whole
@_map
@_by
@_dry_run
@told
def import_(
    path: Path,
    database: str | None,
    list_date: dt.datetime | None,
    corrects: bool,  # noqa: FBT001 - click passes it by name
    whole: tuple[str, ...],
    mapping: Path | None,
    loaded_by: str | None,
    dry_run: bool,  # noqa: FBT001 - click
) -> None:
    """Load CSV tables, spreadsheets, web pages, PDF or Word tables; all or nothing."""
    from registry import describe, store

    wish = _wish(list_date, loaded_by, mapping, whole, corrects=corrects)
    with store.opened(database) as session:
        result = describe.apply(session, path, wish, dry_run=dry_run)
        echo_places(result.plan.warnings)
        echo_lines(describe.render_apply(result))


@registry.command("diff")
@click.argument("path", type=click.Path(path_type=Path))
@_database
@_list_date
@_correct
@_whole
@_map
@told
def diff(
    path: Path,
    database: str | None,
    list_date: dt.datetime | None,
    corrects: bool,  # noqa: FBT001 - click
    whole: tuple[str, ...],
    mapping: Path | None,
) -> None:
    """Show what an import of PATH would change."""
    from registry import describe, store

    with store.opened(database) as session:
        wish = _wish(list_date, None, mapping, whole, corrects=corrects)
        plan = describe.diff(session, path, wish)
        echo_places(plan.warnings)
        echo_lines(describe.render_diff(plan))


@registry.command("show")
@click.argument("lab")
@_database
@click.option("--as-of", type=_DAY, metavar="DATE", help="Only what held on this day.")
@click.option(
    "--known-on", type=_DAY, metavar="DATE", help="As the registry stood at the end of this day."
)
@told
def show(
    lab: str, database: str | None, as_of: dt.datetime | None, known_on: dt.datetime | None
) -> None:
    """Show one LAB, by id, name or number, with its history.

    Certificates of it that checks found at fault are counted at the end.
    """
    from certcheck.cli_seen import counted
    from registry import describe, store

    with store.opened(database) as session:
        history = describe.show(session, lab, as_of=_day(as_of), known_on=_day(known_on))
        echo_lines(describe.render_show(history))
    echo_lines(counted(history.lab.name))


@registry.command("export")
@click.argument("folder", type=click.Path(path_type=Path))
@_database
@told
def export_(folder: Path, database: str | None) -> None:
    """Write what the registry holds as CSV tables into a new FOLDER."""
    from certcheck import messages
    from registry import export, store

    with store.opened(database) as session:
        counts = export.export(session, folder)
        echo_lines([f"{name}.csv {count}" for name, count in counts.items()])
        if known := export.from_lists(session):
            echo_text(messages.text("registry.export_from_lists", count=known))


@registry.command("log")
@_database
@told
def log(database: str | None) -> None:
    """List every import, the newest first."""
    from registry import describe, store

    with store.opened(database) as session:
        echo_lines(describe.render_log(describe.log(session)))


@registry.command("undo")
@click.argument("number", metavar="ID", type=click.IntRange(min=1))
@_database
@_by
@_dry_run
@told
def undo(number: int, database: str | None, loaded_by: str | None, dry_run: bool) -> None:  # noqa: FBT001 - click
    """Take the import with this ID (see `log`) back; nothing is forgotten."""
    from registry import describe, store

    with store.opened(database) as session:
        result = describe.undo(session, number, _loaded_by(loaded_by), dry_run=dry_run)
        echo_lines(describe.render_apply(result))


def _day(moment: dt.datetime | None) -> dt.date | None:
    return moment.date() if moment else None


def _loaded_by(name: str | None) -> str:
    import getpass

    if name is not None:
        return name
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""  # a user id without a name, as in some containers


def _wish(
    list_date: dt.datetime | None,
    loaded_by: str | None,
    mapping: Path | None,
    whole: tuple[str, ...],
    *,
    corrects: bool,
) -> Wish:
    from registry.importing.plan import Wish

    return Wish(_day(list_date), corrects, _loaded_by(loaded_by), mapping=mapping, whole=whole)
