"""Who may do what: one table of every endpoint, asked before every request.

An endpoint that is not in the table is refused. What a role may see within an endpoint (its own
checks, say) is the endpoint's to decide.
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from certcheck import audit
from certcheck.accounts.roles import OF_PEOPLE, Role
from certcheck.audit import Who
from registry.errors import RegistryError
from web import clients, language, signed_in

log = logging.getLogger(__name__)

EVERYBODY = frozenset(Role)
PEOPLE = frozenset(OF_PEOPLE)
PROGRAMS = frozenset({Role.CLIENT})
ADMINS = frozenset({Role.ADMIN})
# Those who have many certificates to look at.
MANY = frozenset({Role.STREAMER, Role.INSPECTOR, Role.CHIEF, Role.ADMIN})
# Those who look into laboratories.
OFFICE = frozenset({Role.INSPECTOR, Role.CHIEF, Role.KEEPER, Role.ADMIN})
# Those who go to the markets.
FIELD = frozenset({Role.INSPECTOR, Role.CHIEF, Role.ADMIN})
# Those who work on cases and plan inspections; keepers and administrators look at them too.
CASES = frozenset({Role.INSPECTOR, Role.CHIEF})
# Those who keep the registry.
KEEPERS = frozenset({Role.KEEPER, Role.ADMIN})
NOBODY: frozenset[Role] = frozenset()

TABLE: dict[str, frozenset[Role]] = {
    "static": EVERYBODY,
    # Those who run the server keep these from others by the web server before it.
    "health.healthz": EVERYBODY,
    "health.readyz": EVERYBODY,
    "health.metrics": EVERYBODY,
    # A check on its page is shown to whoever has its address.
    "pages.index": EVERYBODY,
    "pages.privacy": EVERYBODY,
    "pages.check": EVERYBODY,
    "pages.report": EVERYBODY,
    "pages.state": EVERYBODY,
    "pages.picture": EVERYBODY,
    "pages.detail": EVERYBODY,
    "pages.large": EVERYBODY,
    "pages.delete": EVERYBODY,
    "steps.show": EVERYBODY,
    "steps.letter": EVERYBODY,
    "places.show": EVERYBODY,
    "places.picture": EVERYBODY,
    "places.field": EVERYBODY,
    "printing.make": EVERYBODY,
    "printing.show": EVERYBODY,
    "printing.state": EVERYBODY,
    "printing.file": EVERYBODY,
    # Whose check it is, see `may_end`, is asked by the views.
    "correcting.correct": EVERYBODY,
    "online.ask": EVERYBODY,
    "online.sent": EVERYBODY,
    # Whose batch it is, see `may_end`, is asked by the views.
    "stock.index": MANY,
    "stock.create": MANY,
    "stock.show": MANY,
    "stock.live": MANY,
    "stock.table": MANY,
    "stock.delete": MANY,
    "prechecks.choose": MANY,
    "prechecks.make": MANY,
    "prechecks.end": MANY,
    # Shown to whoever has the code.
    "prechecks.enter": EVERYBODY,
    "prechecks.show": EVERYBODY,
    "prechecks.live": EVERYBODY,
    "prechecks.picture": EVERYBODY,
    "accounts.sign_in": EVERYBODY,
    "accounts.sign_out": EVERYBODY,
    "accounts.password": PEOPLE,
    "accounts.sign_ins": PEOPLE,
    # After the right password; who comes without is led back.
    "second.step": EVERYBODY,
    "second.show": PEOPLE,
    "second.key": PEOPLE,
    "second.confirm": PEOPLE,
    "second.codes": PEOPLE,
    "second.remove": PEOPLE,
    "history.index": PEOPLE,
    "observations.index": OFFICE,
    "observations.add": OFFICE,
    # Of scripts, which ask without a cookie where a browser wants it so, nothing is anybody's.
    "market.index": FIELD,
    "market.state": FIELD,
    "market.create": FIELD,
    "market.registry": FIELD,
    "market.back": OFFICE,
    "market.scanner": EVERYBODY,
    "market.worker": EVERYBODY,
    "market.manifest": EVERYBODY,
    # Which step with which case, `certcheck.cases.rules` says.
    "cases.index": OFFICE,
    "cases.show": OFFICE,
    "cases.step": CASES,
    "cases.who": CASES,
    # What a check, or a case, rests on, to be taken along.
    "packs.show": OFFICE,
    "packs.make": OFFICE,
    "packs.file": OFFICE,
    "packs.state": OFFICE,
    "case_forms.form": CASES,
    "case_forms.create": CASES,
    "inspections.index": FIELD,
    "inspections.show": FIELD,
    "inspections.table": FIELD,
    "inspections.new": CASES,
    "inspections.change": CASES,
    "inspections.move": CASES,
    "inspections.draw": CASES,
    "inspections.take": CASES,
    "inspections.put": CASES,
    "figures.index": FIELD,
    "figures.table": FIELD,
    "desk.index": KEEPERS,
    "desk.form": KEEPERS,
    "desk.create": KEEPERS,
    "desk.show": KEEPERS,
    "desk.state": KEEPERS,
    "desk.apply": KEEPERS,
    "desk.drop": KEEPERS,
    "desk.log": KEEPERS,
    "desk.undo": KEEPERS,
    "desk_labs.index": KEEPERS,
    "desk_labs.show": KEEPERS,
    "desk_labs.history": KEEPERS,
    "desk_labs.table": KEEPERS,
    "desk_labs.form": KEEPERS,
    "desk_labs.edit": KEEPERS,
    "desk_findings.index": KEEPERS,
    "desk_findings.examine": KEEPERS,
    "desk_findings.show": KEEPERS,
    "desk_findings.act": KEEPERS,
    "trail.index": KEEPERS,
    "trail.table": KEEPERS,
    "trail.verify": KEEPERS,
    "case_letters.show": OFFICE,
    "case_letters.text": OFFICE,
    "case_letters.file": OFFICE,
    "case_letters.make": CASES,
    "search.index": OFFICE,
    "laboratory.show": OFFICE,
    "people.index": ADMINS,
    "people.add": ADMINS,
    "people.role": ADMINS,
    "people.disable": ADMINS,
    "people.enable": ADMINS,
    "people.reset": ADMINS,
    "people.factor": ADMINS,
    "people.deeds": ADMINS,
    # Programs: with a key, or without one where the server is open.
    "api.document": EVERYBODY,
    "api.problem": EVERYBODY,
    "api.create": PROGRAMS,
    "api.show": PROGRAMS,
    "api.delete": PROGRAMS,
    "api.create_batch": PROGRAMS,
    "api.show_batch": PROGRAMS,
    "api.delete_batch": PROGRAMS,
}

# Links at the head of every page for those who may follow them, with the code of their words.
MENU = (
    ("market.index", "market.link"),
    ("stock.index", "stock.page.link"),
    ("history.index", "account.history"),
    ("cases.index", "case.link"),
    ("search.index", "search.link"),
    ("observations.index", "observe.link"),
    ("inspections.index", "inspection.link"),
    ("figures.index", "figures.link"),
    ("desk.index", "desk.link"),
    ("trail.index", "audit.page.link"),
    ("people.index", "account.people"),
    ("accounts.password", "account.password"),
)

# What a person may still do whose password is known to somebody else.
_BEFORE_CHANGE = frozenset({"static", "accounts.password", "accounts.sign_out", "pages.privacy"})
# Likewise one whose role has to have a second factor, until there is one.
_BEFORE_FACTOR = _BEFORE_CHANGE | {
    "accounts.sign_ins", "second.show", "second.key", "second.confirm",
}  # fmt: skip
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
# Owners of checks who are people; others are ids of clients.
_PERSONS = "person:"


def guard(app: Flask) -> None:
    """Has an app ask before every request."""
    app.before_request(_ask)
    app.context_processor(_helpers)


def role() -> Role:
    """What the one who asks is.

    Raises:
        CertcheckError: a program has no key, or a wrong one, where it needs one.
    """
    if signed_in.for_programs():
        clients.client()
        return Role.CLIENT
    person = signed_in.person()
    return person.role if person else Role.VISITOR


def owner() -> str | None:
    """Whose a check is that this request asks for: a client's, a person's, or None."""
    if signed_in.for_programs():
        return clients.client()
    person = signed_in.person()
    return _PERSONS + person.id if person else None


def who() -> Who:
    """Who asks, as the log is told."""
    if signed_in.for_programs():
        return Who("client", clients.client() or "")
    return audit.person(signed_in.person())


def may_end(owned_by: str | None) -> bool:
    """Whether the one who asks may delete a check, or end what else is somebody's.

    What a visitor asked for belongs to whoever has its address.
    """
    return owned_by in (None, clients.ANYBODY, owner())


def may(endpoint: str) -> bool:
    """Whether the one who asks may use an endpoint."""
    allowed = TABLE.get(endpoint, NOBODY)
    return allowed == EVERYBODY or role() in allowed


def _ask() -> Response | None:
    """Lets a request through, leads it to the sign-in page, or refuses it."""
    endpoint = request.endpoint
    if endpoint is None or endpoint == "static":
        return None  # no such address or method: Flask says so
    if endpoint not in TABLE:
        log.error("%s is not in the table of who may do what", endpoint)
        abort(403)
    person = None if signed_in.for_programs() else signed_in.person()
    if not may(endpoint):
        if person is not None or signed_in.for_programs():
            abort(403)
        back = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("accounts.sign_in", next=back, lang=language.current()))
    if person and person.must_change and endpoint not in _BEFORE_CHANGE:
        return redirect(url_for("accounts.password", lang=language.current()))
    if person and endpoint not in _BEFORE_FACTOR and signed_in.must_enrol():
        return redirect(url_for("second.show", lang=language.current()))
    if request.method not in _READING and not signed_in.for_programs():
        signed_in.check_form()
    return None


def _helpers() -> dict[str, Any]:
    """What templates need to show each what he may do."""
    nobody: dict[str, Any] = {"person": None, "menu": (), "may": may}
    if signed_in.for_programs():
        return nobody
    try:
        person = signed_in.person()
        menu = [(endpoint, code) for endpoint, code in MENU if may(endpoint)]
    except RegistryError:
        return nobody  # the page that says so must not fail over it
    return {"person": person, "menu": menu, "may": may}
