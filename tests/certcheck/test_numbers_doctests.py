"""The examples in the judge's own modules hold."""

import doctest
import importlib
import pkgutil

import pytest

import certcheck.numbers

MODULES = [info.name for info in pkgutil.iter_modules(certcheck.numbers.__path__)]


# Those of `gems` and `law` are run with their tests.
OTHERS = ("confirm", "treatments", "rules.item5_constants", "rules.item5_dates")


@pytest.mark.parametrize("name", OTHERS)
def test_examples_of_how_print_is_taken_hold(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"certcheck.{name}"))
    assert result.attempted > 0 and result.failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_the_documentation_hold(name: str) -> None:
    module = importlib.import_module(f"certcheck.numbers.{name}")
    result = doctest.testmod(module)
    assert result.failed == 0
    if hasattr(module, "validate"):
        assert result.attempted > 0, f"{name} shows no example"
