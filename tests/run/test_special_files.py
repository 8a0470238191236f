"""Pipes, devices, endless files and links beside good reports: nothing waits, each costs only itself.

Every command runs in a process of its own that is given minutes for what takes seconds (`tests.command`).
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import pipeline
from pipeline.acquire.ledger import Fetch, Ledger
from pipeline.acquire.store import Store
from pipeline.cli import main
from pipeline.config import Settings
from pipeline.printable import to_printable
from pipeline.records import Report
from pipeline.workers import Task, document_to_failure
from tests.command import ask
from tests.light_tables import write_light_tables
from tests.workers.crashing import sound_report

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "data" / "raw"
GOOD = (
    "示例市示例局2023年政府信息公开工作年度报告.pdf",
    "示例市水务示例局2023年政府信息公开工作年度报告.pdf",
)
INNER = "链接.pdf"  # after the others in order: a content goes by its first name
ALIKE = "alike.pdf"
"""Leads to a folder beside that of the reports whose name begins as that does."""

SECRET = "root:x:0:0:a secret of another folder"
SOURCES = '[crawl]\ncontact = "a@example.org"\n[[source]]\nname = "one"\nfolder = "reports"\n'


def put_node(path: Path, kind: int, device: int = 0) -> None:
    """A node of this kind; devices may be made by few users, and not in every container."""
    with contextlib.suppress(PermissionError):
        os.mknod(path, kind | 0o600, device)


def put_links(folder: Path) -> None:
    """Links to what has no end, to what has a reader wait, and to what is no business of this folder."""
    targets = {
        "zero": "/dev/zero", "urandom": "/dev/urandom", "full": "/dev/full", "null": "/dev/null",
        "tty": "/dev/tty", "stdin": "/dev/stdin", "log of the kernel": "/proc/kmsg",
        "memory": "/proc/self/mem", "core": "/proc/kcore", "secret": "../secret.txt",
        "elsewhere": f"../elsewhere/{GOOD[1]}", "gone": "nowhere.pdf", "far and gone": "/nowhere/x.pdf",
        "loop": "loop.pdf", "to the pipe": "pipe.pdf",
    }  # fmt: skip
    for name, target in targets.items():
        (folder / f"{name}.pdf").symlink_to(target)
    (folder / ALIKE).symlink_to((folder.parent / "reports2" / GOOD[1]).absolute())
    (folder / "round").symlink_to(".")
    (folder / "linked.pdf").symlink_to("../elsewhere")
    (folder / os.fsdecode(b"odd\xfe\n")).symlink_to(".")


def put_special(folder: Path) -> None:
    """Whatever has the name of a report and is none."""
    put_node(folder / "pipe.pdf", stat.S_IFIFO)
    put_node(folder / "socket.pdf", stat.S_IFSOCK)
    put_node(folder / "device.pdf", stat.S_IFCHR, os.makedev(1, 5))
    put_node(folder / "disk.pdf", stat.S_IFBLK, os.makedev(7, 200))
    put_node(folder / os.fsdecode(b"odd\xff.pdf"), stat.S_IFIFO)
    put_links(folder)
    with (folder / "huge.pdf").open("wb") as file:
        file.write(b"%PDF-1.4\n")
        file.truncate(1 << 40)
    (folder / "empty.pdf").touch()
    (folder / "words.pdf").write_text(f"{SECRET}, too", encoding="utf-8")
    (folder / "folder.pdf").mkdir()


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """A folder of two good reports and of everything special, with others beside it."""
    for name in ("reports", "elsewhere", "reports2"):
        (tmp_path / name).mkdir()
    (tmp_path / "secret.txt").write_text(SECRET, encoding="utf-8")
    shutil.copy(SAMPLES / GOOD[0], tmp_path / "reports")
    shutil.copy(SAMPLES / GOOD[1], tmp_path / "elsewhere")
    shutil.copy(SAMPLES / GOOD[1], tmp_path / "reports2")
    (tmp_path / "reports" / INNER).symlink_to(GOOD[0])
    put_special(tmp_path / "reports")
    return tmp_path / "reports"


def rows_of(out: Path) -> dict[str, tuple[str, str]]:
    """Status and error of every document by its file's name."""
    reports = pipeline.load(out).reports
    return {
        Path(row["source_file"]).name: (row["status"], row["error"]) for row in reports.to_dict("records")
    }


def specials(reports: Path) -> list[str]:
    """The special files that have a row of their own."""
    names = {path.name for path in reports.iterdir() if not path.is_dir()}
    return sorted(name for name in names - {*GOOD, INNER} if "odd" not in name)


