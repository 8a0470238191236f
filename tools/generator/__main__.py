"""Write generated reports: the samples of data/raw with their truth, or a collection to compare.

python -m tools.generator [samples] [--out data/raw] [--truth tests/truth]
python -m tools.generator comparison FOLDER [--kind html] [--shape trs] [--truth DIR]

The comparison is printed as PDF, or as files of another kind: web pages (html, mhtml) in six shapes, docx,
xlsx, and doc by LibreOffice. Its truth is written where --truth says.
"""

from __future__ import annotations

import argparse
from hashlib import sha256
from pathlib import Path

from pipeline.acquire.samples import LIST

from .collection import COLLECTION
from .comparison import write_comparison
from .flows import FLOW_KINDS, SHAPES
from .reports import generate
from .truth import truth_to_json


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tools.generator",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", nargs="?", choices=("samples", "comparison"), default="samples")
    parser.add_argument("folder", nargs="?", type=Path, help="of the comparison")
    parser.add_argument("--out", type=Path, default=Path("data/raw"))
    parser.add_argument("--truth", type=Path, help="folder; of the samples: tests/truth")
    parser.add_argument("--kind", choices=("pdf", *FLOW_KINDS), default="pdf", help="of the comparison")
    parser.add_argument("--shape", choices=sorted(SHAPES), default="", help="of web pages; default: mixed")
    options = parser.parse_args()
    if options.what == "samples":
        write_samples(options)
    elif options.folder is None:
        parser.error("comparison: give the folder to write to")
    else:
        paths = write_comparison(options.folder, options.kind, options.shape, options.truth)
        size = sum(path.stat().st_size for path in paths)
        print(f"{len(paths)} reports, {size // 1024} KB, in {options.folder}")


def write_samples(options: argparse.Namespace) -> None:
    """The reports, what is in them, and the list by which a night knows them."""
    kept = options.truth or Path("tests/truth")
    for folder in (options.out, kept):
        folder.mkdir(parents=True, exist_ok=True)
    listed = []
    for spec in COLLECTION:
        pdf, truth = generate(spec)
        (options.out / spec.file_name).write_bytes(pdf)
        listed.append(f"{sha256(pdf).hexdigest()}  {spec.file_name}\n")
        name = Path(spec.file_name).with_suffix(".json")
        (kept / name).write_text(truth_to_json(truth), encoding="utf-8")
        print(f"{spec.file_name}: {len(pdf) // 1024} KB, {len(truth['cells'])} cells")
    (options.out / LIST).write_text("".join(sorted(listed)), encoding="utf-8")


if __name__ == "__main__":
    main()
