"""The web page: one photo in, one report out. It calls `certcheck` and renders."""

from web.app import create_app

__all__ = ["create_app"]
