"""What every test of this room has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from certcheck import messages

if TYPE_CHECKING:
    from tests.certcheck.lookups import Desk


@pytest.fixture(autouse=True)
def strict_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(messages.STRICT, "1")


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A laboratory's query site that has one certificate's record."""
    from tests.certcheck import lookups

    made = lookups.opened(monkeypatch)
    yield made
    made.server.stop()
