"""What all notebooks begin with: where the project is, tables to work on, charts with Chinese text."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
from PIL import Image, ImageDraw

HERE = Path(__file__).absolute().parent
ROOT = HERE.parent
TABLES = HERE / "tables"
sys.path.insert(0, str(ROOT))  # the package runs from the checkout, it is not installed

BLUE, RUST, GREEN, GREY, INK, SOFT = "#2f5d8a", "#b3541e", "#2f7d5b", "#9aa5b1", "#1f2933", "#52606d"
COLOURS = (BLUE, RUST, GREEN, "#c28f0e", "#7a5195", "#4aa3c7", "#8c564b", GREY)
STORED = ("observations", "checks", "sections", "leftovers", "reports")
SHADES = 128  # colours that a picture keeps: a quarter of the bytes, and nobody sees it


def set_up() -> None:
    """Charts as PNG pictures in the font that the project brings along: they look alike anywhere."""
    import vl_convert

    from pipeline.compare.fonts import font_folder

    vl_convert.register_font_directory(str(font_folder()))
    alt.theme.register("nianbao", enable=True)(_look)
    alt.renderers.register("small_png", _chart_to_png)
    alt.renderers.enable("small_png")
    pd.options.display.float_format = "{:.6g}".format
    pd.options.display.max_colwidth = 200


def sample_tables() -> Path:
    """The tables of the sample reports in data/raw; made in seconds, and only if they are not there yet."""
    return _read(Path("data/raw"), TABLES / "samples")


def comparison_tables() -> Path:
    """The tables of 55 invented reports of thirteen example bureaus; both are made if need be."""
    reports = TABLES / "comparison-reports"
    if not reports.is_dir():
        project("tools.generator", "comparison", reports)
    return _read(reports, TABLES / "comparison")


def project(*command: str | Path) -> None:
    """`python -m` in the project's folder; RuntimeError with what it said where it does not succeed."""
    done = subprocess.run(
        [sys.executable, "-m", *map(str, command)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"python -m {' '.join(map(str, command))}:\n{done.stdout}{done.stderr}")


def _read(reports: Path, out: Path) -> Path:
    project("pipeline", "run", reports, "--out", out)
    return out


def table(folder: Path, name: str) -> pd.DataFrame:
    """One table of a folder; of several reports of one agency and year only what the one that stands says."""
    rows = pd.read_parquet(folder / f"{name}.parquet")
    if name not in STORED:  # made of reports that stand
        return rows
    reports = pd.read_parquet(folder / "reports.parquet", columns=["report_id", "superseded_by"])
    return rows[rows["report_id"].isin(reports.loc[reports["superseded_by"].isna(), "report_id"])]


def agencies(order: Any = None) -> alt.Y:
    """The agencies of a chart from top to bottom, their names in full."""
    return alt.Y("agency:N", title=None, sort=order)


def years() -> alt.X:
    """The fiscal years of a chart from left to right."""
    return alt.X("fiscal_year:O", title=None, axis=alt.Axis(labelAngle=0))


def page_part(
    file: Path, page: int, boxes: pd.DataFrame, marked: Iterable[bool], room: float = 0
) -> Image.Image:
    """The part of a page with the boxes (x0, top, x1, bottom in points), the marked ones framed in red.

    `room` is the points between box and frame: without rulings, a box is as tight as its number.
    """
    import pypdfium2

    scale = 2
    picture: Image.Image = pypdfium2.PdfDocument(file)[page - 1].render(scale=scale).to_pil().convert("RGB")
    draw = ImageDraw.Draw(picture)
    edges = boxes[["x0", "top", "x1", "bottom"]].astype(float) * scale
    for box in edges[list(marked)].itertuples(index=False):
        x0, y0, x1, y1 = box
        wide = room * scale
        draw.rectangle((x0 - wide, y0 - wide, x1 + wide, y1 + wide), outline=(200, 0, 0), width=4)
    top, bottom = edges["top"].min() - 80 * scale, edges["bottom"].max() + 8 * scale
    part = picture.crop((0, max(int(top), 0), picture.width, min(int(bottom), picture.height)))
    return part.quantize(SHADES)


def _chart_to_png(spec: dict[str, Any]) -> tuple[dict[str, bytes], dict[str, Any]]:
    import vl_convert

    picture = Image.open(io.BytesIO(vl_convert.vegalite_to_png(spec, scale=2))).convert("RGB")
    sink = io.BytesIO()
    picture.quantize(SHADES, dither=Image.Dither.NONE).save(sink, "PNG", optimize=True)
    return {"image/png": sink.getvalue()}, {"image/png": {"width": picture.width / 2}}


def _look() -> alt.theme.ThemeConfig:
    from pipeline.compare.fonts import FAMILY

    small = {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelLimit": 300}
    config = {
        "font": FAMILY,
        "background": "#ffffff",
        "padding": 8,
        "title": {"fontSize": 15, "fontWeight": "normal", "anchor": "start", "offset": 12, "color": INK},
        "axis": {**small, "labelColor": INK, "titleColor": SOFT, "gridColor": "#e4e7eb", "domainColor": GREY},
        "axisYBand": {"ticks": False, "domain": False},
        "legend": {**small, "labelColor": INK, "offset": 28},
        "header": {**small, "labelFontSize": 13, "labelColor": INK},
        "view": {"stroke": None, "continuousWidth": 520},
        "range": {"category": list(COLOURS)},
    }
    return {"config": config}  # type: ignore[typeddict-item]
