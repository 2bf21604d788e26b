"""What would break: scripts that read our output and our exit status, and people at a prompt."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from certcheck import ahead, messages
from certcheck.cli import cli
from registry.store import demo_tables
from samples import PHOTOS
from tests.certcheck import bad_files
from tests.certcheck.paper_tools import PANGO, needs_pango, pages, pictures
from tests.registry.publisher import Publisher

ROOT = Path(__file__).parents[2]
COMMANDS: tuple[tuple[str, ...], ...] = (
    (), ("check",), ("batch",), ("registry",), ("registry", "import"), ("registry", "diff"),
    ("registry", "show"), ("registry", "doctor"), ("registry", "sync"), ("ink",),
    ("ink", "forget"), ("serve",), ("client",), ("client", "add"), ("client", "list"),
    ("client", "revoke"), ("audit", "verify"), ("audit", "list"), ("evidence", "pack"),
    ("evidence", "verify"), ("evidence", "forget"),
)  # fmt: skip
# What reads pictures or databases; asking how to use the program must not wait for it.
HEAVY = ("cv2", "numpy", "openvino", "PIL", "sqlalchemy", "sqlmodel", "flask", "ocr", "registry")
UNREACHABLE = "sqlite:////no-such-folder/registry.sqlite"
LAB, NUMBER = "yuan", "211620110417"


def call(*words: object, **environment: str | None) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words], env=environment)


def program(*words: object, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The command as installed, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", "from certcheck.cli import main; main()", *map(str, words)],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )


def entries(text: str) -> list[dict[str, object]]:
    """Standard output: one JSON object a line and nothing else."""
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    folder = tmp_path / "bad"
    folder.mkdir()
    bad_files.put(folder, ("empty.jpg", "letter.jpg", "huge.png"))
    return folder


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    folder = tmp_path / "tables"
    with demo_tables() as demo:
        shutil.copytree(demo, folder)
    return folder


@pytest.fixture
def own(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'own.sqlite'}"


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_explains_itself(words: tuple[str, ...]) -> None:
    told = call(*words, "--help")
    assert told.exit_code == 0
    assert "Usage:" in told.stdout and told.stderr == ""


def test_forgetting_ink_tells_how_much_there_was_and_a_wrong_file_is_refused(
    tmp_path: Path,
) -> None:
    kept = tmp_path / "ink.sqlite"
    told = call("ink", "forget", CERTCHECK_INK_BOOK=str(kept))
    assert told.exit_code == 0 and "0" in told.stderr and not kept.exists()
    kept.write_bytes(b"a photo, perhaps, and no book of ours at all" * 30)
    told = call("ink", "forget", CERTCHECK_INK_BOOK=str(kept))
    assert told.exit_code == 3 and str(kept) in told.stderr
    assert kept.read_bytes().startswith(b"a photo")


def test_help_loads_no_models_and_no_database() -> None:
    script = (
        "import sys\n"
        "from certcheck.cli import cli\n"
        f"for words in {COMMANDS}:\n"
        "    cli([*words, '--help'], standalone_mode=False)\n"
        f"print('loaded', sorted(set({HEAVY}) & set(sys.modules)))\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.splitlines()[-1] == "loaded []"


def test_json_is_one_object_a_line_in_argument_order(bad: Path, demo_url: str) -> None:
    names = [
        bad / name for name in ("letter.jpg", "none.jpg", "empty.jpg", "huge.png", "empty.jpg")
    ]
    told = call("check", *names, bad, "--json", "--database", demo_url)
    found = entries(told.stdout)
    assert [one["photo"]["name"] for one in found] == [*map(str, names), str(bad)]  # type: ignore[index]
    assert [one["error"]["code"] for one in found] == [  # type: ignore[index]
        "photo.unknown_format", "photo.not_found", "photo.empty", "photo.too_large",
        "photo.empty", "photo.is_folder",
    ]  # fmt: skip
    assert told.exit_code == 3
    assert told.stderr == ""


def test_a_person_reads_what_happened_and_what_to_do(bad: Path, demo_url: str) -> None:
    told = call("check", bad / "empty.jpg", "--lang", "both", "--database", demo_url)
    assert told.exit_code == 3
    for words in ("这个文件是空的", "The file is empty", "请重新拍照", "Take the photo"):
        assert words in told.stdout


def test_a_fault_is_1(
    demo_url: str, read_once: ahead.Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "read_print", read_once)
    photo = PHOTOS / "item1-expired.jpg"
    told = call("check", photo, "--json", CERTCHECK_DATABASE_URL=demo_url)
    (found,) = entries(told.stdout)
    assert found["photo"]["name"] == str(photo)  # type: ignore[index]
    assert (found["verdict"], found["error"], told.exit_code) == ("inconsistent", None, 1)
    assert told.stderr == ""


def test_no_fault_is_0_and_told_to_a_person(
    demo_url: str, read_once: ahead.Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "read_print", read_once)
    honest, paper = PHOTOS / "honest-table.png", tmp_path / "a.pdf"
    paper.write_bytes(b"an older one")
    also = ["--pdf", str(paper)] if PANGO else []
    told = call("check", honest, "--database", demo_url, *also)
    if PANGO:
        text = "".join(pages(paper.read_bytes()))
        assert messages.text("verdict.consistent").zh in text.replace("\n", "").replace("\r", "")
        assert sum(pictures(paper.read_bytes())) == 1
        assert list(tmp_path.iterdir()) == [paper]
    assert told.exit_code == 0 and told.stderr == ""
    assert str(honest) in told.stdout
    assert messages.text("status.consistent").zh in told.stdout
    assert messages.text("status.inconsistent").zh not in told.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("check",),
        ("check", "a.jpg", "--as-of", "2023-13-01"),
        ("check", "a.jpg", "--paid", "much"),
        ("check", "a.jpg", "--paid", "-1"),
        ("check", "a.jpg", "--paid", "NaN"),
        ("check", "a.jpg", "--engine", "magic"),
        ("check", "a.jpg", "--no-such-option"),
        ("batch", "x"),
        ("batch", "x", "--out", "y.jsonl", "--workers", "0"),
        ("check", "a.jpg", "b.jpg", "--pdf", "c.pdf"),
        ("check", "a.jpg", "--pdf", "nowhere/c.pdf"),
        ("check", "a.jpg", "--pdf", "."),
        ("nothing",),
        ("registry", "show"),
        ("serve", "--port", "0"),
    ],
)
def test_wrong_usage_is_told_and_is_2(words: tuple[str, ...]) -> None:
    told = call(*words)
    assert told.exit_code == 2
    assert told.stdout == "" and "Usage:" in told.stderr


@needs_pango
def test_the_report_of_a_bad_photo_is_put_on_paper_too(
    bad: Path, demo_url: str, tmp_path: Path
) -> None:
    paper = tmp_path / "a.pdf"
    words = ("check", bad / "empty.jpg", "--lang", "en", "--database", demo_url)
    told, plain = call(*words, "--pdf", str(paper)), call(*words)
    assert told.exit_code == plain.exit_code == 3 and told.stderr == ""
    assert messages.text("verdict.error").en in pages(paper.read_bytes())[0]


def test_the_day_and_the_price_reach_the_check(bad: Path, demo_url: str) -> None:
    told = call(
        "check", bad / "empty.jpg", "--json", "--database", demo_url, "--as-of", "2023-05-01",
        "--paid", "38.00", "--engine", "tesseract",
    )  # fmt: skip
    assert entries(told.stdout)[0]["settings"] == "2023-05-01|38|tesseract"


@pytest.mark.parametrize(
    "words", [("check", "a.jpg"), ("registry", "show", LAB), ("registry", "diff", "x")]
)
def test_a_database_that_is_out_of_reach_is_told_and_accuses_nobody(words: tuple[str, ...]) -> None:
    told = call(*words, "--database", UNREACHABLE)
    assert told.exit_code == 3
    assert told.stdout == ""
    assert "连不上数据库" in told.stderr and "cannot be reached" in told.stderr
    assert "says nothing about any certificate" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize("url", ["nonsense", "mysql://a:secret@b/c"])
def test_a_database_address_that_is_none_is_told_without_its_password(url: str) -> None:
    told = call("check", "a.jpg", "--database", url)
    assert told.exit_code == 2
    assert "数据库地址" in told.stderr and "secret" not in told.stderr


def test_the_option_counts_before_the_variable(demo_url: str, own: str) -> None:
    shown = ("registry", "show", LAB)
    assert call(*shown, CERTCHECK_DATABASE_URL=demo_url).exit_code == 0
    assert call(*shown, "--database", own, CERTCHECK_DATABASE_URL=demo_url).exit_code == 2
    assert call(*shown, "--database", demo_url, CERTCHECK_DATABASE_URL=own).exit_code == 0


def test_with_neither_a_database_of_ones_own_begins_with_the_demo(
    tmp_path: Path, tables: Path, bad: Path
) -> None:
    home = {"XDG_DATA_HOME": str(tmp_path / "data"), "CERTCHECK_DATABASE_URL": None}
    first = call("registry", "show", LAB, **home)
    assert first.exit_code == 0 and "示例玉石珠宝检验研究院有限公司" in first.stdout
    (made,) = (tmp_path / "data").rglob("*.sqlite")
    again = call("registry", "show", LAB, **home)
    assert again.stdout == first.stdout
    assert list((tmp_path / "data").rglob("*.sqlite")) == [made]
    told = call("check", bad / "empty.jpg", "--json", **home)
    assert entries(told.stdout)[0]["registry"]["demo"] is True  # type: ignore[index]


def test_importing_tells_what_changed_and_twice_changes_nothing(tables: Path, own: str) -> None:
    dry = call("registry", "import", tables, "--database", own, "--dry-run")
    assert dry.exit_code == 0 and "labs" in dry.stdout
    assert call("registry", "show", LAB, "--database", own).exit_code == 2, "a dry run kept it"
    first = call("registry", "import", tables, "--database", own)
    assert first.exit_code == 0 and first.stderr == ""
    assert call("registry", "show", LAB, "--database", own).exit_code == 0
    revision = _revision(own)
    second = call("registry", "import", tables, "--database", own)
    assert second.exit_code == 0 and second.stdout != first.stdout
    assert _revision(own) == revision
    same = call("registry", "diff", tables, "--database", own)
    assert same.exit_code == 0 and not re.search(r"^[+~x-] ", same.stdout, re.M)


def test_diff_shows_what_an_import_would_change_and_changes_nothing(tables: Path, own: str) -> None:
    call("registry", "import", tables, "--database", own)
    seals = tables / "seals.csv"
    seals.write_text(
        seals.read_text(encoding="utf-8") + "yuan,示例玉检院,检验检测专用章\n", "utf-8"
    )
    revision = _revision(own)
    told = call("registry", "diff", tables, "--database", own)
    assert told.exit_code == 0 and "示例玉检院" in told.stdout
    assert _revision(own) == revision


def test_bad_rows_are_named_by_their_place_and_nothing_is_changed(tables: Path, own: str) -> None:
    call("registry", "import", tables, "--database", own)
    revision = _revision(own)
    held = tables / "accreditations.csv"
    lines = held.read_text(encoding="utf-8").splitlines()
    lines[1] = lines[1].replace("2012-09-01", "2012-09-31")
    lines[2] = lines[2].replace("yuan,", "nobody,", 1)
    held.write_text("\n".join(lines) + "\n", "utf-8")
    for command in ("import", "diff"):
        told = call("registry", command, tables, "--database", own)
        assert told.exit_code == 2, command
        for place in ("accreditations.csv:2:valid_from", "accreditations.csv:3:lab_id"):
            assert place in told.stderr, command
        assert "“2012-09-31”不是日期" in told.stderr and "2012-09-31 is no date" in told.stderr
        assert "没有改动" in told.stderr and told.stdout == ""
    assert _revision(own) == revision


def _revision(url: str) -> str:
    told = call("check", "/no/such.jpg", "--json", "--database", url)
    return str(entries(told.stdout)[0]["registry"]["revision"])  # type: ignore[index]


@pytest.mark.parametrize("path", ["/no/such/folder", __file__])
def test_what_is_no_registry_is_told(path: str, own: str) -> None:
    told = call("registry", "import", path, "--database", own)
    assert told.exit_code == 2
    assert path in told.stderr or Path(path).name in told.stderr


@pytest.mark.parametrize("lab", [LAB, "示例玉石珠宝检验研究院有限公司", NUMBER, "示例玉检院"])
def test_a_laboratory_is_shown_by_id_name_and_number(lab: str, demo_url: str) -> None:
    told = call("registry", "show", lab, "--database", demo_url)
    assert told.exit_code == 0 and told.stderr == ""
    for words in ("示例玉石珠宝检验研究院有限公司", NUMBER, "151620110088", "沈怀瑾"):
        assert words in told.stdout


def test_an_unknown_laboratory_is_told_with_near_names(demo_url: str) -> None:
    told = call("registry", "show", "示例玉石珠宝检验研究院", "--database", demo_url)
    assert told.exit_code == 0  # an alias
    told = call("registry", "show", "示例宛西玉器质量检验", "--database", demo_url)
    assert told.exit_code == 2 and told.stdout == ""
    assert "示例宛西玉器质量检验站" in told.stderr


def test_a_reader_that_stops_reading_is_no_crash(demo_url: str, tmp_path: Path) -> None:
    words = ["check", *(["none.jpg"] * 40), "--json", "--database", demo_url]
    with subprocess.Popen(
        [sys.executable, "-c", "from certcheck.cli import main; main()", *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()
    assert b"Traceback" not in err and b"Exception" not in err
    assert process.returncode not in (0, 3), "nobody read the results"


def test_an_old_locale_costs_no_report(bad: Path, demo_url: str) -> None:
    done = program(
        "check", bad / "empty.jpg", "--database", demo_url, PYTHONIOENCODING="ascii:strict"
    )
    assert done.returncode == 3 and b"Traceback" not in done.stderr


def test_the_doctor_tells_people_and_programs_and_its_status(demo_url: str, own: str) -> None:
    as_of = ("--as-of", "2026-11-21")
    told = call("registry", "doctor", "--database", demo_url, "--lang", "both", *as_of)
    assert told.exit_code == 1 and told.stderr == ""
    assert "还有 2 行能力范围" in told.stdout and "2 rows of scope" in told.stdout
    assert told.stdout.splitlines()[-1] == "error=0  warning=2  note=0"
    words = ("registry", "doctor", "--database", demo_url, "--json", *as_of)
    found = entries(call(*words).stdout)
    assert [(one["code"], one["labs"]) for one in found] == [
        ("open_after_end", ["che"]), ("open_after_end", ["xiao"]),
    ]  # fmt: skip
    assert entries(call(*words, "--level", "error").stdout) == []
    assert call("registry", "doctor", "--database", own).exit_code == 0


def test_sources_are_synchronised_shown_and_told(own: str, tmp_path: Path) -> None:
    publisher = Publisher()
    try:
        url = publisher.publish("/a.json", '{"seals": [{"lab_id": "x", "text": "t", "kind": ""}]}')
        sources = tmp_path / "sources.toml"
        sources.write_text(
            f'hosts = ["{publisher.host}"]\nstate = "state"\n[[source]]\nname = "one"\n'
            f'format = "json"\nallow_http = true\nurl = "{url}"\n'
        )
        words = ("registry", "sync", sources, "--database", own)
        told = call(*words)
        assert told.exit_code == 3 and told.stdout == ""
        assert "seals.csv:2:lab_id" in told.stderr and "来源有问题" in told.stderr
        row = {"lab_id": "x", "name": "示例站", "uscc": "", "licence_address": "", "aliases": ""}
        publisher.publish("/a.json", json.dumps({"labs": [row]}))
        told = call(*words)
        assert told.exit_code == 1 and "+ labs: x  lab_id=x" in told.stdout
        assert "等人决定" in told.stderr and "waits for a decision" in told.stderr
        [entry] = entries(call(*words, "--json", "--apply").stdout)
        assert (entry["state"], entry["counts"], entry["error"]) == ("applied", {"add": 1}, None)
        told = call(*words)
        assert told.exit_code == 0 and "已是最新" in told.stderr
        assert call("registry", "show", "x", "--database", own).exit_code == 0
        publisher.answers.clear()
        told = call(*words, "--json")
        [entry] = entries(told.stdout)
        assert told.exit_code == 3 and entry["state"] == "broken"
        assert entry["error"]["code"] == "registry.source_broken_status"  # type: ignore[index]
        assert call(*words, "--only", "none").exit_code == 2
        assert call("registry", "sync", tmp_path / "none.toml").exit_code == 2
    finally:
        publisher.stop()
