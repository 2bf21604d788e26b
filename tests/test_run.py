"""What would break: a newcomer's first command, on a machine that is not ours."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from samples.generator.fonts import PACKAGES
from tests.conftest import ONE_WORKER, Together

ROOT = Path(__file__).parents[1]
RUN = ROOT / "run"
PINS = ROOT / ".ci" / "constraints.txt"
# What `run` calls besides the shell's own commands, all of it in every Debian.
TOOLS = ("cat", "cut", "dirname", "id", "mkdir", "readlink", "rm", "sha256sum", "tail")


def call(
    *words: str, cwd: Path = ROOT, run: Path = RUN, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", str(run), *words],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "CERTCHECK_NO_APT": "1"} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def requirements() -> dict[str, list[str]]:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return {
        "run": parser["options"]["install_requires"].split(),
        "dev": parser["options.extras_require"]["dev"].split(),
    }


def pins() -> dict[str, str]:
    lines = PINS.read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in pairs}


def debian_packages() -> set[str]:
    program = RUN.read_text(encoding="utf-8")
    names = "READERS|PRINTING|FONTS|SERVERS|SCANNER|BROWSER|TOOLS"
    lists = re.findall(rf"^(?:{names})='([^']*)'", program, re.M)
    assert len(lists) == 7
    return set(" ".join(lists).split())


def test_help_names_every_command_from_anywhere(tmp_path: Path) -> None:
    for words in ((), ("help",), ("--help",)):
        told = call(*words, cwd=tmp_path)
        assert told.returncode == 0
        for command in ("demo", "serve", "test"):
            assert f"./run {command}" in told.stdout


def test_a_link_to_it_works_too(tmp_path: Path) -> None:
    link = tmp_path / "certcheck-run"
    link.symlink_to(RUN)
    assert call("help", run=link, cwd=tmp_path).stdout == call("help").stdout


def test_an_unknown_command_is_wrong_usage() -> None:
    told = call("dmeo")
    assert told.returncode == 2
    assert "dmeo" in told.stderr and "./run demo" in told.stderr


def test_without_python_it_names_the_line_to_type(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(PINS, tmp_path / ".ci")
    for name in ("run", "setup.cfg", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        assert found is not None
        (tools / name).symlink_to(found)
    told = call("demo", run=tmp_path / "run", PATH=str(tools))
    assert told.returncode == 1
    assert "Python 3.11" in told.stderr and "apt-get install -y python3" in told.stderr
    assert not (tmp_path / ".venv").exists()


def test_every_requirement_is_pinned_to_one_version() -> None:
    wanted = {name for names in requirements().values() for name in names} | {"pip", "setuptools"}
    assert wanted - set(pins()) == set()
    assert all(re.fullmatch(r"[\w.]+", version) for version in pins().values())


def test_only_one_build_of_opencv_is_installed() -> None:
    assert [name for name in pins() if name.startswith("opencv")] == ["opencv-python-headless"]


def test_every_face_of_the_generator_is_installed() -> None:
    assert set(PACKAGES) <= debian_packages()


@pytest.mark.parametrize("path", [RUN, ROOT / ".ci" / "run", PINS, ROOT / "setup.cfg"])
def test_no_file_names_a_registry(path: Path) -> None:
    assert not re.search(r"https?://|index-url", path.read_text(encoding="utf-8"))


def test_every_dependency_is_explained() -> None:
    rows = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").splitlines()
    explained = {
        name
        for row in rows
        if row.startswith("| ")
        for name in row.split("|")[1].strip().split(", ")
    }
    wanted = {name for names in requirements().values() for name in names} | debian_packages()
    assert wanted - explained == set()


def test_files_that_share_something_go_to_one_worker() -> None:
    """Else a server is started, and photos are read, once for each of them."""
    workers = Together.__new__(Together)
    for folder, names in ONE_WORKER.items():
        assert all((ROOT / folder / f"{name}.py").is_file() for name in names)
        scopes = {workers._split_scope(f"{folder}/{name}.py::test_a[b::c]") for name in names}
        assert len(scopes) == 1
    assert workers._split_scope("tests/test_run.py::test_a") == "tests/test_run.py"
