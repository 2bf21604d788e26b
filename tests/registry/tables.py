"""The registry's tables in SQLite, made once: making them takes 20 ms, and most tests want some."""

from __future__ import annotations

import functools
import sqlite3
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.pool import StaticPool
from sqlmodel import SQLModel, create_engine


@functools.cache
def _made(known: frozenset[str]) -> bytes:
    """The file of a database with the tables known by now; modules loaded later add theirs."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    SQLModel.metadata.create_all(engine)
    data = _connection(engine).serialize()
    engine.dispose()
    return data


def _connection(engine: Engine) -> sqlite3.Connection:
    connection = engine.raw_connection().driver_connection
    assert isinstance(connection, sqlite3.Connection)
    return connection


def in_file(path: Path) -> None:
    """A file with the tables."""
    path.write_bytes(_made(frozenset(SQLModel.metadata.tables)))


def in_memory() -> Engine:
    """Likewise in memory, for any thread."""
    engine = create_engine(
        "sqlite://", connect_args={"check_same_thread": False}, poolclass=StaticPool
    )
    _connection(engine).deserialize(_made(frozenset(SQLModel.metadata.tables)))
    return engine
