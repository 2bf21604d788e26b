"""Places of a photo, enlarged: cut from a picture that we made, never from what was sent in."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, abort, render_template
from werkzeug.wrappers import Response as BaseResponse

from certcheck import restated
from certcheck.errors import BlobDamagedError
from certcheck.pictures import enlarged
from certcheck.runner.tables import Status
from certcheck.runner.work import Standing
from web import access, uploads, view
from web.pages import problem_page

places = Blueprint("places", __name__, url_prefix="/checks/<check_id>/<int:sheet>")

Box = Sequence[Sequence[float]]


def open_sheet(check_id: str, number: int) -> tuple[Standing, view.Sheet] | None:
    """A report of a check that is done; None where there is none.

    Args:
        check_id: of the check.
        number: of the report among those of the photo, from 1.
    """
    found = uploads.work().look(check_id)
    if found is None or found.status is not Status.DONE or not 1 <= number <= len(found.reports):
        return None
    return found, view.sheet(found.reports[number - 1], number)


def may_enlarge(found: Standing, sheet: view.Sheet) -> bool:
    """Whether there is a picture to cut from."""
    return sheet.json["photo"]["page"] in found.pictures


@places.get("/places/<int:number>")
def show(check_id: str, sheet: int, number: int) -> str | BaseResponse:
    """A place with what was read there, and the way back to its findings."""
    opened = open_sheet(check_id, sheet)
    mark = opened and opened[1].mark(number)
    if not opened or not mark or not may_enlarge(*opened):
        return problem_page(view.problem("web.gone"))
    found, one = opened
    mine = access.may_end(found.owner)
    return render_template(
        "place.html", found=found, sheet=one, mark=mark, said=one.said_of(mark), mine=mine
    )


@places.get("/places/<int:number>.jpg")
def picture(check_id: str, sheet: int, number: int) -> Response:
    """The place of a mark."""
    opened = open_sheet(check_id, sheet)
    mark = opened and opened[1].mark(number)
    if not opened or not mark:
        abort(404)
    return _cut(*opened, mark.box)


@places.get("/fields/<key>.jpg")
def field(check_id: str, sheet: int, key: str) -> Response:
    """Where a field was read."""
    opened = open_sheet(check_id, sheet)
    box = opened and box_of(opened[1].json, key)
    if not opened or not box:
        abort(404)
    return _cut(*opened, box)


def box_of(report: view.JSON, key: str) -> Box:
    """Where a field, a seal or a code was read; nothing where that is not known.

    Args:
        report: as the contract has it.
        key: contract field key, or a seal's or a code's (`certcheck.restated`).
    """
    mark = restated.mark_of(key)
    if mark is None:
        one = report["fields"].get(key, {})
    else:
        held = report["codes" if mark.kind == restated.CODE else "seals"]
        one = held[mark.number - 1] if mark.number <= len(held) else {}
    box: Box = one.get("box") or ()
    return box


def _cut(found: Standing, sheet: view.Sheet, box: Box) -> Response:
    photo = sheet.json["photo"]
    name = found.details.get(photo["page"]) or found.pictures.get(photo["page"])
    if name is None:
        abort(404)
    try:
        jpeg = enlarged(uploads.work().blobs.read(name), photo["width"], box)
    except (BlobDamagedError, ValueError):
        abort(404)
    return Response(jpeg, mimetype="image/jpeg")
