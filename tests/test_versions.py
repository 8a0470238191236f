"""What decides on a reading and on the tables is in their versions, whole: no list of it is kept by hand."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import versions
from pipeline.extract.version import reading_version
from pipeline.tables.version import tables_version
from pipeline.versions import NEITHER, PACKAGE, READING, TABLES, files_to_libraries, names_to_files


def of_today() -> tuple[str, str]:
    """Both versions, computed anew."""
    reading_version.cache_clear()
    tables_version.cache_clear()
    return reading_version(), tables_version()


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """What a test makes of the versions is no other's."""
    yield
    reading_version.cache_clear()
    tables_version.cache_clear()


def test_every_file_of_the_package_is_in_exactly_one_group() -> None:
    groups = [names_to_files(names) for names in (READING, TABLES, NEITHER)]
    times = Counter(file for group in groups for file in group)
    there = {file for file in PACKAGE.rglob("*") if file.is_file() and "__pycache__" not in file.parts}
    assert {file: n for file, n in times.items() if n > 1} == {}
    assert there ^ times.keys() == set()


def test_every_name_of_a_group_is_there() -> None:
    assert [name for name in (*READING, *TABLES, *NEITHER) if not (PACKAGE / name).exists()] == []


def imported(names: tuple[str, ...]) -> set[str]:
    """The modules of others that the code of a group imports, by its syntax tree."""
    found: set[str] = set()
    for file in names_to_files(names):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if file.suffix == ".py" else ():
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - {"pipeline"}


@pytest.mark.parametrize(("names", "some"), [(READING, "cn2an cv2 pypdfium2"), (TABLES, "jieba pandas")])
def test_every_library_that_is_imported_counts(names: tuple[str, ...], some: str) -> None:
    modules = imported(names)
    assert set(some.split()) <= modules
    assert versions._modules_to_distributions(modules).keys() == modules


def test_what_a_library_needs_itself_counts_too() -> None:
    libraries = files_to_libraries(names_to_files(READING))
    named = ("cn2an", "pillow", "pdfplumber", "pdfminer-six", "camelot-py", "playa-pdf", "pypdfium2")
    assert [name for name in named if not libraries[name]] == []


@pytest.mark.parametrize("names", [READING, TABLES])
def test_words_of_a_text_are_no_library(names: tuple[str, ...]) -> None:
    code = [file.read_text(encoding="utf-8") for file in names_to_files(names) if file.suffix == ".py"]
    found = {module for text in code for module in versions._code_to_modules(text)}
    assert found - sys.stdlib_module_names - {"pipeline"} == imported(names)


def test_every_way_to_import_counts() -> None:
    code = "import a\nimport b.c as d, e\nif 1:\n    from f.g import h\nimport i  # why\nimport j; import k\n"
    text = 'import of goods\nfrom the page, and\nimport x y\nfrom .own import z\n"""\nfrom it\n"""\n'
    assert list(versions._code_to_modules(code + text)) == ["a", "b", "e", "f", "i", "j"]


def install(folder: Path, name: str, version: str, listed: str = "RECORD") -> None:
    """A distribution as an installer leaves it, with one module of its name."""
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / listed).write_text(f"{name}/__init__.py,,\n" if listed == "RECORD" else f"{name}\n")


@pytest.mark.parametrize("listed", ["RECORD", "top_level.txt"])
def test_a_library_without_a_list_of_its_files_has_a_version_too(
    listed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "site", "of_the_system", "1.2", listed)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    file = tmp_path / "reads.py"
    file.write_text("import of_the_system\n")
    assert files_to_libraries([file]) == {"of-the-system": "1.2"}


@pytest.mark.parametrize(
    ("library", "reading", "tables"),
    [("cn2an", True, False), ("jieba", False, True), ("scrapy", False, False)],
)
def test_another_version_of_a_library_is_another_version_of_what_uses_it(
    library: str, reading: bool, tables: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = of_today()
    install(tmp_path, library, "999.0")
    monkeypatch.syspath_prepend(str(tmp_path))
    now = of_today()
    assert (now[0] != before[0], now[1] != before[1]) == (reading, tables)


def copied(folder: Path) -> Path:
    """The package's files alone, elsewhere."""
    for file in names_to_files((*READING, *TABLES, *NEITHER)):
        copy = folder / file.relative_to(PACKAGE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    return folder


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[str, str]]:
    """The package's files elsewhere, and both versions of them."""
    folder = copied(tmp_path_factory.mktemp("copy") / "elsewhere")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(versions, "PACKAGE", folder)
        return folder, of_today()


@pytest.mark.parametrize(
    ("file", "reading", "tables"),
    [
        ("extract/read/borderless/words.py", True, False),
        ("extract/normalise/phrases.py", True, False),
        ("records.py", True, False),
        ("forms/fy2021.toml", True, True),
        ("derive/prose/stopwords.txt", False, True),
        ("tables/rates.toml", False, True),
        ("places/regions.csv", False, True),
        ("cli/run.py", False, False),
        ("acquire/store.py", False, False),
    ],
)
def test_a_change_of_a_file_is_another_version_of_what_it_decides(
    file: str,
    reading: bool,
    tables: bool,
    copy: tuple[Path, tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, before = copy
    monkeypatch.setattr(versions, "PACKAGE", folder)
    content = (folder / file).read_bytes()
    (folder / file).write_bytes(content + b"\n")
    try:
        now = of_today()
    finally:
        (folder / file).write_bytes(content)
    assert (now[0] != before[0], now[1] != before[1]) == (reading, tables)


def test_where_the_package_lies_makes_no_difference(copy: tuple[Path, tuple[str, str]]) -> None:
    assert copy[1] == of_today()


def test_a_library_that_is_not_there_counts_as_such(tmp_path: Path) -> None:
    file = tmp_path / "reads.py"
    file.write_text("def read():\n    import no_such_library_here\n")
    assert files_to_libraries([file]) == {"no_such_library_here": ""}


def test_modules_that_are_left_out_count_not_and_nor_does_what_they_need(tmp_path: Path) -> None:
    file = tmp_path / "reads.py"
    file.write_text("import no_such_library_here\n\ndef read():\n    import onnxruntime\n")
    assert files_to_libraries([file], ("onnxruntime",)) == {"no_such_library_here": ""}
    assert "protobuf" in files_to_libraries([file])
