"""What the server answers, as plain objects; `json` is the answer itself."""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Mapping
from typing import Any

JSON = Mapping[str, Any]


@dc.dataclass(frozen=True, slots=True)
class Check:
    """A photo's check.

    Attributes:
        id: of the check.
        status: `queued`, `running` or `done`.
        json: the answer: the report (certcheck.report/1) once it is done.
    """

    id: str
    status: str
    json: JSON

    @property
    def done(self) -> bool:
        """Whether the report is there."""
        return self.status == "done"

    @property
    def verdict(self) -> str | None:
        """Of the photo's first certificate; None until it is done, and where it failed."""
        return None if not self.done or self.json["error"] else str(self.json["verdict"])

    @property
    def error(self) -> str | None:
        """The code of why it could not be checked; None until it is done, and where it was."""
        return str(self.json["error"]["code"]) if self.done and self.json["error"] else None

    @property
    def reports(self) -> list[JSON]:
        """One for each certificate of the photo; empty until it is done."""
        return [self.json, *self.json["more"]] if self.done else []

    @classmethod
    def of(cls, told: JSON) -> Check:
        """From the server's answer."""
        return cls(str(told["id"]), str(told["status"]), told)


@dc.dataclass(frozen=True, slots=True)
class Item:
    """One thing of a batch.

    Attributes:
        number: its place in what was sent, from 1.
        name: as the spreadsheet has it; else the file's.
        status: `refused`, `queued`, `running`, `done` or `deleted`.
        check: id of its check, or None.
        verdict: the worst of its certificates; None where there is none (yet).
        error: code of why it was refused or could not be checked, or None.
        corrected: whether values were corrected by hand on the server's pages.
        json: the answer's part.
    """

    number: int
    name: str
    status: str
    check: str | None
    verdict: str | None
    error: str | None
    corrected: bool
    json: JSON


@dc.dataclass(frozen=True, slots=True)
class Batch:
    """Photos that were sent together.

    Attributes:
        id: of the batch.
        status: `queued`, `running` or `done`.
        counts: items by verdict; `failed`, `refused`, `running`, `queued`, `deleted` besides.
        items: in the order sent.
        json: the answer.
    """

    id: str
    status: str
    counts: Mapping[str, int]
    items: tuple[Item, ...]
    json: JSON

    @property
    def done(self) -> bool:
        """Whether nothing more will come."""
        return self.status == "done"

    @classmethod
    def of(cls, told: JSON) -> Batch:
        """From the server's answer."""
        items = tuple(
            Item(
                one["number"], one["name"], one["status"], one["check"], one["verdict"],
                one["error"]["code"] if one["error"] else None, one["corrected"], one,
            )
            for one in told["items"]
        )  # fmt: skip
        return cls(str(told["id"]), str(told["status"]), told["counts"], items, told)
