"""A letter made from a report: a complaint to hand in, or a question to the laboratory.

Neutral by construction: what was read, what is registered, what is asked. The findings' own
sentences stand in it as they are; nobody is accused, and what somebody entered by hand is said
to be so. Where to file, in what time and with which rights is `data/complaints.toml`, dated and
with its sources.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import functools
import importlib.resources
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from certcheck import messages
from certcheck.finding import Status
from certcheck.messages import Text
from registry.days import CHINA

JSON = Mapping[str, Any]

COMPLAINT, INQUIRY = "complaint", "inquiry"
# Verdicts with something to complain of; with any other the laboratory is asked.
_COMPLAINED_OF = (Status.INCONSISTENT, Status.SUSPECTED)
# What tells a certificate from others, as the letter names it.
_NAMED = ("certificate_no", "lab_name", "cma_no", "issue_date", "conclusion", "mass")
_TRUSTED = "S"
# Characters of a digest that tell a revision; the report has it all.
_SHORT = 12
# An empty line.
_GAP = Text("", "")


@dc.dataclass(frozen=True, slots=True)
class Entry:
    """A channel, a place to file, a time limit, a right, or a piece of evidence.

    Attributes:
        text: in both languages.
        name: of a channel, else empty.
        law: the articles, "" for none.
        check: whether a person has yet to compare it with the text in force.
        source: where it was seen.
    """

    text: Text
    name: Text
    law: str
    check: bool
    source: str


@dc.dataclass(frozen=True, slots=True)
class Guide:
    """What the data file holds.

    Attributes:
        collected: the day it was put together.
        channels: where to turn, in the order to try.
        places: where to file.
        needed: what to hand in.
        deadlines: in what time one hears.
        rights: what a buyer may ask.
        evidence: what to keep.
    """

    collected: dt.date
    channels: tuple[Entry, ...]
    places: tuple[Entry, ...]
    needed: tuple[Entry, ...]
    deadlines: tuple[Entry, ...]
    rights: tuple[Entry, ...]
    evidence: tuple[Entry, ...]


@dc.dataclass(frozen=True, slots=True)
class Letter:
    """A letter in both languages, ready to copy.

    Attributes:
        kind: COMPLAINT or INQUIRY.
        title: its heading.
        text: all of it, the heading too; lines to fill in are underscores.
    """

    kind: str
    title: Text
    text: Text


@functools.cache
def guide() -> Guide:
    """The data file, read once."""
    path = importlib.resources.files("certcheck") / "data" / "complaints.toml"
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    kinds = ("channel", "place", "needed", "deadline", "right", "evidence")
    return Guide(told["collected"], *(tuple(_entry(row) for row in told[kind]) for kind in kinds))


def kind_of(report: JSON) -> str:
    """Which letter a report gives cause for."""
    judged = report["error"] is None
    return COMPLAINT if judged and report["verdict"] in _COMPLAINED_OF else INQUIRY


def letter(report: JSON) -> Letter:
    """The letter of a report.

    Args:
        report: as the contract has it.
    """
    kind = kind_of(report)
    title = messages.text(f"complaint.{kind}.title", number=_number(report))
    parts = _complaint(report) if kind == COMPLAINT else _inquiry(report)
    every = [title, *parts, *_closing(report)]
    english = [one.en for one in every if one.en or one == _GAP]
    return Letter(kind, title, Text("\n".join(one.zh for one in every), "\n".join(english)))


def _complaint(report: JSON) -> Iterator[Text]:
    for code in ("writer", "seller"):
        yield from (_GAP, _said(f"complaint.{code}"))
    yield from (_GAP, _said("complaint.facts"), _paper(report), _said("complaint.found"))
    number = 0
    for item in report["items"]:
        for finding in item["findings"]:
            if finding["status"] in _COMPLAINED_OF:
                number += 1
                yield from _finding(number, item["item"], finding)
    yield from _by_hand(report)
    yield from (_GAP, _said("complaint.asked"))
    yield from (_GAP, _said("complaint.evidence"))
    yield from _evidence(report)


def _inquiry(report: JSON) -> Iterator[Text]:
    yield from (_GAP, _said("complaint.inquiry.dear", name=_laboratory(report)))
    yield from (_paper(report), _said("complaint.inquiry.asked"))
    open_ = [
        (item["item"], finding)
        for item in report["items"]
        for finding in item["findings"]
        if finding["status"] == Status.UNVERIFIABLE and report["error"] is None
    ]
    if open_:
        yield from (_GAP, _said("complaint.inquiry.open"))
        for number, (item, finding) in enumerate(open_, start=1):
            yield from _finding(number, item, finding)
    yield from _by_hand(report)
    yield from (_GAP, _said("complaint.inquiry.reach"))


def _finding(number: int, item: int, finding: JSON) -> Iterator[Text]:
    """What was found, what was read and what is registered."""
    name, message = messages.text(f"item.{item}"), finding["message"]
    yield Text(
        messages.text("complaint.finding", number=number, item=name.zh, says=message["zh"]).zh,
        messages.text("complaint.finding", number=number, item=name.en, says=message["en"]).en,
    )
    for one in finding["evidence"]:
        if one["read"] or one["expected"]:
            label = messages.text(f"field.{one['field']}")
            source = _source(one["source"])
            code = "complaint.row" if one["expected"] else "complaint.row_read"
            params = {"read": one["read"] or "—", "expected": one["expected"]}
            yield Text(
                messages.text(code, field=label.zh, source=source.zh, **params).zh,
                messages.text(code, field=label.en, source=source.en, **params).en,
            )
    if finding["law"] and finding["status"] in _COMPLAINED_OF:
        # Articles are Chinese law's; who reads the translation finds them in the letter itself.
        yield Text(_said("complaint.law", law="；".join(finding["law"])).zh, "")


def _source(row: str) -> Text:
    """What a row rests on, in words where its table has any."""
    code = f"table.{row.partition(':')[0].partition('.')[0]}"
    return messages.text(code) if code in messages.catalogue() else Text(row or "—", row or "—")


def _paper(report: JSON) -> Text:
    """What tells the certificate from others, as it was read."""
    told: list[Text] = []
    for key in _NAMED:
        field = report["fields"].get(key)
        if field:
            value, label = field["value"], messages.text(f"field.{key}")
            value = value if isinstance(value, str) else "、".join(value)
            told.append(Text(f"{label.zh} {value}", f"{label.en} {value}"))
    if not told:
        return _said("complaint.paper_unread")
    zh = messages.text("complaint.paper", paper="；".join(one.zh for one in told)).zh
    en = messages.text("complaint.paper", paper="; ".join(one.en for one in told)).en
    return Text(zh, en)


def _by_hand(report: JSON) -> Iterator[Text]:
    """What somebody entered instead of what was read."""
    entered = report.get("corrections") or ()
    if entered:
        yield messages.in_both("complaint.by_hand", [one["field"] for one in entered])


def _evidence(report: JSON) -> Iterator[Text]:
    photo, registry = report["photo"], report["registry"]
    yield _said("complaint.evidence.photo", name=photo["name"], sha256=photo["sha256"])
    yield _said(
        "complaint.evidence.check",
        id=report["id"], day=_day(report["checked_at"]), imported=_day(registry["imported_at"]),
        revision=registry["revision"][:_SHORT],
    )  # fmt: skip
    for number, one in enumerate(guide().evidence, start=3):
        yield Text(
            messages.text("complaint.evidence.other", number=number, what=one.text.zh).zh,
            messages.text("complaint.evidence.other", number=number, what=one.text.en).en,
        )


def _closing(report: JSON) -> Iterator[Text]:
    yield from (_GAP, _said("complaint.proves"))
    lab = report["lab"]
    if lab.get("demo") if lab else report["registry"]["demo"]:
        yield messages.text("report.demo")
    yield from (_GAP, _said("complaint.signed"))


def _day(moment: str) -> str:
    """The day in China of a moment in UTC, as reports write it."""
    return dt.datetime.fromisoformat(moment).astimezone(CHINA).date().isoformat()


def _number(report: JSON) -> str:
    field = report["fields"].get("certificate_no")
    return str(field["value"]) if field else "________"


def _laboratory(report: JSON) -> str:
    """The laboratory as it is registered, else as the paper names it."""
    known = report["lab"] or report.get("foreign_lab")
    printed = report["fields"].get("lab_name")
    if known:
        return str(known["name"])
    return str(printed["value"]) if printed else "________"


def _said(code: str, **params: object) -> Text:
    return messages.text(code, **params)


def _entry(row: Mapping[str, Any]) -> Entry:
    key = "how_" if "how_zh" in row else ""
    return Entry(
        text=Text(row[f"{key}zh"], row[f"{key}en"]),
        name=Text(row.get("name_zh", ""), row.get("name_en", "")),
        law=row.get("law", ""),
        check=bool(row.get("check")) or row.get("trust", _TRUSTED) != _TRUSTED,
        source=row.get("source", ""),
    )
