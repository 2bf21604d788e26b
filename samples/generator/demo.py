"""The demo registry's CSV tables as plain rows, for the generator alone.

The product reads the same files through `registry.importing`; the generator must not,
or an error there would hide itself in the pictures it is tested with.
"""

from __future__ import annotations

import csv
import dataclasses as dc
import datetime as dt
import functools
import tomllib
from pathlib import Path
from typing import Any

REGISTRY = Path(__file__).resolve().parent.parent / "registry"
DATA = Path(__file__).resolve().parent / "data"

# No certificate is dated later than this, so that none lies in the future of its check.
LATEST_ISSUE = dt.date(2026, 6, 30)
UNREGISTERED = "outside"


@dc.dataclass(frozen=True, slots=True)
class Right:
    """A dated row: what holds from the first day to the last.

    Attributes:
        row: the CSV row as it stands.
        valid_from: first day.
        valid_until: last day; `date.max` for an open end.
    """

    row: dict[str, str]
    valid_from: dt.date
    valid_until: dt.date

    def holds(self, day: dt.date) -> bool:
        """Whether the day lies between the first and the last."""
        return self.valid_from <= day <= self.valid_until


@dc.dataclass(frozen=True)
class Lab:
    """One laboratory with its rows and its manner of printing.

    Attributes:
        lab_id: as in labs.csv; UNREGISTERED for the one outside the registry.
        name: registered name.
        address: licence address.
        aliases: other names it may use.
        accreditations: rows of accreditations.csv.
        scopes: rows of scopes.csv.
        signatories: rows of signatories.csv.
        seals: (text, kind) of seals.csv.
        domain: registrable domain, or "".
        memberships: rows of memberships.csv, dated by joined_on and left_on.
        style: its table of data/labs.toml.
    """

    lab_id: str
    name: str
    address: str
    aliases: tuple[str, ...]
    accreditations: tuple[Right, ...]
    scopes: tuple[Right, ...]
    signatories: tuple[Right, ...]
    seals: tuple[tuple[str, str], ...]
    domain: str
    memberships: tuple[Right, ...]
    style: dict[str, Any]

    def accredited(self, kind: str, day: dt.date) -> Right | None:
        """The row of that kind that is valid on the day, main site first."""
        for right in self.accreditations:
            row = right.row
            if row["kind"] != kind or not right.holds(day):
                continue
            ended = row["status"] != "valid" and day >= dt.date.fromisoformat(row["status_on"])
            if not ended:
                return right
        return None


def read_table(name: str) -> list[dict[str, str]]:
    """Rows of one CSV table of the demo registry."""
    with (REGISTRY / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_data(name: str) -> list[dict[str, str]]:
    """Rows of one CSV file beside the generator."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_toml(name: str) -> dict[str, Any]:
    """One TOML file beside the generator."""
    with (DATA / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def day_of(text: str) -> dt.date:
    """An ISO date; `date.max` for an empty one."""
    return dt.date.fromisoformat(text) if text else dt.date.max


def _rights(table: str, lab_id: str, first: str, last: str) -> tuple[Right, ...]:
    return tuple(
        Right(row, day_of(row[first]), day_of(row[last]))
        for row in read_table(table)
        if row["lab_id"] == lab_id
    )


def _outside(style: dict[str, Any]) -> Lab:
    row = {"kind": "CMA", "number": style["cma_no"], "address": style["address"]}
    row |= {"status": "valid", "status_on": ""}
    right = Right(row, day_of(style["valid_from"]), day_of(style["valid_until"]))
    return Lab(
        lab_id=UNREGISTERED,
        name=style["name"],
        address=style["address"],
        aliases=(),
        accreditations=(right,),
        scopes=(),
        signatories=(),
        seals=((style["name"], "检验检测专用章"),),
        domain="",
        memberships=(),
        style=style,
    )


@functools.cache
def labs() -> dict[str, Lab]:
    """All demo laboratories and the unregistered one, by lab_id."""
    styles = read_toml("labs")
    domains = {row["lab_id"]: row["domain"] for row in read_table("domains")}
    found: dict[str, Lab] = {}
    for row in read_table("labs"):
        lab_id = row["lab_id"]
        seals = [(r["text"], r["kind"]) for r in read_table("seals") if r["lab_id"] == lab_id]
        found[lab_id] = Lab(
            lab_id=lab_id,
            name=row["name"],
            address=row["licence_address"],
            aliases=tuple(name for name in row["aliases"].split(";") if name),
            accreditations=_rights("accreditations", lab_id, "valid_from", "valid_until"),
            scopes=_rights("scopes", lab_id, "valid_from", "valid_until"),
            signatories=_rights("signatories", lab_id, "valid_from", "valid_until"),
            seals=tuple(seals),
            domain=domains.get(lab_id, ""),
            memberships=_rights("memberships", lab_id, "joined_on", "left_on"),
            style=styles[lab_id],
        )
    found[UNREGISTERED] = _outside(styles[UNREGISTERED])
    return found
