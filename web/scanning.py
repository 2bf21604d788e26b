"""Files that come with requests, shown to the virus scanner before a view sees them.

Every view is put behind it, whatever it takes: no door can be forgotten. Who may not ask is refused
before (`access`), who asks too often as well (`clients`).
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

from flask import Flask, request
from werkzeug.datastructures import FileStorage

from certcheck import audit
from certcheck.errors import UploadFoundError
from certcheck.runner.scanner import Scanner
from web import access, uploads

log = logging.getLogger(__name__)


def set_up(app: Flask) -> None:
    """Puts an app's views behind the scanner, where there is one; after all of them are there."""
    address = uploads.work_of(app).settings.scanner
    if address is None:
        return
    scanner = Scanner(address)
    for endpoint, view in list(app.view_functions.items()):
        app.view_functions[endpoint] = _behind(scanner, view)


def _behind(scanner: Scanner, view: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(view)
    def shown_before(**values: Any) -> Any:
        for _, file in request.files.items(multi=True):
            # A field that was left empty is sent along, too.
            if file.stream.read(1):
                _look(scanner, file)
        return view(**values)

    return shown_before


def _look(scanner: Scanner, file: FileStorage) -> None:
    """Raises what `Scanner.look` does; what was found is told to the logs, and to nobody else."""
    try:
        scanner.look(file.stream, uploads.label(file.filename or ""))
    except UploadFoundError as found:
        told = {"signature": found.signature, "sha256": found.sha256, "bytes": found.size}
        log.warning("refused: a virus", extra={"fields": {"endpoint": request.endpoint} | told})
        about = ("upload", found.sha256)
        detail = {"signature": found.signature, "bytes": found.size}
        audit.tell(
            uploads.work().engine, who=access.who(), what="upload.refused", about=about,
            detail=detail,
        )  # fmt: skip
        raise
