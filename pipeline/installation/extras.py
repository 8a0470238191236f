"""Know which extras of pyproject.toml are installed, and tell the user how to install one that is missing."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from pipeline.errors import Error
from pipeline.printable import path_to_shell

EXTRAS: Mapping[str, tuple[str, ...]] = {
    "prose": ("jieba",),
    "compare": (
        *("altair", "brotli", "duckdb", "fontTools", "jinja2", "markupsafe", "vl_convert", "xlsxwriter"),
        "zhplot",
    ),
    "crawl": ("parsel", "protego", "scrapy", "tldextract", "twisted", "w3lib", "zope"),
}
"""The modules that each extra brings, by the name of the extra."""

_CHECKOUT = Path(__file__).parents[1]


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


def _extra_to_remedy(extra: str) -> str:
    """Return the command that installs an extra for the Python that runs this program."""
    if Path(sys.prefix) == _CHECKOUT / ".venv" and (_CHECKOUT / "Makefile").is_file():
        folder = "" if Path.cwd() == _CHECKOUT else f"-C {path_to_shell(str(_CHECKOUT))} "
        return f"run `make {folder}all`"
    install = f"{path_to_shell(sys.executable)} -m pip install"
    source = _source()
    if source is None:
        return f"run `{install} '.[{extra}]'` in the folder of the project"
    return f"run `{install} {path_to_shell(f'{source}[{extra}]')}`"


def _source() -> Path | None:
    """Return the folder from which this package runs or was installed.

    None if that folder is gone, or if the package came from no folder.
    """
    if (_CHECKOUT / "pyproject.toml").is_file():
        return _CHECKOUT
    try:
        told = json.loads(metadata.distribution("nianbao").read_text("direct_url.json") or "{}")
    except (metadata.PackageNotFoundError, ValueError):
        return None
    url = urlsplit(str(told.get("url", "")))
    folder = Path(url2pathname(url.path))
    return folder if url.scheme == "file" and (folder / "pyproject.toml").is_file() else None
