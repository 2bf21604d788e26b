"""`certcheck registry` from the outside, and a report made again by an old revision."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from certcheck import ahead
from certcheck.cli import cli
from registry import store
from tests.registry import official
from tests.registry.server import Server
from tests.registry.test_migrations import migrate_to

ROOT = Path(__file__).parents[2]
HONEST = ROOT / "samples" / "photos" / "honest-table.png"
LABS = "lab_id,name,uscc,licence_address,aliases\n"
SEALS = "lab_id,text,kind\n"


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("registry.past.platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path))
    address = f"sqlite:///{tmp_path / 'registry.sqlite'}"
    engine = store.open_registry(address)
    store.fill_with_demo(engine)
    engine.dispose()
    return address


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


def folder(at: Path, **tables: str) -> str:
    at.mkdir(exist_ok=True)
    for name, text in tables.items():
        (at / f"{name}.csv").write_text(text, encoding="utf-8")
    return str(at)


def test_import_log_show_and_undo(url: str, tmp_path: Path) -> None:
    """An operator could not say what was loaded, see it, or take it back."""
    path = folder(tmp_path / "x", seals=SEALS + "yuan,示例新章,公章\n")
    words = (path, "--list-date", "2026-11-22", "--by", "王科", "--database", url)
    dry = run("registry", "import", *words, "--dry-run")
    done = run("registry", "import", *words)
    assert dry.exit_code == done.exit_code == 0
    assert done.stdout.startswith(dry.stdout)
    assert "+ seals: yuan/示例新章/公章" in done.stdout
    told = run("registry", "log", "--database", url).stdout.splitlines()
    assert told[0].startswith("#2  ") and "by=王科" in told[0] and "list of 2026-11-22" in told[0]
    days = {
        day: run("registry", "show", "yuan", "--as-of", day, "--database", url).stdout
        for day in ("2026-11-21", "2026-11-22")
    }
    old = "seals: yuan/示例玉石珠宝检验研究院有限公司/检验检测专用章"
    assert old in days["2026-11-21"] and old not in days["2026-11-22"]
    assert "[#2 seals.csv:2]" in days["2026-11-22"]
    assert run("registry", "undo", "2", "--database", url).exit_code == 0
    assert "示例新章" not in run("registry", "show", "yuan", "--database", url).stdout
    refused = run("registry", "undo", "2", "--database", url)
    assert refused.exit_code == 2
    assert "第 3 次" in refused.stderr and "number 3" in refused.stderr
    gone = run("registry", "show", "yuan", "--known-on", "2020-01-01", "--database", url)
    assert gone.exit_code == 2
    assert "2020-01-01" in gone.stderr


def test_an_old_registry_says_why_it_opens_slowly(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a minute of silence is taken for a program that hangs, and it is stopped."""
    monkeypatch.setattr(store, "MANY", 1)
    engine = store.make_engine(store.parse_url(url))
    migrate_to(engine, "0006", down=True)
    engine.dispose()
    slow, quick = (run("registry", "log", "--database", url) for _ in range(2))
    assert (slow.exit_code, slow.stdout) == (0, quick.stdout)
    assert "重建" in slow.stderr and "made anew" in slow.stderr
    assert quick.stderr == ""


def test_a_map_says_what_the_headings_of_one_office_mean(url: str, tmp_path: Path) -> None:
    """A list with headings of its own could not be loaded without a programmer."""
    page = official.institutions()
    head = page.rows[0]
    head[head.index("机构名称")] = "单位甲"
    book = str(official.xlsx(tmp_path / "book.xlsx", [page]))
    said = tmp_path / "words.toml"
    said.write_text('[columns]\n"单位甲" = "lab_name"\n', encoding="utf-8")
    told, database = ("--map", str(said)), ("--database", url)
    assert run("registry", "import", book, *database).exit_code == 2
    shown = run("registry", "diff", book, *told, *database)
    assert shown.exit_code == 0 and official.NUMBER in shown.stdout
    assert run("registry", "import", book, *told, *database).exit_code == 0
    assert official.NUMBER in run("registry", "show", official.LAB, *database).stdout
    said.write_text("colums = 1\n", encoding="utf-8")
    slip = run("registry", "diff", book, *told, *database)
    assert slip.exit_code == 2 and "words.toml" in slip.stderr


