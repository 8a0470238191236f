"""The sentences and tables of docs/benchmarks.md that hold figures; page.md holds the words between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from .flows import flows_to_table, flows_to_words
from .goals import FLOOR, Goal, find_row, growth_to_slopes, results_to_goals, slower
from .numbers import megabytes, percent, seconds, table, thousands, times
from .results import HOW_SHOWN, OURS, POSITIONS, Results, Row, Tally, tally, tally_axes
from .scans import scans_to_tables, scans_to_words

PAGE = Path(__file__).with_name("page.md")
SHOWN = 25
"""So many documents are named one by one."""

CAPTIONS = {
    "corpus": "Two reports from each producer: above a plain one, below the one with most that is unusual.",
    "accuracy": "What became of every number cell, by program.",
    "producers": "Cells exact, in percent, by the program that printed the report.",
    "axes": "Cells exact, in percent, by what is particular about a report.",
    "positions": "Cells exact, in percent, ours, by where a page was made to end inside a table.",
    "speed": "CPU time for the same pages; thin lines go from the fastest to the slowest round.",
    "stages": "Our CPU time a page by step of the work; the black line is the floor.",
    "growth": "Whole runs, from their start to the last file written.",
    "memory": "Memory and imports, each program in a process of its own.",
}

Lines = Iterable[str]


def results_to_markdown(results: Results, pictures: Collection[str]) -> str:
    """The whole page; `pictures` are the files of docs/images that there are."""
    goals, speed = results_to_goals(results), results.speed
    parts: dict[str, Lines] = {
        **{f"picture_{name}": _picture(name, pictures) for name in CAPTIONS},
        "date": [speed["date"]],
        "corpus": [_corpus(results)],
        "shown": _shown(results),
        "titles": _titles(results.titles),
        "several": _several(results.several),
        "claims": _claims(results.claims),
        "scans": scans_to_words(results.scans),
        "flows": flows_to_words(results.flows, results.flow_mutants),
        "earlier": _earlier(results),
        "accuracy": _accuracy(results),
        "errors": _errors(tally(results.ours)),
        "floor": [FLOOR],
        "speed": _speed(speed),
        "stages": _stages(speed["stages"].get("once", {})),
        "growth": _growth(speed),
        "starts": _starts(speed["cold_start"]),
        "goals": _goals(goals),
        "shortfalls": _shortfalls(results, goals),
        "table_programs": _program_table(results),
        "table_producers": _outcome_table(results, _by_producer(results)),
        "table_axes": _outcome_table(results, _by_axis(results)),
        "table_shown": _shown_table(results),
        "table_scans": scans_to_tables(results.scans),
        "table_flows": flows_to_table(results.flows),
        "table_speed": _speed_tables(speed),
        "table_footprints": _footprint_table(speed["footprints"]),
        "table_growth": _growth_table(speed["growth"]),
        "table_stages": _stage_table(speed["stages"]),
        "sample": [_sample(speed["corpus"])],
        "absent": _absent(speed["absent"]),
        "machine": [_machine(speed["machine"])],
        "versions": [", ".join(f"{name} {version}" for name, version in speed["versions"].items()) + "."],
    }
    filled = {name: "\n".join(lines) for name, lines in parts.items()}
    return Template(PAGE.read_text(encoding="utf-8")).substitute(filled)


def _picture(name: str, pictures: Collection[str]) -> Iterator[str]:
    file = f"bench-{name}.png"
    if file in pictures:
        yield from (f"![{CAPTIONS[name]}](images/{file})", "", f"*{CAPTIONS[name]}*", "")


# -------------------------------------------------------------------------- accuracy


def _corpus(results: Results) -> str:
    whole = tally(results.ours)
    producers = list(dict.fromkeys(row.producer for row in results.ours))
    return (
        f"{thousands(whole.documents)} documents with {thousands(whole.pages)} pages and "
        f"{thousands(whole.cells)} number cells, by {len(producers)} producers ({', '.join(producers)})"
    )


def _accuracy(results: Results) -> Iterator[str]:
    tallies = results.by_program
    ours = tallies[OURS]
    yield f"Ours gives {_of(ours.exact, ours.cells)} cells exactly ({percent(ours.share('exact'))});"
    yield f"{thousands(ours.flagged)} are flagged, {thousands(ours.missing)} missing,"
    yield f"{thousands(ours.silent)} silently wrong."
    if others := [name for name in results.programs if name != OURS]:
        best, least = others[0], min(others, key=lambda name: tallies[name].silent)
        yield f"Of the others, {best} gives most cells exactly ({_exact_and_silent(tallies[best])});"
        yield f"fewest are silently wrong with {least} ({_exact_and_silent(tallies[least])})."
    if few := [name for name in results.programs if tallies[name].documents < ours.documents]:
        yield f"Not every document was given to {', '.join(few)}: see the table below."


def _shown(results: Results) -> Iterator[str]:
    """What became of numbers that are not plain text, or seem to be others."""
    whole = tally(row for row in results.shown if row.program == OURS)
    if not whole.cells:
        return
    kinds = {results.axes[row.document][HOW_SHOWN] for row in results.shown}
    yield "**Numbers that are not plain text.** Public reports have numbers in form fields, typed over the"
    yield "page, struck out, hidden, or under other names than they show."
    yield f"{thousands(whole.documents)} more documents of {len(kinds)} such kinds have"
    yield f"{thousands(whole.cells)} cells: {thousands(whole.exact)} exact ({percent(whole.share('exact'))}),"
    yield f"{thousands(whole.flagged)} flagged, {thousands(whole.missing)} missing,"
    yield f"{thousands(whole.silent)} silently wrong;"
    yield f"{thousands(whole.attributed_wrongly)} failed sums are laid to the wrong side."
    yield "[Kind by kind](#numbers-that-are-not-plain-text)."


def _titles(counts: Mapping[str, int]) -> Iterator[str]:
    """What is read of the heads of pages: whose report it is, of what year."""
    if not counts:
        return
    said = Counter(counts)
    yield "**Whose report, of what year?** Above titles stand breadcrumbs, document numbers, labels and lists"
    yield f"of other years' reports. Of {thousands(said['pages'])} such heads"
    yield "([benchmarks.titles](../benchmarks/titles.py)), printed by all programs in turn:"
    facts = {"agency": "the body", "year": "the year", "published": "the day of publication"}
    for fact, name in facts.items():
        yield f"{name} right in {thousands(said[f'{fact}_right'])}, unknown in"
        yield f"{thousands(said[f'{fact}_unknown'])}, wrong in {thousands(said[f'{fact}_wrong'])};"
    yield "what is unknown stays empty."


def _several(counts: Mapping[str, int]) -> Iterator[str]:
    """What becomes of files with more than a report, and of containers."""
    if not counts:
        return
    said = Counter(counts)
    yield "**Several reports in a file.** Two bureaus one after the other, years side by side, a scan behind"
    yield f"a report, PDFs glued together or in an archive: of {thousands(said['files'])} such files"
    yield f"([benchmarks.several](../benchmarks/several.py)) {thousands(said['found'])} reports have a row of"
    yield f"their own. {thousands(said['exact'])} cells are exact, {thousands(said['flagged'])} flagged,"
    yield f"{thousands(said['silent'])} silently wrong, {thousands(said['lost'])} lost;"
    yield f"{thousands(said['headings_wrong'])} have the head of another report, and"
    yield f"{thousands(said['untold'])} files do not say that they hold more than could be read."


def _claims(counts: Mapping[str, int]) -> Iterator[str]:
    """What is made of figures that prose states."""
    if not counts:
        return
    said = Counter(counts)
    agreeing, differing, unprinted = (
        (said[kind], said[kind] + said[f"{kind}_{left}"])
        for kind, left in (("agreeing", "undecided"), ("differing", "undecided"), ("unprinted", "missed"))
    )
    yield "**Figures in words.** Chapters state figures beside the tables: the body's own of the year, and"
    yield f"those of other bodies, of other years, parts and sums. In {thousands(said['reports'])} reports"
    yield f"([benchmarks.claims](../benchmarks/claims.py)) {_of(*agreeing)} figures that are the table's"
    yield f"are found to agree, {_of(*differing)} that are not are found to differ, and"
    yield f"{_of(*unprinted)} that no table has are found;"
    yield f"{thousands(said['open'])} figures are such as a person leaves open."
    yield f"{thousands(said['false_differs'])} figures are said to differ that do not,"
    yield f"{thousands(said['false_agrees'])} to agree that do not."


def _earlier(results: Results) -> Iterator[str]:
    """From when the figures of other programs are, where they are older than ours."""
    if results.earlier.programs:
        names = ", ".join(name for name in results.programs if name in results.earlier.programs)
        yield f"The accuracy of {names} was measured on {results.earlier.date}, on the same documents;"
        yield f"ours on {results.speed['date']}."


def _exact_and_silent(cells: Tally) -> str:
    return f"{percent(cells.share('exact'))}, {thousands(cells.silent)} silently wrong"


def _errors(ours: Tally) -> Iterator[str]:
    if ours.errors_planted:
        yield "**The bureaus' own mistakes.** As happens in real reports, some sums of the forms do not hold"
        yield f"as printed: {thousands(ours.errors_planted)} here."
        yield f"Ours finds {thousands(ours.errors_found)} and lays"
        yield f"{thousands(ours.errors_attributed)} to the bureau, where they belong;"
        yield f"{thousands(ours.attributed_wrongly)} failed sums are laid to the wrong side."


def _of(part: int, whole: int) -> str:
    return f"{thousands(part)} of {thousands(whole)}"


# ----------------------------------------------------------------------------- speed


def _speed(speed: Mapping[str, Any]) -> Iterator[str]:
    for material in speed["materials"]:
        row = find_row(speed, material["name"], OURS)
        if row and material["name"] != "few":
            yield f"On {_documents(material)} ({material['what']}),"
            yield f"ours takes {row['cpu_ms_a_page']['median']:.1f} ms of CPU a page, that is"
            yield f"{times(row['ratio']['median'])} the floor."
    few = next(each for each in speed["materials"] if each["name"] == "few")
    programs = [row["program"] for row in speed["programs"] if row["material"] == "few"]
    factors = {name: slower(speed, "few", name, OURS) for name in programs if name not in (OURS, FLOOR)}
    known = {name: factor for name, factor in factors.items() if factor}
    if known:
        listed = ", ".join(f"{name} {times(known[name])}" for name in sorted(known, key=known.__getitem__))
        yield f"On the {few['pages']} pages of the picture, the CPU time of the others as a multiple of ours:"
        yield f"{listed}."


def _documents(material: Mapping[str, Any]) -> str:
    return f"{thousands(material['documents'])} documents with {thousands(material['pages'])} pages"


def _stages(steps: Mapping[str, float]) -> Iterator[str]:
    if steps:
        first, second, *_ = sorted(steps, key=lambda step: -steps[step])
        yield "On documents that need no second reading, most of the time goes to"
        yield f"*{first}* ({steps[first]:.1f} ms a page, {steps[first] / sum(steps.values()):.0%}), then to"
        yield f"*{second}* ({steps[second]:.1f} ms)."


def _growth(speed: Mapping[str, Any]) -> Iterator[str]:
    if not speed["growth"]:
        return
    largest, slopes = speed["growth"][-1], growth_to_slopes(speed["growth"])
    first = largest["first"]
    yield f"A run over {thousands(largest['documents'])} new documents takes {seconds(first['wall'])} on"
    yield f"{speed['machine']['cores']} cores ({seconds(first['cpu'])} of CPU); again, with nothing new,"
    yield f"{seconds(largest['nothing_new']['wall'])}; with one document more,"
    yield f"{seconds(largest['one_more']['wall'])}."
    if len(slopes) > 1:
        yield f"An additional document costs {slopes[0] * 1000:.0f} ms of CPU in the smallest runs and"
        yield f"{slopes[-1] * 1000:.0f} ms in the largest."


def _starts(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        wall, cpu = seconds(row["wall"]["median"]), seconds(row["cpu"]["median"])
        yield f"- {row['what']}, from nothing: {wall}, {cpu} of it CPU"


def _sample(corpus: Mapping[str, Any]) -> str:
    return (
        f"{_of(corpus['sample'], corpus['documents'])} documents were taken, spread evenly; "
        f"{thousands(corpus['second_reading'])} of these need a second reading."
    )


def _absent(absent: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for name, needed in absent.items():
        yield f"- **Not measured:** {name}, for {', '.join(needed)} is not installed on this machine."


def _machine(machine: Mapping[str, Any]) -> str:
    parts = (
        machine["processor"] or "unknown processor",
        f"{machine['cores']} cores",
        f"{machine['memory_gb'] or '?'} GB",
        machine["distribution"] or "unknown distribution",
        machine["system"],
        f"Python {machine['python']}",
    )
    return ", ".join(parts) + "."


# ----------------------------------------------------------- goals and what is missing


def _goals(goals: Iterable[Goal]) -> Iterator[str]:
    said = {True: "met", False: "**not met**", None: "not measured"}
    rows = ((goal.what, goal.wanted, goal.measured, said[goal.met]) for goal in goals)
    return table(("What", "Goal", "Measured", ""), rows)


def _shortfalls(results: Results, goals: Iterable[Goal]) -> Iterator[str]:
    missed = [goal for goal in goals if goal.met is False]
    yield from (f"- {goal.what}: {goal.measured}, and the goal is {goal.wanted}" for goal in missed)
    yield from () if missed else ("- No goal is missed in this run.",)
    tallies = tally_axes(results.ours, results.axes)
    poor = [
        (axis, value, cells)
        for (axis, value), cells in tallies.items()
        if cells.exact < cells.cells and axis != POSITIONS and cells.documents * 2 < len(results.ours)
    ]
    if poor:
        yield ""
        head = ("Kind of report", "Cells", "Exact", "Flagged", "Missing", "Silently wrong")
        worst_first = sorted(poor, key=lambda each: each[2].share("exact"))
        yield from table(head, (_poor_value(*each) for each in worst_first))
    yield from _poor_documents(results.ours)


def _poor_value(axis: str, value: str, cells: Tally) -> list[str]:
    outcomes = map(thousands, (cells.flagged, cells.missing, cells.silent))
    return [f"{axis}, {value}", thousands(cells.cells), percent(cells.share("exact")), *outcomes]


def _poor_documents(rows: Iterable[Row]) -> Iterator[str]:
    """Which documents these cells are in, the worst first."""
    poor = sorted(
        (row for row in rows if row.exact < row.cells),
        key=lambda row: (-row.silent, row.exact - row.cells, row.document),
    )
    if poor:
        beyond = f", of which these are the worst {SHOWN}" if len(poor) > SHOWN else ""
        yield from ("", f"Documents with a cell that is not exact: {thousands(len(poor))}{beyond}.", "")
        head = ("Document", "Cells", "Flagged", "Missing", "Silently wrong", "Failure")
        yield from table(head, map(_poor_line, poor[:SHOWN]))


def _poor_line(row: Row) -> list[str]:
    return [row.document, *map(thousands, (row.cells, row.flagged, row.missing, row.silent)), row.failure]


# ------------------------------------------------------------------- accuracy in full


def _program_table(results: Results) -> Iterator[str]:
    tallies = results.by_program
    head = ("Program", "Documents", "Failed on", "Cells", "Exact", "Missing", "Flagged", "False alarms",
            "Silently wrong", "CPU a page")  # fmt: skip
    rows = ([name, *_counts(tallies[name]), _cpu(results, name)] for name in results.programs)
    return table(head, rows)


def _counts(cells: Tally) -> list[str]:
    counts = (cells.documents, cells.failures, cells.cells)
    outcomes = (cells.missing, cells.flagged, cells.false_alarms, cells.silent)
    return [*map(thousands, counts), percent(cells.share("exact")), *map(thousands, outcomes)]


def _cpu(results: Results, program: str) -> str:
    if program in results.earlier.programs:
        return f"{results.earlier.milliseconds[program]:,.0f} ms"
    rows = [row for row in results.rows if row.program == program]
    pages = sum(row.pages for row in rows)
    return f"{sum(row.cpu_seconds for row in rows) * 1000 / pages:,.0f} ms" if pages else "–"


def _outcome_table(results: Results, rows: Iterable[Sequence[str]]) -> Iterator[str]:
    others = [name for name in results.programs if name != OURS]
    return table(("", "Documents", "Cells", "Exact", "Missing", "Flagged", "Silently wrong", *others), rows)


def _by_producer(results: Results) -> Iterator[list[str]]:
    tallies = results.by_producer
    for producer in dict.fromkeys(row.producer for row in results.ours):
        yield _outcome_line(producer, [tallies.get((producer, name), Tally()) for name in results.programs])


def _by_axis(results: Results) -> Iterator[list[str]]:
    tallies = results.by_axis
    for (axis, value), ours in tallies[OURS].items():
        if axis != POSITIONS or ours.exact < ours.cells:
            cells = [by_value.get((axis, value), Tally()) for by_value in tallies.values()]
            yield _outcome_line(f"{axis}, {value}", cells)


def _shown_table(results: Results) -> Iterator[str]:
    """A line a kind: ours in cells; of the others how much is exact and how many cells are silently wrong."""
    programs = list(dict.fromkeys(row.program for row in results.shown if row.program != OURS))
    tallies = {
        name: tally_axes([row for row in results.shown if row.program == name], results.axes)
        for name in (OURS, *programs)
    }
    lines = []
    for (axis, value), ours in tallies[OURS].items():
        if axis == HOW_SHOWN:
            others = (tallies[name].get((axis, value), Tally()) for name in programs)
            counts = (ours.documents, ours.cells, ours.exact, ours.missing, ours.flagged, ours.silent)
            lines.append([value, *map(thousands, counts), *map(_exact_beside_silent, others)])
    return table(
        ("", "Documents", "Cells", "Exact", "Missing", "Flagged", "Silently wrong", *programs), lines
    )


def _exact_beside_silent(cells: Tally) -> str:
    return f"{percent(cells.share('exact'))} · {thousands(cells.silent)}"


def _outcome_line(name: str, tallies: Sequence[Tally]) -> list[str]:
    ours, *others = tallies
    counts = (ours.documents, ours.cells, ours.exact, ours.missing, ours.flagged, ours.silent)
    return [name, *map(thousands, counts), *(percent(each.share("exact")) for each in others)]


# ---------------------------------------------------------------------- speed in full


def _speed_tables(speed: Mapping[str, Any]) -> Iterator[str]:
    """A comparison for each material."""
    for number, material in enumerate(speed["materials"]):
        yield from ("",) if number else ()
        yield f"{_documents(material)}: {material['what']}."
        yield ""
        head = ("Program", "What", "Rounds", "CPU ms a page", "Wall ms a page", "× floor", "min", "max",
                "× ours", "Failed on")  # fmt: skip
        rows = [row for row in speed["programs"] if row["material"] == material["name"]]
        yield from table(head, (_speed_line(speed, row) for row in rows))


def _speed_line(speed: Mapping[str, Any], row: Mapping[str, Any]) -> list[str]:
    start = [row["program"], row["what"], str(row["rounds"])]
    if not row["rounds"]:
        return [*start, *["–"] * 6, row["failure"]]
    ratio, ours = row["ratio"], slower(speed, row["material"], row["program"], OURS)
    return [
        *start,
        f"{row['cpu_ms_a_page']['median']:,.2f}",
        f"{row['wall_ms_a_page']['median']:,.2f}",
        *(times(ratio[key] if ratio else None) for key in ("median", "min", "max")),
        times(ours),
        thousands(len(row["failed_documents"])),
    ]


def _footprint_table(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    head = ("Program", "Peak memory", "CPU to import", "Wall to import")
    lines = (
        (row["program"], megabytes(row["peak_mb"]), seconds(row["import_cpu"]), seconds(row["import_wall"]))
        for row in rows
    )
    return table(head, lines)


def _growth_table(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    head = ("Documents", "CPU", "Wall", "CPU a document", "Parent", "Largest worker", "Written",
            "Again, nothing new", "One more")  # fmt: skip
    return table(head, map(_growth_line, rows))


def _growth_line(row: Mapping[str, Any]) -> list[str]:
    first = row["first"]
    return [
        thousands(row["documents"]),
        seconds(first["cpu"]),
        seconds(first["wall"]),
        f"{first['cpu'] * 1000 / row['documents']:,.0f} ms",
        megabytes(first["parent_mb"]),
        megabytes(first["worker_mb"]),
        megabytes(row["out_bytes"] / 1024**2),
        seconds(row["nothing_new"]["wall"]),
        seconds(row["one_more"]["wall"]),
    ]


def _stage_table(stages: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    steps = next(iter(stages.values()), {})
    rows = ([step, *(f"{by_step[step]:.3f}" for by_step in stages.values())] for step in steps)
    return table(("CPU ms a page", *stages), rows)
