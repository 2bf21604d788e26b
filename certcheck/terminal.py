"""What every command needs to speak to a terminal: errors in words, places, lines.

Loads nothing but click; the catalogue and the rooms are loaded when something goes wrong.
"""

from __future__ import annotations

import logging
import sys
import unicodedata
from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from certcheck.messages import Text
    from registry.errors import Problem

DATABASE_HELP = "Registry database; else CERTCHECK_DATABASE_URL, else a file of your own."


def told(command: Callable[..., Any]) -> Callable[..., Any]:
    """Tells errors of ours in words, with the next step, and exits with their status."""

    @wraps(command)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        from certcheck.errors import CertcheckError, StoppedError, explain
        from ocr.errors import OcrError
        from registry.errors import BadImportError, RegistryError

        try:
            return command(*args, **kwargs)
        except BadImportError as error:
            echo_places(error.problems)
            problem = explain(error)
        except (CertcheckError, OcrError, RegistryError) as error:
            problem = explain(error)
        except KeyboardInterrupt:
            problem = explain(StoppedError())
        for text in (problem.message, problem.next_step):
            echo_text(text)
        sys.exit(problem.exit_status)

    return wrapper


# What acts on a terminal, or turns the order of what stands there: control characters, line and
# paragraph separators, marks of direction.
_ACTING = frozenset({"Cc", "Zl", "Zp"})
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INSTEAD = "\ufffd"


def harmless(text: str) -> str:
    r"""A text from outside as it may be shown on a terminal: it moves, colours and turns nothing.

    >>> harmless("翡翠\x1b[2J\u202e")
    '翡翠�[2J�'
    """
    if text.isprintable():
        return text
    return "".join(
        char if char == "\n" or not (unicodedata.category(char) in _ACTING or char in _TURNING)
        else _INSTEAD
        for char in text
    )  # fmt: skip


def echo_text(text: Text) -> None:
    """A sentence to standard error in both languages."""
    for line in filter(None, dict.fromkeys((text.zh, text.en))):
        click.echo(harmless(line), err=True)


class _Sentences(logging.Handler):
    """Tells the sentences whose codes a room hands to its logger."""

    def emit(self, record: logging.LogRecord) -> None:
        """Both languages of the record's code."""
        from certcheck import messages

        echo_text(messages.text(record.msg, **getattr(record, "details", {})))


def tell_long_work() -> None:
    """Has a person told why opening an old registry takes long."""
    room = logging.getLogger("registry.store")
    if not any(isinstance(each, _Sentences) for each in room.handlers):
        room.addHandler(_Sentences())
    room.setLevel(logging.WARNING)
    room.propagate = False


def echo_places(problems: Sequence[Problem]) -> None:
    """What is wrong or odd in files, to standard error: `file:line:column: sentence`.

    What is said of a whole file or row has no line or column.
    """
    from certcheck import messages

    for problem in problems:
        told = messages.text(problem.code, **problem.details)
        line, column = str(problem.line) if problem.line else "", problem.column
        place = ":".join(filter(None, (problem.file, line, column)))
        for sentence in dict.fromkeys((told.zh, told.en)):
            click.echo(f"{place}: {sentence}", err=True)


def echo_lines(lines: list[str], *, err: bool = False) -> None:
    """Results to standard output, or anything else to standard error."""
    for line in lines:
        click.echo(line, err=err)
