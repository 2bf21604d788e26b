"""`certcheck client`: programs that may use the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from certcheck.terminal import echo_lines, echo_text, told

if TYPE_CHECKING:
    from certcheck.runner.clients import Clients

LONGEST_NAME = 100


@click.group()
def client() -> None:
    """Programs that may use the API, each with a key of its own.

    With CERTCHECK_API=keys nobody else may.
    """


@client.command("add")
@click.argument("name")
@told
def add(name: str) -> None:
    """Add a program and print its key, which is not kept and not shown again."""
    from certcheck.runner.work import now

    shown = name.strip()
    if not shown or len(shown) > LONGEST_NAME or not shown.isprintable():
        raise click.BadParameter(f"1 to {LONGEST_NAME} characters", param_hint="NAME")
    echo_lines([_clients().add(shown, now())])


@client.command("list")
@told
def everyone() -> None:
    """List the programs, and since when the keys of some have ended."""
    from certcheck.report import utc

    for one in _clients().everyone():
        ended = utc(one.revoked_at) if one.revoked_at else ""
        echo_lines(["\t".join((one.name, utc(one.created_at), ended))])


@client.command("revoke")
@click.argument("name")
@told
def revoke(name: str) -> None:
    """End the key of a program, at once."""
    from certcheck import messages
    from certcheck.runner.work import now

    _clients().revoke(name, now())
    echo_text(messages.text("client.revoked", name=name))


@client.command("webhook")
@click.argument("name")
@click.argument("url", required=False)
@click.option("--off", is_flag=True, help="Tell the program nothing more.")
@told
def webhook(name: str, url: str | None, *, off: bool) -> None:
    """Have a program be told at URL (HTTPS) when a batch of its own is done.

    Prints the secret that messages are signed with, which is not shown again.
    """
    from certcheck import messages
    from certcheck.runner.settings import Settings
    from certcheck.runner.work import Work
    from certcheck.stock.batches import Batches
    from certcheck.stock.hooks import Hooks

    if off == bool(url):
        raise click.UsageError("URL, or --off")
    work = Work(Settings.from_environment())
    hooks = Hooks(work, Batches(work))
    if url:
        echo_lines([hooks.set(name, url)])
        echo_text(messages.text("client.webhook_set", name=name, url=url))
    else:
        ended = hooks.end(name)
        echo_text(
            messages.text("client.webhook_off" if ended else "client.webhook_none", name=name)
        )


def _clients() -> Clients:
    from certcheck.runner.clients import Clients
    from certcheck.runner.settings import Settings
    from certcheck.runner.store import open_store

    settings = Settings.from_environment()
    return Clients(open_store(settings.folder, settings.url))
