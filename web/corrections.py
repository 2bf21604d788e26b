"""A wrong reading corrected by hand, and the photo judged once more with it."""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Mapping

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

from certcheck import corrections
from certcheck.corrections import Correction, CorrectionError, MalformedError
from certcheck.errors import Problem, explain
from certcheck.runner import again
from web import access, checks, language, uploads, view
from web.pages import problem_page
from web.places import may_enlarge, open_sheet

correcting = Blueprint("correcting", __name__, url_prefix="/checks/<check_id>/<int:sheet>")

UNPROCESSABLE = 422
# The fields in the order of a paper, by what they tell.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "laboratory": ("lab_name", "cma_no", "cnas_no", "address", "phone", "website"),
    "paper": ("certificate_no", "security_code", "issue_date"),
    "stone": ("conclusion", "mass", "shape", "colour", "metal", "remarks"),
    "figures": ("refractive_index", "density", "optic_character", "fluorescence",
                "magnification", "standards"),
    "people": ("inspector", "checker", "approver"),
}  # fmt: skip
# Fields that fill more than a line of a phone.
LONG = frozenset({"remarks", "magnification", "address", "conclusion", "standards"})


@dc.dataclass(frozen=True, slots=True)
class Row:
    """One field of the form.

    Attributes:
        key: contract field key.
        shown: the value that the report has, "" for none.
        read: what the reader had read where somebody corrected it since, else None.
        by_hand: whether the value was entered by hand.
        typed: what stands in the form.
        wrong: why it was not taken, or None.
        pictured: whether its place can be shown.
    """

    key: str
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
        longest=corrections.LONGEST, LONG=LONG,
    )  # fmt: skip
    return make_response(page, UNPROCESSABLE if problem else 200)


def _rows(sheet: view.Sheet, *, pictured: bool) -> list[Row]:
    report = sheet.json
    entered = {one["field"]: one for one in report.get("corrections", ())}
    rows = []
    for key in (key for keys in GROUPS.values() for key in keys):
        field = report["fields"].get(key)
        shown = view.value_text(field["value"]) if field else ""
        read = entered[key]["read"] if key in entered else None
        rows.append(
            Row(
                key,
                shown,
                view.value_text(read) if read else read,
                key in entered,
                shown,
                pictured=pictured and bool(field and field["box"]),
            )  # fmt: skip
        )
    return rows


def _grouped(rows: list[Row]) -> dict[str, list[Row]]:
    by_key = {row.key: row for row in rows}
    return {name: [by_key[key] for key in keys] for name, keys in GROUPS.items()}


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
    made = again.check_again(uploads.work(), check_id, held.values(), revision)
    if made is None:
        return problem_page(view.problem("web.gone"))
    checks.ensure(uploads.app())
    return redirect(url_for("pages.report", check_id=made, lang=language.current()), code=303)
