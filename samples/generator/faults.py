"""Plans: what is wrong with a certificate, or tricky about an honest one."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import functools
from typing import Any

import numpy as np

from samples.generator import demo, draft, edits, hand
from samples.generator.blocks import SIGNERS
from samples.generator.content import MODERN, Certificate, Wish, choose


@dc.dataclass(frozen=True)
class Plan:
    """A row of data/plans.toml.

    Attributes:
        name: its id, "" for an ordinary honest certificate.
        item: the item at fault, None for an honest plan.
        honest: whether the certificate must not be accused.
        labs: laboratories it may be about.
        wish: what the draft must be like.
        edit: name of a function in `edits`, "" for none.
        drop: contract keys that are not printed.
        expect: status by item, where it is not `consistent`.
        about: one line for people.
        signed: how the approver signs by hand (`hand.HOW`), "" for names in print.
    """

    name: str
    item: int | None
    honest: bool
    labs: tuple[str, ...]
    wish: Wish
    edit: str
    drop: tuple[str, ...]
    expect: dict[str, str]
    about: str
    signed: str = ""


def _wish(row: dict[str, Any]) -> Wish:
    first, last = row.get("days", MODERN)
    return Wish(
        days=(_day(first), _day(last)),
        species=tuple(row.get("species", ())),
        articles=tuple(row.get("articles", ())),
        mounted=row.get("mounted"),
        number=row.get("number", ""),
        approver=row.get("approver", ""),
    )


def _day(value: dt.date | str) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(value)


@functools.cache
def plans() -> dict[str, Plan]:
    """All plans by name, the ordinary one under ""."""
    table = demo.read_toml("plans")
    ordinary = tuple(table["ordinary"]["labs"])
    found = {
        "": Plan(
            name="",
            item=None,
            honest=True,
            labs=ordinary,
            wish=Wish(),
            edit="",
            drop=(),
            expect={},
            about="",
        )
    }
    for name, row in table["plan"].items():
        found[name] = Plan(
            name=name,
            item=row.get("item"),
            honest="item" not in row,
            labs=tuple(row.get("labs", ordinary)),
            wish=_wish(row),
            edit=row.get("edit", ""),
            drop=tuple(row.get("drop", ())),
            expect=row.get("expect", {}),
            about=row["about"],
            signed=row.get("signed", ""),
        )
    return found


def plan(name: str | None) -> Plan:
    """The plan of that name, the ordinary one for None.

    Raises:
        ValueError: there is none of that name.
    """
    try:
        return plans()[name or ""]
    except KeyError:
        raise ValueError(f"unknown plan {name!r}, one of {', '.join(names())}") from None


def names(*, honest: bool | None = None) -> tuple[str, ...]:
    """Names of all plans, of the honest ones, or of the faults."""
    return tuple(name for name, row in plans().items() if name and honest in (None, row.honest))


def carry_out(plan_: Plan, lab_id: str | None, rng: np.random.Generator) -> Certificate:
    """Drafts a certificate as the plan wants it.

    Args:
        plan_: the plan.
        lab_id: which laboratory; by lot among the plan's where None.
        rng: source of chance.

    Returns:
        The certificate.

    Raises:
        ValueError: the plan is not about that laboratory.
    """
    if lab_id is not None and lab_id not in plan_.labs:
        raise ValueError(f"laboratory {lab_id!r} is none of {', '.join(plan_.labs)}")
    lab = demo.labs()[lab_id or choose(rng, plan_.labs)]
    cert = draft.draft(lab, plan_.wish, rng)
    if plan_.edit:
        cert = edits.EDITS[plan_.edit](cert, rng)
    if plan_.signed:
        cert = sign(cert, plan_.signed, rng)
    return cert.without(*plan_.drop)


def sign(cert: Certificate, how: str, rng: np.random.Generator) -> Certificate:
    """The certificate with its names written by hand, the approver's in that way."""
    names = {key: str(cert.values[key].truth) for key in SIGNERS if key in cert.values}
    written = {
        key: hand.signed(how if key == "approver" else "own", name, rng)
        for key, name in names.items()
        if hand.can_write(name)
    }
    return dc.replace(cert, signed=written)
