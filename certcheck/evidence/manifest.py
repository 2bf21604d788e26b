"""The list of all that a pack holds: the first member, on one line, in one spelling.

Its SHA-256 names the pack: the list has the digest of every other member, and the file that holds
them can be written in one way only (`container`).
"""

from __future__ import annotations

import dataclasses as dc
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from certcheck.audit.chain import canonical

NAME = "manifest.json"
SCHEMA = "certcheck.evidence/1"


@dc.dataclass(frozen=True, slots=True)
class Member:
    """One thing in a pack.

    Attributes:
        name: its path.
        size: in bytes.
        sha256: of its bytes.
    """

    name: str
    size: int
    sha256: str


@dc.dataclass(frozen=True, slots=True)
class Manifest:
    """What a pack says that it holds.

    Attributes:
        told: about the pack: when it was made, of which checks, where the log ended.
        members: by name, as they lie in the file.
    """

    told: Mapping[str, Any]
    members: Sequence[Member]

    def packed(self) -> bytes:
        """Its one spelling."""
        members = [dc.asdict(one) for one in self.members]
        return (canonical({**self.told, "schema": SCHEMA, "members": members}) + "\n").encode()


def digest_of(packed: bytes) -> str:
    """What names a pack."""
    return hashlib.sha256(packed).hexdigest()


def unpacked(data: bytes) -> Manifest | None:
    """A manifest from its bytes; None where they are none, or are spelt otherwise."""
    try:
        found = json.loads(data)
        members = [Member(**one) for one in found.pop("members")]
        if found.pop("schema") != SCHEMA:
            return None
        made = Manifest(found, members)
        right = all(_sound(one) for one in members) and made.packed() == data
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    names = [one.name for one in members]
    return made if right and names == sorted(set(names)) else None


def _sound(one: Member) -> bool:
    name, size = one.name, one.size
    return (
        isinstance(name, str) and name.isascii() and 0 < len(name) < 2**16
        and isinstance(size, int) and size >= 0 and isinstance(one.sha256, str)
    )  # fmt: skip
