"""How query sites are asked, from `certcheck/data/records.toml` and a file of the operator's."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import functools
import importlib.resources
import re
import string
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from lxml import etree
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from certcheck.errors import SitesFileError
from certcheck.lookalike import is_own
from certcheck.outside.documents import Document, Question
from ocr.reading import FIELD_KEYS

# Days after its issue by which a certificate's record is there, where nothing else is said.
_DAYS = 7
_ANSWERS = ("page", "json")
# Of a site's `control`: the page of a certificate.
ADDRESS = "address"
# Characters around the words that say there is no such number.
_LONGEST_AROUND = 60
_IF = re.compile(
    r"如果?(?:查询|显示|出现|提示|遇|您|你)|若|[“\"「『](?:查无|没有|未查)|的情况|时[，,]请"
)
_ABSENT_KEYS = frozenset({"text", "status", "path", "equals"})


@dc.dataclass(frozen=True, slots=True)
class Absent:
    """The sign by which a site says that it has no such number.

    Attributes:
        text: words, one of which stands on the page.
        status: HTTP status, None for none.
        path: keys to a value in JSON, "" for none.
        equals: that value.
    """

    text: tuple[str, ...] = ()
    status: int | None = None
    path: str = ""
    equals: str = ""


@dc.dataclass(frozen=True, slots=True)
class Site:
    """One query site.

    Attributes:
        domain: registrable, as the registry has it.
        address: template of what is asked, "" where the QR code's address is.
        form: templates of a form's fields, by name; none where nothing is sent.
        encoding: of the form and the address.
        answer: `page` or `json`.
        fields: contract field to its XPath or its keys; none where labels tell.
        absent: the sign that there is no such number, None where the site has none.
        complete_from: first day of issue from which every certificate is there, or None.
        control: what a certificate is asked with that is known to be there, by contract field;
            `address` is its own page, for sites that are asked by the QR code's address.
        days: after the issue until its record is there.
        person: page for a person, "" where a program may ask.
    """

    domain: str
    address: str = ""
    form: Mapping[str, str] = dc.field(default_factory=dict)
    encoding: str = "utf-8"
    answer: str = "page"
    fields: Mapping[str, str] = dc.field(default_factory=dict)
    absent: Absent | None = None
    complete_from: dt.date | None = None
    control: Mapping[str, str] = dc.field(default_factory=dict)
    days: int = _DAYS
    person: str = ""

    @property
    def needs(self) -> frozenset[str]:
        """Fields of the paper that are asked with."""
        return frozenset().union(*map(_named, (self.address, *self.form.values())))

    def question(self, values: Mapping[str, str]) -> Question:
        """What is asked about a certificate.

        Args:
            values: contract field to what is asked with; all that `needs` names.

        Raises:
            ValueError: a value cannot be written in the site's encoding.
        """
        inside = {
            key: quote(text, safe="", encoding=self.encoding, errors="strict")
            for key, text in values.items()
        }
        url = self.address.format_map(inside)
        if not self.form:
            return Question(url)
        filled = {name: text.format_map(values) for name, text in self.form.items()}
        return Question(url, urlencode(filled, encoding=self.encoding, errors="strict").encode())

    def control_question(self, *, listed: bool) -> Question | None:
        """A question about a certificate that is there; None where none is known.

        Args:
            listed: asked as the site is listed, else by the address of a certificate's own page.
        """
        if listed:
            return self.question(self.control) if self.needs <= set(self.control) else None
        return Question(self.control[ADDRESS]) if ADDRESS in self.control else None

    def expects(self, issued_on: dt.date | None, today: dt.date) -> bool:
        """Whether a certificate of that day must be there by now, so that its lack tells."""
        if self.complete_from is None or issued_on is None:
            return False
        return self.complete_from <= issued_on <= today - dt.timedelta(days=self.days)

    def lacks(self, found: Document, text: str, told: Any) -> bool:
        """Whether an answer bears the site's sign of no such number.

        Args:
            found: the answer.
            text: what a page shows.
            told: what JSON holds, None of a page.
        """
        if self.absent is None:
            return False
        told_so = bool(self.absent.path) and (
            _said(at(told, self.absent.path)) == self.absent.equals
        )
        return (
            found.status == self.absent.status
            or any(_says(text, words) for words in self.absent.text)
            or told_so
        )


def _says(text: str, words: str) -> bool:
    """Whether words stand in a line of their own, and not in advice for when they should.

    >>> _says("对不起,查无此证!", "查无此证"), _says("如显示“查无此证”,请来电。", "查无此证")
    (True, False)
    """
    wanted = unicodedata.normalize("NFKC", words)
    lines = unicodedata.normalize("NFKC", text).split("\n")
    return any(
        wanted in line and len(line) <= len(wanted) + _LONGEST_AROUND and not _IF.search(line)
        for line in lines
    )


def at(told: Any, path: str) -> Any:
    """What stands in JSON at keys with points between, None where nothing does.

    >>> at({"data": [{"no": 7}]}, "data.0.no"), at({"data": []}, "data.0.no")
    (7, None)
    """
    for key in path.split("."):
        if isinstance(told, Mapping):
            told = told.get(key)
        elif isinstance(told, Sequence) and not isinstance(told, str) and key.isdecimal():
            told = told[int(key)] if int(key) < len(told) else None
        else:
            return None
    return told


def _said(value: Any) -> str:
    return "" if value is None else str(value).strip()


class Sites:
    """The query sites that are known.

    Args:
        sites: of several for one domain the last counts.
    """

    def __init__(self, sites: Sequence[Site]) -> None:
        self._sites = {one.domain: one for one in sites}

    def of(self, domains: Sequence[str]) -> Site | None:
        """How the first of a laboratory's domains that is listed is asked, or None."""
        return next((self._sites[one] for one in domains if one in self._sites), None)


