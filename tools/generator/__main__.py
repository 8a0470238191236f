"""Write generated reports: the samples of data/raw with their truth, or a collection to compare.

python -m tools.generator [samples] [--out data/raw] [--truth tests/truth]
python -m tools.generator comparison FOLDER
"""

from __future__ import annotations

import argparse
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline.acquire.samples import LIST

from .collection import COLLECTION
from .comparison import write_comparison
from .reports import generate


def truth_to_json(truth: dict[str, Any]) -> str:
    """The truth with one cell a line, so that a change of one figure is a change of one line."""
    rows = {name: truth[name] for name in ("cells", "sections")}
    head = json.dumps({k: v for k, v in truth.items() if k not in rows}, ensure_ascii=False, indent=1)
    lists = ",\n ".join(
        f'"{name}": [\n  ' + ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in items) + "\n ]"
        for name, items in rows.items()
    )
    return head[: head.rindex("\n}")] + ",\n " + lists + "\n}\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tools.generator",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", nargs="?", choices=("samples", "comparison"), default="samples")
    parser.add_argument("folder", nargs="?", type=Path, help="of the comparison")
    parser.add_argument("--out", type=Path, default=Path("data/raw"))
    parser.add_argument("--truth", type=Path, default=Path("tests/truth"))
    options = parser.parse_args()
    if options.what == "samples":
        write_samples(options)
    elif options.folder is None:
        parser.error("comparison: give the folder to write to")
    else:
        paths = write_comparison(options.folder)
        size = sum(path.stat().st_size for path in paths)
        print(f"{len(paths)} reports, {size // 1024} KB, in {options.folder}")


def write_samples(options: argparse.Namespace) -> None:
    """The reports, what is in them, and the list by which a night knows them."""
    for folder in (options.out, options.truth):
        folder.mkdir(parents=True, exist_ok=True)
    listed = []
    for spec in COLLECTION:
        pdf, truth = generate(spec)
        (options.out / spec.file_name).write_bytes(pdf)
        listed.append(f"{sha256(pdf).hexdigest()}  {spec.file_name}\n")
        name = Path(spec.file_name).with_suffix(".json")
        (options.truth / name).write_text(truth_to_json(truth), encoding="utf-8")
        print(f"{spec.file_name}: {len(pdf) // 1024} KB, {len(truth['cells'])} cells")
    (options.out / LIST).write_text("".join(sorted(listed)), encoding="utf-8")


if __name__ == "__main__":
    main()
