"""The pages for whoever holds a certificate: choose a photo, wait, see the report."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    abort,
    jsonify,
    make_response,
    redirect,
    render_template,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from certcheck import ink_book
from certcheck.errors import BlobDamagedError, Problem, explain
from certcheck.runner import again
from certcheck.runner.tables import Priority, Status
from certcheck.seen import store as seen
from ocr.errors import PhotoTooLargeError
from ocr.photo import LIMITS
from web import access, kept, language, uploads, view
from web.market import around

pages = Blueprint("pages", __name__)


@pages.get("/")
def index() -> str:
    """The form."""
    return render_template(
        "index.html",
        max_bytes=LIMITS.max_bytes,
        no_photo=view.problem("web.no_photo"),
        too_large=explain(PhotoTooLargeError()),
        hours=_hours(),
    )


@pages.post("/checks")
def check() -> BaseResponse:
    """Takes the photo of the form and leads to the page that its report will stand on."""
    check_id = uploads.accept(Priority.PERSON, access.owner())
    return redirect(url_for("pages.report", check_id=check_id, lang=language.current()), code=303)


@pages.get("/checks/<check_id>")
def report(check_id: str) -> str | Response:
    """A report, or how far it is."""
    found = uploads.work().look(check_id)
    if found is None:
        return problem_page(view.problem("web.gone"))
    if found.status is not Status.DONE:
        waited = int((uploads.work().clock() - found.created_at).total_seconds())
        return render_template("waiting.html", found=found, waited=max(0, waited))
    if not found.pictures and found.reports[0]["error"]:
        # The page was found; it is the photo that could not be checked.
        return problem_page(view.error_of(found.reports[0]), 200)
    sheets = [view.sheet(one, number) for number, one in enumerate(found.reports, start=1)]
    mine, steps = access.may_end(found.owner), again.history(uploads.work(), check_id)
    return render_template(
        "report.html",
        found=found,
        sheets=sheets,
        mine=mine,
        steps=steps,
        around=around(check_id),
        kept=kept.told("web.kept", found.expires_at, uploads.work().clock()),
    )


@pages.get("/checks/<check_id>/state")
def state(check_id: str) -> Response:
    """How far a check is, for the script of the waiting page."""
    found = uploads.work().look(check_id)
    if found is None:
        abort(404)
    return jsonify({"status": str(found.status), "ahead": found.ahead})


@pages.get("/checks/<check_id>/pages/<int:page>.jpg")
def picture(check_id: str, page: int) -> Response:
    """The upright picture of a page, made by us."""
    found = uploads.work().look(check_id)
    return _jpeg(found.pictures.get(page) if found else None)


@pages.get("/checks/<check_id>/pages/<int:page>/detail.jpg")
def detail(check_id: str, page: int) -> Response:
    """Likewise the larger one, where the photo has more to show."""
    found = uploads.work().look(check_id)
    return _jpeg((found.details.get(page) or found.pictures.get(page)) if found else None)


@pages.get("/checks/<check_id>/pages/<int:page>")
def large(check_id: str, page: int) -> str | Response:
    """A page of the photo as large as it is kept, and the way back."""
    found = uploads.work().look(check_id)
    if found is None or page not in found.pictures:
        return problem_page(view.problem("web.gone"))
    return render_template("large.html", found=found, page=page)


@pages.post("/checks/<check_id>/delete")
def delete(check_id: str) -> Response:
    """Deletes a check: a person's own, or one of nobody, whose address is known."""
    found = uploads.work().look(check_id)
    if found is not None and not access.may_end(found.owner):
        abort(403)
    if not uploads.work().forget(check_id, access.who()):
        return problem_page(view.problem("web.gone"))
    return problem_page(view.problem("web.deleted"))


@pages.get("/privacy")
def privacy() -> str:
    """What is kept of a photo, why, and for how long."""
    return render_template(
        "privacy.html",
        hours=_hours(),
        days=kept.days(uploads.work().settings.keep_inspected),
        keeps_ink=ink_book.configured(visitor=True) is not None,
        keeps_seen=seen.address() is not None,
    )


def problem_page(problem: Problem, status: int | None = None) -> Response:
    """The page that tells what went wrong and what to do next."""
    page = render_template("problem.html", problem=problem)
    return make_response(page, status or problem.http_status)


def _jpeg(name: str | None) -> Response:
    """A picture by the SHA-256 of its file."""
    try:
        data = uploads.work().blobs.read(name) if name else None
    except BlobDamagedError:
        data = None
    if data is None:
        abort(404)
    return Response(data, mimetype="image/jpeg")


def _hours() -> int:
    """How long a check is kept."""
    return round(uploads.work().settings.keep.total_seconds() / 3600)
