"""The registry as it was: which revision is meant, and a database that holds it again.

A report made again has to come out the same. So an old revision is not looked up in the
living tables with conditions added, but copied, whole and once, into a database of its own
that the very same code then asks.
"""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from pathlib import Path

import platformdirs
from sqlalchemy import Engine, insert
from sqlalchemy.engine import URL
from sqlmodel import Session, col, func, select

from registry import index, store
from registry.days import CHINA
from registry.errors import RevisionUnknownError
from registry.history import HISTORY, known
from registry.imports import ImportGroup, ImportKind, ImportRecord
from registry.models import TABLES, Lab
from registry.revision import current
from registry.shape import shape
from registry.specimens import Specimen

# After all imports: the largest number that a column of theirs takes.
LATEST = 2**31 - 1
# An import's number as the log writes it, and the least that tells one digest from another.
_NUMBER = re.compile(r"#(\d{1,9})")
_DIGEST = re.compile(r"[0-9a-f]{8,64}")
# Rows copied at a time.
_ROWS = 2000


def utc(moment: dt.datetime) -> dt.datetime:
    """A moment from the database in UTC; SQLite keeps no zone."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)


def kept(session: Session, record: ImportRecord) -> int:
    """The number of an import after which the registry's content is still known."""
    newest = select(func.max(col(ImportRecord.id))).where(ImportRecord.kind == ImportKind.LEGACY)
    if record.kind == ImportKind.LEGACY and record.id != session.exec(newest).one():
        raise RevisionUnknownError(revision=record.revision, reason="legacy")
    assert record.id is not None
    return record.id


def known_on(session: Session, day: dt.date) -> int:
    """Number of the newest import by the end of a day in China.

    Raises:
        RevisionUnknownError: if there is none, or what it left behind is no longer known.
    """
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), CHINA)
    # Compared here: SQLite keeps no zone.
    for record in session.exec(select(ImportRecord).order_by(col(ImportRecord.id).desc())):
        if utc(record.imported_at) < end:
            return kept(session, record)
    raise RevisionUnknownError(revision=day.isoformat(), reason="before_first")


def find(session: Session, revision: str) -> ImportRecord:
    """The import that first gave a revision.

    Args:
        session: of the registry.
        revision: as a report names it, or its first eight characters or more; or `#12`, an
            import's number in the log.

    Raises:
        RevisionUnknownError: if there was none, or several begin so.
    """
    imports = select(ImportRecord).order_by(col(ImportRecord.id))
    if number := _NUMBER.fullmatch(revision):
        imports = imports.where(ImportRecord.id == int(number[1]))
    elif _DIGEST.fullmatch(revision.lower()):
        imports = imports.where(col(ImportRecord.revision).startswith(revision.lower()))
    else:
        raise RevisionUnknownError(revision=revision, reason="malformed")
    found = {record.revision: record for record in reversed(session.exec(imports).all())}
    if len(found) != 1:
        reason = "ambiguous" if found else "unknown"
        raise RevisionUnknownError(revision=revision, reason=reason)
    [record] = found.values()
    return record


def address_at(database: str | None, revision: str) -> str:
    """The address of a database that holds an old revision of the registry.

    Args:
        database: the registry's own address, as `store.open_registry` takes it.
        revision: see `find`.

    Returns:
        That of a copy in the user's cache folder, made once; nothing is ever imported into
        it.

    Raises:
        RevisionUnknownError: if the registry never had it, or no longer knows it.
        RegistryError: if the registry cannot be opened.
    """
    engine = store.open_registry(database)
    try:
        with store.session(engine) as session:
            record = find(session, revision)
            path = _cache() / f"{record.revision}-{store.SCHEMA}.sqlite"
            if not path.exists():
                store.create_whole(path, lambda new: copy_revision(session, record, new))
    finally:
        engine.dispose()
    return URL.create("sqlite", database=str(path)).render_as_string()


def _cache() -> Path:
    """A folder for copies; one that goes with the process where the user has none."""
    folder = Path(platformdirs.user_cache_dir("certcheck", appauthor=False)) / "revisions"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="certcheck-"))


def copy_revision(session: Session, record: ImportRecord, into: Engine) -> None:
    """Copies what the registry held after an import into an empty database.

    Args:
        session: of the registry.
        record: of the import.
        into: a database with the tables made.

    Raises:
        RevisionUnknownError: if that was before the registry kept its history.
    """
    after = kept(session, record)
    with Session(into) as copy:
        connection = copy.connection()
        for each in session.exec(select(ImportRecord).where(col(ImportRecord.id) <= after)):
            told = each.model_dump()
            if told["undone_by"] is not None and told["undone_by"] > after:
                told["undone_by"] = None
            copy.add(ImportRecord(**told))
        for specimen in session.exec(select(Specimen)):
            copy.add(Specimen(**specimen.model_dump()))
        copy.flush()
        for table in TABLES:
            _copy_table(session, copy, table, after)
        _copy_names(session, copy, after)
        _copy_lists(session, copy, after)
        index.reindex(connection, copy.exec(select(Lab.lab_id)).all())
        copy.commit()
        assert current(copy).revision == record.revision


def _copy_names(session: Session, copy: Session, after: int) -> None:
    """What laboratories were called before: they are found by their former names too."""
    old = HISTORY["labs"]
    rows = session.connection().execute(old.select().where(old.c.superseded_by <= after))
    names = [dict(row._mapping) for row in rows]
    if names:
        copy.connection().execute(insert(old), names)


def _copy_lists(session: Session, copy: Session, after: int) -> None:
    """What the imports were lists of, where any was of a day alone (`registry.listed`)."""
    snapshots = select(ImportRecord.id).where(col(ImportRecord.snapshot))
    days = select(ImportGroup.key).where(col(ImportGroup.import_id).in_(snapshots))
    groups = select(ImportGroup).where(
        col(ImportGroup.import_id) <= after, col(ImportGroup.key).in_(days)
    )
    rows = [group.model_dump() for group in session.exec(groups)]
    if rows:
        copy.connection().execute(insert(ImportGroup), rows)


def _copy_table(session: Session, copy: Session, table: str, after: int) -> None:
    shaped = shape(table)
    rows: list[dict[str, object]] = []
    # In the order of their keys, wherever they were found.
    versions = sorted(
        known(session.connection(), shaped, after), key=lambda one: shaped.row_key(one.values)
    )
    for version in versions:
        row: dict[str, object] = dict(zip(shaped.columns, version.values, strict=True))
        row |= {
            "recorded_by": version.recorded_by,
            "stated_by": version.stated_by,
            "place": version.place,
            "dropped_on": version.dropped_on,
        }
        if shaped.primary == "id":
            row["row_key"] = shaped.row_key(version.values)
        rows.append(row)
    for start in range(0, len(rows), _ROWS):
        copy.connection().execute(insert(shaped.table), rows[start : start + _ROWS])
