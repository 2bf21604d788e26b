"""The index made anew of what is there, for when somebody wrote past it or its form changed."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import delete, text
from sqlmodel import Session, col, select

from certcheck.archive import filing, index, lawsuits, registered
from certcheck.archive.filing import lab_key
from certcheck.archive.index import Findable
from certcheck.archive.tables import Archived, Entry, Indexed
from certcheck.cases.tables import CaseFile
from certcheck.runner.work import Work
from registry import store
from registry.lookup import Registry

_AT_ONCE = 1000
_POSTGRES_INDEX = (
    "CREATE INDEX search_words ON work_search "
    "USING gin (string_to_array(words, ' ')) WITH (fastupdate = off)"
)


def rebuild(work: Work, registry: Registry) -> int:
    """Makes the index anew; returns how many entries it has.

    Others wait who would write meanwhile: a minute for 200 000 certificates.

    Raises:
        RegistryError: one of the databases does not answer.
    """
    with store.session(work.engine) as opened:
        store.lock(opened)
        sqlite = opened.get_bind().dialect.name == "sqlite"
        connection = opened.connection()
        if not sqlite:
            connection.execute(text("LOCK TABLE work_archive, work_search IN EXCLUSIVE MODE"))
            connection.execute(text("DROP INDEX search_words"))
        opened.exec(delete(Entry))
        opened.exec(delete(Indexed))
        number = 0
        some: list[dict[str, object]] = []
        for number, one in enumerate(_every(opened), start=1):  # noqa: B007 - the last one counts
            some.append(index.values(one, number))
            if len(some) == _AT_ONCE:
                connection.execute(_INSERT, some)
                some = []
        if some:
            connection.execute(_INSERT, some)
        if not sqlite:
            connection.execute(text(_POSTGRES_INDEX))
            after = "SELECT setval(pg_get_serial_sequence('work_search', 'id'), :last)"
            connection.execute(text(after), {"last": max(1, number)})
            connection.execute(text("ANALYZE work_search"))
        opened.commit()
    return number + registered.follow(work, registry)


_INSERT = Entry.__table__.insert()  # type: ignore[attr-defined]


def _every(opened: Session) -> Iterator[Findable]:
    """All that can be found but what the registry has, the oldest first."""
    stalls: set[tuple[str, str]] = set()
    people: set[tuple[str, str]] = set()
    for row in _rows(opened):
        yield filing.findable(row)
        for place in filing.stalls(row):
            if place not in stalls:
                stalls.add(place)
                yield filing.findable_stall(*place)
        if row.signatory and (lab_key(row), row.signatory) not in people:
            people.add((lab_key(row), row.signatory))
            yield filing.findable_signatory(lab_key(row), row.lab, row.signatory)
    reached = 0
    wanted = select(CaseFile).order_by(col(CaseFile.id)).limit(_AT_ONCE)
    while some := opened.exec(wanted.where(col(CaseFile.id) > reached)).all():
        for case in some:
            yield lawsuits.findable(opened, case, {})
        reached = some[-1].id or reached
        opened.expunge_all()


def _rows(opened: Session) -> Iterator[Archived]:
    """What is filed, in the order it came."""
    reached = 0
    wanted = select(Archived).order_by(col(Archived.id)).limit(_AT_ONCE)
    while some := opened.exec(wanted.where(col(Archived.id) > reached)).all():
        reached = some[-1].id or reached
        yield from some
        opened.expunge_all()
