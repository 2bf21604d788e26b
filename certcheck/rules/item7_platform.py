"""Item 7: membership of the national query platform, an encouragement and never a fault."""

from __future__ import annotations

import functools
import importlib.resources
import tomllib
from collections.abc import Iterator

from certcheck.case import Case
from certcheck.finding import Finding
from certcheck.numbers import cleaning
from certcheck.rules.framework import advise, agree, no_matter, rule, seen
from certcheck.rules.since import REGISTRY
from registry.models import Membership


@functools.cache
def _names() -> frozenset[str]:
    path = importlib.resources.files("certcheck") / "data" / "platforms.toml"
    row = tomllib.loads(path.read_text(encoding="utf-8"))
    return frozenset(cleaning.plain(name) for name in (row["name"], *row["aliases"]))


def national(membership: Membership) -> bool:
    """Whether this is the platform that the plan names."""
    return cleaning.plain(membership.platform) in _names()


@rule(
    "item7.membership",
    law=("plan.3.4.7",),
    since=REGISTRY,
    applies=lambda case: case.lab is not None,
    messages=("", ".not_then", ".day_missing", ".other_platform", ".unknown"),
)
def membership(case: Case) -> Iterator[Finding]:
    """Whether the laboratory was a member of the national query platform on the day."""
    lab, day = case.lab, case.issued_on
    assert lab is not None
    rows = [row for row in lab.memberships if national(row)]
    held = [row for row in rows if day is not None and row.holds_on(day)]
    params = {"lab": lab.name, "day": day.isoformat() if day else ""}
    if held:
        row = held[0]
        yield agree(
            seen(case, "lab_name", expected=row.platform, source=row.source),
            platform=row.platform, since=row.joined_on or "…", **params,
        )  # fmt: skip
    elif rows and day is None:
        yield no_matter(seen(case, "issue_date", source=rows[0].source), message=".day_missing",
                        platform=rows[0].platform, **params)  # fmt: skip
    elif rows:
        row = rows[-1]
        yield advise(
            seen(case, "lab_name", expected=row.platform, source=row.source),
            message=".not_then", platform=row.platform, since=row.joined_on or "…",
            until=row.left_on or "…", **params,
        )  # fmt: skip
    elif lab.memberships:
        row = lab.memberships[0]
        yield advise(
            seen(case, "lab_name", expected=row.platform, source=row.source),
            message=".other_platform", platform=row.platform, **params,
        )  # fmt: skip
    else:
        yield no_matter(seen(case, "lab_name"), message=".unknown", **params)
