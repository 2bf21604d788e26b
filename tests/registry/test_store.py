"""The database: found, made whole, never half made, and quiet about passwords."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlmodel import Session, SQLModel, select

from registry import store
from registry.errors import (
    DatabaseUnreachableError,
    DatabaseUrlError,
    RegistryError,
    TooNewError,
)
from registry.importing.apply import apply_plan
from registry.importing.plan import plan_import
from registry.imports import ImportRecord
from registry.lookup import Registry
from registry.models import Lab, SealText

PASSWORD = "s3cret-word"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's data folder of its own; the path of the database in it."""
    monkeypatch.delenv(store.URL_VARIABLE, raising=False)
    path = tmp_path / "data" / "registry.sqlite"
    monkeypatch.setattr(store, "default_path", lambda: path)
    return path


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

    def crash(connection: Connection, found: str | None) -> None:
        upgrade(connection, found)
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
