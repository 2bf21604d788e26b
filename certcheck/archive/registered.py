"""The registry's laboratories and signatories in the index, which follows the registry's content.

The registry may lie in another database, so there is no common transaction: what it holds is
compared with what the index has, a few hundred laboratories at a time, whenever its revision is
another one.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Iterator, Sequence

from sqlmodel import Session, col, select

from certcheck.archive import index
from certcheck.archive.filing import signatory_ref
from certcheck.archive.index import Findable
from certcheck.archive.tables import LONGEST, Archived, Entry, Indexed, Kind
from certcheck.runner.work import Work
from registry import store
from registry.errors import RegistryError
from registry.lookup import Registry
from registry.roster import Listed

log = logging.getLogger(__name__)

_SOURCE = "registry"
# Seconds between two looks whether the registry holds something else.
_LOOK_S = 20.0
# Entries that are written in one transaction: others who write wait for no more.
_AT_ONCE = 200
# Raise it with every change of what an entry is made of.
_FORM = "1"


def follow(work: Work, registry: Registry) -> int:
    """Brings the index up to the registry; returns how many entries were written or dropped.

    Raises:
        RegistryError: one of the databases does not answer.
    """
    revision = registry.revision.revision
    with store.session(work.engine) as opened:
        known = opened.get(Indexed, _SOURCE)
        if known is not None and known.revision == revision:
            return 0
        before = _digests(opened)
    changed: list[Findable] = []
    count = 0
    for one in _findables(registry.roster()):
        if before.pop((one.kind, one.ref), None) == one.digest:
            continue
        changed.append(one)
        if len(changed) == _AT_ONCE:
            count += _write(work, changed)
            changed = []
    count += _write(work, changed)
    count += _drop(work, sorted(before))
    with store.session(work.engine) as opened:
        store.write(opened)
        opened.merge(Indexed(source=_SOURCE, revision=revision))
        opened.commit()
    return count


def follows(work: Work, registry: Registry) -> bool:
    """Whether the index has what the registry holds now."""
    with store.session(work.engine) as opened:
        known = opened.get(Indexed, _SOURCE)
    return known is not None and known.revision == registry.revision.revision


class Follower:
    """Follows the registry until it is stopped: a thread of the server that does the work.

    Args:
        work: the store.
        registry: likewise.
    """

    def __init__(self, work: Work, registry: Registry) -> None:
        self._work, self._registry = work, registry
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._live, name="search", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def stop(self) -> None:
        """Ends."""
        self._stopping.set()
        self._thread.join()

    def _live(self) -> None:
        while not self._stopping.is_set():
            try:
                follow(self._work, self._registry)
            except RegistryError as error:
                log.error("the index does not follow the registry: %s", error)
            except Exception:  # checks go on meanwhile
                log.exception("the index does not follow the registry")
            self._stopping.wait(_LOOK_S)


def _findables(every: Iterator[Listed]) -> Iterator[Findable]:
    for lab in every:
        texts = (lab.name, *lab.names, *lab.numbers, lab.lab_id)
        yield Findable(
            Kind.LABORATORY, lab.lab_id, texts, texts, {"lab": (lab.lab_id,)},
            title=lab.name, line=" · ".join(lab.numbers), digest=_digest(texts),
        )  # fmt: skip
        for name in lab.signatories:
            yield Findable(
                Kind.SIGNATORY, signatory_ref(lab.lab_id, name[:LONGEST]), (name, lab.name),
                (name,), {"lab": (lab.lab_id,)}, title=name, line=lab.name,
                digest=_digest((name, lab.name)),
            )  # fmt: skip


def _digest(texts: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join((_FORM, *texts)).encode()).hexdigest()


def _digests(opened: Session) -> dict[tuple[str, str], str]:
    """What the index has of the registry."""
    wanted = select(Entry.kind, Entry.ref, Entry.digest).where(
        col(Entry.kind).in_([Kind.LABORATORY, Kind.SIGNATORY]), Entry.digest != ""
    )
    return {(kind, ref): digest for kind, ref, digest in opened.exec(wanted).all()}


def _write(work: Work, some: Sequence[Findable]) -> int:
    if some:
        with store.session(work.engine) as opened:
            store.write(opened)
            for one in some:
                index.put(opened, one)
            opened.commit()
    return len(some)


def _drop(work: Work, gone: Sequence[tuple[str, str]]) -> int:
    """Takes away what the registry no longer has; a signatory whom certificates name stays."""
    for at in range(0, len(gone), _AT_ONCE):
        with store.session(work.engine) as opened:
            store.write(opened)
            for kind, ref in gone[at : at + _AT_ONCE]:
                _drop_one(opened, Kind(kind), ref)
            opened.commit()
    return len(gone)


def _drop_one(opened: Session, kind: Kind, ref: str) -> None:
    if kind is Kind.SIGNATORY:
        lab, _, name = ref.partition("\t")
        named = select(Archived.id).where(Archived.signatory == name, Archived.lab_id == lab)
        entry = opened.exec(select(Entry).where(Entry.kind == kind, Entry.ref == ref)).first()
        if entry is not None and opened.exec(named.limit(1)).first() is not None:
            entry.digest = ""
            opened.add(entry)
            return
    index.drop(opened, kind, [ref])
