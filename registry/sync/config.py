"""The file that says where lists come from: TOML, every key checked.

A key that is not known is an error: a misspelt limit must not be a limit that is not there.
"""

from __future__ import annotations

import dataclasses as dc
import re
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn, TypeVar

import platformdirs
from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from registry.errors import SyncConfigError
from registry.importing.changes import Kind
from registry.models import TABLES

# A registry of 100 000 laboratories with 30 rows of scope each is some 200 MB as CSV.
MAX_BYTES = 500_000_000
MAX_SECONDS = 600.0
ATTEMPTS = 4
# A name becomes a folder's.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
# What the bound calls the kinds of change.
_BOUND = {"added": Kind.ADD, "changed": Kind.CHANGE, "ended": Kind.END, "removed": Kind.REMOVE}


_E = TypeVar("_E", bound=StrEnum)


class Format(StrEnum):
    """What a source publishes."""

    CSV = "csv"
    JSON = "json"
    XLSX = "xlsx"


class ListDate(StrEnum):
    """Which day a source's list is true for, where it does not say so itself.

    Attributes:
        MODIFIED: that of its `Last-Modified`; without one, the day it was first fetched.
        TODAY: the day it is fetched, be it that nothing changed.
    """

    MODIFIED = "last-modified"
    TODAY = "today"


@dc.dataclass(frozen=True, slots=True)
class Rules:
    """What a fetch may do.

    Attributes:
        hosts: `host`, for the scheme's own port, or `host:port`; no other is ever asked.
        allow_http: whether unencrypted HTTP is allowed as well.
        max_bytes: of one document.
        max_seconds: for one document, all attempts and pauses together.
        attempts: how often one document is asked for.
        ca_file: certificates to trust in place of the usual ones.
        proxy: address of a proxy; None asks directly, whatever the environment says.
    """

    hosts: frozenset[str]
    allow_http: bool = False
    max_bytes: int = MAX_BYTES
    max_seconds: float = MAX_SECONDS
    attempts: int = ATTEMPTS
    ca_file: Path | None = None
    proxy: str | None = None


@dc.dataclass(frozen=True, slots=True)
class Source:
    """One publisher's list.

    Attributes:
        name: what it is called in the log and on disk.
        format: of its documents.
        documents: file name to address; one, but for CSV: one a table.
        rules: what fetching it may do.
        sha256: the one content that is expected, "" for any.
        checksums: address of a list of SHA-256 sums of the documents, "" for none.
        list_date: see ListDate.
        bound: the most changes of each kind that are applied unasked; None applies none.
        mapping: for a workbook as an authority publishes it: what its headings mean, in the
            form of `registry.importing.mapping`; None for the usual ones.
        whole: what it has every laboratory of, `16` (`registry.importing.silence`).
    """

    name: str
    format: Format
    documents: Mapping[str, str]
    rules: Rules
    sha256: str = ""
    checksums: str = ""
    list_date: ListDate = ListDate.MODIFIED
    bound: Mapping[Kind, int] | None = None
    mapping: Path | None = None
    whole: tuple[str, ...] = ()


@dc.dataclass(frozen=True, slots=True)
class Settings:
    """The whole file.

    Attributes:
        state: folder in which the last sound state of each source is kept.
        sources: in the order of the file.
    """

    state: Path
    sources: tuple[Source, ...]


def origin(url: Url) -> tuple[str, str]:
    """`host` and `host:port` of an address; the first is "" where the port is not its own."""
    host = (url.host or "").lower()
    usual = {"http": 80, "https": 443}.get(url.scheme or "")
    port = url.port or usual
    return host if port == usual else "", f"{host}:{port}"


