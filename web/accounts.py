"""Signing in and out, and one's own password."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from certcheck.accounts import events, passwords
from certcheck.accounts.errors import PasswordWrongError, SignInError
from certcheck.accounts.events import Event
from certcheck.errors import CertcheckError, Problem, explain
from web import language, signed_in, uploads, view

accounts = Blueprint("accounts", __name__)

# Of an answer that says no; `clients` counts these.
REFUSED = 403
# What a browser could read as an address elsewhere: `\` is `/` to it, and others it leaves out.
_ODD = re.compile(r"[\\\x00-\x20\x7f]")


@accounts.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> BaseResponse:
    """The page to sign in on; a wrong name and a wrong password are refused alike."""
    follow = local(request.values.get("next", ""))
    if request.method != "POST":  # HEAD too: it is not counted as a guess
        return _sign_in_page(follow)
    name, password = request.form.get("name", ""), request.form.get("password", "")
    try:
        person = signed_in.people().let_in(name, password)
        if person.demo and not uploads.registry().revision.demo:
            events.tell(Event.SIGN_IN_REFUSED, person.id, why="demo")
            raise SignInError()
    except SignInError as error:
        return _sign_in_page(follow, explain(error), name)
    if signed_in.second_factors().since(person.id):
        signed_in.begin_half(person)
        return redirect(url_for("second.step", next=follow or None, lang=language.current()), 303)
    signed_in.begin(person)
    events.tell(Event.SIGNED_IN, person.id)
    return redirect(follow or url_for("history.index", lang=language.current()), code=303)


@accounts.post("/sign-out")
def sign_out() -> BaseResponse:
    """Ends the sign-in of this browser."""
    person = signed_in.person()
    signed_in.end()
    if person is not None:
        events.tell(Event.SIGNED_OUT, person.id)
    return redirect(url_for("pages.index", lang=language.current()), code=303)


@accounts.route("/password", methods=["GET", "POST"])
def password() -> BaseResponse:
    """A new password; every other browser of the person is signed out."""
    person = signed_in.person()
    assert person is not None  # noqa: S101 - `access` lets nobody else come here
    if request.method != "POST":
        told = view.problem("account.must_change") if person.must_change else None
        return _password_page(told)
    old, new, again = (request.form.get(name, "") for name in ("old", "new", "again"))
    if new != again:
        return _password_page(view.problem("account.password_differs"))
    try:
        signed_in.people().change_password(person, old, new)
    except CertcheckError as error:
        wrong = isinstance(error, PasswordWrongError)
        return _password_page(explain(error), REFUSED if wrong else None)
    signed_in.begin(signed_in.people().known(person.id))
    return _password_page(view.problem("account.password_changed"), 200)


@accounts.route("/sign-ins", methods=["GET", "POST"])
def sign_ins() -> BaseResponse:
    """Where the person is signed in; with the password, one or all of the others are ended."""
    person = signed_in.person()
    assert person is not None  # noqa: S101 - `access` lets nobody else come here
    if request.method != "POST":
        return _sign_ins_page(None)
    try:
        signed_in.people().ask_password(person, request.form.get("password", ""))
    except PasswordWrongError as error:
        return _sign_ins_page(explain(error), REFUSED)
    ended = signed_in.end_elsewhere(request.form.get("which", ""))
    events.tell(Event.ENDED, person.id)
    return _sign_ins_page(view.problem("account.ended" if ended else "account.ended_none"))


def local(address: str) -> str:
    """An address to go on to: a path of this server, else nothing."""
    try:
        parts = urlsplit(address) if not _ODD.search(address) else None
    except ValueError:  # `//[`, say
        return ""
    ours = parts and not parts.scheme and not parts.netloc and parts.path.startswith("/")
    return address if ours and not address.startswith("//") else ""


def forbidden() -> Response:
    """The page for those who are signed in and may not."""
    return make_response(render_template("forbidden.html"), REFUSED)


def _sign_in_page(follow: str, told: Problem | None = None, name: str = "") -> Response:
    page = render_template("sign_in.html", follow=follow, told=told, name=name)
    return make_response(page, told.http_status if told else 200)


def _sign_ins_page(told: Problem | None, status: int | None = None) -> Response:
    held = signed_in.elsewhere()
    page = render_template("sign_ins.html", told=told, held=held)
    return make_response(page, status or (told.http_status if told else 200))


def _password_page(told: Problem | None, status: int | None = None) -> Response:
    page = render_template("password.html", told=told, least=passwords.SHORTEST)
    return make_response(page, status or (told.http_status if told else 200))
