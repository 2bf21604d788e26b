"""Reports put where the app looks for them, without a photo read."""

from __future__ import annotations

import io
from typing import Any

import cv2
import numpy as np
from flask import Flask

from certcheck.check import Wish
from certcheck.runner.queue import Done, Queue
from certcheck.runner.tables import Priority
from certcheck.runner.work import Request, Work

OWNER = "test"


def jpeg() -> bytes:
    done, encoded = cv2.imencode(".jpg", np.full((40, 40, 3), 200, np.uint8))
    assert done
    return bytes(encoded)


def keep(
    app: Flask, *reports: dict[str, Any], pictures: bool = True, owner: str | None = None
) -> str:
    """Answers a photo with these reports; returns the address of its page."""
    return f"/checks/{kept_id(app, *reports, pictures=pictures, owner=owner)}"


def kept_id(
    app: Flask, *reports: dict[str, Any], pictures: bool = True, owner: str | None = None
) -> str:
    """Likewise; returns the check's id. `owner` is whose it is, None for a visitor's."""
    work: Work = app.extensions["work"]
    name = str(reports[0]["photo"]["name"])
    # A photo of its own for each answer, and taken before whatever else waits.
    photo = io.BytesIO("".join(str(one["id"]) for one in reports).encode())
    asked = Request(name, Wish(), str(len(reports)), priority=Priority.PERSON - 1, owner=owner)
    check_id = work.accept(photo, asked)
    queue = Queue(work)
    for one in queue.take(1):
        queue.finish(one.id, Done(reports, {1: jpeg()} if pictures else {}))
    return check_id
