"""Known faults of packages, from a snapshot in the repository, held against pins and what is here.

    python -m tests.attack.advisories                          the audit, as `./run test` calls it
    CERTCHECK_AUDIT=FILE python -m tests.attack.advisories     held against FILE as well
    python -m tests.attack.advisories --refresh FILE --source NAME --address WHERE

FILE is a folder or a .zip of advisories in the OSV format, JSON or YAML, as PyPA's and GitHub's
databases and osv.dev hand them out. No network is asked. How ranges are read: OSV schema 1.7,
"Evaluation"; versions of npm are compared by PEP 440, too.
"""

from __future__ import annotations

import argparse
import csv
import importlib.metadata
import json
import os
import re
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).parents[2]
PINS = ROOT / ".ci" / "constraints.txt"
KEPT = ROOT / ".ci" / "advisories"
AUDIT = "CERTCHECK_AUDIT"
OLD = 30  # days, after which the snapshot says that it is old
# Scripts of others that lie in the repository: those of the pages, and the one of their tests.
VENDORED = ROOT / "web" / "static" / "vendor" / "manifest.toml"
AXE = ROOT / "tests" / "web" / "browser" / "axe" / "axe.min.js"
_ONE = re.compile(r"=(\S+)|\[(\S+?),(\S*?)([\])])")

Package = tuple[str, str]  # "PyPI" or "npm", and the name as PEP 503 writes it


class Advisory(NamedTuple):
    """A row of `advisories.csv`; `affected` as `is_affected` reads it, days as YYYY-MM-DD."""

    ecosystem: str
    package: str
    id: str
    aliases: str
    affected: str
    what: str
    source: str
    where: str
    seen: str


class Source(NamedTuple):
    """A row of `sources.csv`: who tells, the day it was read and the newest day that it knows."""

    name: str
    what: str
    address: str
    licence: str
    read: str
    reaches: str


class Looked(NamedTuple):
    """A row of `packages.csv`: in which sources a package was looked up."""

    ecosystem: str
    package: str
    sources: str


class Excused(NamedTuple):
    """A row of `exceptions.csv`: what is affected, and why that harms nobody here."""

    ecosystem: str
    package: str
    id: str
    since: str
    reason: str


@dataclass
class Snapshot:
    """What the four tables hold."""

    sources: list[Source] = field(default_factory=list)
    packages: list[Looked] = field(default_factory=list)
    advisories: list[Advisory] = field(default_factory=list)
    exceptions: list[Excused] = field(default_factory=list)

    @classmethod
    def load(cls, folder: Path) -> Snapshot:
        return cls(
            _read(folder / "sources.csv", Source), _read(folder / "packages.csv", Looked),
            _read(folder / "advisories.csv", Advisory), _read(folder / "exceptions.csv", Excused),
        )  # fmt: skip

    def save(self, folder: Path) -> None:
        """Writes the tables, each in the order of its rows' names; exceptions are people's."""
        _write(folder / "sources.csv", Source, sorted(self.sources))
        _write(folder / "packages.csv", Looked, sorted(self.packages))
        _write(folder / "advisories.csv", Advisory, sorted(self.advisories))


@dataclass
class Outcome:
    """What an audit found: lines for people."""

    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


# Versions --------------------------------------------------------------------------------------


def is_affected(affected: str, version: str) -> bool:
    """Whether a version lies in one of the ranges, or is named.

    Args:
        affected: `[a,b)` from a on and before b, `[a,b]` up to b with it, `[a,)` from a on, `=a`
            that version alone; several with blanks between. 0 begins before every version.

    Raises:
        ValueError: it is none of that.
    """
    if _ONE.sub("", affected).strip() or not affected.strip():
        raise ValueError(affected)
    return any(_holds(one, version) for one in _ONE.finditer(affected))


def _holds(one: re.Match[str], version: str) -> bool:
    alone, first, last, closing = one.groups()
    try:
        # What somebody built from a version has that version's faults.
        asked = Version(Version(version).public)
        if alone:
            return asked == Version(alone)
        if first != "0" and asked < Version(first):
            return False
        if not last:
            return True
        return asked < Version(last) or (closing == "]" and asked == Version(last))
    except InvalidVersion:
        # A name that is no version is told by itself only; a bound that is none hides nothing.
        return version == alone if alone else True


