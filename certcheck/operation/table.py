"""Writes the table of settings into `docs/operations.md`: `python -m certcheck.operation.table`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from certcheck.operation import settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
BEGIN, END = "<!-- settings -->", "<!-- /settings -->"


def lines() -> Iterator[str]:
    """The table in Markdown."""
    yield "| variable | what for | values | default | read by |"
    yield "| --- | --- | --- | --- | --- |"
    for one in settings.table().values():
        default = one.default.strip("<>") if one.default.startswith("<") else f"`{one.default}`"
        secret = " Secret." if one.secret else ""
        cells = (
            f"`{one.name}`", one.text.en + secret, one.values, default if one.default else "—",
            one.readers,
        )  # fmt: skip
        yield f"| {' | '.join(cells)} |"


def page(text: str) -> str:
    """The document with the table of today between its marks."""
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    return "\n".join([before + BEGIN, *lines(), END + after])


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