def said_of(name: str, text: str) -> list[str]:
    return [line for line in text.splitlines() if f"/{name}: " in line and "error: " in line]


def assert_each_costs_itself(reports: Path, rows: dict[str, tuple[str, str]]) -> None:
    assert len(specials(reports)) >= 20
    assert {name: rows[name][0] for name in specials(reports)} == dict.fromkeys(specials(reports), "failed")
    assert rows[GOOD[0]] == ("ok", "")
    whole = json.dumps(rows)
    assert "secret of" not in whole
    assert "root:" not in whole


def test_a_run_of_a_folder(reports: Path) -> None:
    status, _, said = ask(reports.parent, "run", "reports", "--out", "out")
    assert status == 1
    rows = rows_of(reports.parent / "out")
    assert_each_costs_itself(reports, rows)
    assert {len(said_of(name, said)) for name in specials(reports)} == {1}
    assert rows["pipe.pdf"][1] == "is a named pipe, no regular file: put the document itself there"
    for name in ("elsewhere.pdf", ALIKE):
        assert rows[name][1].startswith("is a link out of its folder, which is not followed")
    assert rows["loop.pdf"][1].startswith("is a link that leads in circles")
    assert "over 512 MB" in rows["huge.pdf"][1]
    assert rows["words.pdf"][1] == "plain text, which is not read: fetch the report again"
    for name in ("round", "linked.pdf"):
        assert f"passed over: reports/{name}: a link to a folder, which is not followed" in said
    assert "passed over: reports/folder.pdf: a folder with the name of a file" in said
    assert GOOD[1] not in rows
    again, _, _ = ask(reports.parent, "run", "reports", "--out", "out")
    assert again == 1
    assert rows_of(reports.parent / "out") == rows


def test_a_run_of_the_paths_themselves(reports: Path) -> None:
    names = [name for name in specials(reports) if (reports / name).exists() and name != ALIKE]
    given = [Path("reports", name) for name in names]
    status, _, _ = ask(reports.parent, "run", *given, Path("reports", GOOD[0]), "--out", "out")
    assert status == 1
    rows = rows_of(reports.parent / "out")
    own = GOOD[1] if GOOD[1] in rows else "elsewhere.pdf"
    assert rows[own] == ("ok", ""), "a link that is given itself is followed"
    failed = {path.name for path in given} - {"elsewhere.pdf"}
    assert {name for name, (state, _) in rows.items() if state == "failed"} == failed
    assert rows[GOOD[0]] == ("ok", "")


@pytest.mark.parametrize("name", ["pipe.pdf", "zero.pdf", "log of the kernel.pdf", "huge.pdf", "loop.pdf"])
def test_a_look_at_one_file(reports: Path, name: str) -> None:
    status, out, said = ask(reports.parent, "inspect", Path("reports", name))
    assert (status in (1, 2), out) == (True, "")
    assert said.count("\n") == 1
    assert said.startswith("error: ")


def fetch(home: Path, name: str) -> Path:
    """A report in the store, as if a site had given it; its place there."""
    store = Store(home / "data" / "raw")
    stored = store.put((SAMPLES / name).read_bytes())
    with Ledger(home / "data" / "ledger.sqlite") as ledger:
        url = f"https://one.example/{stored.sha256[:8]}.pdf"
        ledger.record(Fetch(url, "one", "2026-01-01", 200, {}, stored.sha256, stored.size, url, "stored"))
    return store.path(stored.sha256)


def put_into_store(raw: Path) -> list[Path]:
    """Special files where the store keeps its own, under names as its own have."""
    places = [raw / ".incoming", raw / "ab", raw / "cd"]
    for place in places:
        place.mkdir(exist_ok=True)
    names = [f"{letters}{'0' * 62}.pdf" for letters in ("ab", "cd")]
    put_node(places[0] / "a.part", stat.S_IFIFO)
    put_node(places[0] / "b.part", stat.S_IFSOCK)
    (places[0] / "c.part").symlink_to("/dev/zero")
    put_node(places[1] / names[0], stat.S_IFIFO)
    (places[2] / names[1]).symlink_to("/dev/urandom")
    put_node(places[1] / "x.pdf", stat.S_IFIFO)
    put_node(places[1] / os.fsdecode(b"odd\xff\n\x1b[2J.pdf"), stat.S_IFIFO)
    no_folder = next(path for n in range(16) if not (path := raw / f"e{n:x}").exists())
    put_node(no_folder, stat.S_IFIFO)
    with (places[1] / f"ab{'1' * 62}.pdf").open("wb") as file:
        file.truncate(1 << 40)
    return [*places[0].glob("*.part"), *places[1].iterdir(), *places[2].iterdir(), no_folder]