def ranges(entry: dict[str, Any]) -> str:
    """What an OSV record's `affected` entry says of versions, as `is_affected` reads it."""
    found = []
    for told in entry.get("ranges", []):
        if told.get("type") in ("ECOSYSTEM", "SEMVER"):
            found += _intervals(told.get("events", []))
    named = [str(one) for one in entry.get("versions", [])]
    whole = " ".join(found)
    found += [f"={one}" for one in named if not (whole and is_affected(whole, one))]
    return " ".join(found)


def _intervals(events: Iterable[dict[str, str]]) -> list[str]:
    """Events in the order of their versions, wherever they stand, paired to intervals."""
    bounds = [(kind, str(at)) for event in events for kind, at in event.items() if kind != "limit"]
    bounds.sort(key=lambda one: (one[1] != "0", Version(one[1]), one[0] != "introduced"))
    found, begun = [], ""
    for kind, at in bounds:
        if kind == "introduced":
            begun = begun or at
        elif begun:
            found.append(f"[{begun},{at}{')' if kind == 'fixed' else ']'}")
            begun = ""
    return [*found, f"[{begun},)"] if begun else found


# What is held against it -----------------------------------------------------------------------


def pinned(pins: Path = PINS) -> dict[Package, str]:
    """The versions that `./run` installs, and those of scripts that lie in the repository."""
    lines = [one for one in pins.read_text("utf-8").splitlines() if one and one[0] != "#"]
    pairs = [one.split("==") for one in lines]
    found = {("PyPI", str(canonicalize_name(name))): version for name, version in pairs}
    for one in tomllib.loads(VENDORED.read_text("utf-8")).values():
        found["npm", one["package"]] = one["version"]
    said = re.match(r"/\*! axe v(\S+)", AXE.read_text("utf-8"))
    found["npm", "axe-core"] = said[1] if said else ""
    return found


def installed() -> dict[Package, str]:
    """The versions of what this interpreter can import, but for certcheck itself."""
    found = {
        ("PyPI", str(canonicalize_name(one.metadata["Name"]))): one.version
        for one in importlib.metadata.distributions()
    }
    found.pop(("PyPI", "certcheck"), None)
    return found


def held_against(
    snapshot: Snapshot, wanted: dict[Package, str], here: dict[Package, str], today: date
) -> Outcome:
    """The audit.

    Args:
        snapshot: what is known.
        wanted: pinned versions; each has to have been looked up.
        here: installed versions; those that nobody pinned are only noted.
        today: for the snapshot's age.
    """
    outcome = Outcome(notes=age(snapshot, today))
    excused = {(one.ecosystem, one.package, one.id): False for one in snapshot.exceptions}
    for one in snapshot.advisories:
        package = one.ecosystem, one.package
        for version in sorted({side[package] for side in (wanted, here) if package in side}):
            if not is_affected(one.affected, version):
                continue
            keys = [(*package, name) for name in (one.id, *one.aliases.split())]
            known = [key for key in keys if key in excused]
            excused.update(dict.fromkeys(known, True))
            if not known:
                outcome.faults.append(
                    f"{one.package} {version} is affected by {one.id} ({one.aliases}): {one.what}. "
                    f"Affected: {one.affected}. {one.where}"
                )
    looked = {(one.ecosystem, one.package) for one in snapshot.packages if one.sources}
    outcome.faults += [
        f"{name} was never looked up: see docs/security.md, Dependencies"
        for ecosystem, name in sorted(set(wanted) - looked)
    ]
    outcome.faults += [
        f"the exception for {name} ({said}) is needed no more: take it out"
        for (_, name, said), needed in excused.items()
        if not needed
    ]
    outcome.notes += [
        f"{name} {here[ecosystem, name]} is installed, but not pinned and was never looked up"
        for ecosystem, name in sorted(set(here) - set(wanted) - looked)
    ]
    return outcome


def age(snapshot: Snapshot, today: date) -> list[str]:
    """How far each source reaches; plainly so where that is long ago."""
    lines = []
    for one in snapshot.sources:
        days = (today - date.fromisoformat(one.reaches)).days
        old = f": {days} days ago, nothing newer is known from it" if days > OLD else ""
        lines.append(f"{one.name} was read on {one.read} and reaches to {one.reaches}{old}")
    return lines


