"""The page for whoever holds a certificate: choose a photo, see the report."""

from __future__ import annotations

import threading
from pathlib import PurePosixPath
from typing import cast

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from certcheck.check import Wish, check_bytes
from certcheck.errors import Problem, explain
from certcheck.pictures import small_pictures
from ocr.errors import PhotoTooLargeError
from ocr.photo import LIMITS
from web import language, view
from web.cache import Result, Results

pages = Blueprint("pages", __name__)

# The name only labels the report; what is longer is nobody's file name.
NAME_LENGTH = 120

# The reading engines are not safe between threads, and two photos at once on two cores
# take as long as one after the other.
_checking = threading.Lock()


@pages.get("/")
def index() -> str:
    """The form."""
    return render_template(
        "index.html",
        max_bytes=LIMITS.max_bytes,
        no_photo=view.problem("web.no_photo"),
        too_large=explain(PhotoTooLargeError()),
    )


@pages.post("/checks")
def check() -> BaseResponse:
    """Checks the photo of the form and leads to its report."""
    upload = next((one for one in request.files.getlist("photo") if one.filename), None)
    if upload is None:
        return problem_page(view.problem("web.no_photo"))
    data, name = upload.read(), _label(upload.filename or "")
    if not _checking.acquire(timeout=current_app.config["BUSY_SECONDS"]):
        return problem_page(view.problem("web.busy"))
    try:
        reports = check_bytes(data, name, current_app.config["REGISTRY"], Wish(visitor=True))
        pictures = small_pictures(data, name)
    finally:
        _checking.release()
    if not pictures and reports[0].problem is not None:
        return problem_page(reports[0].problem)
    result = Result(tuple(report.to_json() for report in reports), pictures)
    _results().put(result)
    return redirect(url_for("pages.report", check_id=result.id, lang=language.current()), code=303)


@pages.get("/checks/<check_id>")
def report(check_id: str) -> str | Response:
    """A report that is still kept."""
    result = _results().get(check_id)
    if result is None:
        return problem_page(view.problem("web.gone"))
    sheets = [view.sheet(one, number) for number, one in enumerate(result.reports, start=1)]
    return render_template("report.html", result=result, sheets=sheets)


@pages.get("/checks/<check_id>/pages/<int:page>.jpg")
def picture(check_id: str, page: int) -> Response:
    """The upright picture of a page."""
    result = _results().get(check_id)
    if result is None or page not in result.pictures:
        abort(404)
    return Response(result.pictures[page], mimetype="image/jpeg")


@pages.get("/healthz")
def healthz() -> Response:
    """Says that the process answers."""
    return Response("ok\n", mimetype="text/plain")


def problem_page(problem: Problem, status: int | None = None) -> Response:
    """The page that tells what went wrong and what to do next."""
    page = render_template("problem.html", problem=problem)
    return make_response(page, status or problem.http_status)


def _label(filename: str) -> str:
    """The bare name of a file that a browser sent, printable and not too long."""
    bare = PurePosixPath(filename.replace("\\", "/")).name
    return "".join(char for char in bare if char.isprintable())[-NAME_LENGTH:] or "photo"


def _results() -> Results:
    return cast(Results, current_app.extensions["results"])
