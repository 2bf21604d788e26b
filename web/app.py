"""The Flask application: settings, error pages and the headers of every answer."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from certcheck.errors import explain
from ocr.errors import PhotoTooLargeError
from ocr.photo import LIMITS
from registry import store
from registry.lookup import Registry
from web import language, view
from web.cache import Results
from web.pages import pages, problem_page

log = logging.getLogger(__name__)

# What a form adds around the file: boundaries, headers and the language.
FORM_BYTES = 64 * 2**10
# A form of two pictures, a camera's and a file's, and the language.
FORM_PARTS = 10
# Results that stay readable; each is one JSON report and a picture of some 300 kB a page.
KEPT_RESULTS = 64
# Seconds to wait for the photos of others; one takes a few on the smallest machine.
BUSY_SECONDS = 90

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self' blob:; style-src 'self'; "
    "script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Makes the application.

    Args:
        config: Flask's settings and these: `DATABASE_URL` (None for the user's own
            registry), `REGISTRY` (a registry already open, instead of a URL),
            `KEPT_RESULTS`, `BUSY_SECONDS`.

    Raises:
        RegistryError: the database cannot be opened.
    """
    app = Flask("web")
    app.config.from_mapping(
        DATABASE_URL=None,
        REGISTRY=None,
        KEPT_RESULTS=KEPT_RESULTS,
        BUSY_SECONDS=BUSY_SECONDS,
        MAX_CONTENT_LENGTH=LIMITS.max_bytes + FORM_BYTES,
        MAX_FORM_PARTS=FORM_PARTS,
    )
    app.config.from_mapping(config or {})
    if app.config["REGISTRY"] is None:
        app.config["REGISTRY"] = Registry(store.open_registry(app.config["DATABASE_URL"]))
    app.extensions["results"] = Results(app.config["KEPT_RESULTS"])
    # A blank line for every tag of the template helps nobody.
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.register_blueprint(pages)
    app.context_processor(language.helpers)
    app.context_processor(view.helpers)
    app.after_request(_headers)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(Exception, _broke)
    return app


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        # A certificate names people; no cache on the way keeps it.
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Accept-Language")
    return response


def _refused(error: HTTPException) -> Response:
    """A page for what Flask itself refuses: no such page, wrong method, too large."""
    if isinstance(error, RequestEntityTooLarge):
        return problem_page(explain(PhotoTooLargeError()))
    code = "web.not_found" if error.code == 404 else "web.refused"
    response = problem_page(view.problem(code), error.code or 400)
    allow = dict(error.get_headers()).get("Allow")
    if allow:
        response.headers["Allow"] = allow
    return response


def _broke(error: Exception) -> Response:
    """A page for a mistake of ours; the cause goes to the log only."""
    log.error("%s %s", request.method, request.path, exc_info=error)
    return problem_page(view.problem("check.crashed"))
