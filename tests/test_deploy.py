"""What would break: a unit, an image or a compose file that names what is not there."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask

from certcheck.cli import cli
from certcheck.operation import settings
from web.app import BLUEPRINTS
from web.batches import MANY
from web.readiness import LARGEST

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
# Of 10, by `systemd-analyze security`; 2 is what it calls well protected.
MOST_EXPOSED = 2.0
PLACE = "/opt/certcheck"


def test_every_setting_that_is_named_is_one() -> None:
    for path in [one for one in DEPLOY.rglob("*") if one.is_file() and one.suffix != ".pyc"]:
        named = set(re.findall(r"CERTCHECK_[A-Z0-9_]+", path.read_text("utf-8")))
        assert named <= set(settings.table()), path.name


def test_the_example_of_settings_can_be_used() -> None:
    lines = (DEPLOY / "certcheck.env").read_text("utf-8").splitlines()
    given = dict(one.split("=", 1) for one in lines if one and not one.startswith("#"))
    assert given and settings.faults(given) == []


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    return found


def test_the_compose_file_is_whole() -> None:
    told = compose()
    services, volumes = told["services"], told["volumes"]
    for one in services.values():
        assert {"image", "healthcheck", "restart"} & set(one) >= {"image", "restart"}
        for volume in one.get("volumes", []):
            assert volume.partition(":")[0] in volumes
        for other in one.get("depends_on", {}):
            assert "healthcheck" in services[other]
        if "build" in one:
            assert (DEPLOY / one["build"]["context"] / one["build"]["dockerfile"]).is_file()
            values = {name: fill(str(value)) for name, value in one["environment"].items()}
            assert settings.faults(values) == []
            # What is set outside reaches the program, too; where files lie is the image's.
            served = {"all", "server", "web", "reading"}
            known = {name for name, row in settings.table().items() if row.readers in served}
            assert set(values) == known - {"CERTCHECK_WORK"}
            check(one.get("command"))
    assert services["web"]["ports"] == ["127.0.0.1:8000:8000"]


def fill(value: str) -> str:
    return re.sub(r"\$\{\w+:-(\w*)\}", r"\1", re.sub(r"\$\{\w+:\?\}", "x" * 40, value))


def check(command: list[str] | None) -> None:
    if command is not None and command[0] == "certcheck":
        assert command[1] in cli.commands


def test_the_image_and_a_server_are_made_of_what_run_installs() -> None:
    image = (DEPLOY / "Dockerfile").read_text("utf-8")
    run = (ROOT / "run").read_text("utf-8")
    steps = (ROOT / "docs" / "operations.md").read_text("utf-8")
    for name in ("READERS", "PRINTING"):
        listed = re.search(rf"^{name}='([^']+)'", run, re.M)
        assert listed is not None
        assert set(listed[1].split()) <= set(image.split()) & set(steps.split())
    for source in re.findall(r"^COPY (.+) \S+$", image, re.M):
        assert all((ROOT / one).exists() for one in source.split()), source
    rooms = re.findall(r"^    (\w+)\*$", (ROOT / "setup.cfg").read_text("utf-8"), re.M)
    assert all(f"COPY {room} {room}" in image for room in rooms)


def test_nginx_lets_in_what_the_program_takes_and_writes_nobody_down() -> None:
    steps = (ROOT / "docs" / "operations.md").read_text("utf-8")
    (most,) = re.findall(r"client_max_body_size (\d+)m;", steps)
    assert int(most) * 2**20 >= LARGEST
    (patient,) = re.findall(r"location ~ (\S+) \{", steps)
    app = Flask("addresses")
    for one in BLUEPRINTS:
        app.register_blueprint(one)
    takes = [one for one in app.url_map.iter_rules() if "POST" in (one.methods or ())]
    waited = {one.endpoint for one in takes if re.search(patient, one.rule)}
    assert waited == {*MANY, "desk.create"}
    (line,) = re.findall(r"log_format certcheck '(.+)';", steps)
    nobody = {"$time_iso8601", "$request_method", "$status", "$request_time", "$request_id"}
    assert set(line.split()) <= nobody
    assert re.findall(r"(access|error)_log \S+ (\w+);", steps) == [
        ("access", "certcheck"), ("error", "emerg"),
    ]  # fmt: skip


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_units_start_what_there_is(unit: Path) -> None:
    text = unit.read_text("utf-8")
    for command in re.findall(r"/opt/certcheck/\.venv/bin/certcheck (\w+)", text):
        assert command in cli.commands
    for path in re.findall(r"(?:gunicorn -c |file:///opt/certcheck/)(\S+)", text):
        assert (ROOT / path).is_file()


def test_commands_by_hand_find_what_the_units_keep() -> None:
    wrapper = (DEPLOY / "certcheck").read_text("utf-8")
    for unit in UNITS:
        text = unit.read_text("utf-8")
        (kept,) = re.findall(r"^Environment=(XDG_DATA_HOME=\S+) (XDG_CACHE_HOME=\S+)$", text, re.M)
        same = [f"--setenv={one}" for one in kept]
        same += [
            f"--property={one}" for one in re.findall(r"^(?:EnvironmentFile|UMask)=.+$", text, re.M)
        ]
        same += [f"--uid={one}" for one in re.findall(r"^User=(.+)$", text, re.M)]
        assert set(same) <= set(wrapper.split()), unit.name


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd")
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_units_are_understood_and_give_away_little(unit: Path, tmp_path: Path) -> None:
    copied = tmp_path / unit.name
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("certcheck", "gunicorn"):
        (programs / name).write_text("#!/bin/sh\n")
        (programs / name).chmod(0o755)
    copied.write_text(unit.read_text("utf-8").replace(PLACE, str(tmp_path)))
    told = run("systemd-analyze", "verify", "--man=no", str(copied))
    lines = [one for one in told.stderr.splitlines() if unit.name in one]
    assert (told.returncode, lines) == (0, [])
    told = run("systemd-analyze", "security", "--offline=true", str(copied))
    score = re.search(r"exposure level for \S+: ([\d.]+)", told.stdout)
    assert score is not None and float(score[1]) <= MOST_EXPOSED


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False)
