"""Lines for the log of a process: as JSON for programs, or as text for somebody who looks on.

Each line bears the id of the request that it belongs to, through to the process that reads the
photo. What JSON lines say of errors are their kind, their place and what our own errors say of
machines; never their words, which may quote a name, a number or a line of a certificate.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import logging
import os
import re
import sys
import traceback
import uuid
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TextIO

from certcheck.errors import CertcheckError, SettingError
from ocr.errors import OcrError
from registry.errors import RegistryError

SETTING = "CERTCHECK_LOG"
LEVEL = "CERTCHECK_LOG_LEVEL"
TEXT, JSON = "text", "json"
LEVELS = ("error", "warning", "info")
# Of whoever looks on, nobody wants a line for each request; of machines, everybody.
_USUAL = {TEXT: "error", JSON: "info"}

# A request's id as proxies make it: a UUID, or 32 hexadecimal digits. Nothing else is taken over:
# no telephone number, no name, no line of its own fits into it.
_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LONGEST_ID = 36
# What our own errors say of machines, not of papers or people.
_OF_MACHINES = (
    "code", "database", "folder", "host", "kind", "port", "reason", "schema", "seconds", "sha256",
    "status", "wanted",
)  # fmt: skip
OURS = ("certcheck", "ocr", "registry", "web")
# Whose own words speak of machines too. Of other libraries' lines only the pattern is told, as what
# they fill it with may be what they were working on.
_TRUSTED = (*OURS, "celery", "gunicorn", "kombu", "waitress")
_ROOT = Path(__file__).parents[2]

_request: ContextVar[str | None] = ContextVar("request_id", default=None)


def new_id() -> str:
    """An id for a request that came without one."""
    return uuid.uuid4().hex


def taken_over(given: str | None) -> str:
    """The id that a request bears: the one that came with it where that is well formed."""
    return given if given is not None and _ID.fullmatch(given) else new_id()


def current() -> str | None:
    """The id of the request that is being worked on; None where there is none."""
    return _request.get()


@contextlib.contextmanager
def bearing(request_id: str | None) -> Iterator[None]:
    """Lines that are written in the block bear this id."""
    token = _request.set(request_id)
    try:
        yield
    finally:
        _request.reset(token)


def begin(request_id: str | None) -> None:
    """Lines of this thread bear this id from now on."""
    _request.set(request_id)


def configured(environment: Mapping[str, str] = os.environ) -> tuple[str, str]:
    """How lines look, and from which level on they are written.

    Raises:
        SettingError: a variable holds what it cannot mean.
    """
    form = environment.get(SETTING, "").strip() or TEXT
    if form not in _USUAL:
        raise SettingError(name=SETTING, value=form, wanted=", ".join(_USUAL))
    level = environment.get(LEVEL, "").strip() or _USUAL[form]
    if level not in LEVELS:
        raise SettingError(name=LEVEL, value=level, wanted=", ".join(LEVELS))
    return form, level


def set_up(environment: Mapping[str, str] = os.environ, stream: TextIO | None = None) -> None:
    """Has this process write its lines to standard error; once more changes how.

    Raises:
        SettingError: a variable holds what it cannot mean.
    """
    form, level = configured(environment)
    root = logging.getLogger()
    for one in [each for each in root.handlers if isinstance(each, _Lines)]:
        root.removeHandler(one)
    handler = _Lines(stream or sys.stderr)
    handler.setFormatter(AsJson() if form == JSON else AsText())
    root.addHandler(handler)
    # Libraries are heard when something fails, not of all that they are at.
    root.setLevel(logging.ERROR)
    for room in OURS:
        logging.getLogger(room).setLevel(level.upper())


class _Lines(logging.StreamHandler[TextIO]):
    """Ours, known again among others."""


class AsText(logging.Formatter):
    """`room: message`, with the request's id where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and the whole traceback of an error."""
        more = [f"{name}={value}" for name, value in _fields(record).items()]
        more += [f"[{current()}]"] if current() else []
        line = " ".join([f"{record.name}: {record.getMessage()}", *more])
        # One line stays one: what it quotes must not look like the next.
        lines = ["".join(one if one.isprintable() else "\ufffd" for one in line)]
        if record.exc_info:
            lines.append(self.formatException(record.exc_info))
        return "\n".join(lines)


class AsJson(logging.Formatter):
    """One object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Time in UTC, level, room, process, what is told, the request's id."""
        at = dt.datetime.fromtimestamp(record.created, dt.UTC)
        told: dict[str, Any] = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "room": record.name,
            "process": record.process,
            "message": _message(record),
        }
        if current():
            told["request"] = current()
        told |= _fields(record)
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            told |= {"error": said(error), "at": _places(error)}
        return json.dumps(told, ensure_ascii=False, default=str)


def said(error: BaseException) -> str:
    """What may be told of an error: its kind, and what ours say of machines."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    if isinstance(error, CertcheckError | OcrError | RegistryError):
        known = {name: error.details[name] for name in _OF_MACHINES if name in error.details}
        more = " ".join(f"{name}={value}" for name, value in known.items())
        return f"{error.code} {more}".strip()
    if isinstance(error, OSError) and error.strerror:
        return f"{kind}: {error.strerror}"
    return kind


def _message(record: logging.LogRecord) -> str:
    """The line's own words, with errors among its figures told by `said`."""
    if record.name.partition(".")[0] not in _TRUSTED:
        place = f"{_short(record.pathname)}:{record.lineno}"
        return f"{record.msg} ({place})" if record.args else place
    given = record.args
    if isinstance(given, tuple) and given:
        values = tuple(said(one) if isinstance(one, BaseException) else one for one in given)
        return str(record.msg) % values
    return record.getMessage()


def _fields(record: logging.LogRecord) -> Mapping[str, Any]:
    """What was handed over beside the words: `log.info("…", extra={"fields": {…}})`."""
    found = getattr(record, "fields", {})
    return found if isinstance(found, Mapping) else {}


def _places(error: BaseException) -> list[str]:
    """Where an error came about, and those that it came from; the last is where it was raised."""
    found: list[str] = []
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        rows = [f"{_short(row.filename)}:{row.lineno} {row.name}" for row in _rows(one)]
        found = [*([said(one)] if one is not error else []), *rows, *found]
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return found


def _rows(error: BaseException) -> traceback.StackSummary:
    return traceback.extract_tb(error.__traceback__)


def _short(name: str) -> str:
    path = Path(name)
    return str(path.relative_to(_ROOT)) if path.is_relative_to(_ROOT) else path.name
