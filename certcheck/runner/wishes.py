"""How a check is to be done, as text that a job holds."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

from certcheck import corrections
from certcheck.check import Wish

# A record that was looked up so short a time ago is not looked up again: the laboratory's server
# is asked once, however many press the button.
_SLOT_S = 600


def packed(wish: Wish) -> str:
    """A wish as text; see `unpacked`."""
    paid = None if wish.paid is None else str(wish.paid)
    day = wish.as_of.isoformat() if wish.as_of else None
    told: dict[str, Any] = {
        "as_of": day, "paid": paid, "engine": wish.engine, "visitor": wish.visitor,
    }  # fmt: skip
    if wish.corrections:
        told["corrections"] = corrections.packed(wish.corrections)
    if wish.online:
        told["online"] = True
    return json.dumps(told, sort_keys=True)


def unpacked(text: str) -> Wish:
    """The wish that a job holds."""
    told = json.loads(text)
    return Wish(
        as_of=dt.date.fromisoformat(told["as_of"]) if told["as_of"] else None,
        paid=None if told["paid"] is None else Decimal(told["paid"]),
        engine=told["engine"],
        visitor=told["visitor"],
        corrections=corrections.unpacked(told.get("corrections", "[]")),
        online=told.get("online", False),
    )


def slot(wish: Wish, moment: dt.datetime) -> str:
    """What tells an answer of now from one of earlier, "" where the time does not matter."""
    return str(int(moment.timestamp() // _SLOT_S)) if wish.online else ""
