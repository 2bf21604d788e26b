"""The letter of a case to a laboratory: on the page, as text, as a PDF."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from certcheck.cases import history, letters
from certcheck.cases.tables import CaseFile
from certcheck.complaint import Letter
from certcheck.errors import BlobDamagedError
from certcheck.runner import prints
from certcheck.runner.prints import Name, Printed, Sheet
from certcheck.runner.tables import OF_CASES, Status
from registry import store
from registry.days import today
from web import checks, language, paper, uploads

case_letters = Blueprint("case_letters", __name__, url_prefix="/cases/<int:case_id>/letters")


@case_letters.get("/<int:seq>")
def show(case_id: int, seq: int) -> str:
    """The letter, ready to be copied, printed, and put into a PDF."""
    row, one = _letter(case_id, seq)
    day = today()
    contacts = uploads.registry().contacts(row.lab_id, day) if row.lab_id else None
    made = _made(case_id, seq)
    return render_template(
        "case_letter.html", row=row, letter=one, seq=seq, contacts=contacts,
        waits=made is not None and made.status is not Status.DONE,
        there=made is not None and made.sha256 is not None,
    )  # fmt: skip


@case_letters.get("/<int:seq>.txt")
def text(case_id: int, seq: int) -> Response:
    """The letter as a file, in Chinese: it goes to a laboratory in China."""
    _, one = _letter(case_id, seq)
    # With a byte order mark, so that old editors tell its encoding.
    answer = make_response(one.text.zh.encode("utf-8-sig"))
    answer.mimetype = "text/plain"
    answer.content_language.add(language.HTML_LANG["zh"])
    return _named(answer, case_id, seq, "txt")


@case_letters.post("/<int:seq>/paper")
def make(case_id: int, seq: int) -> BaseResponse:
    """Asks for the PDF."""
    row, one = _letter(case_id, seq)
    html = render_template(
        "letter.html", letter=one, printing=paper.Paper({}), styles=paper.styles(),
        running=language.word("case.number", number=row.id),
    )  # fmt: skip
    prints.ask(uploads.work(), _name(case_id, seq), Sheet(html, {}))
    checks.ensure(uploads.app())
    lang = language.current()
    return redirect(url_for("case_letters.show", case_id=case_id, seq=seq, lang=lang), code=303)


@case_letters.get("/<int:seq>.pdf")
def file(case_id: int, seq: int) -> Response:
    """The PDF."""
    _letter(case_id, seq)
    made = _made(case_id, seq)
    try:
        data = uploads.work().blobs.read(made.sha256) if made and made.sha256 else None
    except BlobDamagedError:
        data = None
    if data is None:
        abort(404)
    return _named(Response(data, mimetype="application/pdf"), case_id, seq, "pdf")


def _named(answer: Response, case_id: int, seq: int, ending: str) -> Response:
    name = f"case-{case_id}-letter-{seq}.{ending}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _letter(case_id: int, seq: int) -> tuple[CaseFile, Letter]:
    """A case and its letter, by the row of the log that asked for it."""
    with store.session(uploads.work().engine) as opened:
        row = opened.get(CaseFile, case_id) if case_id < 2**31 else None
        entries = history.of_case(opened, case_id) if row else []
        asked = [one for one in entries if one.seq == seq and one.what == "case.letter"]
        if row is None or not asked:
            abort(404)
        some = letters.papers(opened, row, asked[0].moment)
        return row, letters.letter(row, asked[0], some)


def _name(case_id: int, seq: int) -> Name:
    return Name(f"{OF_CASES}{case_id}", f"letter-{seq}", "zh")


def _made(case_id: int, seq: int) -> Printed | None:
    return prints.look(uploads.work(), _name(case_id, seq))
