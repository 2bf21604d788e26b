"""Writes `docs/rules.md` and `docs/items.md` from the rules: `python -m certcheck.rules`."""

from __future__ import annotations

from pathlib import Path

from certcheck.rules import table
from certcheck.rules.framework import all_rules, documentation

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "rules.md"
TABLE = DOCS / "items.md"


def page() -> str:
    """The whole page of rules."""
    return "\n".join(documentation(all_rules())) + "\n"


def items() -> str:
    """The whole table of rules."""
    return "\n".join(table.page(all_rules())) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    TABLE.write_text(items(), encoding="utf-8")
