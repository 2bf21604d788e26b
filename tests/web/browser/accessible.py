"""What axe-core finds on a page."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page

AXE = Path(__file__).parent / "axe" / "axe.min.js"
# WCAG 2.2 A and AA, and axe's own good practice (headings, landmarks).
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
GRAVE = ("serious", "critical")


# Rules whose faults are not grave are not asked at all: a fault is as grave as its rule.
RUN = """async ([tags, grave]) => {
  const slight = axe._audit.rules.filter((one) => one.impact && !grave.includes(one.impact));
  const found = await axe.run(document, {
    runOnly: { type: "tag", values: tags },
    rules: Object.fromEntries(slight.map((one) => [one.id, { enabled: false }])),
    resultTypes: ["violations"],
  });
  return found.violations;
}"""


@cache
def _source() -> str:
    return AXE.read_text("utf-8")


def bring(context: BrowserContext) -> None:
    """Gives axe to every page to come, which costs less than to send it to each."""
    context.add_init_script(path=AXE)


def faults(page: Page) -> list[dict[str, Any]]:
    """All grave faults. Run beside the page's own scripts, so its policy stands."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    return list(page.evaluate(RUN, [list(TAGS), list(GRAVE)]))


def assert_accessible(page: Page) -> None:
    """No serious or critical fault."""
    told = [
        f"{one['impact']} {one['id']}: {one['help']}\n"
        + "\n".join(f"    {node['html']}\n    {node['failureSummary']}" for node in one["nodes"])
        for one in faults(page)
        if one["impact"] in GRAVE
    ]
    assert not told, f"{page.url}\n" + "\n".join(told)
