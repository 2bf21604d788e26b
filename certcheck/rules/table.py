"""The table of all rules, `docs/items.md`, made from the rules and from what was measured.

What a rule needs and concludes is taken from its code (`anatomy`), its clauses from the table
of laws, its rates from `rates.csv`, which `python -m tests.benchmarks.rule_rates` writes from
the rows of a reading benchmark.
"""

from __future__ import annotations

import csv
import dataclasses as dc
import importlib.resources
from collections.abc import Iterable, Iterator, Mapping, Sequence

from certcheck import law, messages
from certcheck.rules.anatomy import anatomy
from certcheck.rules.framework import Rule

_HEAD = ("rule", "needs", "concludes", "clauses", "papers from", "false alarms", "caught")
_CLAUSES = ("key", "clause", "from", "until", "confirmed", "says")
_NONE = "—"
_INTRODUCTION = """\
# The eight items, rule by rule

Made from the code by `python -m certcheck.rules`; do not edit. What a rule checks, and its
sentences' codes: [rules.md](rules.md).

- **needs**, **concludes**: taken from the rule's code. A rule that lacks what it needs says
  nothing, or that it could not check. No rule alone makes a report `consistent`.
- **clauses**: keys of the table at the end, which has their editions and days.
- **false alarms**: photographs of papers without a fault on which the rule said `inconsistent`
  or `suspected`.
- **caught**: of the photographs with one planted fault, of the kinds that the rule has ever
  told, those on which it did.
- {measured}
"""


@dc.dataclass(frozen=True, slots=True)
class Rates:
    """What was measured of one rule.

    Attributes:
        honest: photographs without a fault.
        alarms: of these, how many the rule accused.
        planted: photographs with a fault of a kind that the rule has told at least once.
        caught: of these, how many it told.
    """

    honest: int
    alarms: int
    planted: int
    caught: int


def rates() -> tuple[str, Mapping[str, Rates]]:
    """How they were measured, and the rates by rule."""
    path = importlib.resources.files("certcheck") / "rules" / "rates.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    how = " ".join(line.removeprefix("#").strip() for line in lines if line.startswith("#"))
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    figures = ("honest", "alarms", "planted", "caught")
    return how, {row["rule"]: Rates(*(int(row[one]) for one in figures)) for row in rows}


def page(rules: Sequence[Rule]) -> Iterator[str]:
    """Lines of `docs/items.md`."""
    how, measured = rates()
    yield from _INTRODUCTION.format(measured=how).splitlines()
    item = 0
    for one in rules:
        if one.item != item:
            item = one.item
            yield from ("", f"## Item {item}: {messages.text(f'item.{item}').en}", "")
            yield _row(_HEAD)
            yield _row("---" for _ in _HEAD)
        yield _row(_cells(one, measured.get(one.id)))
    yield from ("", "## Clauses", "")
    yield from (
        "In the edition of the paper's day. `no`: it was in force, but its wording was not seen",
        "or rests on general knowledge; reports say that it is to be confirmed.",
        "",
    )
    yield _row(_CLAUSES)
    yield _row("---" for _ in _CLAUSES)
    cited = {key for one in rules for key in one.law}
    yield from (_row(cells) for key in sorted(cited) for cells in _clause(key))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(one: Rule, found: Rates | None) -> tuple[str, ...]:
    inside = anatomy(one)
    needs = [*(f"`{key}`" for key in inside.fields), *inside.touches]
    until = f" to {one.until}" if one.until else ""
    told = f" (told from {one.told_from})" if one.told_from < one.since else ""
    return (
        f"`{one.id}`",
        ", ".join(needs) or _NONE,
        ", ".join(status.value for status in inside.concludes),
        ", ".join(f"`{key}`" for key in one.law),
        f"{one.since}{until}{told}",
        f"{found.alarms} of {found.honest}" if found else _NONE,
        f"{found.caught} of {found.planted}" if found and found.planted else _NONE,
    )


def _clause(key: str) -> Iterator[tuple[str, ...]]:
    """An article in each edition of its text."""
    for edition in law.editions(law.text_of(key)):
        cited = law.cite(key, edition.in_force_from)
        assert cited is not None
        until = edition.in_force_until
        yield (
            f"`{key}`",
            cited.zh,
            edition.in_force_from.isoformat(),
            until.isoformat() if until else _NONE,
            "yes" if cited.confirmed else "no",
            cited.gist_en,
        )
