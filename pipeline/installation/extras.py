"""What is not installed with the reader alone: the extras of pyproject.toml, and what to do without one."""

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
"""The modules that an extra brings, by its name."""

_CHECKOUT = Path(__file__).parents[1]


class ExtraError(Error):
    """An extra is needed and not installed; the message names it and says what to do."""


def require_extra(extra: str, what: str) -> None:
    """ExtraError where something of the extra is lacking, which `what` needs."""
    if problem := extra_to_problem(extra):
        raise ExtraError(f"{what} needs {problem}")


def extra_to_problem(extra: str) -> str:
    """What is lacking of an extra, and what to do about it; "" where all of it is installed."""
    lacking = [module for module in EXTRAS[extra] if find_spec(module) is None]
    if not lacking:
        return ""
    more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
    return f"the extra [{extra}], which is not installed (no {lacking[0]}{more}): {_extra_to_remedy(extra)}"


def module_to_extra(module: str) -> str:
    """The extra that brings a module, "" where it is none of theirs."""
    top = module.partition(".")[0]
    return next((extra for extra, modules in EXTRAS.items() if top in modules), "")


def _extra_to_remedy(extra: str) -> str:
    """A command that installs it for the Python at work."""
    if Path(sys.prefix) == _CHECKOUT / ".venv" and (_CHECKOUT / "Makefile").is_file():
        folder = "" if Path.cwd() == _CHECKOUT else f"-C {path_to_shell(str(_CHECKOUT))} "
        return f"run `make {folder}all`"
    install = f"{path_to_shell(sys.executable)} -m pip install"
    source = _source()
    if source is None:
        return f"run `{install} '.[{extra}]'` in the folder of the project"
    return f"run `{install} {path_to_shell(f'{source}[{extra}]')}`"


def _source() -> Path | None:
    """The folder that this package is run or was installed from, None where it is gone or was none."""
    if (_CHECKOUT / "pyproject.toml").is_file():
        return _CHECKOUT
    try:
        told = json.loads(metadata.distribution("nianbao").read_text("direct_url.json") or "{}")
    except (metadata.PackageNotFoundError, ValueError):
        return None
    url = urlsplit(str(told.get("url", "")))
    folder = Path(url2pathname(url.path))
    return folder if url.scheme == "file" and (folder / "pyproject.toml").is_file() else None