def test_a_report_made_again_is_the_same(
    url: str, tmp_path: Path, read_once: ahead.Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A laboratory that asks why it was judged so could not be shown."""
    # Only the registry changes, so the photo is read once for the three.
    monkeypatch.setattr(ahead, "read_print", read_once)
    first = json.loads(run("check", str(HONEST), "--json", "--database", url).stdout)
    path = folder(tmp_path / "x", labs=LABS + "real,真检测有限公司,,,\n")
    assert run("registry", "import", path, "--database", url).exit_code == 0
    now = json.loads(run("check", str(HONEST), "--json", "--database", url).stdout)
    revision = first["registry"]["revision"]
    again = json.loads(
        run("check", str(HONEST), "--json", "--database", url, "--registry-revision", revision)
        .stdout
    )  # fmt: skip
    assert now["registry"]["revision"] != revision
    assert now["lab"] != first["lab"]
    for report in (first, again):
        report.pop("checked_at")
    assert again == first


def test_a_whole_list_strikes_off(tmp_path: Path) -> None:
    """An operator could not say that nobody is missing from a list but who was struck off."""
    url = f"sqlite:///{tmp_path / 'own.sqlite'}"
    more: list[official.Cell] = [3, "示例淅川玉石检测站", "211620110063"]
    full = official.institutions()
    full.rows.append([*more, *full.rows[1][3:]])
    old = official.xlsx(tmp_path / "old.xlsx", [full])
    new = official.xlsx(tmp_path / "new.xlsx", [official.institutions()])
    assert run("registry", "import", str(old), "--database", url).exit_code == 0
    words = (str(new), "--list-date", "2024-09-30", "--whole", "16", "--database", url)
    shown, done = run("registry", "diff", *words), run("registry", "import", *words)
    for each in (shown, done):
        assert each.exit_code == 0 and "1 家机构" in each.stderr
        assert "x accreditations: CMA-211620110063" in each.stdout
    told = run("registry", "show", "211620110063", "--database", url).stdout
    assert "2021-05-06..2024-09-29" in told


@pytest.fixture(params=store.DATABASES)
def any_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with nothing in it, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'own.sqlite'}"
    server: Server = request.getfixturevalue("server")
    return server.url(server.create())


def test_every_command_by_address(any_url: str, tmp_path: Path) -> None:
    """What works on the one database would not on the other."""
    hidden = official.Page("草稿", [["机构名称", "资质认定证书编号"], ["示例幽灵", "211620110099"]])
    pages = [official.institutions(), official.capability(), official.signatories()]
    book = str(official.xlsx(tmp_path / "book.xlsx", pages, hidden=[hidden]))

    def registry(*words: str, status: int = 0) -> str:
        told = run("registry", *words, "--database", any_url)
        assert told.exit_code == status, told.output
        return told.output

    shown = registry("import", book, "--dry-run")
    assert "book.xlsx[草稿]: 提醒" in shown and "added=10" in shown
    assert "added=10" in registry("diff", book)
    assert "revision=" in registry("import", book, "--by", "王科")
    scope = f"scopes: CMA-{official.NUMBER}/翡翠"
    assert scope in registry("show", official.NUMBER, "--as-of", "2024-01-01")
    assert scope not in registry("show", official.LAB, "--as-of", "2020-01-01")
    assert "2020-01-01" in registry("show", official.LAB, "--known-on", "2020-01-01", status=2)
    assert "confidence=" in registry("find", official.LAB, official.NUMBER)
    assert "error=0" in registry("doctor")
    out = registry("export", str(tmp_path / "out"))
    assert "scopes.csv 4" in out and "2 家机构" in out
    assert "removed=10" in registry("undo", "1")
    log = registry("log").splitlines()
    assert "undo of #1" in log[0] and "by=王科" in log[1]
    assert registry("undo", "1", status=2)