def test_verify_tells_what_is_no_file_of_the_store(tmp_path: Path) -> None:
    good, swapped = fetch(tmp_path, GOOD[0]), fetch(tmp_path, GOOD[1])
    swapped.unlink()
    put_node(swapped, stat.S_IFIFO)
    planted = put_into_store(tmp_path / "data" / "raw")
    status, out, said = ask(tmp_path, "verify")
    assert (status, said) == (1, "")
    lines = out.splitlines()
    for path in (*planted, swapped):
        shown = to_printable(str(path.relative_to(tmp_path)))
        kinds = [line.split(": ")[0] for line in lines if shown in line]
        assert set(kinds) & {"stray", "altered"}, path
    assert len(lines) == len(planted) + 3, "one line each, one on what is missing, and one on how many"
    assert not any(good.name in line for line in lines)
    assert ask(tmp_path, "verify", "--json")[0] == 1
    assert all(path.exists() or path.is_symlink() for path in planted)


def test_a_night_over_what_lies_there(reports: Path) -> None:
    home = reports.parent
    fetch(home, GOOD[1])
    planted = put_into_store(home / "data" / "raw")
    reports.rename(home / "data" / "raw" / "by hand")
    (home / "data" / "raw" / "secret.txt").write_text(SECRET, encoding="utf-8")
    status, _, said = ask(home, "nightly", "--no-crawl")
    assert status == 1, said[-2000:]
    rows = rows_of(home / "data" / "processed")
    assert_each_costs_itself(home / "data" / "raw" / "by hand", rows)
    assert sum(state == "ok" for state, _ in rows.values()) == 2
    assert said.count("passed over") == 4  # one of them the file that is no report
    assert all(path.exists() or path.is_symlink() for path in planted), "a night removes its own alone"


def test_a_folder_as_a_source_of_a_night(reports: Path) -> None:
    home = reports.parent
    (home / "sources.toml").write_text(SOURCES, encoding="utf-8")
    status, _, said = ask(home, "nightly")
    assert status == 0, said[-2000:]
    assert rows_of(home / "data" / "processed") == {GOOD[0]: ("ok", "")}
    digest = json.loads((home / "data" / "nights" / "latest.json").read_text(encoding="utf-8"))
    told = " ".join(f"{entry['text']}" for entry in digest["sources"])
    for what in ("a named pipe", "a socket", "a link out of its folder", "a link that leads in circles",
                 "over 64 MB", "a link to a folder"):  # fmt: skip
        assert what in told, what
    refused = [entry for entry in digest["sources"] if entry["kind"] == "failed"]
    assert sum(entry["times"] for entry in refused) >= len(specials(reports))
    assert "root:" not in json.dumps(digest)


@pytest.mark.parametrize(
    ("name", "command", "says"),
    [
        ("data/ledger.sqlite", ("nightly", "--no-crawl"), "ledger.sqlite is a named pipe, no regular file"),
        ("data/ledger.sqlite", ("verify",), "no ledger there"),
        ("data/ledger.sqlite-wal", ("nightly", "--no-crawl"), "ledger.sqlite-wal is a named pipe"),
        ("pipeline.toml", ("run", "reports"), "cannot be read (a named pipe, no regular file)"),
        ("sources.toml", ("nightly",), "cannot be opened (a named pipe, no regular file)"),
    ],
)
def test_a_pipe_in_place_of_the_commands_own_files(
    tmp_path: Path, name: str, command: tuple[str, ...], says: str
) -> None:
    (tmp_path / "data").mkdir()
    put_node(tmp_path / name, stat.S_IFIFO)
    status, _, said = ask(tmp_path, *command)
    assert status in (2, 5)
    assert says in said


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one report and its tables."""
    folder = tmp_path_factory.mktemp("first")
    shutil.copy(SAMPLES / GOOD[0], folder / "one.pdf")
    assert ask(folder, "run", "one.pdf", "--out", "out")[0] == 0
    return folder


@pytest.mark.parametrize("name", [".out.settings.json", "out/datapackage.json", "out/.words.arrow"])
@pytest.mark.parametrize("kind", ["pipe", "endless", "deep"])
def test_what_lies_in_place_of_a_note_of_the_run_before(
    first_run: Path, tmp_path: Path, name: str, kind: str
) -> None:
    """What a run has noted for the next one is of use, and never needed."""
    shutil.copytree(first_run, tmp_path, dirs_exist_ok=True)
    (tmp_path / name).unlink(missing_ok=True)
    put_instead(tmp_path / name, kind)
    status, _, said = ask(tmp_path, "run", "one.pdf", "--out", "out")
    assert (status, "Traceback" in said) == (0, False)
    assert rows_of(tmp_path / "out")["one.pdf"][0] == "ok"


def put_instead(path: Path, kind: str) -> None:
    if kind == "pipe":
        put_node(path, stat.S_IFIFO)
    elif kind == "deep":
        path.write_bytes(b"[" * 500_000)
    else:
        with path.open("wb") as file:
            file.truncate(1 << 40)


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one report and the release of a night over it."""
    folder = tmp_path_factory.mktemp("night")
    (folder / "data" / "raw").mkdir(parents=True)
    shutil.copy(SAMPLES / GOOD[0], folder / "data" / "raw")
    assert ask(folder, "nightly", "--no-crawl")[0] == 0
    return folder


