"""What lies on a registry desk: tasks of every state, findings, written straight into the store."""

from __future__ import annotations

import json

from flask import Flask

from certcheck.audit import Who
from certcheck.desk import asking
from certcheck.desk.differing import text_of
from certcheck.desk.tables import Found, FoundLab, FoundStep, Kind, State, Task, TaskChange
from certcheck.runner.work import Work
from registry import store

KEEPER = Who("person", "k1", "keeper")
# A laboratory of the demo.
LAB = "yuan"
_CHANGES = (
    ("add", "signatories", f"signatories: {LAB}/A", [["name", "", "A"], ["scope", "", "B"]]),
    ("change", "signatories", f"signatories: {LAB}/C", [["valid_until", "", "2026-01-01"]]),
    ("end", "seals", f"seals: {LAB}/D", [["dropped_on", "", "2026-01-02"]]),
    ("remove", "coverage", "coverage: 16/CMA", [["kind", "CMA", ""]]),
)
_TOLD = {
    State.READY: {
        "warnings": [["labs.csv:2:uscc", "registry.import.odd_uscc", {"value": "X"}]],
        "news": True, "replaces": True, "list_date": "2026-01-01",
    },
    State.REFUSED: {
        "code": "registry.bad_import", "details": {"count": "1", "first": "labs.csv:2:name"},
        "problems": [["labs.csv:2:name", "registry.import.required", {}]], "wrong": 2,
    },
}  # fmt: skip


def on_desk(app: Flask) -> dict[str, str]:
    """Tasks by their states, and a finding under `finding`."""
    work: Work = app.extensions["work"]
    found: dict[str, str] = {}
    with store.session(work.engine) as opened:
        store.write(opened)
        for state in (State.RUNNING, State.READY, State.REFUSED, State.DONE):
            task = asking.ask(opened, work, KEEPER, Kind.IMPORT, "lists.zip", {})
            _stands(task, state)
            opened.add(task)
            found[str(state)] = task.id
        for place, (kind, table, source, cells) in enumerate(_CHANGES, 1):
            opened.add(
                TaskChange(
                    task_id=found[State.READY], place=place, kind=kind, table_name=table,
                    lab_id=LAB, source=source, cells=json.dumps(cells), at="",
                )
            )  # fmt: skip
        texts = [(kind, table, LAB, source.casefold()) for kind, table, source, _ in _CHANGES]
        opened.add(text_of(found[State.READY], 1, texts))
        one = Found(
            key="k", rank=1, kind="cma_number_form", labs=json.dumps([LAB]),
            rows=json.dumps([f"accreditations: {LAB}/CMA/1"]), details='{"number": "1"}',
            words=LAB, found_at=work.clock(), taken_by_id="k1", taken_by_name="keeper",
        )  # fmt: skip
        opened.add(one)
        opened.flush()
        opened.add(FoundLab(finding_id=one.id or 0, lab_id=LAB))
        opened.add(
            FoundStep(finding_id=one.id or 0, at=work.clock(), by_name="keeper", what="taken")
        )
        found["finding"] = str(one.id)
        opened.commit()
    return found


def _stands(task: Task, state: State) -> None:
    """Puts a task into a state as if it had been worked on."""
    task.state, task.digest, task.told = state, "d" * 64, json.dumps(_TOLD.get(state, {}))
    if state == State.READY:
        task.counts = json.dumps(
            {kind: {table: 1} for kind, table, *_ in _CHANGES} | {"same": {"all": 3}}
        )
    if state == State.DONE:
        task.number, task.applied_by_name = 1, "admin"
