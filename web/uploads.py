"""A photo that came with a request: taken from the form, written down, waited for."""

from __future__ import annotations

import tempfile
import threading
import time
from pathlib import PurePosixPath
from typing import IO, Any, cast

from flask import Flask, current_app, request
from flask import Request as FlaskRequest
from werkzeug.datastructures import FileStorage

from certcheck.check import Wish
from certcheck.errors import NoPhotoError
from certcheck.runner.tables import Status
from certcheck.runner.work import Request, Standing, Work
from certcheck.stock.entries import shown
from registry.lookup import Registry
from web import checks

# Seconds between two looks at a check that somebody waits for.
_LOOK_S = 0.2
# Bytes of a file that are kept in memory while it comes; Werkzeug's figure.
_IN_MEMORY = 500 * 2**10


class Laid(FlaskRequest):
    """A request whose larger files are laid down on the work folder's disk while they come.

    The folder for temporary files may be in memory, as a container has it.
    """

    def _get_file_stream(
        self, total_content_length: int | None, content_type: str | None,
        filename: str | None = None, content_length: int | None = None,
    ) -> IO[bytes]:  # fmt: skip
        folder = work().settings.folder
        return cast(IO[bytes], tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(folder)))


def work() -> Work:
    """What was accepted."""
    return work_of(current_app)


def app() -> Flask:
    """The app that answers this request."""
    return cast(Any, current_app)._get_current_object()  # type: ignore[no-any-return]


def work_of(app: Flask) -> Work:
    """What an app accepted."""
    return cast(Work, app.extensions["work"])


def registry() -> Registry:
    """Who may do what."""
    return cast(Registry, current_app.config["REGISTRY"])


def accept(priority: int, owner: str | None = None, token: str = "") -> str:
    """Writes the photo of this request down; returns the check's id.

    Args:
        priority: see `Priority`.
        owner: the client, or None for a visitor.
        token: the client's own name for the request.

    Raises:
        NoPhotoError: the form holds none.
        CertcheckError: it cannot be accepted; see `Work.accept`.
        RegistryError: the registry or the work database cannot be asked.
    """
    upload = _upload()
    asked = Request(
        name=label(upload.filename or ""),
        wish=Wish(visitor=True),
        revision=registry().revision.revision,
        priority=priority,
        owner=owner,
        token=token,
    )
    check_id = work().accept(upload.stream, asked)
    checks.ensure(app())
    return check_id


def wait(check_id: str, seconds: float) -> Standing | None:
    """How a check stands when it is done, or when the time is over.

    Only so many requests wait at once that others are still answered; the rest do not wait.
    """
    waiters = cast(threading.Semaphore, current_app.extensions["waiters"])
    end = time.monotonic() + seconds
    found = work().look(check_id)
    if seconds <= 0 or not waiters.acquire(blocking=False):
        return found
    try:
        while found and found.status is not Status.DONE and time.monotonic() < end:
            time.sleep(min(_LOOK_S, max(0.0, end - time.monotonic())))
            found = work().look(check_id)
    finally:
        waiters.release()
    return found


def label(filename: str) -> str:
    """The bare name of a file that somebody sent, printable and not too long."""
    return shown(PurePosixPath(filename.replace("\\", "/")).name)


def _upload() -> FileStorage:
    """The form's photo: the first of its inputs that holds one."""
    upload = next((one for one in request.files.getlist("photo") if one.filename), None)
    if upload is None:
        raise NoPhotoError()
    return upload
