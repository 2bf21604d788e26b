"""The API's batches: many photos at once, told of by webhook when they are done."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, make_response, request, url_for

from certcheck.report import utc
from certcheck.runner.tables import Priority
from certcheck.stock.items import Item, Stock
from web import access, batches, clients, view
from web.api import LONGEST_TOKEN, LOOK_AGAIN_S, TOKEN_HEADER, api, is_token
from web.problems import problem_json

# The whole API, with what this module adds to it.
__all__ = ["api"]


@api.post("/batches")
def create_batch() -> Response:
    """Takes many files; each photo among them becomes a check."""
    asking, token = clients.client(), request.headers.get(TOKEN_HEADER, "")
    if TOKEN_HEADER in request.headers and not is_token(token):
        return problem_json(view.problem("api.bad_token", most=LONGEST_TOKEN))
    batch_id = batches.accept(asking, Priority.PROGRAM, token)
    found = batches.store().look(batch_id)
    if found is None:
        return problem_json(view.problem("stock.gone"))
    answer = make_response(body(found), 202)
    answer.location = _address(batch_id)
    answer.headers["Retry-After"] = str(LOOK_AGAIN_S)
    return answer


@api.get("/batches/<batch_id>")
def show_batch(batch_id: str) -> Response:
    """How a batch stands, item by item."""
    found = batches.mine(batch_id)
    if found is None:
        return problem_json(view.problem("stock.gone"))
    answer = jsonify(body(found))
    if not found.done:
        answer.headers["Retry-After"] = str(LOOK_AGAIN_S)
    return answer


@api.delete("/batches/<batch_id>")
def delete_batch(batch_id: str) -> Response:
    """Deletes a batch with all its checks."""
    if batches.mine(batch_id) is None or not batches.store().forget(batch_id, access.who()):
        return problem_json(view.problem("stock.gone"))
    return Response(status=204)


def _address(batch_id: str) -> str:
    return url_for("api.show_batch", batch_id=batch_id)


def body(found: Stock) -> dict[str, Any]:
    """A batch as the document describes it."""
    return {
        "id": found.id,
        "status": found.status,
        "address": _address(found.id),
        "title": found.title,
        "total": len(found.items),
        "counts": found.counts,
        "created_at": utc(found.created_at),
        "expires_at": utc(found.expires_at),
        "items": [_item(one) for one in found.items],
    }


def _item(one: Item) -> dict[str, Any]:
    found = one.outcome
    problem = one.problem or (found.error if found else None)
    return {
        "number": one.number,
        "name": one.name,
        "file": one.file,
        "status": str(one.state),
        "check": one.check_id,
        "address": url_for("api.show", check_id=one.check_id) if one.check_id else None,
        "verdict": str(found.verdict) if found and found.verdict else None,
        "certificate_no": found.certificate_no if found else None,
        "lab": found.lab if found else None,
        "corrected": one.corrected,
        "error": {
            "code": problem.code,
            "message": problem.message._asdict(),
            "next_step": problem.next_step._asdict(),
        } if problem else None,
    }  # fmt: skip
