"""What is locked → docs/dependencies.md: version, licence, what for, last release, known vulnerabilities.

    python -m tools.dependencies
    python -m tools.dependencies --releases LIST.tsv    name, newest version and month (YYYY-MM) a line

Licences are those of the installed packages' own metadata. An index is never asked; pip-audit is, where it is
installed and reaches its service.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCK, BUILD_LOCK = ROOT / "locks" / "dev.lock", ROOT / "locks" / "build.lock"
REASONS, RELEASES = ROOT / "tools" / "dependencies.toml", ROOT / "tools" / "releases.csv"
DOCS = ROOT / "docs" / "dependencies.md"
NOT_ASKED = "not asked"
EXTRAS = ("prose", "compare", "crawl", "scan")


@dataclass(frozen=True)
class Package:
    """A row of the table; `released` is the month of the newest version there is, "" where not known."""

    name: str
    version: str
    licence: str
    reason: str
    released: str
    vulnerabilities: str


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.dependencies", description=__doc__)
    parser.add_argument("--releases", type=Path, metavar="LIST", help="take the months of releases from here")
    listed = parser.parse_args().releases
    if others := not_as_locked():
        raise SystemExit(f"not installed as locked: {', '.join(others)}: run `make test`, then this again")
    if listed:
        write_releases(listed)
    DOCS.write_text(packages_to_text(lock_to_packages(lock_to_vulnerabilities())), encoding="utf-8")
    print(f"written: {DOCS.relative_to(ROOT)}")
    return 0


@cache
def lock_to_versions(lock: Path = LOCK) -> Mapping[str, str]:
    """The version of every package that is locked, by its canonical name."""
    pins = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", lock.read_text(encoding="utf-8"), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in pins}


def direct(extra: str = "") -> set[str]:
    """What pyproject.toml asks for itself: to run, or in one of its extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = project["optional-dependencies"][extra] if extra else project["dependencies"]
    return {canonicalize_name(Requirement(line).name) for line in asked}


def reasons() -> Mapping[str, str]:
    """What each direct dependency is for."""
    tables = tomllib.loads(REASONS.read_text(encoding="utf-8"))
    return {canonicalize_name(name): reason for table in tables.values() for name, reason in table.items()}


def not_as_locked() -> list[str]:
    """The packages whose installed version is another than the locked one."""
    locked = {**lock_to_versions(), **lock_to_versions(BUILD_LOCK)}
    return [name for name, version in locked.items() if _installed(name).version != version]


def needs_in_turn(names: set[str]) -> Mapping[str, set[str]]:
    """These packages and all that they need in turn on this platform, each with what needs it."""
    found: dict[str, set[str]] = {name: set() for name in names}
    waiting = [(name, frozenset[str]()) for name in names]
    seen = set(waiting)
    while waiting:
        parent, extras = waiting.pop()
        for need in _needs(parent, extras):
            found.setdefault(need[0], set()).add(parent)
            waiting += {need} - seen
            seen.add(need)
    return found


def lock_to_packages(vulnerabilities: Mapping[str, str]) -> dict[str, list[Package]]:
    """The rows by what they are needed for first: to read, for an extra, to develop, to build."""
    locked, built = lock_to_versions(), lock_to_versions(BUILD_LOCK)
    groups = {"To read": direct()} | {f"For the extra {extra}": direct(extra) for extra in EXTRAS}
    groups["To test and develop"] = direct("dev")
    parents = needs_in_turn(set().union(*groups.values()))
    tables, left = {}, set(locked)
    for title, names in groups.items():
        here = left & needs_in_turn(names).keys()
        tables[title] = [_package(name, locked[name], parents, vulnerabilities) for name in sorted(here)]
        left -= here
    tables["To build what comes as source alone"] = [
        _package(name, built[name], {}, vulnerabilities) for name in sorted(built)
    ]
    return tables


def packages_to_text(tables: Mapping[str, list[Package]]) -> str:
    asked = all(row.vulnerabilities != NOT_ASKED for rows in tables.values() for row in rows)
    return "\n".join([HEAD, ALL_ASKED if asked else SOME_NOT_ASKED, *_tables(tables)])


