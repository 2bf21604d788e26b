"""The Flask app: calls `certcheck` and renders."""
