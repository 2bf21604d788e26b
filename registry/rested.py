"""What an old revision held of some laboratories, each row with its import and its document.

For evidence: as plain data, and from the history itself, without a copy of the whole registry.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlmodel import Session, col, select

from registry import past
from registry.history import Version, known
from registry.imports import ImportDocument, ImportRecord
from registry.models import TABLES
from registry.shape import Shape, cell, shape

_COVERAGE = "coverage"


def rows_of(session: Session, revision: str, lab_ids: Sequence[str]) -> dict[str, Any]:
    """Everything that was registered of some laboratories after the import that gave a revision.

    Args:
        session: of the registry.
        revision: as a report names it.
        lab_ids: of the laboratories; what was known of whole lists is told in any case.

    Returns:
        The revision, its tables' rows by name, and the imports that they came with.

    Raises:
        RevisionUnknownError: the registry never had it, or no longer knows it.
    """
    record = past.find(session, revision)
    after = past.kept(session, record)
    tables: dict[str, list[dict[str, Any]]] = {}
    numbers = {after}
    for name in TABLES:
        shaped = shape(name)
        groups = None if name == _COVERAGE else list(lab_ids)
        found = list(known(session.connection(), shaped, after, groups))
        found.sort(key=lambda one, shaped=shaped: shaped.row_key(one.values))  # type: ignore[misc]
        if found:
            tables[name] = [_row(shaped, one) for one in found]
            numbers |= {one.recorded_by for one in found} | {one.stated_by for one in found}
    return {
        "revision": record.revision,
        "import": after,
        "tables": tables,
        "imports": _imports(session, numbers),
    }


def _row(shaped: Shape, version: Version) -> dict[str, Any]:
    told: dict[str, Any] = {
        name: cell(value) for name, value in zip(shaped.columns, version.values, strict=True)
    }
    return {
        "source": shaped.source(version.values),
        "row": told,
        "recorded_by": version.recorded_by,
        "stated_by": version.stated_by,
        "place": version.place,
        "dropped_on": version.dropped_on.isoformat() if version.dropped_on else None,
    }


def _imports(session: Session, numbers: Iterable[int]) -> list[dict[str, Any]]:
    wanted = select(ImportRecord).where(col(ImportRecord.id).in_(set(numbers)))
    documents: dict[int, dict[str, str]] = {}
    files = select(ImportDocument).where(col(ImportDocument.import_id).in_(set(numbers)))
    for one in session.exec(files.order_by(col(ImportDocument.name))):
        documents.setdefault(one.import_id, {})[one.name] = one.sha256
    return [
        {
            "number": one.id, "kind": one.kind,
            "imported_at": past.utc(one.imported_at).isoformat(),
            "list_date": one.list_date.isoformat() if one.list_date else None,
            "source": one.source_name, "sha256": one.source_sha256, "loaded_by": one.loaded_by,
            "revision": one.revision, "demo": one.demo, "undone_by": one.undone_by,
            "documents": documents.get(one.id or 0, {}),
        }
        for one in session.exec(wanted.order_by(col(ImportRecord.id)))
    ]  # fmt: skip
