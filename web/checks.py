"""What does what the app accepts: started with the server, or with the first photo.

Processes of the server, or workers on other machines that are told (`CERTCHECK_ENGINE`).
"""

from __future__ import annotations

import atexit
import threading
from typing import Any, Protocol

from flask import Flask

from certcheck.runner.engines.outbox import Outbox
from certcheck.runner.engines.worker import beside
from certcheck.runner.service import Beside, Service
from certcheck.runner.work import Work

_starting = threading.Lock()


class Engine(Beside, Protocol):
    """What does the work, or has it done."""

    @property
    def alive(self) -> bool:
        """Whether it is at work, or waits for its turn."""


def start(app: Flask, *, prepare: bool) -> Engine:
    """Starts what the settings say; whoever starts it stops it.

    Args:
        app: whose work is to be done.
        prepare: whether models are loaded before there is work.

    Raises:
        ExtraMissingError: the settings ask for what is not installed.
    """
    work: Work = app.extensions["work"]
    engine: Engine = Outbox(work) if work.settings.celery else _local(app, work, prepare=prepare)
    app.extensions["service"] = engine
    engine.start()
    return engine


def _local(app: Flask, work: Work, *, prepare: bool) -> Service:
    """Processes of this server."""
    figures: Any = app.extensions["figures"]
    registry, url = app.config["REGISTRY"], app.config["DATABASE_URL"]
    return Service(
        work, registry, url, figures.checked, beside(work, registry, url), prepare=prepare
    )


def ensure(app: Flask) -> None:
    """Starts them where nobody has, for an app that another WSGI server runs.

    They end with the interpreter.
    """
    if not app.config["CHECKS"] or "service" in app.extensions:
        return
    with _starting:
        if "service" not in app.extensions:
            atexit.register(start(app, prepare=False).stop)
