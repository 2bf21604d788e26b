"""The administrator's page: who may sign in, and as what."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.exceptions import BadRequest

from certcheck.accounts import passwords
from certcheck.accounts.roles import OF_PEOPLE, Role
from certcheck.errors import CertcheckError, Problem, explain
from web import signed_in, view

people = Blueprint("people", __name__, url_prefix="/people")


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
        person = signed_in.people().add(name, _role(), made)
    except CertcheckError as error:
        return _page(explain(error))
    return _page(view.problem("account.made", name=person.name), made)


@people.post("/reset")
def reset() -> Response:
    """A new password for somebody who forgot his; shown this once."""
    made = passwords.made()
    try:
        signed_in.people().reset_password(_name(), made)
    except CertcheckError as error:
        return _page(explain(error))
    return _page(view.problem("account.reset", name=_name()), made)


@people.post("/role")
def role() -> Response:
    """Makes a person something else."""
    try:
        signed_in.people().give_role(_name(), _role())
    except CertcheckError as error:
        return _page(explain(error))
    return _page(view.problem("account.role_given", name=_name()))


@people.post("/disable")
def disable() -> Response:
    """Keeps a person out."""
    try:
        signed_in.people().disable(_name())
    except CertcheckError as error:
        return _page(explain(error))
    return _page(view.problem("account.disabled", name=_name()))


@people.post("/enable")
def enable() -> Response:
    """Lets a person in again."""
    try:
        signed_in.people().enable(_name())
    except CertcheckError as error:
        return _page(explain(error))
    return _page(view.problem("account.enabled", name=_name()))


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
        "people.html", everyone=everyone, roles=OF_PEOPLE, told=told, made=made
    )  # fmt: skip
    return make_response(page, told.http_status if told else 200)
