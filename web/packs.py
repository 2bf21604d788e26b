"""The evidence pack of a check, or of all checks of a case: made when somebody presses a button.

It is made beside the pages (`certcheck.evidence.maker`); this page tells when it is there. Every
download is written into the log.
"""

from __future__ import annotations

import dataclasses as dc
import json
from collections.abc import Sequence
from typing import Any

from flask import (
    Blueprint,
    Response,
    jsonify,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from certcheck import audit
from certcheck.audit import Entry
from certcheck.errors import CertcheckError, Problem, explain
from certcheck.evidence import held, wanted
from certcheck.evidence import pack as packing
from certcheck.evidence.errors import CheckUnknownError, PackDamagedError
from certcheck.evidence.held import Held
from certcheck.evidence.tables import Wanted
from certcheck.runner import blobs
from certcheck.runner.tables import Status
from registry import store
from web import access, checks, language, uploads, view
from web.pages import problem_page

packs = Blueprint("packs", __name__, url_prefix="/evidence")

# Checks of one pack, as of one case.
MOST = 200
# Letters of a digest that tell one file from another among somebody's downloads.
_SHORT = 12
_TAKEN = ("pack.taken", "pack.made")
_MEGA = 1_000_000


@dc.dataclass(frozen=True, slots=True)
class _Wish:
    """What is asked for: checks by their ids, or a case."""

    checks: tuple[str, ...]
    case: int | None

    @property
    def address(self) -> dict[str, Any]:
        """As the rest of an address."""
        return {"case": self.case} if self.case else {"check": list(self.checks)}


@dc.dataclass(frozen=True, slots=True)
class _Line:
    """A pack that was made or downloaded before."""

    at: str
    who: str
    digest: str


@packs.get("")
def show() -> str | BaseResponse:
    """What will be in it, how far it is, and which packs there were."""
    wish = _wish()
    try:
        found = _found(wish)
    except CertcheckError as error:
        return problem_page(explain(error))
    # Whoever came by a report's id goes on with its check's.
    names = tuple(one.id for one in found)
    wish = wish if wish.case else dc.replace(wish, checks=names)
    made = wanted.latest(uploads.work(), names, language.current())
    status, problem = _standing(made)
    return render_template(
        "evidence.html", found=found, wish=wish, status=status, problem=problem, made=made,
        megabytes=max(0.1, round((made.size or 0) / _MEGA, 1)) if made else 0,
        packs=_before(found), reports=sum(len(one.reports) for one in found),
    )  # fmt: skip


@packs.post("")
def make() -> BaseResponse:
    """Asks for the pack and leads to the page that tells when it is there."""
    wish = _wish()
    try:
        names = [one.id for one in _found(wish)]
        wanted.ask(uploads.work(), names, language.current(), access.who())
    except CertcheckError as error:
        return problem_page(explain(error))
    checks.ensure(uploads.app())
    return redirect(url_for("packs.show", **wish.address, lang=language.current()), code=303)


@packs.get("/state")
def state() -> Response:
    """How far it is, for the script of the waiting page."""
    made = wanted.latest(uploads.work(), _names(_wish()), language.current())
    status, _ = _standing(made)
    return jsonify({"status": "running" if status == "waits" else "done", "ahead": 0})


@packs.post("/file")
def file() -> BaseResponse:
    """The pack."""
    wish, work = _wish(), uploads.work()
    names = _names(wish)
    made = wanted.latest(work, names, language.current())
    if made is None or made.sha256 is None or made.digest is None:
        return redirect(url_for("packs.show", **wish.address, lang=language.current()), 303)
    path = work.blobs.where(made.sha256)
    if not blobs.is_sound(path, made.sha256):
        return problem_page(explain(PackDamagedError()))
    packing.note(work, made.digest, names, access.who(), "pack.taken")
    name = f"certcheck-evidence-{made.digest[:_SHORT]}.zip"
    return send_file(path, mimetype="application/zip", as_attachment=True, download_name=name)


def _wish() -> _Wish:
    case = request.values.get("case", "")
    ids = dict.fromkeys(one for one in request.values.getlist("check") if one)
    number = int(case) if case.isascii() and case.isdigit() and len(case) < 10 else None
    return _Wish(tuple(ids)[:MOST], number)


def _found(wish: _Wish) -> list[Held]:
    """The checks, each once.

    Raises:
        CertcheckError: there is none, or one of them is not done.
    """
    work, names = uploads.work(), list(wish.checks)
    if wish.case is not None:
        with store.session(work.engine) as opened:
            names = held.of_case(opened, wish.case)
    found = [held.find(one, work, None) for one in names]
    if not found:
        raise CheckUnknownError(id=wish.case or "")
    return list({one.id: one for one in found}.values())


def _names(wish: _Wish) -> list[str]:
    """Ids of the checks, as a pack has them; those that are gone left out."""
    with store.session(uploads.work().engine) as opened:
        ids = list(wish.checks) if wish.case is None else held.of_case(opened, wish.case)
        return held.roots(opened, ids)


def _standing(made: Wanted | None) -> tuple[str, Problem | None]:
    """How far a pack is: `none`, `waits` or `ready`, and what went wrong."""
    if made is None:
        return "none", None
    if made.error is not None:
        return "none", view.problem(made.error, **json.loads(made.details or "{}"))
    return ("ready" if made.status == Status.DONE else "waits"), None


def _before(found: Sequence[Held]) -> list[_Line]:
    """Packs of these checks by the log, the newest first."""
    things = [("check", one.id) for one in found]
    with store.session(uploads.work().engine) as opened:
        rows = [one for one in audit.about(opened, things) if one.what in _TAKEN]
    # A pack of several checks has a row for each.
    lines = {(one.what, one.told.get("digest", "")): _line(one) for one in rows}
    return list(reversed(lines.values()))


def _line(one: Entry) -> _Line:
    known = one.who_name or one.who_id
    who = one.who_name or language.word(f"audit.who.{one.who_kind}", name=known, id=known)
    did = language.word(f"audit.did.{one.what}")
    at = f"{language.moment(one.moment)} · {did}"
    return _Line(at, who, str(one.told.get("digest", "")))
