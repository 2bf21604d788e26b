"""What templates of cases need: days that are due in words, the log in words, choices."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections.abc import Mapping
from typing import Any

from certcheck.accounts.roles import Role
from certcheck.audit import Entry
from certcheck.cases import classes, deadlines, people, rules, workdays
from certcheck.cases.needs import WORKERS
from certcheck.cases.rules import State
from certcheck.cases.tables import NEVER, CaseDeadline, CaseFile
from web import language

WORKER_ROLES = tuple(map(str, WORKERS))
# Of a case's page; whoever wants more follows the links.
MOST_PICTURES = 20
# Of a row of the log, what is told beside the words for the step, in this order.
_TOLD = ("move", "category", "ground", "recipient", "result", "event", "label", "reason")
_CHOSEN = ("category", "ground", "recipient", "result")


@dc.dataclass(frozen=True, slots=True)
class Due:
    """How near something is.

    Attributes:
        tone: class of the style sheet.
        words: how many working days are left, or are over.
        day: the last day, in words.
        sure: False where holidays are not published that far.
    """

    tone: str
    words: str
    day: str
    sure: bool


@dc.dataclass(frozen=True, slots=True)
class Line:
    """A row of the log.

    Attributes:
        at: when.
        who: name, or "".
        what: what was done.
        details: more, each with its label ("" for none).
        seq: its place in the log.
        key: of the step.
    """

    at: str
    who: str
    what: str
    details: tuple[tuple[str, str], ...]
    seq: int
    key: str


def helpers(today: dt.date) -> dict[str, Any]:
    """What the templates call."""
    return {
        "due": lambda day, sure=True: due(today, day, sure=sure),
        "due_name": due_name,
        "ground": ground,
        "logged": logged,
        "choice": choice,
        "askable": rules.askable,
        "title": title,
        "results_of": classes.results_of,
        "told_events": told_events,
        "extensible": extensible,
        "steps": rules.steps(),
        "classes": classes.classes(),
        "guessed": guessed,
        "NEVER": NEVER,
        "longest": people.LONGEST,
        "today": today,
    }


def first_view(role: Role) -> str:
    """The list that somebody begins with: his own cases, or what he is asked for."""
    return {Role.INSPECTOR: "mine", Role.CHIEF: "asked"}.get(role, "open")


def title(row: CaseFile) -> str:
    """A case's title, or what it came of."""
    return row.title or language.word(f"case.source.{row.source}")


def due(today: dt.date, day: dt.date, *, sure: bool = True) -> Due:
    """How near a day is."""
    left = workdays.until(today, day)
    if day < today:
        tone, words = "inconsistent", language.word("case.overdue", days=max(1, -left))
    elif day == today:
        tone, words = "suspected", language.word("case.due_today")
    else:
        tone = "suspected" if left <= 3 else "not_applicable"
        words = language.word("case.days_left", days=left)
    return Due(tone, words, language.day(day), sure)


def due_name(one: CaseDeadline) -> str:
    """What is due."""
    return one.label or language.word(f"case.due.{one.kind}")


def ground(one: CaseDeadline) -> deadlines.Ground | None:
    """What its time rests on; None where somebody set it himself."""
    rule = deadlines.rules().get(one.kind)
    return deadlines.ground(rule, one.began_on) if rule else None


def choice(kind: str, key: str) -> str:
    """A choice in the page's language."""
    return language.say(classes.text(kind, key)) if key else ""


def told_events(some: list[CaseDeadline]) -> list[str]:
    """Events that can be told now."""
    left = {one.kind for one in some if one.ended_at is None}
    return [key for key, after in deadlines.events().items() if after in left]


def extensible(some: list[CaseDeadline]) -> list[tuple[CaseDeadline, int]]:
    """Deadlines that can be extended, each with by how many days; 0 where that is to be said."""
    found = []
    for one in some:
        rule = deadlines.rules().get(one.kind)
        if rule and one.ended_at is None and one.extended < rule.extensions:
            found.append((one, rule.extend_by))
    return found


def guessed(row: CaseFile) -> str:
    """The class that the checks' fault points to."""
    return row.category or classes.category_of([row.item] if row.item else [])


def logged(one: Entry, names: Mapping[str, str]) -> Line:
    """A row of the log in words."""
    key, told = one.what.partition(".")[2], one.told
    details = [("", _moved(told))] if told.get("from") != told.get("to") and "to" in told else []
    for name in _TOLD:
        if told.get(name):
            details.append((language.word(f"case.need.{name}"), _value(name, str(told[name]))))
    if told.get("recipient_name"):
        details.append(("", str(told["recipient_name"])))
    if told.get("owner") and key in ("hand_over", "take"):
        label = language.word("case.need.owner")
        details.append((label, names.get(str(told["owner"]), "")))
    if told.get("kind"):
        details.append((language.word("case.need.deadline"), due_word(str(told["kind"]))))
    if told.get("day"):
        details.append((language.word("case.need.day"), language.day(str(told["day"]))))
    for kind, day in (told.get("due") or {}).items():
        details.append((language.word("case.began"), f"{due_word(kind)} {language.day(day)}"))
    return Line(
        language.moment(one.at.replace("Z", "+00:00")), one.who_name,
        language.word(f"audit.did.{one.what}"), tuple(details), one.seq, key,
    )  # fmt: skip


def due_word(kind: str) -> str:
    """What a deadline of a kind is."""
    return language.word(f"case.due.{kind}")


def _moved(told: Mapping[str, Any]) -> str:
    after = language.word(f"case.state.{State(told['to'])}")
    if not told.get("from"):
        return after
    return f"{language.word('case.state.' + State(told['from']))} → {after}"


def _value(name: str, value: str) -> str:
    if name in _CHOSEN:
        return choice(name, value)
    if name == "move":
        return language.word(f"case.step.{value}")
    if name == "event":
        return language.word(f"case.event.{value}")
    return value
