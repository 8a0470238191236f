"""Turn the lines outside of tables into the chapters of a report."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pipeline.extract.normalise.body_text import lines_to_body, squeeze
from pipeline.extract.normalise.chapters import raws_to_chapters
from pipeline.extract.normalise.paragraphs import Paragraph, lines_to_paragraphs
from pipeline.extract.normalise.title_choice import lines_to_title
from pipeline.records import Section, TextLine


def lines_to_sections(
    lines: Sequence[TextLine], page_sizes: Sequence[tuple[float, float]]
) -> tuple[Section, ...]:
    """Return the chapters in the order of the report.

    What stands before the first chapter, without the title, is a preamble. `lines` are in reading order,
    `page_sizes` in points, one for each page.
    """
    body = lines_to_body(lines, page_sizes)
    title = lines_to_title(body)
    paragraphs = lines_to_paragraphs(body[title.end if title else 0 :])
    chapters = raws_to_chapters([paragraph.raw for paragraph in paragraphs])
    starts = [*chapters, len(paragraphs)]
    preamble = _preamble(paragraphs[: starts[0]])
    return preamble + tuple(
        Section(
            section=chapters[start].key,
            heading=squeeze(chapters[start].heading),
            page=paragraphs[start].page,
            text=_text([squeeze(chapters[start].rest), *(p.text for p in paragraphs[start + 1 : end])]),
        )
        for start, end in pairwise(starts)
    )


def _preamble(paragraphs: Sequence[Paragraph]) -> tuple[Section, ...]:
    """Return the preamble as a section; () where there is no text."""
    text = _text([paragraph.text for paragraph in paragraphs])
    return (Section("preamble", "", paragraphs[0].page, text),) if text else ()


def _text(paragraphs: Sequence[str]) -> str:
    """Join the paragraphs that have text by line feeds."""
    return "\n".join(paragraph for paragraph in paragraphs if paragraph)
