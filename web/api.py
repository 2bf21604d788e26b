"""The API of version 1: photos in, reports out, errors as RFC 9457 has them.

What it takes and gives stands in `openapi.json`, which is served and tested.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request, url_for

from certcheck import messages
from certcheck.report import utc
from certcheck.runner.tables import Priority, Status
from certcheck.runner.work import Standing
from web import access, clients, openapi, uploads, view
from web.problems import problem_json

api = Blueprint("api", __name__, url_prefix="/api/v1")

# A connection that is silent for longer is cut on the way.
LONGEST_WAIT_S = 60.0
LONGEST_TOKEN = 255
TOKEN_HEADER = "Idempotency-Key"
# Seconds after which to look again at a check that is not done.
LOOK_AGAIN_S = 2


@api.post("/checks")
def create() -> Response:
    """Takes a photo; answers with its report where it is done in the time given."""
    asking = clients.client()
    seconds, token = _seconds(), request.headers.get(TOKEN_HEADER, "")
    if seconds is None:
        return problem_json(view.problem("api.bad_wait", most=int(LONGEST_WAIT_S)))
    if TOKEN_HEADER in request.headers and not is_token(token):
        return problem_json(view.problem("api.bad_token", most=LONGEST_TOKEN))
    check_id = uploads.accept(Priority.PROGRAM, asking, token)
    found = uploads.wait(check_id, seconds)
    if found is None:
        return problem_json(view.problem("web.gone"))
    done = seconds > 0 and found.status is Status.DONE
    answer = make_response(_body(found), 201) if done else make_response(_status(found), 202)
    answer.location = _address(found.id)
    if not done:
        answer.headers["Retry-After"] = str(LOOK_AGAIN_S)
    return answer


@api.get("/checks/<check_id>")
def show(check_id: str) -> Response:
    """A check: its report, or how it stands."""
    found = _mine(check_id)
    if found is None:
        return problem_json(view.problem("web.gone"))
    if found.status is Status.DONE:
        return make_response(_body(found))
    answer = make_response(_status(found))
    answer.headers["Retry-After"] = str(LOOK_AGAIN_S)
    return answer


@api.delete("/checks/<check_id>")
def delete(check_id: str) -> Response:
    """Deletes a check with its photo and result."""
    found = _mine(check_id)
    if (
        found is None
        or not access.may_end(found.owner)
        or not uploads.work().forget(check_id, access.who())
    ):
        return problem_json(view.problem("web.gone"))
    return Response(status=204)


@api.get("/openapi.json")
def document() -> Response:
    """The OpenAPI document."""
    return jsonify(openapi.document())


@api.get("/problems/<code>")
def problem(code: str) -> Response:
    """What a problem's code means, in both languages."""
    if code not in messages.catalogue() or messages.http_status(code) is None:
        return problem_json(view.problem("api.not_found"))
    entry = messages.catalogue()[code]
    step = entry.next_step
    told = {
        "code": code,
        "message": entry.text._asdict(),
        "next_step": step._asdict() if step else None,
        "status": entry.http_status,
    }
    return jsonify(told)


def _mine(check_id: str) -> Standing | None:
    """A check that the client may see; another's is as if it were not there."""
    asking = clients.client()
    found = uploads.work().look(check_id)
    return found if found and clients.may_see(asking, found.owner) else None


def _seconds() -> float | None:
    """How long to wait; None where it is said in a way that is not understood."""
    given = request.args.get("wait", "0")
    try:
        seconds = float(given)
    except ValueError:
        return None
    return min(seconds, LONGEST_WAIT_S) if 0 <= seconds < float("inf") else None


def is_token(token: str) -> bool:
    """Whether it can be a client's own name for a request."""
    return 0 < len(token) <= LONGEST_TOKEN and token.isascii() and token.isprintable()


def _address(check_id: str) -> str:
    return url_for("api.show", check_id=check_id)


def _status(found: Standing) -> dict[str, Any]:
    """How a check stands."""
    return {
        "id": found.id,
        "status": str(found.status),
        "address": _address(found.id),
        "ahead": found.ahead,
        "created_at": utc(found.created_at),
        "expires_at": utc(found.expires_at),
    }


def _body(found: Standing) -> dict[str, Any]:
    """The report under the check's own id, those of further certificates of the photo beside it.

    `report_id` is what the contract calls the report's id: the same for the same photo.
    """
    first, *more = found.reports
    return {**first, **_status(found), "report_id": first["id"], "more": more}
