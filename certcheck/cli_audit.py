"""`certcheck audit`: whether the log of who did what is what was written, and what it says."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from certcheck.terminal import echo_lines, told

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from certcheck.audit.chain import Head
    from certcheck.evidence.days import Seen
    from certcheck.messages import Text
    from certcheck.runner.settings import Settings

_WORK = click.option(
    "--work",
    metavar="FOLDER|URL",
    help="The work store; else CERTCHECK_WORK and CERTCHECK_WORK_URL, else this user's.",
)
AUTHORITIES = click.option(
    "--tsa-ca", "authorities", type=click.Path(path_type=Path, dir_okay=False),
    help="Certificates (PEM) of authorities for time stamps; else CERTCHECK_TSA_CA.",
)  # fmt: skip
_HEAD = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")


class _HeadType(click.ParamType["Head"]):
    """Where a log ended once, `SEQ:DIGEST`."""

    name = "SEQ:DIGEST"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Head:
        """As `audit verify` prints it."""
        from certcheck.audit.chain import Head

        found = _HEAD.fullmatch(str(value))
        if found is None:
            self.fail(f"{value!r} is not a row's number and digest", param, ctx)
        return Head(int(found[1]), found[2])


@click.group()
def audit() -> None:
    """The log of who did what, which only grows."""


@audit.command("verify")
@_WORK
@click.option(
    "--head", "given", type=_HeadType(), multiple=True,
    help="Where the log ended once, as printed then or in a pack; may be repeated.",
)  # fmt: skip
@AUTHORITIES
@told
def verify(work: str | None, given: tuple[Head, ...], authorities: Path | None) -> None:
    """Go through the log and name the first row that is not what was written.

    The time stamps of its days are looked at, without a network.

    Exit status: 0 nothing differs, 1 something does, 3 there is no log to look at.
    """
    from certcheck import messages
    from certcheck.audit import verify as looking
    from certcheck.evidence import days, stamps
    from certcheck.runner.store import open_store
    from registry import store

    roots = stamps.trusted(authorities) if authorities else stamps.roots()
    settings = settings_of(work)
    engine = open_store(settings.folder, settings.url)
    with store.session(engine) as opened:
        stamped = days.every(opened)
    heads = [*given, *(one.of.head for one in stamped)]
    found = looking.verify(engine, settings.folder, heads)
    if found.difference is None:
        text = messages.text(
            "audit.whole", count=found.last.seq, heads=found.heads,
            head=f"{found.last.seq}:{found.last.digest}",
        )  # fmt: skip
    else:
        one = found.difference
        text = messages.text(one.code, seq=one.seq, other=one.other)
    echo_lines([text.zh, text.en])
    sound = _stamped(engine, days.look(stamped, roots))
    engine.dispose()
    sys.exit(0 if found.difference is None and sound else 1)


@audit.command("list")
@_WORK
@click.option("--about", metavar="KIND:ID", help="Only what was done to this: `case:12`.")
@told
def listing(work: str | None, about: str | None) -> None:
    """Print the log, one row a line: number, moment, who, what, what to, more."""
    from certcheck.audit import Entry, log
    from certcheck.runner.store import open_store
    from registry import store

    settings = settings_of(work)
    engine = open_store(settings.folder, settings.url)
    with store.session(engine) as opened:
        if about is None:
            rows = (Entry(**row) for row in log.rows(opened))
        else:
            kind, _, name = about.partition(":")
            rows = (one for one in log.about(opened, [(kind, name)]))
        for one in rows:
            who = one.who_name or (one.who_kind + (f":{one.who_id}" if one.who_id else ""))
            thing = f"{one.about_kind}:{one.about_id}"
            echo_lines(["\t".join((str(one.seq), one.at, who, one.what, thing, one.detail))])
    engine.dispose()


def _stamped(engine: Engine, seen: Seen) -> bool:
    """Says how the log's days are stamped; whether nothing is wrong with that."""
    import datetime as dt

    from certcheck import messages
    from certcheck.evidence import days, stamps
    from registry import store

    with store.session(engine) as opened:
        gone = days.missing(opened, days.every(opened))
        due = days.due(opened, dt.datetime.now(dt.UTC)) if stamps.configured() else None
    texts = stamps_told(seen)
    if gone:
        texts.append(messages.text("stamp.days_missing", day=gone))
    if due is not None:
        code = "stamp.days_due" if seen.count else "stamp.days_none"
        texts.append(messages.text(code, day=due.day))
    echo_lines([line for one in texts for line in (one.zh, one.en)])
    return seen.sound and not gone


def stamps_told(seen: Seen) -> list[Text]:
    """What is said of the stamps of some days of the log."""
    from certcheck import messages

    if not seen.code:
        return []
    if not seen.sound:
        first = messages.text("stamp.days_wrong", day=seen.day)
        return [first, messages.text(seen.code)]
    told = {"count": seen.count, "first": seen.first, "last": seen.last, "slowest": seen.slowest}
    return [messages.text(seen.code, **told)]


def settings_of(work: str | None) -> Settings:
    """Where the work store is, which has to be there.

    Raises:
        NoWorkError: there is none.
    """
    import dataclasses as dc

    from certcheck.errors import NoWorkError
    from certcheck.files import shown_name
    from certcheck.runner.settings import Settings
    from certcheck.runner.store import FILE

    settings = Settings.from_environment()
    if work is not None and "://" in work:
        settings = dc.replace(settings, url=work)
    elif work is not None:
        settings = dc.replace(settings, folder=Path(work).absolute(), url=None)
    if settings.url is None and not (settings.folder / FILE).is_file():
        raise NoWorkError(name=shown_name(settings.folder))
    return settings
