"""Item 5: a code that cannot be read, or that carries another number.

A QR code is checked by its own checksums, so what it says counts as read with certainty; the
printed number beside it does not.
"""

from __future__ import annotations

import dataclasses as dc
import re
from collections.abc import Iterator
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from certcheck.case import Case
from certcheck.confirm import Weight, weigh
from certcheck.finding import Evidence, Finding
from certcheck.lookalike import hosts
from certcheck.numbers import certificate, cleaning
from certcheck.rules.framework import advise, agree, rule, seen
from certcheck.rules.item5_hosts import BARE_HOST, code_evidence
from certcheck.rules.signs import LAW, MISREAD, UNSURE, sign
from certcheck.rules.since import REGISTRY
from ocr.reading import Code

_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]")
_SUFFIX = re.compile(r"\.(?:html?|jpe?g|png|aspx?|php|pdf)$")


def _unreadable(case: Case) -> list[Code]:
    """Codes that were found and not decoded, where none was decoded."""
    codes = case.reading.codes
    return [] if any(code.text for code in codes) else list(codes)


@rule("item5.code_unreadable", law=LAW, since=REGISTRY, applies=lambda c: bool(_unreadable(c)))
def code_unreadable(case: Case) -> Iterator[Finding]:
    """A code was found and could not be decoded: not the same as a paper without one."""
    for code in _unreadable(case):
        yield advise(code_evidence(code, read="", expected="", source=""), symbology=code.symbology)


@dc.dataclass(frozen=True, slots=True)
class Carried:
    """A number in a QR code that claims to be the certificate's.

    Attributes:
        code: the code.
        number: as it stands there.
        alike: built letter for letter, digit for digit like the printed one.
    """

    code: Code
    number: str
    alike: bool


def numbers(case: Case, printed: str) -> list[Carried]:
    """Numbers in the codes that claim to be the certificate's.

    A text built like the printed number claims it, look-alike characters being equal, and
    so, more weakly, does a parameter named so. Digits alone are built like any other digits
    (a time, an order): they claim it only by their parameter's name, as an address's last
    segment, or by being the printed number. Everything else in a code (identifiers,
    security codes, dates) claims nothing.
    """
    others = {
        certificate.compact(field.text)
        for key in ("security_code", "issue_date", "cma_no", "cnas_no", "phone")
        if (field := case.field(key)) is not None
    }
    wanted = _shape(printed)
    found = []
    for code in case.reading.codes:
        text = (code.text or "").strip()
        last = _last_segment(text)
        for number, named in _tokens(text):
            compact = certificate.compact(number)
            if compact in others or not certificate.is_valid(number):
                continue
            telling = (
                "A" in wanted or named or number == last
                or cleaning.fold(number) == cleaning.fold(printed)
            )  # fmt: skip
            alike = telling and _shape(number) == wanted
            if alike or named:
                found.append(Carried(code, number, alike))
    return sorted(found, key=lambda one: not one.alike)


def _tokens(text: str) -> Iterator[tuple[str, bool]]:
    """Parts of a code's text, and whether a parameter names them a certificate number."""
    parts = _split(text if "://" in text else f"//{text}" if "?" in text else "")
    named = {
        value for name, value in parse_qsl(parts.query)
        if name.lower() in hosts()["number_parameters"]
    }  # fmt: skip
    for value in named:
        yield value, True
    rest = text.removeprefix(f"{parts.scheme}://").removeprefix(parts.netloc)
    for token in _TOKEN.findall(unquote(rest)):
        if token not in named:
            yield _SUFFIX.sub("", token), False


def _split(text: str) -> SplitResult:
    """An address in its parts; empty ones of what only begins like one (`https://[`)."""
    try:
        return urlsplit(text)
    except ValueError:
        return SplitResult("", "", "", "", "")


def _last_segment(text: str) -> str:
    """The last segment of an address's path, its suffix cut off; "" for no address.

    >>> _last_segment("https://a.example/cert/2303021234.html?t=1")
    '2303021234'
    >>> _last_segment("2303021234")
    ''
    """
    if "://" not in text and not BARE_HOST.fullmatch(text):
        return ""
    path = _split(text if "://" in text else f"//{text}").path
    return _SUFFIX.sub("", unquote(path).rstrip("/").rsplit("/", 1)[-1])


def _shape(number: str) -> str:
    """`PY23032100202` as `AA00000000000`; letters that look like digits count as digits."""
    return "".join("0" if char.isdigit() else "A" for char in cleaning.fold(number))


@rule(
    "item5.qr_number_differs",
    law=LAW,
    since=REGISTRY,
    applies=lambda case: case.field("certificate_no") is not None and bool(case.reading.codes),
    messages=("", ".same", ".other_form", MISREAD, UNSURE),
)
def qr_number_differs(case: Case) -> Iterator[Finding]:
    """The QR code carries a certificate number that is not the printed one.

    Look-alike characters count as equal, and the print is asked whether it says the code's
    number before anything is held against it. Digits alone count only where their parameter
    or their place in the address says that they are the number.
    """
    field = case.field("certificate_no")
    assert field is not None
    carried = numbers(case, field.text)
    same = [one for one in carried if cleaning.fold(one.number) == cleaning.fold(field.text)]
    # What else stands in a code that carries the printed number (a time, an order) claims
    # nothing; a bar code that agrees does not excuse a QR code that says another number.
    agreeing = [one.code for one in same]
    other = [one for one in carried if one.code not in agreeing and (one.alike or not same)]
    if same and not other:
        yield agree(_number_evidence(case, same[0]), message=".same", number=field.text)
    elif other:
        weight = weigh(case, "certificate_no", [one.number for one in other]).weight
        first = other[0]
        evidence = (
            _number_evidence(case, first),
            code_evidence(first.code, read=first.number, expected=field.text, source=""),
        )
        params = {"printed": field.text, "number": first.number}
        if weight is not Weight.MISREAD and not first.alike:
            # Another series: the parameter may be the laboratory's own order number.
            yield advise(*evidence, message=".other_form", **params)
        else:
            yield sign(weight, *evidence, **params)


def _number_evidence(case: Case, carried: Carried) -> Evidence:
    return seen(case, "certificate_no", expected=carried.number, source="code")
