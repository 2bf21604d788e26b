"""A registry and its desk, whose work is done where it is asked for."""

from __future__ import annotations

import dataclasses as dc
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from certcheck.audit import Who
from certcheck.desk import asking, doing
from certcheck.desk.asking import SOURCE, Sent
from certcheck.desk.tables import Kind, Task
from certcheck.runner.work import Work
from registry import store
from tests.registry.lists import HEADS

KEEPER = Who("person", "k1", "keeper")
OTHER = Who("person", "k2", "other")
LABS = ("a,甲检测有限公司,,,", "b,乙检测有限公司,,,")
PEOPLE = ("a,李,全部,2020-01-01,2030-01-01,", "a,王,全部,2021-01-01,,")


def packed(folder: str = "", **tables: Sequence[str]) -> bytes:
    """The contract's tables as a ZIP archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, lines in tables.items():
            text = HEADS[name] + "".join(f"{line}\n" for line in lines)
            archive.writestr(f"{folder}{name}.csv", text)
    return made.getvalue()


@dc.dataclass
class Keeping:
    """A desk and the registry that it is for."""

    work: Work
    engine: Engine

    def ask(
        self,
        kind: Kind,
        wish: Mapping[str, Any],
        files: Sequence[tuple[str, str, bytes]] = (),
        who: Who = KEEPER,
    ) -> Task:
        """Asks for something; it is not worked on yet."""
        sent = [
            Sent(role, name, len(data), self.work.blobs.put(io.BytesIO(data))[0])
            for role, name, data in files
        ]
        with store.session(self.work.engine) as opened:
            store.write(opened)
            task = asking.ask(opened, self.work, who, kind, "title", wish, sent)
            opened.commit()
            return task

    def send(self, data: bytes, name: str = "lists.zip", **wish: Any) -> Task:
        """Asks for an import of one file, and has it shown."""
        wish = {"list_date": "2026-01-02", **wish}
        return self.done(self.ask(Kind.IMPORT, wish, [(SOURCE, name, data)]))

    def done(self, task: Task) -> Task:
        """The task, once everything that waits was worked on."""
        self.work_on()
        found = asking.look(self.work, task.id)
        assert found is not None
        return found

    def work_on(self) -> None:
        """Works on everything that waits."""
        while (taken := asking.take(self.work)) is not None:
            doing.do(self.work, self.engine, taken)

    def carry_out(self, task: Task, who: Who = OTHER) -> Task:
        """Has a task carried out as it was shown."""
        asking.carry_out(self.work, task.id, who, task.digest)
        return self.done(task)


def written(folder: Path, name: str, data: bytes) -> Path:
    """A file with some bytes."""
    (folder / name).write_bytes(data)
    return folder / name