# OSV -------------------------------------------------------------------------------------------


def records(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The advisories of a folder or a .zip and their files' names, without those withdrawn."""
    for name, text in _files(path):
        read = json.loads(text) if name.endswith(".json") else yaml.load(text, yaml.BaseLoader)
        if isinstance(read, dict) and "affected" in read and not read.get("withdrawn"):
            yield name, read


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    kinds = (".json", ".yaml", ".yml")
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.suffix in kinds:
                yield file.relative_to(path).as_posix(), file.read_bytes()
        return
    with zipfile.ZipFile(path) as packed:
        for name in sorted(packed.namelist()):
            if name.endswith(kinds):
                yield name, packed.read(name)


def refreshed(old: Snapshot, path: Path, source: Source, wanted: Iterable[Package]) -> Snapshot:
    """The snapshot with one source read anew; other sources' rows stay.

    Args:
        old: as it is.
        path: a folder or .zip, see `records`.
        source: its name replaces the rows of that name; `reaches` is found in the records.
        wanted: the packages to keep rows of.

    Raises:
        ValueError: there is no advisory in it.
    """
    wanted, words = set(wanted), {one.id: one.what for one in old.advisories}
    rows, newest, ecosystems = [], "", set()
    for name, record in records(path):
        newest = max(newest, str(record.get("modified", ""))[:10])
        for entry in record["affected"]:
            about = entry.get("package", {})
            ecosystem, package = about.get("ecosystem", ""), about.get("name", "")
            ecosystems.add(ecosystem)
            package = str(canonicalize_name(package)) if ecosystem == "PyPI" else package
            affected = ranges(entry) if (ecosystem, package) in wanted else ""
            if affected:
                said = str(record.get("summary") or record.get("details") or "")
                rows.append(Advisory(
                    ecosystem, package, record["id"], " ".join(record.get("aliases", [])), affected,
                    words.get(record["id"]) or " ".join(said.split())[:120], source.name,
                    f"{source.address} {name}".strip(), source.read,
                ))  # fmt: skip
    if not newest:
        raise ValueError(path)
    looked = {(one.ecosystem, one.package): set(one.sources.split()) for one in old.packages}
    looked = {one: looked.get(one, set()) - {source.name} for one in wanted}
    for one in wanted:
        looked[one] |= {source.name} if one[0] in ecosystems else set()
    return Snapshot(
        [one for one in old.sources if one.name != source.name] + [source._replace(reaches=newest)],
        [Looked(*one, " ".join(sorted(names))) for one, names in looked.items()],
        [one for one in old.advisories if one.source != source.name] + rows,
        old.exceptions,
    )


# Tables and the command ------------------------------------------------------------------------


def _read(path: Path, row: Any) -> list[Any]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row(**one) for one in csv.DictReader(file)]


def _write(path: Path, row: Any, rows: Iterable[NamedTuple]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(row._fields)
        out.writerows(rows)


def main(words: list[str], kept: Path = KEPT) -> int:
    """The exit status: 0 where nothing is affected, 1 where something is, 2 for wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m tests.attack.advisories")
    parser.add_argument("--refresh", type=Path, metavar="FILE")
    parser.add_argument("--source", default="osv", metavar="NAME")
    parser.add_argument("--address", default="", metavar="WHERE")
    told = parser.parse_args(words)
    snapshot, wanted, today = Snapshot.load(kept), pinned(), datetime.now(UTC).date()
    day = today.isoformat()
    asked = told.refresh or os.environ.get(AUDIT, "")
    if str(asked) not in ("", "on"):
        source = Source(told.source, "advisories in the OSV format", told.address, "", day, day)
        known = [one for one in snapshot.sources if one.name == told.source]
        source = known[0]._replace(read=day) if known else source
        try:
            snapshot = refreshed(snapshot, Path(asked), source, wanted)
        except (OSError, ValueError, KeyError, zipfile.BadZipFile, yaml.YAMLError) as error:
            print(f"{asked}: no advisories in the OSV format ({error})", file=sys.stderr)  # noqa: T201
            return 2
        if told.refresh:
            snapshot.save(kept)
    outcome = held_against(snapshot, wanted, installed(), today)
    for line in outcome.notes + outcome.faults:
        print(f"advisories: {line}")  # noqa: T201
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
