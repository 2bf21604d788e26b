"""What came of asking for a laboratory's record."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import enum
from typing import Any


class Outcome(enum.StrEnum):
    """What the record says of the certificate.

    Attributes:
        AGREES: what can be compared is the same.
        DIFFERS: a field says something else than the paper.
        UNSURE: a field seems to, but its print may have been misread.
        ABSENT: the site says that it has no such number.
        NOT_ASKED: it could not be asked, or its answer was not understood; see Reason.
    """

    AGREES = "agrees"
    DIFFERS = "differs"
    UNSURE = "unsure"
    ABSENT = "absent"
    NOT_ASKED = "not_asked"


class Reason(enum.StrEnum):
    """Why nothing is known of the record. None of these is a fault of the paper.

    Attributes:
        OFF: whoever runs the program does not allow it.
        NO_LABORATORY: nobody knows whose certificate it is.
        NO_SITE: no query site of the laboratory is on file.
        ELSEWHERE: the QR code leads to another host, and there is no other way to ask.
        NO_ADDRESS: there is no QR code with an address, and the site is not listed.
        MISSING: what the site asks with was not read.
        PERSON: only a person can ask.
        CAPTCHA: the site wants to see a person, or somebody signed in.
        STATUS: the site says that it cannot answer.
        UNCLEAR: its answer was not understood.
        LEFT: its answer leads to another host.
        FORBIDDEN: its address leads where nobody may be asked.
        UNKNOWN: its name is not known.
        CERTIFICATE: it cannot show that it is who it says.
        UNREACHABLE: nobody answers.
        SLOW: it took too long.
        LARGE: its answer is too large.
        KIND: its answer is neither a page nor data.
        REDIRECTS: one redirect after the other.
    """

    OFF = "off"
    NO_LABORATORY = "no_laboratory"
    NO_SITE = "no_site"
    ELSEWHERE = "elsewhere"
    NO_ADDRESS = "no_address"
    MISSING = "missing"
    PERSON = "person"
    CAPTCHA = "captcha"
    STATUS = "status"
    UNCLEAR = "unclear"
    LEFT = "left"
    FORBIDDEN = "forbidden"
    UNKNOWN = "unknown"
    CERTIFICATE = "certificate"
    UNREACHABLE = "unreachable"
    SLOW = "slow"
    LARGE = "large"
    KIND = "kind"
    REDIRECTS = "redirects"


class Result(enum.StrEnum):
    """One field of the record beside the paper's.

    Attributes:
        AGREES: the same, within what measuring and rounding leave open.
        DIFFERS: another.
        UNSURE: another, but the print may have been misread.
        NOT_COMPARED: in words that nobody can hold against others.
    """

    AGREES = "agrees"
    DIFFERS = "differs"
    UNSURE = "unsure"
    NOT_COMPARED = "not_compared"


@dc.dataclass(frozen=True, slots=True)
class Row:
    """One field.

    Attributes:
        key: contract field key.
        printed: as read.
        recorded: as the record has it; several values one after the other.
        result: what comes of it.
    """

    key: str
    printed: str
    recorded: str
    result: Result


@dc.dataclass(frozen=True, slots=True)
class Answer:
    """What the site sent, for evidence.

    Attributes:
        url: the address that gave it.
        status: HTTP status.
        kind: `text/html` and so on.
        sha256: of the bytes.
        data: the bytes.
    """

    url: str
    status: int
    kind: str
    sha256: str
    data: bytes = dc.field(repr=False)


@dc.dataclass(frozen=True, slots=True)
class Record:
    """What came of asking.

    Attributes:
        outcome: what the record says.
        asked_at: when, UTC.
        reason: why nothing is known, None where something is.
        host: that was asked, "" for none.
        link: a page of the laboratory's own for a person, "" for none.
        answer: what was sent, None where nothing was.
        rows: fields of the paper that the record has too.
        tells: of a number that is not there: whether the site has all of that time, and the
            number was surely read.
    """

    outcome: Outcome
    asked_at: dt.datetime
    reason: Reason | None = None
    host: str = ""
    link: str = ""
    answer: Answer | None = None
    rows: tuple[Row, ...] = ()
    tells: bool = False

    def of(self, result: Result) -> list[Row]:
        """The fields of which that is the result."""
        return [row for row in self.rows if row.result is result]

    @property
    def digest(self) -> str:
        """What a report's id depends on."""
        return f"{self.outcome}|{self.reason or ''}|{self.answer.sha256 if self.answer else ''}"

    def to_json(self) -> dict[str, Any]:
        """`record` of a report."""
        answer = self.answer
        told = answer and {
            "url": answer.url,
            "status": answer.status,
            "type": answer.kind,
            "size": len(answer.data),
            "sha256": answer.sha256,
        }
        return {
            "outcome": str(self.outcome),
            "reason": str(self.reason) if self.reason else None,
            "host": self.host,
            "asked_at": f"{self.asked_at.replace(tzinfo=None).isoformat(timespec='seconds')}Z",
            "link": self.link,
            "answer": told,
            "fields": [
                {"field": row.key, "printed": row.printed, "recorded": row.recorded,
                 "result": str(row.result)}
                for row in self.rows
            ],
        }  # fmt: skip
