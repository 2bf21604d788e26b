"""The administrator's page: who may sign in, and as what."""

from __future__ import annotations

import math

from flask import Blueprint, Response, abort, make_response, render_template, request
from werkzeug.exceptions import BadRequest

from certcheck.accounts import log, passwords
from certcheck.accounts.people import spelled
from certcheck.accounts.roles import OF_PEOPLE, Role
from certcheck.errors import CertcheckError, Problem, explain
from web import signed_in, view, whole

people = Blueprint("people", __name__, url_prefix="/people")

# Beyond what a database counts.
_MOST_PAGES = 10_000_000


@people.get("")
def index() -> Response:
    """Everybody, and a form to add one."""
    return _page()


@people.post("")
def add() -> Response:
    """Adds a person; the password is made here and shown this once."""
    made = passwords.made()
    name = request.form.get("name", "")
    try:
        person = signed_in.people().add(name, _role(), made, by=_by())
    except CertcheckError as error:
        return _page(explain(error))
    return _page(view.problem("account.made", name=person.name), made)


@people.post("/reset")
def reset() -> Response:
    """A new password for somebody who forgot his; shown this once."""
    made = passwords.made()
    try:
        signed_in.people().reset_password(_name(), made, by=_by())
    except CertcheckError as error:
        return _page(explain(error))
    return _page(view.problem("account.reset", name=_name()), made)


@people.post("/second-factor")
def factor() -> Response:
    """Takes somebody's second factor away, who lost his phone; not one's own, without a code."""
    if spelled(_name()) == _by():
        return _page(view.problem("account.factor_own"))
    try:
        signed_in.second_factors().remove(_name(), by=_by())
    except CertcheckError as error:
        return _page(explain(error))
    return _page(view.problem("account.factor_taken", name=_name()))


@people.post("/role")
def role() -> Response:
    """Makes a person something else."""
    try:
        signed_in.people().give_role(_name(), _role(), by=_by())
    except CertcheckError as error:
        return _page(explain(error))
    return _page(view.problem("account.role_given", name=_name()))


@people.post("/disable")
def disable() -> Response:
    """Keeps a person out."""
    try:
        signed_in.people().disable(_name(), by=_by())
    except CertcheckError as error:
        return _page(explain(error))
    return _page(view.problem("account.disabled", name=_name()))


@people.post("/enable")
def enable() -> Response:
    """Lets a person in again."""
    try:
        signed_in.people().enable(_name(), by=_by())
    except CertcheckError as error:
        return _page(explain(error))
    return _page(view.problem("account.enabled", name=_name()))


@people.get("/log")
def deeds() -> str:
    """What was done to accounts, the newest first, a page at a time."""
    page = request.args.get("page", 1, type=whole.number)
    if not 1 <= page <= _MOST_PAGES:
        abort(404)
    lines, total = signed_in.people().deeds(page)
    pages = max(1, math.ceil(total / log.PAGE))
    if page > pages:
        abort(404)
    return render_template(
        "people_log.html", lines=lines, page=page, pages=pages, days=log.KEPT_FOR.days
    )


def _by() -> str:
    """Who asks."""
    person = signed_in.person()
    return person.name if person else ""


def _name() -> str:
    return request.form.get("name", "")


def _role() -> Role:
    given = request.form.get("role", "")
    if given not in OF_PEOPLE:
        raise BadRequest()
    return Role(given)


def _page(told: Problem | None = None, made: str = "") -> Response:
    everyone = signed_in.people().everyone()
    page = render_template(
        "people.html", everyone=everyone, roles=OF_PEOPLE, told=told, made=made,
        owners=signed_in.second_factors().owners(),
    )  # fmt: skip
    return make_response(page, told.http_status if told else 200)
