"""The web app with its processes, on one machine: `certcheck serve`."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import waitress
from flask import Flask

from certcheck.accounts import demo
from certcheck.accounts.demo import Card
from certcheck.accounts.people import People
from certcheck.cases import running
from certcheck.errors import AddressTakenError
from certcheck.operation import logs, settings
from certcheck.stock.entries import MOST_BYTES
from registry.lookup import Registry
from web import checks, uploads
from web.app import create_app

# Requests answered at once; an upload takes its thread only when it has arrived.
THREADS = 16
# Of them may wait for a check to be done.
WAITERS = THREADS // 2
# Connections that may be open: those of slow phones stay so for a while.
CONNECTIONS = 500
# Of a body that is too large, so much is still taken in to answer with a page.
_PATIENCE = 4
# Likewise of many files at once, which are much already.
_MANY = 2


# Told the address, the people of the demo, and the file that their passwords stand in.
Ready = Callable[[str, list[Card], Path], None]


def serve(host: str, port: int, database: str | None, ready: Ready) -> None:
    """Serves until SIGINT or SIGTERM; what is at work then is taken up by the next start.

    Args:
        host: to listen on.
        port: likewise.
        database: the registry's, or None.
        ready: told when requests are answered.

    Raises:
        CertcheckError: a setting, the work folder or the address is of no use.
        RegistryError: a database cannot be opened.
    """
    logs.set_up()
    settings.hold()
    app = create_app({"DATABASE_URL": database})
    try:
        server = _listening(app, host, port)
        cards, path = _demo(app)
        running.recount_all(uploads.work_of(app).engine)
        service = checks.start(app, prepare=True)
        signal.signal(signal.SIGTERM, _end)
        ready(f"http://{host}:{port}/", cards, path)
        try:
            server.run()  # returns on SystemExit and KeyboardInterrupt
        finally:
            server.close()
            service.stop()
    finally:
        app.extensions["work"].close()


def _demo(app: Flask) -> tuple[list[Card], Path]:
    """People to try the app out with, where the registry is the demo one."""
    work = uploads.work_of(app)
    registry: Registry = app.config["REGISTRY"]
    people: People = app.extensions["people"]
    cards = demo.prepare(people, work, demo=registry.revision.demo)
    return cards, demo.path_in(work.settings.folder)


def _listening(app: Flask, host: str, port: int) -> Any:
    """A server that listens, not yet answering."""
    proxies = uploads.work_of(app).settings.proxies
    # Whom a request comes from is told by the web servers before ours, where there are any;
    # else what a visitor says of himself is thrown away.
    behind: dict[str, Any] = {"clear_untrusted_proxy_headers": True}
    if proxies:
        behind |= {
            "trusted_proxy": "*",
            "trusted_proxy_count": proxies,
            "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
        }
    try:
        return waitress.create_server(
            app, host=host, port=port, threads=THREADS, connection_limit=CONNECTIONS,
            max_request_body_size=max(
                _PATIENCE * app.config["MAX_CONTENT_LENGTH"], _MANY * MOST_BYTES
            ),
            asyncore_use_poll=True, ident=None, **behind,
        )  # fmt: skip
    except OSError as error:
        raise AddressTakenError(host=host, port=port, reason=error.strerror) from error


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)
