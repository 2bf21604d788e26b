"""Writes `docs/rules.md` from the rules: `python -m certcheck.rules`."""

from __future__ import annotations

from pathlib import Path

from certcheck.rules.framework import all_rules, documentation

PAGE = Path(__file__).resolve().parents[2] / "docs" / "rules.md"


def page() -> str:
    """The whole page."""
    return "\n".join(documentation(all_rules())) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
