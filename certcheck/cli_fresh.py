"""`certcheck registry sync` and `doctor`: is what the registry holds new enough, and sound?"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from certcheck.terminal import DATABASE_HELP, echo_lines, echo_places, echo_text, told

if TYPE_CHECKING:
    from registry.doctor.findings import Finding
    from registry.sync.run import Outcome

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
    from registry.days import today
    from registry.doctor.examine import STALE_AFTER, examine

    day = as_of.date() if as_of else today()
    limit = STALE_AFTER if stale_after is None else stale_after
    with store.opened(database) as session:
        findings = examine(session, day, stale_after=limit)
        counts = _list(findings, level, _as_json if as_json else partial(_as_text, lang=lang))
    if not as_json:
        click.echo("  ".join(f"{each}={counts[each]}" for each in _LEVELS))
    sys.exit(1 if counts["error"] or counts["warning"] else 0)


def _list(
    findings: Iterable[Finding], level: str, shown: Callable[[Finding], str | bytes]
) -> Counter[str]:
    """Prints findings down to a level; the count of all, by level."""
    counts: Counter[str] = Counter()
    for finding in findings:
        counts[finding.level] += 1
        if _LEVELS.index(finding.level) <= _LEVELS.index(level):
            click.echo(shown(finding))
    return counts


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


@click.command("sync")
@click.argument("sources", type=click.Path(path_type=Path))
@click.option("--database", metavar="URL", help=DATABASE_HELP)
@click.option("--only", metavar="NAME", multiple=True, help="Only this source; may be repeated.")
@click.option("--apply", "applies", is_flag=True, help="Import however much changes.")
@click.option("--staged", is_flag=True, help="Take what was fetched last; ask no source.")
@click.option(
    "--by", "loaded_by", default="registry sync", show_default=True, help="Who does this."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@told
def sync(
    sources: Path,
    database: str | None,
    only: tuple[str, ...],
    applies: bool,  # noqa: FBT001 - click passes it by name
    staged: bool,  # noqa: FBT001 - click
    loaded_by: str,
    as_json: bool,  # noqa: FBT001 - click
) -> None:
    """Fetch the lists that the file SOURCES names and compare them with the registry.

    A difference within the source's bound is imported, a larger one shown; --apply imports it.
    Exit status: 0 up to date, 1 something waits for a decision, 2 wrong usage, 3 a source is
    broken (the others were taken all the same).
    """
    from registry import store
    from registry.sync import config, run

    settings = config.load(sources)
    unknown = set(only) - {each.name for each in settings.sources}
    if unknown:
        raise click.BadParameter(", ".join(sorted(unknown)), param_hint="--only")
    orders = run.Orders(apply=applies, staged=staged, loaded_by=loaded_by)
    bounds = {each.name: each.bound or {} for each in settings.sources}
    states = set()
    engine = store.open_registry(database)
    try:
        for outcome in run.sync(engine, settings, orders, only):
            states.add(outcome.state)
            if as_json:
                click.echo(json.dumps(_outcome(outcome), ensure_ascii=False).encode("utf-8"))
            else:
                _tell(outcome, bounds[outcome.source])
    finally:
        engine.dispose()
    broken, waiting = run.State.BROKEN in states, run.State.WAITING in states
    sys.exit(3 if broken else 1 if waiting else 0)


def _tell(outcome: Outcome, bound: Any) -> None:  # noqa: ANN401 - kind to number
    """The difference to standard output, what became of it to standard error."""
    from certcheck import messages
    from certcheck.errors import explain
    from registry import describe
    from registry.errors import BadImportError

    said = {"source": outcome.source, "day": outcome.staged.list_date if outcome.staged else ""}
    if outcome.plan is not None:
        echo_places(outcome.plan.warnings)
        echo_lines(describe.render_diff(outcome.plan))
        if outcome.plan.replaces:
            echo_text(messages.text("registry.sync.replaces", **said))
    if outcome.error is not None:
        if isinstance(outcome.error, BadImportError):
            echo_places(outcome.error.problems)
        problem = explain(outcome.error)
        echo_text(problem.message)
        echo_text(problem.next_step)
    for kind, count in outcome.beyond.items():
        most = {"kind": kind.value, "count": count, "bound": bound[kind]}
        echo_text(messages.text("registry.sync.beyond", **said, **most))
    if outcome.undone is not None:
        echo_text(messages.text("registry.sync.undone", **said, number=outcome.undone))
    revision = outcome.revision.revision[: describe.SHORT_DIGEST] if outcome.revision else ""
    echo_text(messages.text(f"registry.sync.{outcome.state}", **said, revision=revision))


def _outcome(outcome: Outcome) -> dict[str, object]:
    from certcheck.errors import explain
    from registry.errors import BadImportError

    error = outcome.error
    problem = explain(error) if error else None
    staged, plan = outcome.staged, outcome.plan
    places = error.problems if isinstance(error, BadImportError) else []
    return {
        "source": outcome.source,
        "state": outcome.state.value,
        "list_date": staged.list_date.isoformat() if staged else None,
        "fetched_at": staged.fetched_at.isoformat() if staged else None,
        "staged": str(staged.path) if staged else None,
        "counts": {kind.value: count for kind, count in plan.counts.items()} if plan else None,
        "beyond": {kind.value: count for kind, count in outcome.beyond.items()},
        "undone": outcome.undone,
        "revision": outcome.revision.revision if outcome.revision else None,
        "error": problem and {"code": problem.code, "message": problem.message._asdict()},
        "places": [place.place for place in places],
    }
