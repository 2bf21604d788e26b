"""Whole numbers in an address, no larger than a database can hold."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

# PostgreSQL's `integer`; of SQLite's no more is used.
MOST = 2**31 - 1


class _Bounded(IntegerConverter):
    """`<int:…>` of a rule; what is larger is no address."""

    def __init__(self, url_map: Map, **told: Any) -> None:
        super().__init__(url_map, **{"max": MOST, **told})


def number(text: str) -> int:
    """A number as it stands behind the question mark: `args.get(name, type=whole.number)`.

    Raises:
        ValueError: it is none, or too large.
    """
    value = int(text) if text.isascii() and len(text) <= len(str(MOST)) + 1 else MOST + 1
    if abs(value) > MOST:
        raise ValueError(text[:20])
    return value


def set_up(app: Flask) -> None:
    """Bounds the numbers of an app's rules; before there are any."""
    app.url_map.converters["int"] = _Bounded
