"""The Flask application: settings, error pages and the headers of every answer."""

from __future__ import annotations

import errno
import logging
import threading
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, request
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    RequestEntityTooLarge,
)

from certcheck.errors import CertcheckError, Problem, QueueFullError, StorageError, explain
from certcheck.record.ask import Asker
from certcheck.runner.settings import Settings
from certcheck.runner.work import Work
from certcheck.stock.batches import Batches
from ocr.errors import PhotoTooLargeError
from ocr.photo import LIMITS
from registry import store
from registry.errors import DatabaseUnreachableError, RegistryError
from registry.lookup import Registry
from web import (
    access,
    batches,
    bearing,
    language,
    paper,
    readiness,
    scanning,
    signed_in,
    uploads,
    view,
    whole,
)
from web.accounts import accounts, forbidden
from web.api_batches import api
from web.audit_trail import audit_trail
from web.case_forms import case_forms
from web.case_letters import case_letters
from web.cases import cases
from web.clients import limit_rates, note_locked
from web.corrections import correcting
from web.figures import figures
from web.health import Figures, count_requests, health
from web.history import history
from web.inspections import inspections
from web.laboratory import laboratory
from web.market import SCRIPTED, admit_two, market
from web.observations import observations
from web.online import online
from web.packs import packs
from web.pages import pages, problem_page
from web.people import people
from web.places import places
from web.prechecks import prechecks
from web.printing import printing
from web.problems import problem_json
from web.registry_desk import admit_tables, registry_desk
from web.registry_findings import registry_findings
from web.registry_labs import column_word, registry_labs
from web.search import search
from web.second import second
from web.steps import steps
from web.stock import stock

log = logging.getLogger(__name__)

# What a form adds around the file: boundaries, headers and the language.
FORM_BYTES = 64 * 2**10
# A form of two pictures, a camera's and a file's, and the language.
FORM_PARTS = 10
# Requests that may wait for a check to be done; half of the server's threads.
WAITERS = 8
# Seconds after which to try again where nothing better is known.
TRY_AGAIN_S = 30
UNAVAILABLE = 503
UNAUTHORISED = 401
FORBIDDEN = 403
# A browser that came by HTTPS comes by nothing else for a year.
_HTTPS_ONLY = f"max-age={365 * 24 * 3600}"

# What a disk says on which a large upload is laid down before it is ours.
_DISK_AWAY = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)

