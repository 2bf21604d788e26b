"""A wrong reading corrected by hand, and the photo judged once more with it."""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Iterator, Mapping

from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from certcheck import corrections, restated
from certcheck.corrections import Correction, CorrectionError, MalformedError
from certcheck.errors import Problem, explain
from certcheck.runner import again
from ocr.codes import LIKELIHOOD
from web import access, checks, language, uploads, view
from web.pages import problem_page
from web.places import box_of, may_enlarge, open_sheet

correcting = Blueprint("correcting", __name__, url_prefix="/checks/<check_id>/<int:sheet>")

UNPROCESSABLE = 422
# The fields in the order of a paper, by what they tell.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "laboratory": ("lab_name", "cma_no", "cnas_no", "address", "phone", "website"),
    "paper": ("certificate_no", "security_code", "issue_date"),
    "stone": ("conclusion", "mass", "shape", "colour", "metal", "remarks"),
    "figures": ("refractive_index", "density", "birefringence", "optic_character", "fluorescence",
                "magnification", "spectra", "standards"),
    "people": ("inspector", "checker", "approver"),
}  # fmt: skip
# What stands behind them: seals that were found, and codes that could not be decoded.
MARKS = "marks"
# Fields that fill more than a line of a phone.
LONG = frozenset({"remarks", "magnification", "spectra", "address", "conclusion", "standards"})


@dc.dataclass(frozen=True, slots=True)
class Row:
    """One field of the form.

    Attributes:
        key: contract field key, or a seal's or a code's (`certcheck.restated`).
        label: what the form calls it.
        shown: the value that the report has, "" for none.
        read: what the reader had read where somebody corrected it since, else None.
        by_hand: whether the value was entered by hand.
        typed: what stands in the form.
        wrong: why it was not taken, or None.
        pictured: whether its place can be shown.
    """

    key: str
    label: str
    shown: str
    read: str | None
    by_hand: bool
    typed: str
    wrong: Problem | None = None
    pictured: bool = False


@correcting.route("/correct", methods=["GET", "POST"])
def correct(check_id: str, sheet: int) -> str | BaseResponse:
    """The form with what was read; sent in, the photo is judged once more."""
    opened = open_sheet(check_id, sheet)
    if opened is None:
        return problem_page(view.problem("web.gone"))
    found, one = opened
    if not access.may_end(found.owner):
        abort(403)
    if one.json["error"]:  # nothing was judged that a value could change
        return problem_page(view.error_of(one.json))
    rows = _rows(one, pictured=may_enlarge(found, one))
    problem: Problem | None = None
    if request.method == "POST":
        rows = _typed(rows)
        problem = _refused(rows)
        if problem is None:
            return _again(check_id, one, rows)
    page = render_template(
        "correct.html", found=found, sheet=one, groups=_grouped(rows), problem=problem,
        malformed=any(row.wrong and row.wrong.code == MalformedError.code for row in rows),
        longest=corrections.LONGEST, LONG=LONG, MARKS=MARKS,
    )  # fmt: skip
    return make_response(page, UNPROCESSABLE if problem else 200)


def _rows(sheet: view.Sheet, *, pictured: bool) -> list[Row]:
    """The fields in the order of GROUPS, then seals and codes."""
    report = sheet.json
    entered = {_key_of(one): one["read"] for one in report.get("corrections", ())}
    rows = []
    for key, label, value in [*_fields(report), *_marks(report)]:
        read = entered.get(key)
        rows.append(
            Row(
                key,
                label,
                value,
                view.value_text(read) if read else read,
                key in entered,
                value,
                pictured=pictured and bool(box_of(report, key)),
            )
        )
    return rows


def _fields(report: view.JSON) -> Iterator[tuple[str, str, str]]:
    """Key, label and value of every field of the contract."""
    for key in (key for keys in GROUPS.values() for key in keys):
        field = report["fields"].get(key)
        shown = view.value_text(field["value"]) if field else ""
        yield key, language.word(f"field.{key}"), shown


def _marks(report: view.JSON) -> Iterator[tuple[str, str, str]]:
    """Likewise of seals, and of codes but for those whose own checksums bear them out."""
    seals, codes = report["seals"], report["codes"]
    for number, seal in enumerate(seals, start=1):
        for kind, value in ((restated.SEAL, seal["name"]), (restated.SEAL_KIND, seal["kind"])):
            yield _numbered(kind, number, len(seals), value)
    for number, code in enumerate(codes, start=1):
        if code["text"] is None or code.get("reader") in (LIKELIHOOD, corrections.HAND):
            yield _numbered(restated.CODE, number, len(codes), code["text"] or "")


def _numbered(kind: str, number: int, count: int, value: str) -> tuple[str, str, str]:
    label = language.word("web.correct.ring" if kind == restated.SEAL else f"field.{kind}")
    key = str(restated.Mark(kind, number))
    return key, f"{label} {number}" if count > 1 else label, value


def _key_of(correction: view.JSON) -> str:
    """The key that something was entered under, of the report's own words."""
    field = str(correction["field"])
    number = correction.get("number")
    return str(restated.Mark(field, number)) if number else field


def _grouped(rows: list[Row]) -> dict[str, list[Row]]:
    by_key = {row.key: row for row in rows}
    grouped = {name: [by_key[key] for key in keys] for name, keys in GROUPS.items()}
    marks = [row for row in rows if restated.mark_of(row.key)]
    return {**grouped, MARKS: marks} if marks else grouped


def _typed(rows: list[Row]) -> list[Row]:
    """The rows with what was sent in, each looked at."""
    as_printed = bool(request.form.get("as_printed"))
    return [_one_typed(row, as_printed=as_printed) for row in rows]


def _one_typed(row: Row, *, as_printed: bool) -> Row:
    typed = corrections.entered(request.form.get(row.key, row.shown))
    row = dc.replace(row, typed=typed)
    if typed in (row.shown, row.read):
        return row
    if not typed:
        return dc.replace(row, wrong=view.problem("correction.empty"))
    try:
        corrections.parse(row.key, typed, as_printed=as_printed)
    except CorrectionError as error:
        return dc.replace(row, wrong=explain(error))
    return row


def _refused(rows: list[Row]) -> Problem | None:
    """Why the form is shown once more; None where it is taken."""
    if any(row.wrong for row in rows):
        return view.problem("correction.look_again")
    if all(row.typed == row.shown for row in rows):
        return view.problem("correction.nothing")
    return None


def _again(check_id: str, sheet: view.Sheet, rows: list[Row]) -> Response | BaseResponse:
    """Asks for the check and leads to its page."""
    photo = sheet.json["photo"]
    held = {
        (one.page, one.part, one.key): one for one in again.entered(uploads.work(), check_id) or ()
    }
    for row in rows:
        place = (photo["page"], photo["part"], row.key)
        if row.typed == row.shown:
            continue
        if row.typed == row.read:  # as the reader had it: the correction is taken back
            held.pop(place, None)
        else:
            held[place] = Correction(row.key, row.typed, photo["page"], photo["part"])
    revision = uploads.registry().revision.revision
    made = again.check_again(uploads.work(), check_id, held.values(), revision, access.who())
    if made is None:
        return problem_page(view.problem("web.gone"))
    checks.ensure(uploads.app())
    return redirect(url_for("pages.report", check_id=made, lang=language.current()), code=303)
