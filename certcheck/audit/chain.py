"""The chain of hashes: a row's digest covers its content and the digest of the row before.

The canonical form of a row is the JSON object of its fields without the digest, with the name of
this form: keys sorted, no spaces, UTF-8. Whoever has the rows can do the sum without this program.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

FORM = "certcheck.audit/1"
# The digest before the first row's.
GENESIS = "0" * 64


@dc.dataclass(frozen=True, slots=True)
class Entry:
    """A row of the log; see `tables.AuditRow`."""

    seq: int
    at: str
    who_kind: str
    who_id: str
    who_name: str
    what: str
    about_kind: str
    about_id: str
    detail: str
    previous: str
    digest: str

    @property
    def moment(self) -> dt.datetime:
        """When it was written."""
        return dt.datetime.fromisoformat(self.at)

    @property
    def told(self) -> dict[str, Any]:
        """Its detail."""
        found = json.loads(self.detail)
        return found if isinstance(found, dict) else {}


FIELDS = tuple(one.name for one in dc.fields(Entry))
_HASHED = tuple(name for name in FIELDS if name != "digest")


@dc.dataclass(frozen=True, slots=True)
class Head:
    """Where a log ends: who knows it knows all rows up to there.

    Attributes:
        seq: of the last row; 0 where there is none.
        digest: of that row.
    """

    seq: int = 0
    digest: str = GENESIS


@dc.dataclass(frozen=True, slots=True)
class Difference:
    """The first place where a log is not what it was.

    Attributes:
        code: of the sentence that says how.
        seq: of the row.
        other: another row that the sentence names, or 0.
    """

    code: str
    seq: int
    other: int = 0


def canonical(value: Any) -> str:
    """A value as JSON that has one spelling; half characters, which UTF-8 has not, become `?`.

    Raises:
        ValueError: it holds a number that is none.
        TypeError: it holds what JSON has no form for.
    """
    told = json.dumps(
        value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )
    return told.encode("utf-8", "replace").decode("utf-8")


def moment(at: dt.datetime) -> str:
    """A moment as rows hold it."""
    return at.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def digest(fields: Mapping[str, Any]) -> str:
    """The digest of a row by its fields; the one that it may hold itself is left out."""
    told = {name: fields[name] for name in _HASHED} | {"form": FORM}
    return hashlib.sha256(canonical(told).encode("utf-8")).hexdigest()


def sealed(fields: Mapping[str, Any], before: Head) -> Entry:
    """A row that follows another."""
    whole = {**fields, "seq": before.seq + 1, "previous": before.digest}
    return Entry(**whole, digest=digest(whole))


def first_difference(
    rows: Iterable[Mapping[str, Any]], heads: Iterable[Head] = ()
) -> tuple[Difference | None, Head]:
    """Goes through a log.

    Args:
        rows: by their `seq`, as the database holds them, whatever that is.
        heads: where the log is known to have ended once; each has to be in it.

    Returns:
        The first row that is not what was written, or None; and the last row before it.
    """
    known: dict[int, set[str]] = {}
    for one in heads:
        known.setdefault(one.seq, set()).add(one.digest)
    last = Head()
    for row in rows:
        found = _against(row, last, known.get(last.seq + 1, set()))
        if found is not None:
            return found, last
        last = Head(row["seq"], row["digest"])
    later = [seq for seq in known if seq > last.seq]
    if later:
        return Difference("audit.differs.cut", last.seq + 1, max(later)), last
    if known.get(0, {GENESIS}) != {GENESIS}:
        return Difference("audit.differs.head", 0), last
    return None, last


def _against(row: Mapping[str, Any], last: Head, known: set[str]) -> Difference | None:
    seq = row["seq"]
    if not isinstance(seq, int) or seq != last.seq + 1:
        return Difference("audit.differs.missing", last.seq + 1)
    kept = all(isinstance(row[name], str) for name in FIELDS if name != "seq")
    if not kept or digest(row) != row["digest"]:
        return Difference("audit.differs.changed", seq)
    if row["previous"] != last.digest:
        # The row before agrees with itself, so one of the two was made anew.
        return Difference("audit.differs.relinked", seq, last.seq)
    if known and known != {row["digest"]}:
        return Difference("audit.differs.head", seq)
    return None
