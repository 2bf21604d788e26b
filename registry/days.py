"""The calendar day of registries and certificates: China's, wherever the program runs."""

from __future__ import annotations

import datetime as dt

# No summer time since 1991, and no registry reaches back so far: an offset is enough.
CHINA = dt.timezone(dt.timedelta(hours=8))


def today() -> dt.date:
    """The day it is in China."""
    return dt.datetime.now(CHINA).date()
