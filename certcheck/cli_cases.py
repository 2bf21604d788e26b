"""`certcheck cases`: what is due, for mail and cron; whether cases are what the log says."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from certcheck.terminal import echo_lines, echo_text, told

if TYPE_CHECKING:
    from sqlalchemy import Engine


@click.group()
def cases() -> None:
    """Leads and cases of the server's work store."""


@cases.command("due")
@click.option(
    "--days",
    type=click.IntRange(0, 60),
    default=3,
    show_default=True,
    metavar="N",
    help="Working days ahead to look.",
)
@click.option("--owner", metavar="NAME", help="Of this person alone.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, one object a line.")
@told
def due(days: int, owner: str | None, as_json: bool) -> None:  # noqa: FBT001 - click passes it by name
    """List what is overdue or due within some working days.

    A line holds the last day, working days left (negative: overdue), the case's number, what is
    due, who works on it, and the title. Days that were counted before the holidays of a year
    were published are counted again first.
    """
    from certcheck.accounts.errors import PersonUnknownError
    from certcheck.accounts.people import spelled
    from certcheck.cases import desk, running, workdays
    from certcheck.runner.work import now
    from registry import store

    today, engine = running.day_of(now()), _engine()
    running.recount_all(engine)
    with store.session(engine) as opened:
        account = ""
        if owner is not None:
            known = {name: one for one, name in desk.workers(opened, ("inspector", "chief"))}
            if spelled(owner) not in known:
                raise PersonUnknownError(name=owner)
            account = known[spelled(owner)]
        found = desk.due_within(opened, today, days, account)
    for line, one in found:
        left = workdays.until(today, one.due_on)
        what = one.label or _word(f"case.due.{one.kind}")
        if as_json:
            told_of = {
                "case": line.row.id, "title": line.row.title, "state": line.row.state,
                "owner": line.owner, "due_on": one.due_on.isoformat(), "days_left": left,
                "sure": one.sure, "kind": one.kind, "what": what,
            }  # fmt: skip
            echo_lines([json.dumps(told_of, ensure_ascii=False)])
        else:
            words = (one.due_on.isoformat(), str(left), str(line.row.id), what, line.owner)
            echo_lines(["\t".join((*words, line.row.title))])


@cases.command("verify")
@told
def verify() -> None:
    """Compare every case with the log; exits 1 where one is not what the log says."""
    from certcheck import messages
    from certcheck.cases import history
    from registry import store

    count = 0
    with store.session(_engine()) as opened:
        for one in history.differing(opened):
            count += 1
            words = (str(one.case_id), one.what, one.held or "-", one.logged or "-")
            echo_lines(["\t".join(words)])
    echo_text(messages.text("case.verified" if not count else "case.verified.differ", count=count))
    sys.exit(1 if count else 0)


def _word(code: str) -> str:
    from certcheck import messages

    return messages.text(code).zh


def _engine() -> Engine:
    from certcheck.runner.settings import Settings
    from certcheck.runner.store import open_store

    settings = Settings.from_environment()
    return open_store(settings.folder, settings.url)
