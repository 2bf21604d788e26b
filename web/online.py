"""The laboratory's own record: looked up when somebody asks for it, and what was sent.

The processes that check ask, never the server that answers pages; what was looked up within the
last minutes is not looked up again (`certcheck.runner.wishes`).
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, url_for
from werkzeug.wrappers import Response as BaseResponse

from certcheck.errors import BlobDamagedError
from certcheck.record.ask import Mode
from certcheck.runner import again
from certcheck.runner.tables import Status
from web import access, checks, language, uploads, view
from web.pages import problem_page
from web.places import open_sheet

online = Blueprint("online", __name__, url_prefix="/checks/<check_id>")


@online.post("/online")
def ask(check_id: str) -> BaseResponse:
    """Has the record looked up and leads to the page that its report will stand on."""
    found = uploads.work().look(check_id)
    if found is None or found.status is not Status.DONE:
        return problem_page(view.problem("web.gone"))
    if not access.may_end(found.owner) or not allowed():
        abort(403)
    made = again.look_up(
        uploads.work(), check_id, uploads.registry().revision.revision, access.who()
    )
    if made is None:
        return problem_page(view.problem("web.gone"))
    checks.ensure(uploads.app())
    return redirect(url_for("pages.report", check_id=made, lang=language.current()), code=303)


@online.get("/<int:sheet>/record")
def sent(check_id: str, sheet: int) -> Response:
    """What the laboratory's site sent, byte for byte, as a file: no page of ours."""
    opened = open_sheet(check_id, sheet)
    answer = ((opened[1].json.get("record") or {}) if opened else {}).get("answer")
    if not answer:
        abort(404)
    try:
        data = uploads.work().blobs.read(answer["sha256"])
    except BlobDamagedError:
        abort(404)
    response = Response(data, mimetype="application/octet-stream")
    name = f"certcheck-record-{answer['sha256'][:12]}.bin"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def allowed() -> bool:
    """Whether whoever runs the server lets records be looked up."""
    return bool(uploads.app().config["ONLINE"] is not Mode.OFF)
