"""The room's own tables of facts, kept as CSV files under `data/`."""

from __future__ import annotations

import csv
import importlib.resources


def rows(name: str) -> list[dict[str, str]]:
    """The rows of `data/<name>.csv`, each a mapping from heading to text."""
    source = importlib.resources.files("registry") / "data" / f"{name}.csv"
    return list(csv.DictReader(source.read_text(encoding="utf-8").splitlines()))
