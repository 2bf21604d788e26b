"""`certcheck ink`: the signatures that checks have kept."""

from __future__ import annotations

import click

from certcheck.terminal import echo_text, told


@click.group()
def ink() -> None:
    """Signatures kept from certificates checked before."""


@ink.command("forget")
@click.option("--lab", default="", metavar="NAME", help="Only of this laboratory.")
@click.option("--name", default="", metavar="NAME", help="Only of this signatory.")
@told
def forget(lab: str, name: str) -> None:
    """Delete what is kept; all of it unless told which."""
    from certcheck import files, ink_book, messages

    book = ink_book.InkBook(ink_book.path())
    count = book.forget(lab, name)
    echo_text(messages.text("ink.forgotten", count=count, name=files.shown_name(book.path)))
