"""The app for gunicorn: `gunicorn -c deploy/gunicorn.conf.py 'web.wsgi:made()'`.

Each web process makes its own app. The first process, which starts them, loads none of this: they
would have its old program after a reload, too. Where checks run on this machine, one of the
processes does them: whoever holds the lock of the work folder; another takes over when it ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from certcheck.cases import running
from certcheck.operation import logs, settings
from web import checks, uploads
from web.app import create_app


def made(config: Mapping[str, Any] | None = None) -> Flask:
    """The app of one web process, with what does the work.

    Args:
        config: as for `create_app`.

    Raises:
        CertcheckError: a setting or the work folder is of no use.
        RegistryError: a database cannot be opened.
    """
    logs.set_up()
    settings.hold()
    app = create_app(config)
    proxies = uploads.work_of(app).settings.proxies
    if proxies:
        # Whom a request comes from is told by the web servers before ours, and by nobody else.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=0, x_port=0, x_prefix=0
        )
    running.recount_all(uploads.work_of(app).engine)
    checks.start(app, prepare=True)
    return app


def ended(app: Flask) -> None:
    """Ends what a web process had begun; what was at work is queued again."""
    app.extensions["service"].stop()
    app.extensions["work"].close()
