"""Charts → PNG files, without a browser."""

from __future__ import annotations

from pathlib import Path

from pipeline.compare.chart_parts import Picture, configured, spec_to_json
from pipeline.compare.charts import comparison_to_pictures
from pipeline.compare.figures import Comparison
from pipeline.compare.fonts import FAMILY, font_folder
from pipeline.files.output_file import write_beside

PLOT_WIDTH = 640
"""Pixels. The width of a single plot."""

PRINT_SCALE = 2
"""Pixels of the picture for each of the plot, for sharp print."""


def write_pictures(comparison: Comparison, folder: Path) -> list[Path]:
    """Write a PNG for every chart; return the files in the order of the page."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(picture, folder / f"{picture.name}.png") for picture in comparison_to_pictures(comparison)]


def _write(picture: Picture, path: Path) -> Path:
    import vl_convert

    vl_convert.register_font_directory(str(font_folder()))
    titled = configured(picture.chart, FAMILY).properties(title=picture.title)
    spec = titled.configure_title(fontSize=15, fontWeight="normal", anchor="start", offset=12).to_dict()
    if not picture.facets:
        spec["width"] = PLOT_WIDTH
    write_beside(path, vl_convert.vegalite_to_png(spec_to_json(spec), scale=PRINT_SCALE))
    return path
