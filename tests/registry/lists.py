"""Small lists of one or two laboratories, written as files and imported."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import text as sql
from sqlmodel import Session, col, select

from registry import describe
from registry.importing.plan import ImportPlan, Wish
from registry.models import TABLES, Row
from registry.shape import cell, content_columns

HEADS = {name: ",".join(content_columns(model)) + "\n" for name, model in TABLES.items()}
LABS = HEADS["labs"] + "a,甲检测有限公司,,,\nb,乙检测有限公司,,,\n"


def write(folder: Path, **tables: Iterable[str]) -> Path:
    """A folder with tables, each given by its lines without the heading."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.csv"):
        old.unlink()
    for name, lines in tables.items():
        text = HEADS[name] + "".join(f"{line}\n" for line in lines)
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def load(
    session: Session,
    folder: Path,
    day: dt.date,
    *,
    corrects: bool = False,
    dry_run: bool = False,
    **tables: Iterable[str],
) -> ImportPlan:
    """Imports a list of a day."""
    wish = Wish(list_date=day, corrects=corrects, loaded_by="tester")
    return describe.apply(session, write(folder, **tables), wish, dry_run=dry_run).plan


def content(session: Session) -> dict[str, list[tuple[str, ...]]]:
    """All that is held now, and when lists dropped it; not which import recorded it."""
    session.expire_all()
    return {name: sorted(_texts(session, model)) for name, model in TABLES.items()}


def _texts(session: Session, model: type[Row]) -> Iterable[tuple[str, ...]]:
    columns = (*content_columns(model), "dropped_on")
    for row in session.exec(select(model).order_by(col(model.place))):
        yield tuple(cell(getattr(row, name)) for name in columns)


def kept(session: Session) -> str:
    """Everything in the database, as text."""
    session.expire_all()
    tables = session.connection().dialect.get_table_names(session.connection())
    rows = (session.connection().execute(sql(f'select * from "{each}"')) for each in tables)
    return "\n".join(str(tuple(row)) for table in rows for row in table)
