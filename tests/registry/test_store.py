"""The database: found, made whole, never half made, and quiet about passwords."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlmodel import Session, SQLModel, select

from registry import past, store
from registry.errors import (
    DatabaseUnreachableError,
    DatabaseUrlError,
    RegistryError,
    RevisionUnknownError,
    TooNewError,
    UndoRefusedError,
)
from registry.importing.apply import apply_plan
from registry.importing.plan import plan_import
from registry.importing.undo import undo
from registry.imports import ImportRecord
from registry.lookup import Registry
from registry.models import TABLES, Accreditation, Lab, SealText
from registry.revision import content_digest
from registry.shape import content_columns
from tests.registry import lists

PASSWORD = "s3cret-word"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's data folder of its own; the path of the database in it."""
    monkeypatch.delenv(store.URL_VARIABLE, raising=False)
    path = tmp_path / "data" / "registry.sqlite"
    monkeypatch.setattr(store, "default_path", lambda: path)
    return path


@pytest.fixture
def opened(empty_url: str) -> Iterator[Engine]:
    """A registry opened as users do it, on each kind of database."""
    engine = store.open_registry(empty_url)
    yield engine
    engine.dispose()


def test_first_use_gives_the_demo(home: Path) -> None:
    """A newcomer would meet an empty registry."""
    engine = store.open_registry(None)
    registry = Registry(engine)
    assert registry.revision.demo
    assert registry.revision.imported_at.tzinfo is not None
    with store.session(engine) as session:
        names = session.exec(select(Lab.name)).all()
    assert names
    assert all(name.startswith("示例") for name in names)
    engine.dispose()
    assert [path.name for path in home.parent.iterdir()] == ["registry.sqlite"]


def test_second_use_imports_nothing(home: Path) -> None:
    """The revision, and so every report's id, would change at each start."""
    revisions = []
    for _ in range(2):
        engine = store.open_registry(None)
        revisions.append(Registry(engine).revision)
        engine.dispose()
    assert revisions[0] == revisions[1]


def test_own_imports_are_kept(home: Path, tmp_path: Path) -> None:
    """The demo would come back over what the operator loaded."""
    folder = tmp_path / "registry"
    folder.mkdir()
    (folder / "labs.csv").write_text("lab_id,name,uscc,licence_address,aliases\na,示例甲,,,\n")
    engine = store.open_registry(None)
    with store.session(engine) as session:
        apply_plan(session, plan_import(session, folder))
        session.commit()
    revision = Registry(engine).revision
    engine.dispose()
    engine = store.open_registry(None)
    assert Registry(engine).revision == revision
    assert Registry(engine).lab("a") is not None
    engine.dispose()


def test_untouched_demo_follows_the_program(home: Path) -> None:
    """After an upgrade the demo photos would be judged by an old demo registry."""
    engine = store.open_registry(None)
    with store.session(engine) as session:
        session.exec(select(ImportRecord)).one().source_sha256 = "an older program's"
        session.get_one(Lab, "yuan").name = "示例旧名"
        session.commit()
    engine.dispose()
    engine = store.open_registry(None)
    record = Registry(engine).lab("yuan")
    assert record is not None
    assert record.name != "示例旧名"
    engine.dispose()


