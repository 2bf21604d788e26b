"""Pages of a check on paper: the PDF that a button asks for, made while its page waits.

The HTML is made by `web.paper` and laid out elsewhere (`certcheck.runner.printer`).
"""

from __future__ import annotations

import re

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from certcheck import complaint, messages
from certcheck.errors import BlobDamagedError, PdfError
from certcheck.runner import again, prints
from certcheck.runner.prints import Name, Printed, Sheet
from certcheck.runner.tables import Status
from certcheck.runner.work import Standing
from web import access, checks, language, paper, uploads, view
from web.pages import problem_page

printing = Blueprint("printing", __name__, url_prefix="/checks/<check_id>/paper")

# What can be asked for: the report of a check, and the letter of each certificate in it.
REPORT = "report"
_LETTER = re.compile("letter-([1-9][0-9]?)")
# Of a file's name: what every system takes.
_FILE_NAME = re.compile(r"[^A-Za-z0-9]+")
_KILO = 1000


@printing.post("/<kind>")
def make(check_id: str, kind: str) -> BaseResponse:
    """Asks for the PDF and leads to the page that tells when it is there."""
    found = _done(check_id)
    if found is None:
        return problem_page(view.problem("web.gone"))
    sheet = _sheet(found, kind)
    if sheet is None:
        abort(404)
    prints.ask(uploads.work(), _name(check_id, kind), sheet, access.who())
    checks.ensure(uploads.app())
    return redirect(
        url_for("printing.show", check_id=check_id, kind=kind, lang=language.current()), code=303
    )


@printing.get("/<kind>")
def show(check_id: str, kind: str) -> str | BaseResponse:
    """How far the PDF is, and the way to it."""
    found, made = _look(check_id, kind)
    if found is None or made is None:
        return problem_page(view.problem("web.gone"))
    data = _data(made)
    problem = None
    if made.status is Status.DONE and data is None:
        code = made.error or PdfError.code
        problem = view.problem(code if code in messages.catalogue() else PdfError.code)
    return render_template(
        "pdf.html", found=found, kind=kind, made=made, problem=problem, letter=letter_of(kind),
        kilobytes=max(1, round(len(data or b"") / _KILO)),
    )  # fmt: skip


@printing.get("/<kind>/state")
def state(check_id: str, kind: str) -> Response:
    """How far it is, for the script of the waiting page."""
    _, made = _look(check_id, kind)
    if made is None:
        abort(404)
    return jsonify({"status": str(made.status), "ahead": 0})


@printing.get("/<kind>.pdf")
def file(check_id: str, kind: str) -> Response:
    """The PDF."""
    found, made = _look(check_id, kind)
    data = _data(made) if made else None
    if found is None or data is None:
        abort(404)
    of_letter = letter_of(kind)
    report = found.reports[(of_letter or 1) - 1]
    number = str(report["fields"].get("certificate_no", {}).get("value", ""))
    what = complaint.kind_of(report) if of_letter else "certcheck"
    parts = (what, _FILE_NAME.sub("-", number).strip("-"), check_id[:6])
    answer = Response(data, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="{"-".join(filter(None, parts))}.pdf"'
    )
    return answer


def _sheet(found: Standing, kind: str) -> Sheet | None:
    """A page of a check, ready to be put on paper; None where there is no such page."""
    if kind == REPORT:
        return Sheet(*paper.report_html(found, again.history(uploads.work(), found.id)))
    number = letter_of(kind)
    if number is None or number > len(found.reports):
        return None
    letter = complaint.letter(found.reports[number - 1])
    return Sheet(*paper.html_of("letter.html", found, letter=letter))


def letter_of(kind: str) -> int | None:
    """Of which report a letter is, from 1; None where no letter is meant.

    >>> letter_of("letter-2"), letter_of("report")
    (2, None)
    """
    told = _LETTER.fullmatch(kind)
    return int(told[1]) if told else None


def _name(check_id: str, kind: str) -> Name:
    return Name(check_id, kind, language.current())


def _done(check_id: str) -> Standing | None:
    """A check that has a report to print."""
    found = uploads.work().look(check_id)
    return found if found is not None and found.status is Status.DONE else None


def _look(check_id: str, kind: str) -> tuple[Standing | None, Printed | None]:
    """A check, and its PDF where one was asked for."""
    found = _done(check_id)
    return found, prints.look(uploads.work(), _name(check_id, kind)) if found else None


def _data(made: Printed) -> bytes | None:
    """A PDF's bytes, None where there are none."""
    try:
        return uploads.work().blobs.read(made.sha256) if made.sha256 else None
    except BlobDamagedError:
        return None