BLUEPRINTS = (
    pages, places, correcting, online, stock, prechecks, steps, printing, accounts, second, history,
    people, observations, search, laboratory, cases, case_forms, inspections, figures, api,
    health, market, registry_desk, registry_labs, registry_findings, audit_trail, case_letters,
    packs,
)  # fmt: skip
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self' blob:; style-src 'self'; "
    "script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Makes the application.

    Args:
        config: Flask's settings and these: `DATABASE_URL` (None for the user's own
            registry), `REGISTRY` (a registry already open, instead of a URL), `WORK` (a
            work store already open, instead of the environment's), `WAITERS`, `CHECKS`
            (whether the first photo starts the processes that check; by default where
            they can open the same registry: with a URL, or without `REGISTRY`), `PASSWORDS`
            (how passwords are hashed, where not as `Passwords` does it), `ONLINE` (whether and
            where laboratories' records are looked up, instead of the environment's).

    Raises:
        CertcheckError: a setting or the work folder is of no use.
        RegistryError: a database cannot be opened.
    """
    app = _configured(config or {})
    _open_stores(app)
    paper.set_up(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    # Each asks before or looks after every request, in this order.
    bearing.set_up(app)
    batches.admit_many(app)
    admit_two(app)
    admit_tables(app)
    app.jinja_env.globals["column_word"] = column_word
    count_requests(app)
    signed_in.set_up(app)
    access.guard(app)
    # Around the views, within the rates: whoever asks too often has nothing scanned.
    scanning.set_up(app)
    limit_rates(app)
    language.set_up(app)
    app.after_request(_headers)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(CertcheckError, _told)
    app.register_error_handler(RegistryError, _told)
    app.register_error_handler(Exception, _broke)
    return app


def _configured(config: Mapping[str, Any]) -> Flask:
    """A bare app with its settings; see `create_app`."""
    app = Flask("web")
    app.request_class = uploads.Laid
    app.config.from_mapping(
        DATABASE_URL=None,
        REGISTRY=None,
        WORK=None,
        CHECKS=None,
        PASSWORDS=None,
        ONLINE=None,
        WAITERS=WAITERS,
        MAX_CONTENT_LENGTH=LIMITS.max_bytes + FORM_BYTES,
        MAX_FORM_PARTS=FORM_PARTS,
    )
    app.config.from_mapping(config)
    whole.set_up(app)
    if app.config["ONLINE"] is None:
        app.config["ONLINE"] = Asker.from_environment().mode
    if app.config["CHECKS"] is None:
        app.config["CHECKS"] = bool(app.config["DATABASE_URL"] or app.config["REGISTRY"] is None)
    return app


def _open_stores(app: Flask) -> None:
    """Opens the registry and the work store where they were not given."""
    if app.config["REGISTRY"] is None:
        app.config["REGISTRY"] = Registry(store.open_registry(app.config["DATABASE_URL"]))
    if app.config["WORK"] is None:
        app.config["WORK"] = Work(Settings.from_environment())
    app.extensions["work"] = app.config["WORK"]
    app.extensions["batches"] = Batches(app.config["WORK"])
    app.extensions["waiters"] = threading.BoundedSemaphore(app.config["WAITERS"])
    app.extensions["figures"] = Figures(app.extensions["work"])
    app.extensions["readiness"] = readiness.of_app(app)


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        # A certificate names people; no cache on the way keeps it.
        response.headers["Cache-Control"] = "no-store"
        response.vary.update(("Accept-Language", "Cookie"))
    if response.status_code == UNAVAILABLE:
        response.headers.setdefault("Retry-After", str(TRY_AGAIN_S))
    if uploads.work().settings.https:
        response.headers.setdefault("Strict-Transport-Security", _HTTPS_ONLY)
    return response


def _answer(problem: Problem, status: int | None = None) -> Response:
    """A problem as those understand it who asked: a page, or JSON for programs."""
    program = signed_in.for_programs() or request.endpoint in SCRIPTED
    return (problem_json if program else problem_page)(problem, status)


def _refused(error: HTTPException) -> Response:
    """What Flask itself refuses: no such address, wrong method, too large."""
    if isinstance(error, InternalServerError) and error.original_exception is not None:
        # Raised after the answer was made, by what counts requests, say.
        broke = error.original_exception
        if isinstance(broke, CertcheckError | RegistryError):
            return _told(broke)
        if isinstance(broke, Exception):
            return _broke(broke)
    if isinstance(error, RequestEntityTooLarge):
        many = request.endpoint in batches.MANY
        return _answer(view.problem("stock.too_much") if many else explain(PhotoTooLargeError()))
    if isinstance(error, RateLimitExceeded):
        guessed = request.blueprint in (accounts.name, second.name)
        told = note_locked(error) if guessed else "api.too_many"
        response = _answer(view.problem(told))
        response.headers["Retry-After"] = str(error.limit.limit.get_expiry())
        return response
    if isinstance(error, CSRFError):
        return _answer(view.problem("account.form_expired"))
    program = signed_in.for_programs()
    if error.code == FORBIDDEN:
        return problem_json(view.problem("account.forbidden")) if program else forbidden()
    if error.code == 404:
        return _answer(view.problem("api.not_found" if program else "web.not_found"))
    response = _answer(view.problem("api.refused" if program else "web.refused"), error.code or 400)
    allow = dict(error.get_headers()).get("Allow")
    if allow:
        response.headers["Allow"] = allow
    return response


def _told(error: CertcheckError | RegistryError) -> Response:
    """An error that has a sentence of its own; what it says of our databases is for the log."""
    if isinstance(error, DatabaseUnreachableError) and error.no_room:
        error = StorageError(**error.details)
    away = isinstance(error, RegistryError)
    problem = view.problem("web.unavailable") if away else explain(error)
    if problem.http_status >= UNAVAILABLE:
        log.error("%s %s: %s", request.method, request.endpoint, error)
    response = _answer(problem)
    if problem.http_status == UNAUTHORISED:
        response.www_authenticate = WWWAuthenticate("bearer")
    if isinstance(error, QueueFullError):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _broke(error: Exception) -> Response:
    """A mistake of ours, or a disk that is full; the cause goes to the log only."""
    if isinstance(error, OSError) and error.errno in _DISK_AWAY:
        return _told(StorageError(reason=error.strerror))
    log.error("%s %s", request.method, request.endpoint, exc_info=error)
    return _answer(view.problem("check.crashed"))
