"""The time stamp of a pack: of its list as it is without the stamp, which is then put beside it.

A pack whose authority is away is made without, and its list says so.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography import x509

from certcheck.evidence import stamps
from certcheck.evidence.manifest import Manifest, Member
from certcheck.evidence.stamps import Authority, StampError

log = logging.getLogger(__name__)

NAME = "stamp.tsr"
KEY = "stamp"


@dc.dataclass(frozen=True, slots=True)
class Stamped:
    """What is known of a pack's time stamp.

    Attributes:
        code: of the sentence: sound, not verified as nobody is trusted here, or what is wrong.
        host: of the authority, as the pack says.
        at: the time that it bears, or None.
        sound: whether nothing is wrong with it.
    """

    code: str
    host: str = ""
    at: dt.datetime | None = None
    sound: bool = True


def stamp(
    told: Mapping[str, Any], members: Sequence[Member], authority: Authority | None
) -> tuple[Manifest, bytes | None]:
    """The list of a pack, and the stamp of it where there is one.

    Args:
        told: what the list says of the pack.
        members: of the pack.
        authority: who is asked, or None.
    """
    if authority is None:
        return Manifest(told, members), None
    made = Manifest({**told, KEY: {"authority": authority.host}}, members)
    try:
        return made, authority.stamp(made.packed())
    except StampError as error:
        log.error("a pack without a time stamp: %s", error.code)
        failed = {"authority": authority.host, "failed": error.code}
        return Manifest({**told, KEY: failed}, members), None


def look(told: Manifest, answer: bytes | None, roots: tuple[x509.Certificate, ...]) -> Stamped:
    """Whether the stamp of a pack is right, without any network.

    Args:
        told: the pack's list.
        answer: the stamp, or None where the pack has none.
        roots: certificates of authorities that are trusted.
    """
    given = told.told.get(KEY)
    said = given if isinstance(given, dict) else {}
    host = str(said.get("authority", ""))
    if answer is None:
        if "failed" in said or not said:
            return Stamped("stamp.without" if said else "", host)
        return Stamped("stamp.missing", host, sound=False)
    of = Manifest(told.told, [one for one in told.members if one.name != NAME])
    if not roots:
        return Stamped("stamp.unverified", host, stamps.told_time(answer))
    try:
        return Stamped("stamp.sound", host, stamps.looked(answer, of.packed(), roots))
    except StampError as error:
        return Stamped(error.code, host, stamps.told_time(answer), sound=False)
