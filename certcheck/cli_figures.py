"""`certcheck figures`: what was checked and what became of the leads, counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from certcheck.terminal import echo_lines, echo_text, told

if TYPE_CHECKING:
    from sqlmodel import Session

    from certcheck.figures.model import Asked, Figure
    from certcheck.messages import Text

_DAY = click.DateTime(["%Y-%m-%d"])
# Before anything of ours was written down.
_FIRST = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - click compares it with days that have no zone


def _days(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say what is counted."""
    options = (
        click.option("--since", type=_DAY, default=_FIRST, help="First day, in China."),
        click.option("--until", type=_DAY, help="Last day; today without it."),
        click.option("--lab", default="", help="Only of the laboratory of this registered name."),
        click.option("--market", default="", help="Only of this market."),
    )
    for one in reversed(options):
        command = one(command)
    return command


@click.group()
def figures() -> None:
    """Count what was checked, and what became of leads and cases."""


@figures.command("show")
@_days
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def show(
    since: dt.datetime, until: dt.datetime | None, lab: str, market: str, *, as_json: bool
) -> None:
    """Print all figures."""
    import json

    from certcheck.figures import wording

    with _opened() as opened:
        found = _counted(opened, _asked(since, until, lab, market))
    if as_json:
        made = [one.to_json() for one in found]
        echo_lines([json.dumps(made, ensure_ascii=False, indent=2)])
        return
    for one in found:
        lines = [wording.headings(one, _zh), *wording.rows(one, _zh)]
        echo_lines([one.name, *("\t".join(map(str, line)) for line in lines), ""])


@figures.command("export")
@_days
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--format", "kind", type=click.Choice(["csv", "json"]), default="csv")
@told
def export(
    since: dt.datetime, until: dt.datetime | None, lab: str, market: str, *, out: Path, kind: str
) -> None:
    """Write the certificates, the leads and every figure into a folder, a file each."""
    from certcheck import messages
    from certcheck.figures import files

    asked = _asked(since, until, lab, market)
    with _opened() as opened:
        counts = files.write(opened, asked, _today(), out, kind)
    echo_text(messages.text("figures.written", folder=out, **counts))


def _counted(opened: Session, asked: Asked) -> list[Figure]:
    from certcheck.figures import counting

    return counting.figures(opened, asked, _today())


def _asked(since: dt.datetime, until: dt.datetime | None, lab: str, market: str) -> Asked:
    from certcheck.figures.model import Asked

    last = until.date() if until else _today()
    if last < since.date():
        raise click.UsageError("--until lies before --since")
    return Asked(since.date(), last, lab, market)


def _today() -> dt.date:
    from certcheck.runner.work import now
    from registry.days import CHINA

    return now().astimezone(CHINA).date()


def _zh(text: Text) -> str:
    return text.zh


@contextmanager
def _opened() -> Iterator[Session]:
    from certcheck.runner.settings import Settings
    from certcheck.runner.store import open_store
    from registry import store

    settings = Settings.from_environment()
    engine = open_store(settings.folder, settings.url)
    try:
        with store.session(engine) as opened:
            yield opened
    finally:
        engine.dispose()
