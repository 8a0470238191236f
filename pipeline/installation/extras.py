"""Know which extras of pyproject.toml are installed, and tell the user how to install what is missing."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from pipeline.errors import Error
from pipeline.installation.program import Word, word_to_shell
from pipeline.printable import path_to_shell

EXTRAS: Mapping[str, tuple[str, ...]] = {
    "prose": ("jieba",),
    "compare": (
        *("altair", "brotli", "duckdb", "fontTools", "jinja2", "markupsafe", "vl_convert", "xlsxwriter"),
        "zhplot",
    ),
    "crawl": ("parsel", "protego", "scrapy", "tldextract", "twisted", "w3lib", "zope"),
    "scan": ("onnxruntime", "rapidocr"),
}
"""The modules that each extra brings, by the name of the extra."""

CHECKOUT = Path(__file__).resolve().parents[2]
"""The folder that holds the package: the checkout, if the program runs from one."""


class ExtraError(Error):
    """An extra is needed and not installed. The message names it and says what to do."""


def require_extra(extra: str, what: str) -> None:
    """Raise ExtraError if a module of the extra is missing. `what` names the thing that needs it."""
    if problem := extra_to_problem(extra):
        raise ExtraError(f"{what} needs {problem}")


def extra_to_problem(extra: str) -> str:
    """Return which modules of an extra are missing, and what to do. "" if none is missing."""
    lacking = [module for module in EXTRAS[extra] if find_spec(module) is None]
    if not lacking:
        return ""
    more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
    return f"the extra [{extra}], which is not installed (no {lacking[0]}{more}): {_extra_to_remedy(extra)}"


def module_to_extra(module: str) -> str:
    """Return the extra that brings a module, "" if no extra does."""
    top = module.partition(".")[0]
    return next((extra for extra, modules in EXTRAS.items() if top in modules), "")


def core_to_remedy(arguments: Sequence[str]) -> str:
    """Return what to run if a package of the core is missing. `arguments` are those that were given."""
    if not _is_checkout():
        return f"run {_pip_install('')}"
    if os.name == "nt":
        return f"{CHECKOUT / 'docs' / 'systems.md'} says how to install what there is for Windows"
    python = Path(".venv" if _is_here() else CHECKOUT / ".venv", "bin", "python")
    words: tuple[Word, ...] = (python, "-m", "pipeline", *arguments)
    again = " ".join(map(word_to_shell, words))
    return f"run `{_make('run')}`, then `{again}`"


def _extra_to_remedy(extra: str) -> str:
    """Return the command that installs an extra for the Python that runs this program."""
    if _is_checkout() and _is_made():
        return f"run `{_make('all')}`"
    return f"run {_pip_install(f'[{extra}]')}"


def _is_checkout() -> bool:
    """Whether the program runs from a checkout, which has a Makefile."""
    return (CHECKOUT / "Makefile").is_file() and (CHECKOUT / "pyproject.toml").is_file()


def _is_made() -> bool:
    """Whether the Python that runs this program is that of the environment that `make` makes."""
    return Path(sys.prefix).resolve() == (CHECKOUT / ".venv").resolve()


def _is_here() -> bool:
    """Whether the working folder is the checkout."""
    return Path.cwd().resolve() == CHECKOUT


def _make(target: str) -> str:
    """Return the command that makes a target of the Makefile, from the working folder.

    If make has made it and a package is gone all the same, only -B has make install again.
    """
    again = ("-B",) if _is_made() and (CHECKOUT / ".venv" / f".{target}").exists() else ()
    folder = () if _is_here() else ("-C", path_to_shell(str(CHECKOUT)))
    return " ".join(("make", *again, *folder, target))


def _pip_install(extras: str) -> str:
    """Return, quoted for a message, the command that installs this package and its extras for this Python."""
    install, source = f"`{path_to_shell(sys.executable)} -m pip install", _source()
    if source is None:
        return f"{install} {path_to_shell(f'.{extras}')}` in the folder of the project"
    return f"{install} {path_to_shell(f'{source}{extras}')}`"


def _source() -> Path | None:
    """Return the folder from which this package runs or was installed.

    None if that folder is gone, or if the package came from no folder.
    """
    if (CHECKOUT / "pyproject.toml").is_file():
        return CHECKOUT
    try:
        told = json.loads(metadata.distribution("nianbao").read_text("direct_url.json") or "{}")
    except (metadata.PackageNotFoundError, ValueError):
        return None
    url = urlsplit(str(told.get("url", "")))
    folder = Path(url2pathname(url.path))
    return folder if url.scheme == "file" and (folder / "pyproject.toml").is_file() else None
