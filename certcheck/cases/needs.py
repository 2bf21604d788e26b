"""What a step needs to be told, taken from a form and looked at before anything is changed."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from sqlmodel import Session, select

from certcheck.accounts.people import spelled
from certcheck.accounts.roles import Role
from certcheck.accounts.tables import Account
from certcheck.cases import deadlines, rules, running, things
from certcheck.cases.classes import classes, results_of
from certcheck.cases.errors import CaseNeedsError
from certcheck.cases.rules import State, Step
from certcheck.cases.tables import CaseComplaint, CaseDeadline, CaseFile

LONGEST_TEXT = 2000
LONGEST_LABEL = 120
LONGEST_NAME = 80
# Farther ahead nobody sets himself a day.
_AHEAD = dt.timedelta(days=3 * 366)
# Days by which somebody extends who may say how many.
_MOST_DAYS = 366
# Who works on cases.
WORKERS = (Role.INSPECTOR, Role.CHIEF)


@dc.dataclass(frozen=True, slots=True)
class Asked:
    """What is looked at.

    Attributes:
        opened: the session.
        row: the case.
        form: as it was sent.
        today: in China.
    """

    opened: Session
    row: CaseFile
    form: Mapping[str, str]
    today: dt.date

    def text(self, name: str, longest: int = LONGEST_TEXT) -> str:
        """A text of the form, "" for none.

        Raises:
            CaseNeedsError: it is too long, or no text.
        """
        value = self.form.get(name, "").replace("\r\n", "\n").strip()
        if len(value) > longest or any(ord(one) < 32 and one != "\n" for one in value):
            raise CaseNeedsError(what=name)
        return value


def told(step: Step, asked: Asked) -> dict[str, Any]:
    """What a step was told, as the log has it.

    Raises:
        CaseNeedsError: something is missing or makes no sense.
    """
    found: dict[str, Any] = {}
    for need in step.needs:
        found |= _NEEDS[need](asked)
    return found


def worker(opened: Session, name: str) -> Account:
    """Somebody who may own a case, by name.

    Raises:
        CaseNeedsError: there is nobody such.
    """
    found = opened.exec(select(Account).where(Account.name == spelled(name))).first()
    if found is None or found.disabled_at is not None or found.role not in WORKERS:
        raise CaseNeedsError(what="owner")
    return found


def day(text: str, what: str) -> dt.date:
    """A day as entered.

    Raises:
        CaseNeedsError: it is none.
    """
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        raise CaseNeedsError(what=what) from None


def _reason(asked: Asked) -> dict[str, Any]:
    return {"reason": _filled(asked.text("reason"), "reason")}


def _filled(value: str, what: str) -> str:
    if not value:
        raise CaseNeedsError(what=what)
    return value


def _category(asked: Asked) -> dict[str, Any]:
    given = asked.text("category", LONGEST_NAME)
    result = classes().results.get(asked.form.get("result", ""))
    if not given and result is not None and not result.category:
        return {"category": ""}
    return _chosen("category", classes().categories, given)


def _chosen(what: str, among: Mapping[str, object], given: str) -> dict[str, Any]:
    if given not in among:
        raise CaseNeedsError(what=what)
    return {what: given}


def _ground(asked: Asked) -> dict[str, Any]:
    return _chosen("ground", classes().grounds, asked.form.get("ground", ""))


def _recipient(asked: Asked) -> dict[str, Any]:
    found = _chosen("recipient", classes().recipients, asked.form.get("recipient", ""))
    name = _filled(asked.text("recipient_name", LONGEST_NAME), "recipient_name")
    return found | {"recipient_name": name}


def _result(asked: Asked) -> dict[str, Any]:
    among = {one.key: one for one in results_of(State(asked.row.state))}
    return _chosen("result", among, asked.form.get("result", ""))


def _owner(asked: Asked) -> dict[str, Any]:
    found = worker(asked.opened, asked.form.get("owner", ""))
    if found.id == asked.row.owner:
        raise CaseNeedsError(what="owner")
    return {"owner": found.id, "owner_name": found.name}


def _move(asked: Asked) -> dict[str, Any]:
    among = {one.key: one for one in rules.askable(State(asked.row.state))}
    found = _chosen("move", among, asked.form.get("move", ""))
    return found | told(among[found["move"]], asked)


def _event(asked: Asked) -> dict[str, Any]:
    found = _chosen("event", deadlines.events(), asked.form.get("event", ""))
    wanted = deadlines.events()[found["event"]]
    left = [one for one in _open(asked) if one.kind == wanted]
    if not left:
        raise CaseNeedsError(what="event")
    given = asked.form.get("day", "")
    on = day(given, "day") if given.strip() else asked.today
    if not left[0].began_on <= on <= asked.today:
        raise CaseNeedsError(what="day")
    return found | {"day": on.isoformat(), "reason": asked.text("reason")}


def _label(asked: Asked) -> dict[str, Any]:
    return {"label": _filled(asked.text("label", LONGEST_LABEL), "label")}


def _day(asked: Asked) -> dict[str, Any]:
    on = day(asked.form.get("day", ""), "day")
    if not asked.today <= on <= asked.today + _AHEAD:
        raise CaseNeedsError(what="day")
    return {"day": on.isoformat()}


def _deadline(asked: Asked) -> dict[str, Any]:
    given = asked.form.get("deadline", "")
    found = next((one for one in _open(asked) if str(one.id) == given), None)
    rule = deadlines.rules().get(found.kind) if found else None
    if found is None or rule is None or found.extended >= rule.extensions:
        raise CaseNeedsError(what="deadline")
    days = rule.extend_by
    if not days:
        entered = asked.form.get("days", "")
        days = int(entered) if entered.isdecimal() and len(entered) < 5 else 0
        if not 0 < days <= _MOST_DAYS:
            raise CaseNeedsError(what="days")
    return {"deadline": found.id, "kind": found.kind, "days": days}


def _own(asked: Asked) -> dict[str, Any]:
    given = asked.form.get("deadline", "")
    found = next((one for one in _open(asked) if str(one.id) == given), None)
    if found is None or found.kind in deadlines.rules():
        raise CaseNeedsError(what="deadline")
    return {"deadline": found.id, "label": found.label, "kind": found.kind}


def _check(asked: Asked) -> dict[str, Any]:
    given = asked.form.get("check", "").strip().split("?")[0].rstrip("/").rpartition("/")[2]
    return {"check": _filled(given[:64], "check")}


def _held(asked: Asked) -> dict[str, Any]:
    """A check of the case, which has to be about something without it."""
    assert asked.row.id is not None  # noqa: S101 - it was read
    about = things.refs(asked.opened, asked.row.id)
    given = asked.form.get("held", "")
    told_of = asked.opened.get(CaseComplaint, asked.row.id) is not None
    if (things.CHECK, given) not in about or not (told_of or len(about) > 1):
        raise CaseNeedsError(what="held")
    return {"check": given}


def _open(asked: Asked) -> list[CaseDeadline]:
    assert asked.row.id is not None  # noqa: S101 - it was read
    return running.open_of(asked.opened, asked.row.id)


_NEEDS: Mapping[str, Callable[[Asked], dict[str, Any]]] = {
    "reason": _reason,
    "category": _category,
    "ground": _ground,
    "recipient": _recipient,
    "result": _result,
    "owner": _owner,
    "move": _move,
    "event": _event,
    "label": _label,
    "day": _day,
    "deadline": _deadline,
    "check": _check,
    "held": _held,
    "own": _own,
}
