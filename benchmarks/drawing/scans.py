"""The sentences and tables of docs/benchmarks.md on scans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from benchmarks.scans.settings import PARTS, load_settings

from .numbers import percent, table, thousands
from .results import OURS

Counts = Mapping[str, int]
BySetting = Mapping[str, Counts]

TITLES = {
    "tuning": "Settings that were looked at while the reading was made",
    "held_out": "Settings and fonts that were held out",
}
CAPTION = "A crop of a table in each setting that is not held out."
HEAD = ("Setting", "Documents", "Cells", "Right", "Silently wrong", "Right, but doubted", "Missing",
        "Under seals", "of these exact", "CPU s a table page")  # fmt: skip


def scans_to_words(scans: Mapping[str, BySetting]) -> Iterator[str]:
    """Yield what became of all scans, by part."""
    if OURS not in scans:
        return
    yield "**Scans.** Reports in a dozen fonts were printed, spoilt as paper, copiers, scanners, cameras and"
    yield "faxes spoil them ([the settings](../benchmarks/scans/scans.toml)), and read as pictures."
    for part in PARTS:
        settings = by_part(scans[OURS])[part]
        said = whole_of(settings.values())
        if said["cells"]:
            yield f"{TITLES[part]}, {thousands(said['documents'])} documents in {len(settings)} of them:"
            yield f"of {thousands(said['cells'])} cells"
            yield f"{percent((said['exact'] + said['suspect']) / said['cells'])} are read right,"
            yield f"{percent(said['suspect'] / said['cells'], up=True)} right and doubted, and"
            yield f"{thousands(said['silent'])} silently wrong."
    yield ""
    yield f"![{CAPTION}](images/scans.png)"
    yield ""
    yield f"*{CAPTION}*"


def scans_to_tables(scans: Mapping[str, BySetting]) -> Iterator[str]:
    """Yield a table a part with a line a setting, and one of other programs."""
    if OURS not in scans:
        yield "Not measured."
        return
    for part, totals in by_part(scans[OURS]).items():
        if totals:
            yield from (f"{TITLES[part]}:", "")
            rows = [*totals.items(), ("all", whole_of(totals.values()))]
            yield from table(HEAD, (_line(name, counts) for name, counts in rows))
            yield ""
    yield from _others(scans)


def _others(scans: Mapping[str, BySetting]) -> Iterator[str]:
    """Yield a line a setting: the right cells of each program, those silently wrong, and its CPU time."""
    others = [name for name in scans if name != OURS]
    if not others:
        return
    yield "Read by other programs, the first documents of a setting: right cells, how many are silently"
    yield "wrong, CPU seconds a table page. rapidocr and tesseract are told where each cell stands."
    yield ""
    settings = [name for name in load_settings() if any(name in scans[other] for other in others)]
    rows = [[name.replace("_", " "), *(_beside(scans[other].get(name, {})) for other in (OURS, *others))]
            for name in settings]  # fmt: skip
    yield from table(("Setting", OURS, *others), rows)


def by_part(totals: BySetting) -> dict[str, dict[str, Counts]]:
    """Return the counts of the settings that there are still, by part."""
    settings = load_settings()
    return {
        part: {name: totals[name] for name, each in settings.items() if each.part == part and name in totals}
        for part in PARTS
    }


def whole_of(every: Iterable[Counts]) -> Counter[str]:
    """Return all counts added up."""
    whole: Counter[str] = Counter()
    for counts in every:
        whole.update(counts)
    return whole


def _line(name: str, counts: Counts) -> list[str]:
    said = Counter(counts)
    cells = max(said["cells"], 1)
    return [
        name.replace("_", " "),
        thousands(said["documents"]),
        thousands(said["cells"]),
        percent((said["exact"] + said["suspect"]) / cells),
        thousands(said["silent"]),
        percent(said["suspect"] / cells, up=True),
        thousands(said["missing"]),
        thousands(said["sealed"]),
        thousands(said["sealed_exact"]),
        _seconds(said),
    ]


def _beside(counts: Counts) -> str:
    said = Counter(counts)
    if not said["cells"]:
        return "–"
    right = percent((said["exact"] + said["suspect"]) / said["cells"])
    return f"{right} · {thousands(said['silent'])} · {_seconds(said)}"


def _seconds(said: Counts) -> str:
    return f"{said['cpu_ms'] / max(said['table_pages'], 1) / 1000:.2f}"
