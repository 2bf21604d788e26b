"""Pages of a check on paper: the PDF that a button asks for, made while its page waits.

The HTML is made here and laid out elsewhere (`certcheck.runner.printer`). It is never served:
styles and drawings' colours stand in it, which our pages to browsers may not do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from certcheck import messages
from certcheck.errors import BlobDamagedError, PdfError
from certcheck.finding import Status as Judged
from certcheck.runner import again, prints
from certcheck.runner.prints import Name, Printed, Sheet
from certcheck.runner.tables import Status
from certcheck.runner.work import Standing
from web import checks, language, uploads, view
from web.pages import problem_page

printing = Blueprint("printing", __name__, url_prefix="/checks/<check_id>/paper")

# What can be asked for; the complaint and other pages of a check may join.
REPORT = "report"
# Radius of a place's disc: smaller than on a screen, as no thumb has to hit it.
DISC_SHARE = 0.0125

_STATIC = Path(__file__).parent / "static"
# Of a file's name: what every system takes.
_FILE_NAME = re.compile(r"[^A-Za-z0-9]+")
_KILO = 1000


class Paper:
    """What templates need where a page is put on paper.

    Args:
        pictures: page of the photo to the SHA-256 of the picture that we made of it.
    """

    def __init__(self, pictures: Mapping[int, str]) -> None:
        self._pictures = pictures

    @property
    def files(self) -> dict[str, str]:
        """Address of each picture to its SHA-256."""
        return {self.picture(page): sha256 for page, sha256 in self._pictures.items()}

    def picture(self, page: int) -> str:
        """The address of a page's picture."""
        return f"picture:{page}"

    def icon(self, status: str) -> Markup:
        """The rules of a sign: a page's own do not reach into a drawing."""
        return Markup(
            f".shape {{ fill: {inks()[status]} }} "
            ".sign { fill: none } .sign { stroke: #fff; stroke-width: 2.3; stroke-linecap: round }"
        )

    def marks(self, disc: float) -> Markup:
        """The rules of the places on the photo, as `style.css` has them for a screen.

        Args:
            disc: a disc's radius in pixels of the photo, which all widths follow.
        """

        def shares(*of_disc: float) -> str:
            return " ".join(f"{one * disc:.1f}" for one in of_disc)

        rules = [
            "polygon { fill: none }",
            "polygon { stroke-linejoin: round }",
            f".halo {{ stroke: #fff; stroke-opacity: .75; stroke-width: {shares(0.5)} }}",
            f".box {{ stroke-width: {shares(0.22)} }}",
            f"circle {{ stroke: #fff; stroke-width: {shares(0.12)} }}",
            "text { fill: #fff; font-weight: 700 }",
            *(f".{one} .box {{ stroke: {inks()[one]} }}" for one in Judged),
            *(f".{one} circle {{ fill: {inks()[one]} }}" for one in Judged),
            f".inconsistent .box {{ stroke-width: {shares(0.35)} }}",
            f".suspected .box {{ stroke-width: {shares(0.3)}; "
            f"stroke-dasharray: {shares(0.9, 0.5)} }}",
            f".unverifiable .box {{ stroke-dasharray: {shares(0.25, 0.4)}; "
            "stroke-linecap: round }",
        ]
        return Markup(" ".join(rules))


@cache
def inks() -> Mapping[str, str]:
    """The colour of each status on paper, as `print.css` has it."""
    css = (_STATIC / "print.css").read_text("utf-8")
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", css))


@cache
def styles() -> Markup:
    """The style sheets, one after the other."""
    return Markup("\n").join(
        Markup((_STATIC / name).read_text("utf-8")) for name in ("style.css", "print.css")
    )


@printing.post("/<kind>")
def make(check_id: str, kind: str) -> BaseResponse:
    """Asks for the PDF and leads to the page that tells when it is there."""
    found = _done(check_id)
    if found is None:
        return problem_page(view.problem("web.gone"))
    if kind != REPORT:
        abort(404)
    prints.ask(uploads.work(), _name(check_id, kind), report_sheet(found))
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
        "pdf.html", found=found, kind=kind, made=made, problem=problem,
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
    number = str(found.reports[0]["fields"].get("certificate_no", {}).get("value", ""))
    parts = ("certcheck", _FILE_NAME.sub("-", number).strip("-"), check_id[:6])
    answer = Response(data, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="{"-".join(filter(None, parts))}.pdf"'
    )
    return answer


def report_sheet(found: Standing) -> Sheet:
    """The report of a check, ready to be put on paper in the language of this request.

    Args:
        found: a check that is done.
    """
    steps = again.history(uploads.work(), found.id)
    sheets = [view.sheet(one, at, DISC_SHARE) for at, one in enumerate(found.reports, start=1)]
    return sheet_of("report.html", found, sheets=sheets, steps=steps)


def sheet_of(template: str, found: Standing, **context: object) -> Sheet:
    """A page of a check, ready to be put on paper.

    Args:
        template: of the page; it extends `paper.html` where `printing` is there, and then has
            neither forms nor anything else that changes from one request to the next.
        found: the check.
        context: what else the template needs.
    """
    paper = Paper(found.pictures)
    html = render_template(
        template, found=found, printing=paper, styles=styles(),
        running=language.word("report.id", id=found.reports[0]["id"]), **context,
    )  # fmt: skip
    return Sheet(html, paper.files)


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
