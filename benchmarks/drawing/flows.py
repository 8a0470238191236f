"""The sentences and the table of docs/benchmarks.md on documents without pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from .numbers import table, thousands, times

FILES = "files "
"""How the counts of files begin, by the way in which they were printed."""

FACTS = {"agency": "the body", "year": "the year", "published": "the day of publication"}


def flows_to_words(counts: Mapping[str, int], mutants: Mapping[str, int]) -> Iterator[str]:
    """Yield what became of the reports of benchmarks.flows, and of its files with traps."""
    if not counts:
        return
    said = Counter(counts)
    cells = sum(said[kind] for kind in ("exact", "flagged", "missing", "silent"))
    yield "**Web pages, Word, Excel.** The collection for `compare` was printed as pages in the shapes of six"
    yield "kinds of government sites, as Word files and as workbooks by several programs"
    yield f"([benchmarks.flows](../benchmarks/flows/__main__.py)): {thousands(said['files'])} files."
    yield f"Of their {thousands(cells)} cells {thousands(said['exact'])} are exact,"
    yield f"{thousands(said['flagged'])} flagged, {thousands(said['missing'])} missing,"
    yield f"{thousands(said['silent'])} silently wrong; of {thousands(said['errors_planted'])} sums that the"
    yield f"bureaus themselves got wrong {thousands(said['errors_found'])} are found, and"
    yield f"{thousands(said['errors_attributed'])} laid to the bureau."
    heads = (f"{name} in {thousands(said[f'{fact}_right'])}" for fact, name in FACTS.items())
    yield f"Right are {', '.join(heads)} heads."
    if said["page_cpu_us"] and said["pandas_cpu_us"]:
        yield f"A page takes {said['page_cpu_us'] / 1000:.1f} ms of CPU from its bytes to the checked report;"
        yield f"pandas.read_html alone takes {times(said['pandas_cpu_us'] / said['page_cpu_us'])} as much on"
        yield "the same pages."
    if mutants:
        yield from _mutants(Counter(mutants))


def _mutants(said: Counter[str]) -> Iterator[str]:
    """Yield what became of files with traps."""
    yield f"Into each of {thousands(said['files'])} further files a trap was put: text that is hidden or"
    yield "struck out, spans that are none, charsets that are another, tracked changes, number formats,"
    yield f"damage. Of what a person sees there {thousands(said['silent'])} cells are silently wrong,"
    yield f"{thousands(said['flagged'])} are flagged, and {thousands(said['blamed'])} sums that are right are"
    yield "laid to the bureau."


def flows_to_table(counts: Mapping[str, int]) -> Iterator[str]:
    """Yield how many files were printed in each way."""
    ways = {name.removeprefix(FILES): count for name, count in counts.items() if name.startswith(FILES)}
    if not ways:
        yield "Not measured."
        return
    yield from table(("Printed as", "Files"), ([name, thousands(count)] for name, count in ways.items()))
