"""A laboratory's page for the office: its rights over time, what was found of it, its cases."""

from __future__ import annotations

import datetime as dt
import json

from flask import Blueprint, Response, make_response, render_template
from sqlmodel import Session, col, select

from certcheck.archive import laboratory as found
from certcheck.archive import timeline
from certcheck.desk.examining import OPEN
from certcheck.desk.tables import Found, FoundLab
from certcheck.seen.counting import THRESHOLD
from registry import store
from registry.days import CHINA
from registry.doctor import cells, rights
from registry.doctor.findings import Finding
from registry.records import LabRecord
from web import uploads, view
from web.pages import problem_page

laboratory = Blueprint("laboratory", __name__)

_MOST_ODD = 50


@laboratory.get("/laboratories/<lab_id>")
def show(lab_id: str) -> Response:
    """All about one laboratory that is registered."""
    registry, work = uploads.registry(), uploads.work()
    record = registry.lab(lab_id)
    if record is None:
        return problem_page(view.problem("web.not_found"))
    today = work.clock().astimezone(CHINA).date()
    every = timeline.rights(record)
    with store.session(work.engine) as opened:
        page = render_template(
            "laboratory.html",
            record=record,
            contacts=registry.contacts(lab_id, today),
            today=today,
            picture=timeline.drawn(every, today),
            rights=every,
            faults=found.faults(opened, lab_id),
            latest=found.latest(opened, lab_id),
            cases=found.cases(opened, lab_id),
            everywhere=found.everywhere(record.name),
            threshold=THRESHOLD,
            odd=_odd(opened, record, today),
        )
    return make_response(page)


def _odd(opened: Session, record: LabRecord, today: dt.date) -> list[Finding]:
    """What contradicts itself: in its own rows as of now, and with others' when last examined."""
    checks = (*rights.CHECKS, *cells.CHECKS)
    own = [one for check in checks for one in check(record, today)]
    wanted = (
        select(Found)
        .join(FoundLab, col(FoundLab.finding_id) == col(Found.id))
        .where(FoundLab.lab_id == record.lab_id, Found.state == OPEN)
        .order_by(col(Found.rank), col(Found.id))
        .limit(_MOST_ODD)
    )
    kinds = {one.kind for one in own}
    shared = [one for one in opened.exec(wanted).all() if one.kind not in kinds]
    return own + [
        Finding(one.kind, tuple(json.loads(one.labs)), tuple(json.loads(one.rows)),
                json.loads(one.details))
        for one in shared
    ]  # fmt: skip
