"""`certcheck registry doctor`: is what the registry holds sound, and is it new enough?"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

from certcheck.terminal import DATABASE_HELP, told

if TYPE_CHECKING:
    from registry.doctor.findings import Finding

_LEVELS = ("error", "warning", "note")


@click.command("doctor")
@click.option("--database", metavar="URL", help=DATABASE_HELP)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Day to look from; else today.",
)
@click.option(
    "--stale-after",
    type=click.IntRange(min=0),
    metavar="DAYS",
    help="Days after which an open claim of coverage is too old; else 92.",
)
@click.option(
    "--level",
    type=click.Choice(_LEVELS),
    default="note",
    show_default=True,
    help="The least grave that is shown.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--lang", type=click.Choice(["zh", "en", "both"]), default="zh", show_default=True)
@told
def doctor(
    database: str | None,
    as_of: dt.datetime | None,
    stale_after: int | None,
    level: str,
    as_json: bool,  # noqa: FBT001 - click passes it by name
    lang: str,
) -> None:
    """List what contradicts itself in the registry; change nothing.

    Exit status: 0 nothing but notes, 1 errors or warnings (shown or not), 2 wrong usage, 3 the
    database did not answer.
    """
    from registry import store
    from registry.doctor.examine import STALE_AFTER, examine
    from registry.importing.plan import today

    day = as_of.date() if as_of else today()
    limit = STALE_AFTER if stale_after is None else stale_after
    counts: Counter[str] = Counter()
    with store.session(store.open_registry(database)) as session:
        for finding in examine(session, day, stale_after=limit):
            counts[finding.level] += 1
            if _LEVELS.index(finding.level) <= _LEVELS.index(level):
                click.echo(_as_json(finding) if as_json else _as_text(finding, lang))
    if not as_json:
        click.echo("  ".join(f"{each}={counts[each]}" for each in _LEVELS))
    sys.exit(1 if counts["error"] or counts["warning"] else 0)


def _as_json(finding: Finding) -> bytes:
    from certcheck import messages

    told = messages.text(finding.code, **finding.details)
    entry = {
        "code": finding.kind,
        "level": finding.level.value,
        "labs": finding.labs,
        "rows": finding.rows,
        "details": finding.details,
        "message": told._asdict(),
    }
    return json.dumps(entry, ensure_ascii=False).encode("utf-8")


def _as_text(finding: Finding, lang: str) -> str:
    from certcheck import messages

    said = messages.text(finding.code, **finding.details)
    sentences = [said.zh, said.en] if lang == "both" else [getattr(said, lang)]
    head = "  ".join(filter(None, (f"{finding.level:<7}", finding.kind, ", ".join(finding.labs))))
    return "\n".join([head, *(f"    {each}" for each in (*sentences, *finding.rows))])
