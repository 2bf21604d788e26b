"""What axe-core finds on a page."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parent / "axe" / "axe.min.js"
# WCAG 2.2 A and AA, and axe's own good practice (headings, landmarks).
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
GRAVE = ("serious", "critical")


@cache
def _source() -> str:
    return AXE.read_text("utf-8")


def faults(page: Page) -> list[dict[str, Any]]:
    """All faults, of any gravity. Run beside the page's own scripts, so its policy stands."""
    page.evaluate(_source())
    only = {"type": "tag", "values": list(TAGS)}
    found: dict[str, Any] = page.evaluate(
        "only => axe.run(document, {runOnly: only, resultTypes: ['violations']})", only
    )
    return list(found["violations"])


def assert_accessible(page: Page) -> None:
    """No serious or critical fault."""
    told = [
        f"{one['impact']} {one['id']}: {one['help']}\n"
        + "\n".join(f"    {node['html']}\n    {node['failureSummary']}" for node in one["nodes"])
        for one in faults(page)
        if one["impact"] in GRAVE
    ]
    assert not told, f"{page.url}\n" + "\n".join(told)