def load(path: Path) -> Settings:
    """Reads the file.

    Raises:
        SyncConfigError: if it is missing, no TOML, or says something that is not understood;
            `details` has the place and what is wrong.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SyncConfigError(reason="missing", path=str(path)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SyncConfigError(reason="no_toml", path=str(path), error=str(error)) from error
    table = _Table(told, path.name)
    hosts = frozenset(each.lower() for each in table.texts("hosts"))
    default_state = Path(platformdirs.user_data_dir("certcheck", appauthor=False)) / "sync"
    state = path.parent / table.text("state", str(default_state))
    defaults = table.take("defaults", dict, {})
    sources = [
        _source(_Table(one, f"{path.name}: source {place}", defaults), hosts, path.parent)
        for place, one in enumerate(table.take("source", list, []), start=1)
    ]
    table.close()
    names = [each.name for each in sources]
    if not sources or len(set(names)) != len(names):
        table.wrong("source", "none" if not sources else "name_twice")
    return Settings(state, tuple(sources))


class _Table:
    """A table of the file; every key that is asked for is taken out."""

    def __init__(
        self, told: object, place: str, defaults: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        self._place = place
        if not isinstance(told, dict):
            self.wrong("source", "no_table")
        self._told = {**defaults, **told}

    def wrong(self, key: str, what: str) -> NoReturn:
        """Refuses the file because of one key."""
        raise SyncConfigError(reason=what, place=self._place, key=key)

    def take(self, key: str, kind: type | tuple[type, ...], default: Any) -> Any:  # noqa: ANN401
        """A value of some kind; what is true or false is no number."""
        found = self._told.pop(key, default)
        if found is not default and (
            not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool)
        ):
            self.wrong(key, "wrong_kind")
        return found

    def text(self, key: str, default: str | None = None) -> str:
        """A text; without a default it must be there."""
        found: str | None = self.take(key, str, default)
        return self.wrong(key, "required") if found is None else found

    def texts(self, key: str) -> list[str]:
        """A list of texts, empty where there is none."""
        found: list[Any] = self.take(key, list, [])
        if not all(isinstance(each, str) for each in found):
            self.wrong(key, "wrong_kind")
        return found

    def number(self, key: str, default: float) -> float:
        """A number above 0."""
        found: float = self.take(key, (int, float), default)
        return found if found > 0 else self.wrong(key, "wrong_kind")

    def choice(self, key: str, choices: type[_E], default: _E | None = None) -> _E:
        """One of some words."""
        found = self.text(key, default)
        return choices(found) if found in list(choices) else self.wrong(key, "wrong_kind")

    def close(self) -> None:
        """Raises where a key is left that nobody asked for."""
        if self._told:
            self.wrong(next(iter(self._told)), "unknown_key")


def _source(table: _Table, hosts: frozenset[str], folder: Path) -> Source:
    ca_file = table.text("ca_file", "")
    rules = Rules(
        hosts=hosts,
        allow_http=table.take("allow_http", bool, False),  # noqa: FBT003 - a default
        max_bytes=int(table.number("max_bytes", MAX_BYTES)),
        max_seconds=table.number("max_seconds", MAX_SECONDS),
        attempts=int(table.number("attempts", ATTEMPTS)),
        ca_file=folder / ca_file if ca_file else None,
        proxy=table.text("proxy", "") or None,
    )
    name = table.text("name")
    if not _NAME.fullmatch(name):
        table.wrong("name", "bad_name")
    form = table.choice("format", Format)
    sha256 = table.text("sha256", "").lower()
    if sha256 and (form is Format.CSV or not _SHA256.fullmatch(sha256)):
        table.wrong("sha256", "wrong_kind")
    mapping = table.text("mapping", "")
    if mapping and form is not Format.XLSX:
        table.wrong("mapping", "unknown_key")
    source = Source(
        name=name,
        format=form,
        documents=_documents(table, form, name),
        rules=rules,
        sha256=sha256,
        checksums=table.text("checksums", ""),
        list_date=table.choice("list_date", ListDate, ListDate.MODIFIED),
        bound=_bound(table),
        mapping=folder / mapping if mapping else None,
        whole=tuple(table.texts("whole")),
    )
    table.close()
    for address in (*source.documents.values(), *filter(None, [source.checksums])):
        _check_address(table, address, rules)
    return source


def _documents(table: _Table, form: Format, name: str) -> dict[str, str]:
    if form is not Format.CSV:
        return {f"{name}.{form.value}": table.text("url")}
    tables = table.take("tables", dict, {})
    if not tables or not set(tables) <= set(TABLES):
        table.wrong("tables", "unknown_table")
    if not all(isinstance(address, str) for address in tables.values()):
        table.wrong("tables", "wrong_kind")
    return {f"{each}.csv": address for each, address in tables.items()}


def _bound(table: _Table) -> Mapping[Kind, int] | None:
    told = table.take("bound", dict, None)
    if told is None:
        return None
    for key, most in told.items():
        if key not in _BOUND:
            table.wrong(f"bound.{key}", "unknown_key")
        if not isinstance(most, int) or isinstance(most, bool) or most < 0:
            table.wrong(f"bound.{key}", "wrong_kind")
    return {kind: told.get(key, 0) for key, kind in _BOUND.items()}


def _check_address(table: _Table, address: str, rules: Rules) -> None:
    """An address that a fetch would refuse is a mistake of the file."""
    try:
        url = parse_url(address)
    except LocationParseError:
        table.wrong(address, "bad_address")
    if url.scheme != "https" and not (url.scheme == "http" and rules.allow_http):
        table.wrong(address, "insecure")
    if url.auth:
        table.wrong(address, "bad_address")
    if not rules.hosts.intersection(origin(url)):
        table.wrong(address, "host_not_allowed")
