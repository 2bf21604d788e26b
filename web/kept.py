"""How long something stays, as pages say it: in hours, until a day, or as long as a case."""

from __future__ import annotations

import datetime as dt
from typing import Any

from certcheck.accounts.roles import INSPECTING
from certcheck.archive.filing import FOREVER
from registry.days import CHINA
from web import access, language, uploads

# Until when hours are counted; beyond, the day is told.
_DAYS = 3


def told(code: str, over: dt.datetime, moment: dt.datetime) -> dict[str, Any]:
    """The sentence that says when something is deleted, and what it is filled with.

    Args:
        code: of the sentence that counts hours; `_day` and `_case` make the others' codes.
        over: when it is deleted.
        moment: now.
    """
    if over >= FOREVER:
        return {"code": f"{code}_case"}
    if over - moment > dt.timedelta(days=_DAYS):
        return {"code": f"{code}_day", "day": language.day(over.astimezone(CHINA).date())}
    # The hour that has begun is counted.
    return {"code": code, "hours": max(1, -int(-(over - moment).total_seconds() // 3600))}


def usually(code: str) -> dict[str, Any]:
    """Likewise of what the one who asks sends in; `_days` makes the code for an inspector."""
    settings = uploads.work().settings
    if access.role() in INSPECTING:
        return {"code": f"{code}_days", "days": days(settings.keep_inspected)}
    return {"code": code, "hours": round(settings.keep / dt.timedelta(hours=1))}


def days(span: dt.timedelta) -> int:
    """A span in whole days."""
    return round(span / dt.timedelta(days=1))
