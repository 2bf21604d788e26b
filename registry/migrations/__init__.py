"""The schema's history, kept with alembic; `registry.store` runs it."""