HEAD = """\
# What is locked

Written by `make dependencies` from `locks/dev.lock`, `locks/build.lock`, the metadata of the installed
packages, `tools/dependencies.toml` (what a direct dependency is for) and `tools/releases.csv` (the
month of a package's newest version, whichever is locked; empty where it is not known). A test fails where
this page is not of today's locks, where a reason is missing, and where a licence is the GPL or the AGPL; the
LGPL is allowed, for a library that is imported as it is.
"""
ALL_ASKED = "Vulnerabilities: what pip-audit knew of these versions."
SOME_NOT_ASKED = (
    "Vulnerabilities: where it says so, pip-audit was not there or could not ask for the package. That is no"
    "\nanswer: run `make dependencies` where pip-audit is installed and reaches its service."
)


def _tables(tables: Mapping[str, list[Package]]) -> Iterator[str]:
    for title, rows in tables.items():
        yield f"\n## {title}: {len(rows)}\n"
        yield "| Package | Version | Licence | What for | Last release | Vulnerabilities |"
        yield "|---|---|---|---|---|---|"
        yield from (
            f"| {r.name} | {r.version} | {r.licence} | {r.reason} | {r.released} | {r.vulnerabilities} |"
            for r in rows
        )
    yield ""


def _package(
    name: str, version: str, parents: Mapping[str, set[str]], vulnerabilities: Mapping[str, str]
) -> Package:
    reason = reasons().get(name) or "needed by " + ", ".join(sorted(parents.get(name, ())))
    return Package(
        name, version, metadata_to_licence(_installed(name)), reason, releases().get(name, ""),
        vulnerabilities.get(name, NOT_ASKED),
    )  # fmt: skip


def metadata_to_licence(package: Distribution) -> str:
    """The licence expression, else the classifiers, else the first line of the free text."""
    (told,) = package.metadata.get_all("License-Expression") or [""]
    classifiers = package.metadata.get_all("Classifier") or []
    named = [line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License :: ")]
    (whole,) = package.metadata.get_all("License") or [""]
    text = whole.strip().splitlines() or ["not told"]
    return (told or ", ".join(named) or text[0][:80]).replace("|", "/")


def _needs(name: str, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    for line in _installed(name).requires or []:
        need = Requirement(line)
        if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in {"", *extras}):
            yield canonicalize_name(need.name), frozenset(need.extras)


def _installed(name: str) -> Distribution:
    try:
        return distribution(name)
    except PackageNotFoundError:
        raise SystemExit(f"{name} is locked and not installed: run `make test`, then this again") from None


@cache
def releases() -> Mapping[str, str]:
    """The month of the newest version, by package."""
    with RELEASES.open(encoding="utf-8", newline="") as lines:
        return {row["package"]: row["last_release"] for row in csv.DictReader(lines)}


def write_releases(listed: Path) -> None:
    """Take the months of all that is locked from a list of name, version and month, parted by tabs."""
    wanted = {*lock_to_versions(), *lock_to_versions(BUILD_LOCK)}
    with listed.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        told: dict[str, str] = {canonicalize_name(row[0]): row[2] for row in rows if len(row) > 2}
    with RELEASES.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("package", "last_release"))
        writer.writerows((name, told.get(name, "")) for name in sorted(wanted))
    releases.cache_clear()


def lock_to_vulnerabilities() -> dict[str, str]:
    """What pip-audit says of each package that it could ask for; {} where it is not installed."""
    program = shutil.which("pip-audit")
    if program is None:
        return {}
    found: dict[str, str] = {}
    for lock in (LOCK, BUILD_LOCK):
        asked = [program, "--format", "json", "--no-deps", "--disable-pip", "--requirement", str(lock)]
        found |= audit_to_vulnerabilities(subprocess.run(asked, capture_output=True, text=True).stdout)
    return found


def audit_to_vulnerabilities(text: str) -> dict[str, str]:
    """pip-audit's JSON → what it knows by package; one that it skipped is not there, for it was not asked."""
    try:
        dependencies = json.loads(text)["dependencies"]
    except (ValueError, LookupError, TypeError):
        return {}
    return {
        canonicalize_name(each["name"]): ", ".join(v["id"] for v in each["vulns"]) or "none known"
        for each in dependencies
        if "vulns" in each
    }


if __name__ == "__main__":
    raise SystemExit(main())
