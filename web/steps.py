"""What to do next: the laboratory's registered contacts, a letter, where to turn, one's rights."""

from __future__ import annotations

import re

from flask import Blueprint, Response, abort, make_response, render_template
from werkzeug.wrappers import Response as BaseResponse

from certcheck import complaint
from registry.days import today
from registry.lookup import Contacts
from web import language, uploads, view
from web.pages import problem_page
from web.places import open_sheet

steps = Blueprint("steps", __name__, url_prefix="/checks/<check_id>/<int:sheet>")

# Of a file's name: what every system takes.
_FILE_NAME = re.compile(r"[^A-Za-z0-9-]+")


@steps.get("/next")
def show(check_id: str, sheet: int) -> str | BaseResponse:
    """The page."""
    opened = open_sheet(check_id, sheet)
    if opened is None:
        return problem_page(view.problem("web.gone"))
    found, one = opened
    return render_template(
        "steps.html", found=found, sheet=one, letter=complaint.letter(one.json),
        guide=complaint.guide(), contacts=_contacts(one), COMPLAINT=complaint.COMPLAINT,
    )  # fmt: skip


@steps.get("/letter.txt")
def letter(check_id: str, sheet: int) -> Response:
    """The letter as a file, in Chinese: it goes to authorities and laboratories in China."""
    opened = open_sheet(check_id, sheet)
    if opened is None:
        abort(404)
    report = opened[1].json
    # With a byte order mark, so that old editors tell its encoding.
    answer = make_response(complaint.letter(report).text.zh.encode("utf-8-sig"))
    answer.mimetype = "text/plain"
    answer.content_language.add(language.HTML_LANG["zh"])
    number = _FILE_NAME.sub("-", str(report["fields"].get("certificate_no", {}).get("value", "")))
    kind = complaint.kind_of(report)
    name = "-".join(filter(None, (kind, number.strip("-"))))
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.txt"'
    return answer


def _contacts(sheet: view.Sheet) -> Contacts | None:
    """How the laboratory is reached by the register of today."""
    lab = sheet.json["lab"]
    day = today()
    return uploads.registry().contacts(lab["lab_id"], day) if lab else None
