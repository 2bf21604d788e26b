"""`certcheck audit`: whether the log of who did what is what was written, and what it says."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from certcheck.terminal import echo_lines, told

if TYPE_CHECKING:
    from certcheck.audit.chain import Head
    from certcheck.runner.settings import Settings

_WORK = click.option(
    "--work",
    metavar="FOLDER|URL",
    help="The work store; else CERTCHECK_WORK and CERTCHECK_WORK_URL, else this user's.",
)
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
@told
def verify(work: str | None, given: tuple[Head, ...]) -> None:
    """Go through the log and name the first row that is not what was written.

    Exit status: 0 nothing differs, 1 something does, 3 there is no log to look at.
    """
    from certcheck import messages
    from certcheck.audit import verify as looking
    from certcheck.runner.store import open_store

    settings = settings_of(work)
    engine = open_store(settings.folder, settings.url)
    found = looking.verify(engine, settings.folder, given)
    if found.difference is None:
        text = messages.text(
            "audit.whole", count=found.last.seq, heads=found.heads,
            head=f"{found.last.seq}:{found.last.digest}",
        )  # fmt: skip
    else:
        one = found.difference
        text = messages.text(one.code, seq=one.seq, other=one.other)
    echo_lines([text.zh, text.en])
    engine.dispose()
    sys.exit(0 if found.difference is None else 1)


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