@pytest.mark.parametrize("kind", ["pipe", "deep"])
@pytest.mark.parametrize("name", ["night.json", ".base"])
def test_what_lies_in_place_of_a_note_beside_a_release(
    first_night: Path, tmp_path: Path, name: str, kind: str
) -> None:
    shutil.copytree(first_night, tmp_path, symlinks=True, dirs_exist_ok=True)
    releases = tmp_path / "data" / "processed.releases"
    shutil.copytree(releases / "0001", releases / "0002")
    for folder in (releases / "0001", releases / "0002"):
        (folder / name).unlink(missing_ok=True)
        put_instead(folder / name, kind)
    put_node(releases / "0009", stat.S_IFIFO)
    assert ask(tmp_path, "nightly", "--no-crawl")[0] == 0


def test_a_folder_in_place_of_the_latest_digest(tmp_path: Path) -> None:
    (tmp_path / "data" / "raw").mkdir(parents=True)
    (tmp_path / "data" / "nights" / "latest.md").mkdir(parents=True)
    status, _, said = ask(tmp_path, "nightly", "--no-crawl")
    last = said.splitlines()[-1]
    assert (status, last.startswith("error: ")) == (5, True)
    assert "nights/latest.md: Is a directory: move that folder away; readers see" in last


def test_no_error_quotes_a_file_that_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text(f"{SECRET}\none,two,{SECRET}\n", encoding="utf-8")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "observations.csv").symlink_to("../secret.txt")
    shutil.copy(SAMPLES / GOOD[0], tmp_path / "one.pdf")
    status, _, said = ask(tmp_path, "run", "one.pdf", "--out", "out")
    assert (status, "observations.csv: " in said) == (2, True)
    assert SECRET[:8] not in said


def test_a_large_file_in_place_of_the_settings(tmp_path: Path) -> None:
    with (tmp_path / "pipeline.toml").open("wb") as file:
        file.truncate(1 << 40)
    status, _, said = ask(tmp_path, "run", "x.pdf")
    assert (status, said) == (2, "error: pipeline.toml: cannot be read (over 1 MB): check --config\n")


def read_openable(tasks: Sequence[Task], settings: Settings) -> Iterator[Report]:
    """A report of all that could be opened."""
    for task in tasks:
        yield document_to_failure(task.document) if task.document.problem else sound_report(task)


def test_document_mb_bounds_what_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing special is among these, so it is tried here, with a reader that takes what could be opened."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pipeline.run.tasks_to_reports", read_openable)
    write_light_tables(monkeypatch)
    Path("small2023.pdf").write_bytes(b"%PDF-1.4")
    Path("large2022.pdf").write_bytes(b"%PDF-1.4" + bytes(1 << 20))
    command = ["run", "small2023.pdf", "large2022.pdf", "--out", "out"]
    settings = Path("pipeline.toml")
    settings.write_text("document_mb = 1\nprose = false\n", encoding="utf-8")
    assert main(command) == 1
    assert rows_of(Path("out")) == {
        "small2023.pdf": ("ok", ""),
        "large2022.pdf": (
            "failed",
            "is over 1 MB, too large to be a report: raise document_mb in pipeline.toml if it is one",
        ),
    }
    capsys.readouterr()
    settings.write_text("document_mb = 2\nprose = false\n", encoding="utf-8")
    assert main(command) == 0
    assert "no longer hold" not in capsys.readouterr().err
    assert set(rows_of(Path("out")).values()) == {("ok", "")}
