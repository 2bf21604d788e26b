"""`certcheck seen` and `certcheck observe`: what was seen before, and what people observed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from certcheck.terminal import DATABASE_HELP, echo_lines, echo_text, told

if TYPE_CHECKING:
    from certcheck.seen.book import Book

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def seen() -> None:
    """Certificates that checks have seen."""


@seen.command("count")
@click.argument("lab", default="")
@told
def count(lab: str) -> None:
    """Count certificates found at fault, of LAB (a registered name) or of each laboratory."""
    echo_lines(_counted(_book(), lab))


def counted(lab: str) -> list[str]:
    """What was counted of a laboratory, as `seen count` says it; nothing where no book is kept.

    Args:
        lab: registered name.

    Raises:
        SeenBookError: the book cannot be used.
    """
    from certcheck.seen import book, store

    where = store.address()
    if where is None or ("://" not in where and not Path(where).exists()):
        return []
    found = book.configured()
    return _counted(found, lab) if found else []


def _counted(book: Book, lab: str) -> list[str]:
    from certcheck import messages
    from certcheck.seen.counting import THRESHOLD, counts

    lines = []
    for one in counts(book, lab):
        text = messages.text(
            "seen.count.many" if one.many else "seen.count",
            lab=one.lab, seen=one.seen, against=one.against, doubted=one.doubted,
            together=one.against + one.doubted, threshold=THRESHOLD,
        )  # fmt: skip
        lines += [text.zh, f"    {text.en}"]
    return lines


@seen.command("forget")
@told
def forget() -> None:
    """Delete all that was seen; what people observed stays."""
    from certcheck import messages

    echo_text(messages.text("seen.forgotten", count=_book().forget()))


@click.command()
@click.argument("lab")
@click.option("--paid", metavar="YUAN", help="A price that somebody paid for a certificate.")
@click.option("--list", "listed", metavar="YUAN", help="A price on a price list.")
@click.option("--offer", metavar="YUAN", help="A price that was offered.")
@click.option("--instruments", type=click.IntRange(0), help="Counted at an inspection.")
@click.option("--people", type=click.IntRange(0), help="Who test, counted at an inspection.")
@click.option("--issued", type=click.IntRange(0), help="Certificates of one day, counted there.")
@click.option("--on", "day", type=_DAY, metavar="DATE", help="When; else today.")
@click.option("--source", required=True, help="Where from: a shop, a post, a file's number.")
@click.option(
    "--evidence",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="A picture or paper that bears it out; its SHA-256 is kept, the file is not.",
)
@click.option("--by", metavar="NAME", help="Who tells it; else the name you are logged in by.")
@click.option("--database", metavar="URL", help=DATABASE_HELP)
@told
def observe(
    lab: str,
    paid: str | None,
    listed: str | None,
    offer: str | None,
    instruments: int | None,
    people: int | None,
    issued: int | None,
    day: dt.datetime | None,
    source: str,
    evidence: Path | None,
    by: str | None,
    database: str | None,
) -> None:
    """Record what was observed of LAB (its id or registered name).

    One price, or what an inspection of the site counted.
    """
    import getpass
    import hashlib

    from certcheck import messages
    from certcheck.seen.observations import Kind, Observation, Observations, lab_name
    from registry import days, store
    from registry.lookup import Registry

    prices = [(Kind.PAID, paid), (Kind.LIST, listed), (Kind.OFFER, offer)]
    given = [(kind, price) for kind, price in prices if price is not None]
    if len(given) > 1:
        raise click.UsageError("Give one price.")
    kind, price = given[0] if given else (Kind.INSPECTION, None)
    today = days.today()
    one = Observation(
        lab=lab_name(Registry(store.open_registry(database)), lab),
        kind=kind,
        observed_on=day.date() if day else today,
        source=source.strip(),
        told_by=by or getpass.getuser(),
        told_on=today,
        price=_yuan(price),
        instruments=instruments,
        people=people,
        issued=issued,
        evidence=hashlib.sha256(evidence.read_bytes()).hexdigest() if evidence else "",
    )
    Observations(_book().engine).add(one)
    echo_text(messages.text("observe.kept", lab=one.lab, day=one.observed_on))


def _yuan(price: str | None) -> Decimal | None:
    from certcheck.seen.observations import yuan

    return None if price is None else yuan(price)


def _book() -> Book:
    from certcheck.errors import SeenBookError
    from certcheck.seen import book, store

    found = book.configured()
    if found is None:
        raise SeenBookError(name=store.SETTING, detail=store.OFF)
    return found
