"""An app of a test's own, as the tests of the web have it."""

from tests.web.conftest import app, client, strict_messages

__all__ = ["app", "client", "strict_messages"]
