"""What the figures were measured on: the machine and the versions of everything that was measured."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

DISTRIBUTIONS = (
    "tablers",
    "pypdfium2",
    "pdfplumber",
    "pdfminer.six",
    "camelot-py",
    "playa-pdf",
    "tabula-py",
    "img2table",
    "pymupdf",
    "pandas",
    "pyarrow",
    "numpy",
    "opencv-python-headless",
    "python-docx",
    "weasyprint",
    "typst",
    "reportlab",
    "fpdf2",
    "matplotlib",
)
COMMANDS = ("soffice", "chromium", "java")


def machine() -> Mapping[str, Any]:
    """Processor, cores that may be used, memory, system, Python; None for what the system does not tell."""
    return {
        "processor": _first(Path("/proc/cpuinfo"), r"^model name\s*:\s*(.+)$"),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": _memory_gb(),
        "system": f"{platform.system()} {platform.machine()}",
        "distribution": _first(Path("/etc/os-release"), r'^PRETTY_NAME="?([^"\n]+)'),
        "python": platform.python_version(),
    }


def versions() -> Mapping[str, str]:
    """Installed packages and commands that take part, by name; what is not there is left out."""
    packages = {name: version for name in DISTRIBUTIONS if (version := _distribution(name))}
    return packages | {name: version for name in COMMANDS if (version := _command(name))}


def _memory_gb() -> float | None:
    found = _first(Path("/proc/meminfo"), r"^MemTotal:\s+(\d+) kB")
    return round(int(found) / 1024**2, 1) if found else None


def _first(file: Path, pattern: str) -> str | None:
    try:
        found = re.search(pattern, file.read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        return None
    return found[1].strip() if found else None


def _distribution(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _command(name: str) -> str | None:
    """The first number with dots that `--version` prints."""
    if not shutil.which(name):
        return None
    said = subprocess.run([name, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\d+(\.\d+)+", said.stdout + said.stderr)
    return found[0] if found else None
