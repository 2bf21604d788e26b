"""`web.wsgi` for tests that send no photo: its processes load their models with the first one."""

from __future__ import annotations

from flask import Flask

from web import checks


def unprepared() -> None:
    """From now on servers of this process begin like that."""
    start = checks.start
    checks.start = lambda app, **_: start(app, prepare=False)


def made() -> Flask:
    """The app of one web process, for gunicorn."""
    from web import wsgi

    unprepared()
    return wsgi.made()