@functools.cache
def known(more: Path | None = None) -> Sites:
    """The sites that come with the program, and those of an operator's file.

    Raises:
        SitesFileError: the file cannot be read, or says what it cannot mean.
    """
    own = importlib.resources.files("certcheck") / "data" / "records.toml"
    sites = _read(own.read_text("utf-8"), "records.toml")
    if more is not None:
        try:
            text = more.read_text("utf-8")
        except (OSError, UnicodeError) as error:
            raise SitesFileError(path=more, problem=error) from error
        sites += _read(text, str(more))
    return Sites(sites)


def _read(text: str, path: str) -> list[Site]:
    try:
        rows = tomllib.loads(text).get("site", [])
        return [_site(row) for row in rows]
    except (ValueError, TypeError, AttributeError, LookupError, etree.XPathError) as error:
        # A typing error of the operator's: told with the file's name.
        raise SitesFileError(path=path, problem=error) from error


def _site(row: Mapping[str, Any]) -> Site:
    names = {one.name for one in dc.fields(Site)} | {"trust", "source"}
    if unknown := set(row) - names:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    absent = row.get("absent")
    site = Site(
        domain=row["domain"], address=row.get("address", ""), form=dict(row.get("form", {})),
        encoding=row.get("encoding", "utf-8"), answer=row.get("answer", "page"),
        fields=dict(row.get("fields", {})), absent=None if absent is None else _absent(absent),
        complete_from=row.get("complete_from"), control=dict(row.get("control", {})),
        days=row.get("days", _DAYS), person=row.get("person", ""),
    )  # fmt: skip
    _validate(site)
    return site


def _absent(row: Mapping[str, Any]) -> Absent:
    if not row or set(row) - _ABSENT_KEYS or ("path" in row) != ("equals" in row):
        raise ValueError(f"absent: {dict(row)}")
    return Absent(
        tuple(row.get("text", ())), row.get("status"), row.get("path", ""),
        _said(row.get("equals")),
    )  # fmt: skip


def _validate(site: Site) -> None:
    """Refuses what would be asked elsewhere, or never be understood."""
    for url in filter(None, (site.address, site.person, site.control.get(ADDRESS))):
        try:
            parsed = parse_url(url.format_map(dict.fromkeys(FIELD_KEYS, "x")))
        except LocationParseError as error:
            raise ValueError(f"{site.domain}: {url}") from error
        if parsed.scheme not in ("http", "https") or not is_own(str(parsed.host), [site.domain]):
            raise ValueError(f"{url} is not of {site.domain}")
    "".encode(site.encoding)
    if site.answer not in _ANSWERS:
        raise ValueError(f"answer: {site.answer}")
    if wrong := (site.needs | set(site.fields) | set(site.control) - {ADDRESS}) - set(FIELD_KEYS):
        raise ValueError(f"no such field: {', '.join(sorted(wrong))}")
    if site.complete_from and "certificate_no" not in site.control:
        raise ValueError(f"{site.domain}: complete_from without a control")
    if site.answer == "page":
        for path in site.fields.values():
            etree.XPath(path)


def _named(template: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(template) if name)
