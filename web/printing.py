"""A report on A4, as a PDF."""

from __future__ import annotations

import atexit
import base64
import re
from pathlib import Path
from typing import cast

from flask import Blueprint, Response, current_app, make_response, render_template
from flask.blueprints import BlueprintSetupState

from certcheck.annotate import COLOURS
from certcheck.errors import BlobDamagedError
from certcheck.pdf import Press
from certcheck.runner import again
from certcheck.runner.tables import Status
from certcheck.runner.work import Standing
from web import language, uploads, view
from web.pages import problem_page

printing = Blueprint("printing", __name__, url_prefix="/checks/<check_id>")

_CSS = Path(__file__).parent / "printed.css"
_FILE_NAME = re.compile(r"[^A-Za-z0-9-]+")


@printing.record_once
def _press(state: BlueprintSetupState) -> None:
    """What makes an app's PDFs; its process starts with the first one."""
    press = state.app.extensions["press"] = Press()
    atexit.register(press.stop)


@printing.get("/report.pdf")
def report(check_id: str) -> Response:
    """All certificates of a photo, with the photo and its places."""
    found = uploads.work().look(check_id)
    if found is None or found.status is not Status.DONE:
        return problem_page(view.problem("web.gone"))
    sheets = [view.sheet(one, number) for number, one in enumerate(found.reports, start=1)]
    html = render_template(
        "printed.html", found=found, sheets=sheets, colours=COLOURS, pictures=_pictures(found),
        steps=again.history(uploads.work(), check_id),
    )  # fmt: skip
    press = cast(Press, current_app.extensions["press"])
    answer = make_response(press.make(html, _CSS.read_text("utf-8")))
    answer.mimetype = "application/pdf"
    answer.content_language.add(language.HTML_LANG[language.current()])
    number = str(found.reports[0]["fields"].get("certificate_no", {}).get("value", ""))
    name = "-".join(filter(None, ("certcheck", _FILE_NAME.sub("-", number).strip("-"))))
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer


def _pictures(found: Standing) -> dict[int, str]:
    """The pages' small pictures as `data:` addresses."""
    pictures = {}
    for page, name in found.pictures.items():
        try:
            jpeg = uploads.work().blobs.read(name)
        except BlobDamagedError:
            continue
        pictures[page] = f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
    return pictures
