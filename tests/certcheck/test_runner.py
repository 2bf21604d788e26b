"""What would break: one photo that hangs or kills its reader, and the batch is lost."""

from __future__ import annotations

import multiprocessing
import multiprocessing.spawn
import os
import sys
from collections.abc import Iterator
from pathlib import Path, PosixPath
from typing import Any

import pytest

from certcheck.check import Wish
from certcheck.report import Report
from certcheck.runner import Task, run
from registry.lookup import Registry

# Seconds; a process needs some for the models when it reads its first photo.
TIME_LIMIT = 10


class Deadly(PosixPath):
    """A path that kills the process it is sent to."""

    def __reduce__(self) -> Any:
        return os._exit, (3,)


def small(folder: Path, count: int) -> list[Task]:
    """Files that are answered at once."""
    for number in range(count):
        (folder / f"{number}.jpg").write_bytes(b"hello %d" % number)
    return [Task(folder / f"{number}.jpg", f"{number}.jpg") for number in range(count)]


def codes(results: Iterator[tuple[Task, list[Report]]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for task, (report,) in results:
        assert task.name == report.photo.name and task.name not in found
        assert report.problem is not None
        found[task.name] = report.problem.code
    return found


def test_a_photo_that_hangs_or_kills_costs_only_itself(
    tmp_path: Path, demo_registry: Registry, demo_url: str
) -> None:
    tasks = small(tmp_path, 6)
    os.mkfifo(tmp_path / "pipe.jpg")
    hangs, dies = Task(tmp_path / "pipe.jpg", "pipe.jpg"), Task(Deadly("dies.jpg"), "dies.jpg")
    mixed = [tasks[0], hangs, dies, *tasks[1:], Task(Deadly("again.jpg"), "again.jpg")]
    results = run(mixed, demo_registry, demo_url, Wish(), 2, TIME_LIMIT)
    assert codes(results) == {
        "pipe.jpg": "check.timeout",
        "dies.jpg": "check.crashed",
        "again.jpg": "check.crashed",
        **{task.name: "photo.unknown_format" for task in tasks},
    }


def test_a_registry_out_of_reach_is_told_of_each_photo(
    tmp_path: Path, demo_registry: Registry
) -> None:
    tasks = small(tmp_path, 2)
    url = "sqlite:////no-such-folder/registry.sqlite"
    results = run(tasks, demo_registry, url, Wish(), 1, TIME_LIMIT)
    assert set(codes(results).values()) == {"registry.database_unreachable"}


def test_processes_that_cannot_start_end_the_run_with_a_report_for_each_photo(
    tmp_path: Path, demo_registry: Registry, demo_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text(
        f'#!/bin/sh\ncase "$*" in *--multiprocessing-fork*) exit 1 ;; esac\n'
        f'exec "{sys.executable}" "$@"\n'
    )
    python.chmod(0o755)
    monkeypatch.setattr(multiprocessing.spawn, "_python_exe", os.fsencode(python))
    tasks = small(tmp_path, 7)
    found = codes(run(tasks, demo_registry, demo_url, Wish(), 1, TIME_LIMIT))
    assert found == {task.name: "check.crashed" for task in tasks}


def test_a_run_that_is_given_up_leaves_no_process_behind(
    tmp_path: Path, demo_registry: Registry, demo_url: str
) -> None:
    before = set(multiprocessing.active_children())
    results = run(small(tmp_path, 12), demo_registry, demo_url, Wish(), 1, TIME_LIMIT)
    next(results)
    assert set(multiprocessing.active_children()) - before
    results.close()
    assert set(multiprocessing.active_children()) <= before
