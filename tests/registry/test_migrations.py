"""A registry of an older program goes on in a newer one, and back, without loss."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, select

from registry import past, store
from registry.errors import (
    RevisionUnknownError,
    UndoRefusedError,
)
from registry.importing.undo import undo
from registry.imports import ImportRecord
from registry.lookup import Registry
from registry.models import TABLES, Accreditation, SealText
from registry.revision import content_digest
from registry.shape import content_columns
from tests.registry import lists

PASSWORD = "s3cret-word"


# Upgrading from the first schema, as the first release made it.
OLD_ROWS = (
    "INSERT INTO labs (lab_id, name, uscc, licence_address, aliases) "
    "VALUES ('a', '甲检测有限公司', '', '', '')",
    "INSERT INTO accreditations (row_key, lab_id, kind, number, holder_name, address, "
    "valid_from, valid_until, status, status_on, authority) VALUES "
    "('{key1}', 'a', 'CMA', '211601060417', '', '', '2021-05-01', '2027-04-30', 'valid', NULL, '')",
    "INSERT INTO seals (row_key, lab_id, text, kind) VALUES ('{key2}', 'a', '甲', '公章')",
    "INSERT INTO fees (row_key, lab_id, item, unit_cost, currency, filed_on) "
    "VALUES ('{key3}', 'a', '鉴定', 38.5, 'CNY', '2021-09-20')",
    "INSERT INTO coverage (row_key, authority_code, kind, complete_from, complete_until, source) "
    "VALUES ('{key4}', '16', 'CMA', '2020-01-01', NULL, '册')",
    "INSERT INTO imports (revision, imported_at, source_name, source_sha256, demo, "
    "added, changed, ended, removed) VALUES "
    "('{old}', '2026-01-01 00:00:00', 'x', '', {false}, 4, 0, 0, 0), "
    "('{revision}', '2026-02-01 00:00:00', 'x', '', {false}, 1, 0, 0, 0)",
)
OLD_KEYS = {
    "key1": "a\x1fCMA\x1f211601060417\x1f\x1f2021-05-01",
    "key2": "a\x1f甲\x1f公章",
    "key3": "a\x1f鉴定\x1fCNY\x1f2021-09-20",
    "key4": "16\x1fCMA\x1f2020-01-01",
}


def migrate_to(engine: Engine, step: str, *, down: bool = False) -> None:
    from alembic import command

    config = Config()
    config.set_main_option("script_location", "registry:migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if down else command.upgrade)(config, step)


@pytest.fixture
def old(empty_url: str) -> Iterator[Engine]:
    """A registry as the first release left it, on each kind of database."""
    engine = store.make_engine(store.parse_url(empty_url))
    migrate_to(engine, "0001")
    keys = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in OLD_KEYS.items()}
    false = "0" if engine.dialect.name == "sqlite" else "false"
    with engine.begin() as connection:
        for row in OLD_ROWS:
            filled = row.format(**keys, old="0" * 64, revision="1" * 64, false=false)
            connection.exec_driver_sql(filled)
    yield engine
    engine.dispose()


def rows_held(engine: Engine) -> dict[str, list[tuple[str, ...]]]:
    """The contract's columns of every row."""
    found: dict[str, list[tuple[str, ...]]] = {}
    with engine.connect() as connection:
        for name, model in TABLES.items():
            if not sa.inspect(connection).has_table(name):  # of a later schema
                found[name] = []
                continue
            columns: list[sa.ColumnClause[object]] = [
                sa.column(column) for column in content_columns(model)
            ]
            rows = connection.execute(sa.select(*columns).select_from(sa.table(name)))
            found[name] = sorted(tuple(map(str, row)) for row in rows)
    return found


def test_first_schema_upgrades_and_goes_back_without_loss(old: Engine) -> None:
    """An operator's registry would be spoilt by a new version of the program."""
    before = rows_held(old)
    assert [len(rows) for rows in before.values()] == [1, 1, 0, 0, 1, 0, 0, 0, 1, 1]
    for _ in range(2):
        store.migrate(old)
        assert rows_held(old) == before
        assert Registry(old).revision.revision == "1" * 64
        with old.connect() as connection:
            context = MigrationContext.configure(connection)
            assert compare_metadata(context, SQLModel.metadata) == []
        migrate_to(old, "0001", down=True)
        assert rows_held(old) == before


def test_upgraded_registry_goes_on(old: Engine, tmp_path: Path) -> None:
    """After an upgrade the first import would double rows or end what it lists."""
    store.migrate(old)
    held = "a,CMA,211601060417,,,2021-05-01,2027-04-30,valid,,"
    day = dt.date(2026, 3, 1)
    with Session(old) as session:
        lists.load(session, tmp_path / "x", day, accreditations=(held,), seals=("a,乙,公章",))
        assert [(row.number, row.valid_until) for row in session.exec(select(Accreditation))] == [
            ("211601060417", dt.date(2027, 4, 30))
        ]
        seals = {row.text: row.dropped_on for row in session.exec(select(SealText))}
        assert seals == {"甲": day, "乙": None}
        record = session.get_one(ImportRecord, 3)
        assert record.revision == content_digest(session)
        # The last old state is kept; what was before it, or before it was made, is not.
        assert past.find(session, "1" * 12).id == 2
        for number, reason in ((1, "legacy"), (2, "legacy")):
            with pytest.raises(UndoRefusedError) as refused:
                undo(session, number)
            assert refused.value.code.endswith(reason)
        with pytest.raises(RevisionUnknownError) as unknown:
            past.known_on(session, dt.date(2026, 1, 15))
        assert unknown.value.details["reason"] == "legacy"
        undo(session, 3)
        session.commit()
    assert Registry(old).lab("a") is not None


def test_what_an_older_program_looks_for_is_made_anew(opened: Engine, tmp_path: Path) -> None:
    """After an upgrade a laboratory would be found by what nobody prints, or not at all."""
    name = "示例甲检测有限公司"
    with Session(opened) as session:
        lists.load(session, tmp_path / "x", dt.date(2026, 1, 1), labs=(f"a,{name},,,",))
    migrate_to(opened, "0006", down=True)
    with opened.begin() as connection:
        connection.exec_driver_sql("DELETE FROM lookup_grams")
        connection.exec_driver_sql("UPDATE lookup_keys SET key = 'old' WHERE kind = 'name'")
        connection.exec_driver_sql("INSERT INTO lookup_grams (gram, key_id) VALUES ('old', 7)")
    store.migrate(opened)
    assert [one.lab_id for one in Registry(opened).similar_names("示例甲捡测有限公司")] == ["a"]
    with opened.begin() as connection:
        pieces = set(connection.exec_driver_sql("SELECT gram FROM lookup_grams").scalars())
        assert "old" not in pieces and "示例" in pieces


def test_going_back_takes_dropped_rows_along(opened: Engine, tmp_path: Path) -> None:
    """An old program would take a seal for good that lists have dropped."""
    with Session(opened) as session:
        labs = ("a,甲,,,",)
        lists.load(session, tmp_path / "x", dt.date(2026, 1, 1), labs=labs, seals=("a,甲,公章",))
        lists.load(session, tmp_path / "x", dt.date(2026, 2, 1), seals=("a,乙,公章",))
    migrate_to(opened, "0002", down=True)
    assert rows_held(opened)["seals"] == [("a", "乙", "公章")]
