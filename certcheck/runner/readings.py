"""What was read of a photo, kept for a while: corrected values are then judged at once.

A pack (`ocr.kept`) lies among the files like a photo and goes when its job goes. It takes some
megabytes, so it is kept for fewer hours than the photo, and only for the latest; whoever corrects
something later, or one of many photos, has his photo read again.

Each function works in a transaction that is open.
"""

from __future__ import annotations

import datetime as dt
import json

from sqlalchemy import update
from sqlmodel import Session, col, select

from certcheck.runner.tables import Job, Priority

# Who corrects a reading does so soon after he saw it.
KEPT_FOR = dt.timedelta(hours=2)
# 1.5 to 2.5 MB each (samples/photos), more of large papers: half a gigabyte at most.
MOST_KEPT = 200


def worth_keeping(job: Job) -> bool:
    """Whether somebody is likely to correct what is read: who sent one photo on the page."""
    return job.priority <= Priority.PERSON


def kept(opened: Session, sha256: str, engine: str | None) -> str | None:
    """The pack of a photo that was read before, or None.

    Args:
        opened: the session.
        sha256: of the photo.
        engine: that the photo is to be read with.
    """
    held = select(Job.reading, Job.wish).where(Job.sha256 == sha256, col(Job.reading).is_not(None))
    rows = opened.exec(held.order_by(col(Job.done_at).desc())).all()
    return next((name for name, wish in rows if json.loads(wish)["engine"] == engine), None)


def let_go(opened: Session, moment: dt.datetime) -> None:
    """Forgets packs whose time is over, and all but the latest."""
    held = col(Job.reading).is_not(None)
    latest = select(Job.id).where(held, col(Job.done_at) > moment - KEPT_FOR)
    latest = latest.order_by(col(Job.done_at).desc()).limit(MOST_KEPT)
    stay = [one for one in opened.exec(latest).all() if one is not None]
    gone = update(Job).where(held, col(Job.id).not_in(stay)).values(reading=None)
    opened.exec(gone.execution_options(synchronize_session=False))
