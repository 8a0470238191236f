"""The plots: one function a picture, figures in, a Figure of matplotlib out; `save` makes small PNG files."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from matplotlib import font_manager, rc_context
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from PIL import Image

from tools.generator.fonts import font_file

from .goals import FLOOR, find_row
from .names import OUTCOMES, STEPS, TABLES, axis_name, program_name
from .numbers import percent, thousands, times
from .results import OURS, POSITIONS, Results, Tally, tally_axes

WIDTH = 10.0
DPI = 100
BLUE, GREY, RED = "#2166ac", "#9e9e9e", "#b2182b"
STEPS_OF_SHADE = (0.0, 0.5, 0.8, 0.95, 0.99, 1 - 1e-9, 1.001)
SHADES = ListedColormap([RED, "#ef8a62", "#fddbc7", "#f0f0f0", "#92c5de", BLUE])
MANY = 30
"""An axis with more values than that has a picture of its own."""

PLAIN = FuncFormatter(lambda value, _: f"{value:,g}")
_POSITION = re.compile(r"(?P<table>\w+) (?P<form>\w+) row (?P<row>\d+) (?P<kind>between|inside)(?P<line>.*)")


@cache
def style() -> dict[Any, Any]:
    """How all pictures look; the font has the Chinese characters."""
    font_manager.fontManager.addfont(font_file())
    return {
        "font.family": font_manager.FontProperties(fname=font_file()).get_name(),
        "font.size": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 12,
        "axes.titlelocation": "left",
        "figure.constrained_layout.use": True,
        "savefig.dpi": DPI,
    }


def save(figure: Figure, file: Path) -> None:
    """The figure as a PNG of few colours: plots need no more, and a repository keeps every byte."""
    drawn = io.BytesIO()
    with rc_context(style()):
        figure.savefig(drawn, format="png", dpi=DPI)
    save_small(Image.open(drawn), file)


def save_small(picture: Image.Image, file: Path, colours: int = 64) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    few = picture.convert("RGB").quantize(colours, dither=Image.Dither.NONE)
    few.save(file, optimize=True)


def _figure(height: float, columns: int = 1, **options: Any) -> tuple[Figure, list[Axes]]:
    with rc_context(style()):
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.subplots(1, columns, squeeze=False, **options)[0]
    return figure, list(axes)


# -------------------------------------------------------------------------- accuracy


def draw_accuracy(results: Results) -> Figure:
    """What became of all cells, a bar a program."""
    tallies = results.by_program
    programs = results.programs
    with rc_context(style()):
        figure, (axes,) = _figure(1.4 + 0.42 * len(programs))
        left = [0.0] * len(programs)
        for what, (label, colour) in OUTCOMES.items():
            shares = [tallies[name].share(what) * 100 for name in programs]
            axes.barh(range(len(programs)), shares, left=left, color=colour, label=label, height=0.68)
            left = [before + share for before, share in zip(left, shares, strict=True)]
        for place, name in enumerate(programs):
            note = f"{percent(tallies[name].share('exact'))} · {thousands(tallies[name].silent)}"
            axes.text(101, place, note, va="center", fontsize=9)
        heading = "exact 正确 · silently wrong 静默错误"
        axes.text(101, -0.75, heading, va="center", fontsize=8, color="#555555")
        _name_rows(axes, [program_name(name) for name in programs])
        axes.set(xlim=(0, 100), xlabel="% of all number cells 占全部数字格")
        axes.set_title("What became of every cell 每一格的结果")
        figure.legend(loc="outside lower center", ncols=4, frameon=False)
    return figure


def _name_rows(axes: Axes, names: Sequence[str]) -> None:
    """Rows from top to bottom, ours in bold blue."""
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    for label in axes.get_yticklabels():
        if label.get_text() == program_name(OURS):
            label.set_color(BLUE)


def draw_producers(results: Results) -> Figure:
    """The share of exact cells by who printed the documents."""
    tallies = results.by_producer
    producers = list(dict.fromkeys(row.producer for row in results.rows))
    programs = results.programs
    table = [[_share(tallies.get((producer, name))) for name in programs] for producer in producers]
    figure, (axes,) = _figure(1.3 + 0.34 * len(producers))
    with rc_context(style()):
        _heat(axes, table, producers, programs)
        axes.set_title("Cells exact, in %, by the program that printed the report 各制作程序的正确率", pad=12)
    return figure


def draw_axes(results: Results) -> Figure:
    """The share of exact cells by every value of every axis, in two panels."""
    by_program = results.by_axis
    keys = [key for key in by_program[OURS] if _is_plain(key, by_program[OURS])]
    half = _middle(keys)
    parts = [part for part in (keys[:half], keys[half:]) if part]
    figure, panels = _figure(1.2 + 0.235 * max(map(len, parts)), len(parts))
    with rc_context(style()):
        for axes, part in zip(panels, parts, strict=True):
            table = [[_share(tallies.get(key)) for tallies in by_program.values()] for key in part]
            _heat(axes, table, _axis_labels(part), list(by_program), small=True)
            _part_axes(axes, part)
        title = "Cells exact, in %, by what is particular about a report 各种版式与内容的正确率"
        figure.suptitle(title, x=0.01, ha="left")
    return figure


def _is_plain(key: tuple[str, str], tallies: Mapping[tuple[str, str], Tally]) -> bool:
    return sum(axis == key[0] for axis, _ in tallies) <= MANY


def _middle(keys: Sequence[tuple[str, str]]) -> int:
    """Where an axis begins, as near to half way as can be."""
    starts = [place for place, key in enumerate(keys) if place and key[0] != keys[place - 1][0]]
    return min(starts, key=lambda place: abs(place - len(keys) / 2), default=len(keys))


def _axis_labels(keys: Sequence[tuple[str, str]]) -> list[str]:
    """The name of the axis at its first value, the value at every one."""
    firsts = {key: place == 0 or keys[place - 1][0] != key[0] for place, key in enumerate(keys)}
    return [f"{axis_name(axis)}   {value}" if firsts[axis, value] else value for axis, value in keys]


def _part_axes(axes: Axes, keys: Sequence[tuple[str, str]]) -> None:
    for place, key in enumerate(keys):
        if place and keys[place - 1][0] != key[0]:
            axes.axhline(place - 0.5, color="white", linewidth=3)


def _share(cells: Tally | None) -> float:
    return cells.share("exact") if cells else math.nan


def _heat(
    axes: Axes,
    table: Sequence[Sequence[float]],
    rows: Sequence[str],
    programs: Sequence[str],
    small: bool = False,
) -> None:
    """A table of shares, coloured; only what is whole says 100."""
    _shade(axes, table, 6.5 if small else 9)
    axes.set_yticks(range(len(rows)), rows, fontsize=7.5 if small else 10)
    names = [program_name(name).replace(" ", "\n").replace("-", "-\n") for name in programs]
    axes.set_xticks(range(len(names)), names, fontsize=7 if small else 9)
    axes.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _shade(axes: Axes, table: Sequence[Sequence[float]], size: float) -> None:
    """Every share in its colour; what is whole stands out from what is nearly so."""
    norm = BoundaryNorm(STEPS_OF_SHADE, SHADES.N)
    axes.imshow(table, cmap=SHADES, norm=norm, aspect="auto", interpolation="nearest")
    for y, line in enumerate(table):
        for x, share in enumerate(line):
            ink = "white" if share < STEPS_OF_SHADE[1] or share == 1 else "black"
            axes.text(x, y, _short(share), ha="center", va="center", fontsize=size, color=ink)


def _short(share: float) -> str:
    if math.isnan(share):
        return ""
    return "100" if share == 1 else f"{math.floor(round(share * 1000, 6)) / 10:.1f}"


def draw_positions(results: Results) -> Figure | None:
    """Ours, for each planned end of a page in the tables; None where the corpus has planned none."""
    tallies = tally_axes(results.ours, results.axes)
    places: dict[tuple[str, str], dict[int, list[Tally]]] = {}
    for (axis, value), cells in tallies.items():
        found = _POSITION.fullmatch(value)
        if axis == POSITIONS and found:
            name = f"{TABLES.get(found['table'], found['table'])} {found['form']}"
            rows = places.setdefault((name, found["kind"]), {})
            rows.setdefault(int(found["row"]), []).append(cells)
    if not places:
        return None
    figure, (axes,) = _figure(1.3 + 0.36 * len(places))
    with rc_context(style()):
        keys = sorted(places)
        width = max(row for rows in places.values() for row in rows) + 1
        table = [[_worst(places[key].get(row, ())) for row in range(width)] for key in keys]
        _shade(axes, table, 7)
        kinds = {"between": "between rows 行间", "inside": "inside a cell 格内"}
        axes.set_yticks(range(len(keys)), [f"{name}, {kinds[kind]}" for name, kind in keys])
        axes.set(xlabel="row of the table at which the page ends 分页所在的行")
        axes.set_title("Cells exact, in %, ours, by where a page ends in a table 各分页位置的正确率")
        axes.tick_params(length=0)
    return figure


def _worst(cells: Sequence[Tally]) -> float:
    return min((each.share("exact") for each in cells), default=math.nan)


# ----------------------------------------------------------------------------- speed


def draw_speed(speed: Mapping[str, Any]) -> Figure:
    """CPU a page as a multiple of the floor, every program on the same pages."""
    rows = sorted(_rows(speed, "few"), key=lambda row: row["ratio"]["median"])
    figure, (axes,) = _figure(1.4 + 0.4 * len(rows))
    with rc_context(style()):
        for place, row in enumerate(rows):
            ratio = row["ratio"]
            colour = BLUE if row["program"] == OURS else GREY
            axes.barh(place, ratio["median"] - 1, left=1, color=colour, height=0.62)
            axes.plot([ratio["min"], ratio["max"]], [place, place], color="black", linewidth=1)
            end = max(ratio["max"], 1.0)
            note = f"{times(ratio['median'])}   {row['cpu_ms_a_page']['median']:.1f} ms"
            axes.text(end * 1.08, place, note, va="center", fontsize=9)
        axes.axvline(1, color="black", linewidth=1)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(PLAIN)
        axes.set_xlim(right=max(row["ratio"]["max"] for row in rows) * 6)
        _name_rows(axes, [program_name(row["program"]) for row in rows])
        axes.set(xlabel="CPU a page, as a multiple of the floor 每页处理器时间，为底线的倍数（log 对数）")
        axes.set_title("CPU time for the same pages 同样页面的处理器时间")
    return figure


def _rows(speed: Mapping[str, Any], material: str) -> list[Mapping[str, Any]]:
    return [row for row in speed["programs"] if row["material"] == material and row["ratio"]]


def draw_growth(speed: Mapping[str, Any]) -> Figure:
    """Time and memory of whole runs over the number of documents."""
    growth = speed["growth"]
    counts = [row["documents"] for row in growth]
    figure, (left, right) = _figure(4.2, 2)
    with rc_context(style()):
        for key, label, colour in (
            ("first", "all are new 全部为新", BLUE),
            ("one_more", "one more 新增一份", "#e6ab02"),
            ("nothing_new", "nothing new 无新文件", GREY),
        ):
            left.plot(counts, [row[key]["cpu"] for row in growth], "o-", color=colour, label=label)
        each = growth[-1]["first"]["cpu"] / counts[-1]
        left.plot(counts, [each * count for count in counts], ":", color=BLUE, label="proportional 成正比")
        left.set(xscale="log", yscale="log", xlabel="documents 文件数", ylabel="s CPU 处理器秒")
        left.set_title("Time of a run 运行时间")
        for axis in (left.xaxis, left.yaxis):
            axis.set_major_formatter(PLAIN)
            axis.set_minor_formatter("")
        left.legend(frameon=False)
        for key, label, colour in (
            ("parent_mb", "parent 主进程", BLUE),
            ("worker_mb", "largest worker 最大的工作进程", GREY),
        ):
            right.plot(counts, [row["first"][key] for row in growth], "o-", color=colour, label=label)
        right.set(xscale="log", xlabel="documents 文件数", ylabel="MB")
        right.set_ylim(bottom=0)
        right.xaxis.set_major_formatter(PLAIN)
        right.set_title("Memory at most 内存峰值")
        right.legend(frameon=False)
    return figure


STEP_COLOURS = ("#dddddd", "#6baed6", "#08519c", "#fd8d3c", "#a63603", "#74c476", "#238b45", "#9e9ac8",
                "#b15928", "#fdd0a2", "#bbbbbb", "#54278f")  # fmt: skip


def draw_stages(speed: Mapping[str, Any]) -> Figure:
    """CPU ms a page by step of the pipeline, beside the floor on the same pages."""
    names = {"once": "no second reading\n无需复读", "all": "of every kind\n各种文件"}
    materials = [name for name in names if name in speed["stages"]]
    figure, (axes,) = _figure(1.8 + 0.75 * len(materials))
    with rc_context(style()):
        for place, material in enumerate(materials):
            left = 0.0
            for (step, milliseconds), colour in zip(
                speed["stages"][material].items(), STEP_COLOURS, strict=True
            ):
                label = STEPS.get(step, step) if place == 0 else None
                axes.barh(place, milliseconds, left=left, color=colour, label=label, height=0.6)
                left += milliseconds
            axes.text(left, place, f"  {left:.1f} ms", va="center")
            if floor := find_row(speed, material, FLOOR):
                least = floor["cpu_ms_a_page"]["median"]
                label = program_name(FLOOR) if place == 0 else None
                axes.plot([least, least], [place - 0.42, place + 0.42], color="black", label=label)
        axes.set_yticks(range(len(materials)), [names[name] for name in materials])
        axes.invert_yaxis()
        axes.set(xlabel="ms CPU a page 每页处理器毫秒")
        axes.margins(x=0.12)
        axes.set_title("Where our time goes 时间花在何处")
        figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=8)
    return figure


def draw_memory(speed: Mapping[str, Any]) -> Figure:
    """Peak memory and the cost of starting, a bar a program."""
    rows = sorted(speed["footprints"], key=lambda row: row["peak_mb"] or 0)
    figure, (left, right) = _figure(1.2 + 0.36 * len(rows), 2, sharey=True)
    with rc_context(style()):
        colours = [BLUE if row["program"] == OURS else GREY for row in rows]
        for axes, key, digits in ((left, "peak_mb", 0), (right, "import_cpu", 2)):
            values = [row[key] or 0 for row in rows]
            axes.barh(range(len(rows)), values, color=colours, height=0.62)
            for place, value in enumerate(values):
                axes.text(value, place, f" {value:,.{digits}f}", va="center", fontsize=9)
            axes.margins(x=0.14)
        _name_rows(left, [program_name(row["program"]) for row in rows])
        left.set(xlabel="MB")
        left.set_title("Memory at most 内存峰值")
        right.set(xlabel="s CPU 处理器秒")
        right.set_title("To import 载入所需")
    return figure


def pictures(results: Results) -> Mapping[str, Figure]:
    """Every plot by the name of its file."""
    drawn = {
        "accuracy": draw_accuracy(results),
        "producers": draw_producers(results),
        "axes": draw_axes(results),
        "positions": draw_positions(results),
        "speed": draw_speed(results.speed),
        "growth": draw_growth(results.speed),
        "stages": draw_stages(results.speed),
        "memory": draw_memory(results.speed),
    }
    return {f"bench-{name}.png": figure for name, figure in drawn.items() if figure is not None}
