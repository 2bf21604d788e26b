"""The processes that do what the app accepts: started with the server, or with the first photo."""

from __future__ import annotations

import atexit
import threading
from typing import Any

from flask import Flask

from certcheck.archive.registered import Follower
from certcheck.desk.clerk import Clerk
from certcheck.evidence.maker import Maker
from certcheck.runner.service import Service
from certcheck.stock.messenger import Messenger

_starting = threading.Lock()


def start(app: Flask, *, prepare: bool) -> Service:
    """Starts them; whoever starts them stops them.

    Args:
        app: whose work they do.
        prepare: whether models are loaded before there is work.
    """
    figures: Any = app.extensions["figures"]
    service = Service(
        app.extensions["work"], app.config["REGISTRY"], app.config["DATABASE_URL"],
        figures.checked,
        [
            Messenger(app.extensions["work"], app.extensions["batches"]),
            Follower(app.extensions["work"], app.config["REGISTRY"]),
            Clerk(app.extensions["work"], app.config["DATABASE_URL"]),
            Maker(app.extensions["work"], app.config["DATABASE_URL"]),
        ],
        prepare=prepare,
    )  # fmt: skip
    app.extensions["service"] = service
    service.start()
    return service


def ensure(app: Flask) -> None:
    """Starts them where nobody has, for an app that another WSGI server runs.

    They end with the interpreter.
    """
    if not app.config["CHECKS"] or "service" in app.extensions:
        return
    with _starting:
        if "service" not in app.extensions:
            atexit.register(start(app, prepare=False).stop)
