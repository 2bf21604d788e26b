"""What a person has had checked."""

from __future__ import annotations

import math

from flask import Blueprint, abort, render_template, request

from certcheck.runner import history as record
from web import access, kept, uploads, whole

history = Blueprint("history", __name__)

# Beyond what a database counts.
_MOST_PAGES = 10_000_000


@history.get("/history")
def index() -> str:
    """A person's own checks, the newest first, a page at a time."""
    owner = access.owner()
    assert owner is not None  # noqa: S101 - `access` lets nobody else come here
    page = request.args.get("page", 1, type=whole.number)
    if not 1 <= page <= _MOST_PAGES:
        abort(404)
    lines, total = record.history(uploads.work(), owner, page)
    pages = max(1, math.ceil(total / record.PAGE))
    if page > pages:
        abort(404)
    return render_template(
        "history.html",
        lines=lines,
        total=total,
        page=page,
        pages=pages,
        kept=kept.usually("account.history_kept"),
    )
