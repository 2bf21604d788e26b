"""The examples in the docstrings."""

from __future__ import annotations

import doctest

from registry import (
    addresses,
    divisions,
    domains,
    formulas,
    grams,
    names,
    phones,
    sites,
    spoken,
    standards,
)
from registry.importing import cells, certificates, people, personal, quotes

MODULES = (
    addresses, divisions, domains, formulas, grams, names, phones, sites, spoken, standards,
    cells, certificates, people, personal, quotes,
)  # fmt: skip


def test_examples() -> None:
    """The documentation would show what the code does not do."""
    results = {module.__name__: doctest.testmod(module) for module in MODULES}
    assert [name for name, told in results.items() if told.failed or not told.attempted] == []
