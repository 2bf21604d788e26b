"""What is typed into the forms of the app: valid where it has to be, hostile where it may be."""

from __future__ import annotations

import datetime as dt
import functools
import io
from collections.abc import Iterator, Sequence

from certcheck.accounts.roles import Role
from registry.days import today
from tests.attack.hostile import EVERYWHERE, FORMULAS
from tests.web.keeping import LAB
from tests.web.staff import PASSWORD

# Of a form that answers each time: what a field that is no free text is given.
SHARP = (
    "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>", "99999999999999999999", "-1",
    "=1+1", "' OR '1'='1", "²", "💩{{7*7}}", "a\x00b", "2026-02-30", "../../etc/passwd",
)  # fmt: skip


# Each begins with another of the signs that make a formula.
_FIRST = FORMULAS[:4] + ("＝1+1",)


@functools.cache
def lines(longest: int) -> tuple[str, ...]:
    """The injection set in as few lines of a length as can be.

    One of each kind of formula stands first, where it would run. Texts with control characters
    come last: forms that refuse these would refuse the others of a line with them.
    """
    texts = [one.strip(" ")[:longest] for one in EVERYWHERE if one.strip()]
    heads = [one for one in texts if one in _FIRST]
    plain = [one for one in texts if one not in heads and one.isprintable() and len(one) < 5000]
    odd = [one for one in texts if not one.isprintable()]
    return (*_filled(heads, plain, longest), *_filled([], odd, longest))


def _filled(heads: Sequence[str], texts: Sequence[str], longest: int) -> Iterator[str]:
    left, heads = list(texts), list(heads)
    while left or heads:
        line = heads.pop(0) if heads else left.pop(0)
        while left and len(line) + len(left[0]) < longest:
            line += " " + left.pop(0)
        yield line


_DAY = dt.timedelta(days=1)
_NOW = today()
# What a form needs to be taken, beside what it offers itself, by endpoint (of a case's steps, with
# the step). What stands here is typed as it is but for once; all else is free text.
VALID: dict[str, dict[str, str]] = {
    "case_forms.create": {"source": "report", "lab": "", "received_on": str(_NOW)},
    "cases.step assign": {},
    "cases.step remind": {"day": str(_NOW + 9 * _DAY)},
    "cases.step attach": {"check": ""},
    "inspections.new": {
        "starts_on": str(_NOW), "ends_on": str(_NOW + 30 * _DAY), "wanted": "3", "lab": "",
    },
    "inspections.change": {"wanted": "3", "lab": ""},
    "inspections.draw": {"pool": "A-1\nA-2\nA-3", "count": "1"},
    "inspections.take": {"each": "2"},
    "observations.add": {
        "lab": LAB, "kind": "offer", "price": "3", "instruments": "", "people": "",
        "issued": "",
    },
    "desk_labs.edit": {"cell-number": "231601060123", "url": "https://a.example/"},
    "desk.create": {"whole": ""},
    "accounts.password": {"old": "x", "new": "kettle-orbit-lemon-75", "again": ""},
    "accounts.sign_in": {"password": "x"},
    "accounts.sign_ins": {"password": PASSWORD},
    "second.key": {"password": PASSWORD},
    "second.codes": {"password": PASSWORD},
    "second.remove": {"password": PASSWORD},
}  # fmt: skip
# Of forms whose fields are not all free texts, those that are.
FREE = {
    "correcting.correct": ("remarks",),
    "market.create": ("market", "stall", "note", "batch", "code"),
}
# What ends that the others go on.
LAST = (
    "inspections.move", "cases.step hand_over", "people.role", "people.reset", "people.disable",
    "people.factor", "accounts.sign_out",
)  # fmt: skip
# Free texts that are taken, and stand on the page that follows as they were typed.
WHOLE = {
    "cases.step note": ("reason",),
    "cases.step remind": ("label",),
    "cases.who": ("name", "phone", "address"),
    "case_forms.create": (
        "title", "market", "stall", "number", "text", "name", "phone", "address",
    ),
    "observations.add": ("source",),
    "desk_findings.act": ("text",),
    "inspections.new": ("title", "note", "market", "stall"),
    "inspections.change": ("title", "note", "market", "stall"),
    "inspections.draw": ("seed", "reason"),
}  # fmt: skip
# What no page's form sends: where it goes, who sends it, and what is sent along.
BY_HAND: dict[str, tuple[str, Role, dict[str, str]]] = {
    "api.create": ("/api/v1/checks?wait=x", Role.CLIENT, {}),
    "api.create_batch": ("/api/v1/batches", Role.CLIENT, {}),
    "packs.file": ("/evidence/file", Role.INSPECTOR, {}),
    "people.enable": ("/people/enable", Role.ADMIN, {}),
    "second.confirm": ("/second-factor/confirm", Role.ADMIN, {}),
}
# Headers that somebody may choose.
HEADERS = (
    "Idempotency-Key", "X-Request-ID", "User-Agent", "Referer", "Accept-Language", "Accept",
    "Cookie", "X-Forwarded-For", "Prefer",
)  # fmt: skip
# What a phone tells of a certificate.
PHONE = {
    "captured_at": "2026-11-22T10:00:00Z", "market": "", "stall": "", "note": "", "batch": "",
    "code": "", "place": None, "key": "", "owner": "",
}  # fmt: skip


def file_of(name: str) -> tuple[io.BytesIO, str]:
    """A file that some form takes, under a name."""
    return io.BytesIO(b"\xff\xd8\xff\xe0 no photo"), name
