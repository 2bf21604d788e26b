from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from certcheck import messages
from web import create_app


@pytest.fixture(autouse=True)
def strict_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(messages.STRICT, "1")


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The app on the demo registry, as a newcomer starts it, in a data folder of its own."""
    home: Path = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(home))
        patch.delenv("CERTCHECK_DATABASE_URL", raising=False)
        app = create_app()
    yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
