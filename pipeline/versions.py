"""Make versions: hashes of files of the package and of the versions of the libraries that they import.

Every file of the package is in one of three groups. It decides what is read in a document, or it decides what
else is in the tables, or it decides neither.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from sys import stdlib_module_names

READING = ("extract", "forms", "records.py", "typed_toml.py", "versions.py")
"""Folders and files of the package that decide what is read in a document."""

TABLES = ("derive", "places", "tables")
"""Folders and files of the package that decide what else is in the tables."""

NEITHER = (
    *("acquire", "cli", "compare", "files", "inspection", "installation", "nightly", "query", "workers"),
    *(
        "__init__.py",
        "__main__.py",
        "child_processes.py",
        "config.py",
        "errors.py",
        "logs.py",
        "printable.py",
    ),
    *("run.py", "setting_keys.py"),
)
"""Folders and files of the package that decide neither."""

PACKAGE = Path(__file__).parent
_HASHED_SUFFIXES = frozenset({".py", ".toml", ".csv", ".txt", ".sql", ".css", ".html", ".js", ".npy"})
_DOTTED = r"[^\W\d][\w.]*"
_IMPORT = re.compile(
    rf"^\s*(?:from\s+({_DOTTED})\s+import\s|import\s+({_DOTTED}(?:\s+as\s+\w+)?(?:\s*,\s*{_DOTTED}(?:\s+as\s+\w+)?)*)\s*(?:#|;|$))",
    re.MULTILINE,
)
_DISTRIBUTION = re.compile(r"[A-Za-z0-9._-]+")

VERSION_DIGITS = 12
"""Count, hexadecimal. A version has as many of the digits of its hash."""


def names_to_files(names: Iterable[str]) -> list[Path]:
    """Return the files of code and data in these folders and files of the package, sorted."""
    roots = [PACKAGE / name for name in names]
    found = [file for root in roots for file in ([root] if root.is_file() else root.rglob("*"))]
    return sorted(file for file in found if file.suffix in _HASHED_SUFFIXES)


def files_to_version(files: Collection[Path], besides: Collection[str] = ()) -> str:
    """Return hex digits that change with any of the files, and with any version of their libraries.

    The modules `besides` are left out, with what they need.
    """
    digest = sha256()
    for file in files:
        content = file.read_bytes()
        digest.update(f"{file.relative_to(PACKAGE).as_posix()} {len(content)}\n".encode() + content)
    for library, version in files_to_libraries(files, besides).items():
        digest.update(f"{library} {version}\n".encode())
    return digest.hexdigest()[:VERSION_DIGITS]


def files_to_libraries(files: Iterable[Path], besides: Collection[str] = ()) -> dict[str, str]:
    """Return the versions of all distributions that the code imports, and of those that these need.

    Imports inside functions count too, but not those of the modules `besides`. A library that is not
    installed has the version "": a reading without it may differ.
    """
    code = [file.read_text(encoding="utf-8") for file in files if file.suffix == ".py"]
    imported = {module for text in code for module in _code_to_modules(text)}
    others = imported - stdlib_module_names - {__package__, *besides}
    found = _modules_to_distributions(others)
    direct = {_to_plain(dist.metadata["Name"]): dist for dist in found.values()}
    versions = {name: dist.version for name, dist in direct.items()}
    for dist in direct.values():
        versions |= {name: _version(name) for name in _needed(dist) if name not in versions}
    return dict(sorted({**dict.fromkeys(others - found.keys(), ""), **versions}.items()))


def _code_to_modules(code: str) -> Iterator[str]:
    """Yield the top modules that code imports. Lines of text that begin with "from" or "import" are none."""
    for imported in _IMPORT.finditer(code):
        for module in (imported[1] or imported[2]).split(","):
            yield module.split()[0].partition(".")[0]


def _modules_to_distributions(modules: Collection[str]) -> dict[str, metadata.Distribution]:
    """Return the distribution of each module, found by its list of files.

    The names of the two may differ (PIL, pillow). Where no list names a module, as with editable installs and
    packages of the operating system, the distribution that calls it its own counts.
    """
    found: dict[str, metadata.Distribution] = {}
    for dist in metadata.distributions():
        listed = "\n" + (dist.read_text("RECORD") or "")
        for module in modules:
            if f"\n{module}/" in listed or f"\n{module}.py," in listed:
                found.setdefault(module, dist)
    if missing := set(modules) - found.keys():
        for dist in metadata.distributions():
            for module in missing.intersection((dist.read_text("top_level.txt") or "").split()):
                found.setdefault(module, dist)
    return found


def _needed(dist: metadata.Distribution) -> Iterator[str]:
    """Yield the names of what a distribution needs without any extra."""
    for requirement in dist.requires or ():
        name = _DISTRIBUTION.match(requirement)
        if name and "extra ==" not in requirement:
            yield _to_plain(name[0])


def _to_plain(name: str) -> str:
    """Return the normal form of a distribution's name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _version(name: str) -> str:
    """Return the installed version of a distribution, "" if it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
