"""The second factor: asked for after the password, set up and taken away by its person."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from certcheck.accounts import events
from certcheck.accounts.errors import CodeWrongError, PasswordWrongError
from certcheck.accounts.events import Event
from certcheck.accounts.people import Person
from certcheck.accounts.second_factor import LONGEST_CODE, Key
from certcheck.errors import CertcheckError, Problem, explain
from certcheck.stock import qr
from web import language, signed_in, view
from web.accounts import REFUSED, local

second = Blueprint("second", __name__)

# Of a code of a key that is not yet one's own: nothing is guessed at.
_AGAIN = 422


@second.route("/sign-in/code", methods=["GET", "POST"])
def step() -> BaseResponse:
    """The page after the password, for those who have a second factor."""
    follow = local(request.values.get("next", ""))
    person = signed_in.half()
    if person is None:  # too late, or never typed
        return redirect(url_for("accounts.sign_in", next=follow, lang=language.current()), code=303)
    if request.method != "POST":
        return _step_page(follow)
    try:
        used = signed_in.second_factors().ask(person, request.form.get("code", ""))
    except CertcheckError as error:
        return _step_page(follow, explain(error))
    signed_in.begin(person)
    events.tell(Event.SIGNED_IN, person.id, second=used)
    return redirect(follow or url_for("history.index", lang=language.current()), code=303)


@second.get("/second-factor")
def show() -> Response:
    """Whether the person has one, and what he can do about it."""
    told = view.problem("account.factor_wanted") if signed_in.must_enrol() else None
    return _page(told)


@second.post("/second-factor/key")
def key() -> Response:
    """A key for the app of the person's phone, shown this once."""
    person = _person()
    try:
        signed_in.people().ask_password(person, request.form.get("password", ""))
        made = signed_in.second_factors().begin(person)
    except CertcheckError as error:
        return _page(explain(error), _refused(error))
    return _key_page(made)


@second.post("/second-factor/confirm")
def confirm() -> Response:
    """A code of the app: from now on it is asked for; the recovery codes are shown this once."""
    person = _person()
    try:
        codes = signed_in.second_factors().confirm(person, request.form.get("code", ""))
    except CodeWrongError as error:
        return _key_page(None, explain(error))
    except CertcheckError as error:
        return _page(explain(error))
    signed_in.begin(person)
    return _page(view.problem("account.factor_on"), codes=codes)


@second.post("/second-factor/codes")
def codes() -> Response:
    """Ten new recovery codes, shown this once."""
    person = _person()
    try:
        _ask_both(person)
        made = signed_in.second_factors().renew(person)
    except CertcheckError as error:
        return _page(explain(error), _refused(error))
    return _page(view.problem("account.codes_new"), codes=made)


@second.post("/second-factor/remove")
def remove() -> Response:
    """Takes it away: another phone, or none."""
    person = _person()
    try:
        _ask_both(person)
        signed_in.second_factors().remove(person.name, by=person.name)
    except CertcheckError as error:
        return _page(explain(error), _refused(error))
    signed_in.begin(person)
    return _page(view.problem("account.factor_off"))


def _person() -> Person:
    person = signed_in.person()
    assert person is not None  # noqa: S101 - `access` lets nobody else come here
    return person


def _ask_both(person: Person) -> None:
    signed_in.people().ask_password(person, request.form.get("password", ""))
    signed_in.second_factors().ask(person, request.form.get("code", ""))


def _refused(error: CertcheckError) -> int | None:
    """What `clients` counts as a guess."""
    return REFUSED if isinstance(error, PasswordWrongError | CodeWrongError) else None


def _step_page(follow: str, told: Problem | None = None) -> Response:
    page = render_template("second_step.html", follow=follow, told=told, longest=LONGEST_CODE)
    return make_response(page, told.http_status if told else 200)


def _page(
    told: Problem | None, status: int | None = None, codes: list[str] | None = None
) -> Response:
    person = _person()
    factors = signed_in.second_factors()
    since = factors.since(person.id)
    page = render_template(
        "second_factor.html", told=told, since=since, left=factors.left(person.id) if since else 0,
        codes=codes or [], wanted=signed_in.wants_second_factor(person), longest=LONGEST_CODE,
    )  # fmt: skip
    return make_response(page, status or (told.http_status if told else 200))


def _key_page(made: Key | None, told: Problem | None = None) -> Response:
    drawing = qr.drawn(made.address) if made else None
    page = render_template("second_key.html", key=made, drawing=drawing, told=told)
    return make_response(page, _AGAIN if told else 200)
