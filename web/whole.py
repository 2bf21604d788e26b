"""Whole numbers in an address, no larger than a database can hold."""

from __future__ import annotations

import re
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

    Returns:
        What a database can hold: of a larger one the largest, which is no page's.

    Raises:
        ValueError: it is none.
    """
    if not re.fullmatch(r"-?[0-9]+", text):
        raise ValueError(text[:20])
    # Python itself refuses thousands of digits.
    value = int(text) if len(text) <= len(str(MOST)) + 1 else -MOST if text[0] == "-" else MOST
    return min(max(value, -MOST), MOST)


def set_up(app: Flask) -> None:
    """Bounds the numbers of an app's rules; before there are any."""
    app.url_map.converters["int"] = _Bounded