def test_two_processes_on_first_use(tmp_path: Path) -> None:
    """Two starts at once would find a half filled database, or fill it twice."""
    program = (
        "from registry import store; from registry.lookup import Registry;"
        "engine = store.open_registry(None); registry = Registry(engine);"
        "print(registry.revision.revision, len(registry.lab('yuan').accreditations) > 0)"
    )
    environment = os.environ | {"XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path)}
    environment.pop(store.URL_VARIABLE, None)
    running = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", program],
            env=environment,
            cwd=Path(store.__file__).parents[1],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    answers = [process.communicate() for process in running]
    assert [error for _, error in answers] == ["", ""]
    assert answers[0] == answers[1]
    assert answers[0][0].endswith("True\n")
    assert len(list(tmp_path.rglob("*.sqlite"))) == 1


def test_loser_of_the_race_takes_the_winners(home: Path) -> None:
    """The second process would put its new database over one already in use."""

    def fill_late(engine: Engine) -> None:
        store.fill_with_demo(engine)
        home.touch()

    store.create_whole(home, fill_late)
    assert home.stat().st_size == 0
    assert [path.name for path in home.parent.iterdir()] == ["registry.sqlite"]


def test_many_migrate_at_once(empty_url: str) -> None:
    """Workers that start together would trip over each other's tables."""
    failures: list[BaseException] = []

    def start() -> None:
        try:
            store.open_registry(empty_url).dispose()
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_order_of_choice(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--database would not win over the environment, or that not over the user's file."""
    monkeypatch.setenv(store.URL_VARIABLE, f"sqlite:///{tmp_path / 'environment.sqlite'}")
    for url, name in ((None, "environment"), (f"sqlite:///{tmp_path / 'named.sqlite'}", "named")):
        engine = store.open_registry(url)
        assert engine.url.database == str(tmp_path / f"{name}.sqlite")
        # What an operator names is his to fill.
        assert not Registry(engine).revision.demo
        engine.dispose()
    assert not home.exists()


def test_memory_database_is_one() -> None:
    """Each connection would see a database of its own, without tables."""
    engine = store.open_registry("sqlite://")
    assert Registry(engine).lab("x") is None
    engine.dispose()


def test_migrations_make_what_the_models_say(opened: Engine) -> None:
    """A new installation would lack a column that the program reads."""
    with opened.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, SQLModel.metadata) == []


def test_known_schema_is_the_newest_step() -> None:
    """A new step would never be run."""
    config = Config()
    config.set_main_option("script_location", "registry:migrations")
    script = ScriptDirectory.from_config(config)
    assert script.get_current_head() == store.SCHEMA
    assert {step.revision for step in script.walk_revisions()} == set(store.KNOWN_SCHEMAS)


def test_steps_can_be_undone(opened: Engine) -> None:
    """A step that cannot go back leaves an operator no way to."""
    from alembic import command

    config = Config()
    config.set_main_option("script_location", "registry:migrations")
    with opened.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert inspect(opened).get_table_names() == ["alembic_version"]


def test_newer_schema_is_left_alone(opened: Engine) -> None:
    """An old program would write rows that the new one cannot read."""
    with opened.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(TooNewError) as caught:
        store.migrate(opened)
    assert caught.value.code == "registry.too_new"
    assert caught.value.details["schema"] == "9999"


def test_failed_migration_leaves_nothing(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash between two tables would leave a database that no start can repair."""
    upgrade = store._upgrade

    def crash(connection: object) -> None:
        upgrade(connection)  # type: ignore[arg-type]
        raise RuntimeError

    monkeypatch.setattr(store, "_upgrade", crash)
    with pytest.raises(RuntimeError):
        store.open_registry(empty_url)
    engine = store.make_engine(store.parse_url(empty_url))
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_foreign_keys_count(opened: Engine) -> None:
    """Rows of laboratories that do not exist could be stored."""
    with Session(opened) as session:
        session.add(SealText(lab_id="nobody", text="章"))
        with pytest.raises(sa.exc.IntegrityError):
            session.flush()


@pytest.mark.parametrize(
    ("address", "error", "code"),
    [
        ("registry.sqlite", DatabaseUrlError, "registry.database_url"),
        (f"://u:{PASSWORD}@h/db", DatabaseUrlError, "registry.database_url"),
        (f"mysql://u:{PASSWORD}@h/db", DatabaseUrlError, "registry.database_url"),
        (
            "sqlite:////nonexistent-folder/x.sqlite",
            DatabaseUnreachableError,
            "registry.database_unreachable",
        ),
        # Refused, or without its driver: nobody listens on port 1.
        (f"postgresql://u:{PASSWORD}@127.0.0.1:1/db?password={PASSWORD}", RegistryError, ""),
    ],
)
def test_errors_name_no_password(address: str, error: type[RegistryError], code: str) -> None:
    """A password would stand in a log or on a screen."""
    with pytest.raises(error) as caught:
        store.open_registry(address)
    assert caught.value.code == code or code == ""
    assert PASSWORD not in repr(caught.value) + str(caught.value.details)
    assert "u:" not in str(caught.value.details)
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_file_that_is_no_database(tmp_path: Path) -> None:
    """A wrong file would end in a traceback."""
    path = tmp_path / "notes.sqlite"
    path.write_text("these are notes, long enough to be looked at as a header" * 20)
    with pytest.raises(DatabaseUnreachableError):
        store.open_registry(f"sqlite:///{path}")


def test_importer_waits_for_the_other(opened: Engine, tmp_path: Path) -> None:
    """Two imports at once would work from the same state and overwrite each other."""
    done: list[str] = []
    started = threading.Event()

    def second() -> None:
        started.set()
        with store.session(opened) as session:
            store.lock(session)
            done.append("second")

    with store.session(opened) as session:
        store.lock(session)
        thread = threading.Thread(target=second)
        thread.start()
        started.wait()
        session.add(Lab(lab_id="a", name="甲"))
        session.flush()
        done.append("first")
        session.commit()
    thread.join()
    assert done == ["first", "second"]


def test_tables_also_suit_postgresql() -> None:
    """The first operator with a server would find out what only SQLite understands."""
    dialect = postgresql.dialect()
    for table in SQLModel.metadata.sorted_tables:
        made = str(CreateTable(table).compile(dialect=dialect))
        assert re.search(r"CREATE TABLE \w+", made)
        for index in table.indexes:
            assert "CREATE INDEX" in str(CreateIndex(index).compile(dialect=dialect))
    row = SQLModel.metadata.tables["accreditations"]
    made = str(CreateTable(row).compile(dialect=dialect))
    assert "id SERIAL NOT NULL" in made
    assert "UNIQUE (lab_id, row_key)" in made


def test_postgres_spelling_and_driver() -> None:
    """The address that hosting services hand out would be refused."""
    for address in ("postgres://u@h/db", "postgresql://u@h/db", "postgresql+psycopg://u@h/db"):
        assert store.parse_url(address).drivername == "postgresql+psycopg"


def test_session_is_rolled_back_unless_committed(opened: Engine) -> None:
    """A crash would leave what was half done."""
    with store.session(opened) as session:
        session.add(Lab(lab_id="a", name="甲"))
        session.flush()
    with Session(opened) as session:
        assert session.get(Lab, "a") is None


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


def rows_held(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """The contract's columns of every row."""
    found = {}
    with engine.connect() as connection:
        for name, model in TABLES.items():
            if not sa.inspect(connection).has_table(name):  # of a later schema
                found[name] = []
                continue
            columns = [sa.column(column) for column in content_columns(model)]
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


def test_going_back_takes_dropped_rows_along(opened: Engine, tmp_path: Path) -> None:
    """An old program would take a seal for good that lists have dropped."""
    with Session(opened) as session:
        labs = ("a,甲,,,",)
        lists.load(session, tmp_path / "x", dt.date(2026, 1, 1), labs=labs, seals=("a,甲,公章",))
        lists.load(session, tmp_path / "x", dt.date(2026, 2, 1), seals=("a,乙,公章",))
    migrate_to(opened, "0002", down=True)
    assert rows_held(opened)["seals"] == [("a", "乙", "公章")]
