"""Many files that came with a request: taken from the form, written down as one batch."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app, request

from certcheck.check import Wish
from certcheck.errors import RefusedError
from certcheck.runner.work import Request
from certcheck.stock import apart
from certcheck.stock.batches import Batches
from certcheck.stock.entries import MOST_BYTES, MOST_ITEMS, shown
from certcheck.stock.intake import intake
from certcheck.stock.items import Stock
from certcheck.stock.precheck import Prechecks
from web import access, checks, uploads

# What takes many files: larger than a photo, and in more parts.
MANY = ("stock.create", "api.create_batch")
# What a form adds around a file: boundaries and headers.
PART_BYTES = 1024
FIELD = "files"
_OTHER_PARTS = 10


def admit_many(app: Flask) -> None:
    """Lets the requests that bring many files bring more than one photo's bytes.

    Before anything else looks into the form, which is read once.
    """

    @app.url_value_preprocessor
    def widen(endpoint: str | None, values: object) -> None:
        if endpoint in MANY:
            parts = 2 * MOST_ITEMS + _OTHER_PARTS
            request.max_content_length = MOST_BYTES + parts * PART_BYTES
            request.max_form_parts = parts


def store() -> Batches:
    """The batches of this app."""
    return cast(Batches, current_app.extensions["batches"])


def prechecks() -> Prechecks:
    """The pre-check pages of this app."""
    return Prechecks(uploads.work())


def mine(batch_id: str) -> Stock | None:
    """A batch of the one who asks; another's is as if it were not there."""
    found = store().look(batch_id)
    return found if found and access.may_end(found.owner) else None


def accept(owner: str | None, priority: int, token: str = "") -> str:
    """Writes the files of this request down as a batch; returns its id.

    Args:
        owner: the client or person, or None for a visitor.
        priority: see `Priority`.
        token: the client's own name for the request.

    Raises:
        CertcheckError: they cannot be accepted; see `intake` and `Batches.accept`.
        RegistryError: the registry or the work database cannot be asked.
    """
    files = [one for one in request.files.getlist(FIELD) if one.filename]
    if not files:
        raise RefusedError("stock.no_files")
    entries = intake([(one.filename or "", one.stream) for one in files], apart.listed)
    title = request.form.get("title", "").strip()
    asked = Request(
        name="",
        wish=Wish(visitor=True),
        revision=uploads.registry().revision.revision,
        priority=priority,
        owner=owner,
        token=token,
    )
    batch_id = store().accept(entries, shown(title) if title else "", asked)
    checks.ensure(uploads.app())
    return batch_id
