"""A table as HTML writes it, cell by cell, so that what stands in one can be changed before it is printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from .cells import Cell


@dataclass(frozen=True, slots=True)
class HtmlCell:
    """A cell of a table: its tag and attributes as they are written, and its markup between the tags.

    `close` says whether its end tag is written, `after` is what else stands behind it.
    """

    cell: Cell
    tag: str
    attributes: str
    inner: str
    close: bool = True
    after: str = ""

    @property
    def spans(self) -> str:
        """Return the attributes of a cell over several places."""
        rows = f' rowspan="{self.cell.row_span}"' if self.cell.row_span > 1 else ""
        return rows + (f' colspan="{self.cell.col_span}"' if self.cell.col_span > 1 else "")

    def __str__(self) -> str:
        end = f"</{self.tag}>" if self.close else ""
        return f"<{self.tag}{self.spans}{self.attributes}>{self.inner}{end}{self.after}"


@dataclass(frozen=True, slots=True)
class HtmlRow:
    """A row with its cells; `before` and `after` are what else stands there."""

    cells: tuple[HtmlCell, ...]
    attributes: str = ""
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        cells = "\n".join(map(str, self.cells))
        return f"{self.before}<tr{self.attributes}>\n{cells}\n</tr>{self.after}"


@dataclass(frozen=True, slots=True)
class HtmlTable:
    """A table; `name` is that of the form's table, `head` what stands before its first row.

    `header` rows on top are a head of their own, where the program writes one.
    """

    name: str
    rows: tuple[HtmlRow, ...]
    attributes: str = ""
    head: str = ""
    header: int = 0
    foot: str = ""

    def __str__(self) -> str:
        top, rest = (
            "\n".join(map(str, part)) for part in (self.rows[: self.header], self.rows[self.header :])
        )
        header = f"<thead>\n{top}\n</thead>\n" if top else ""
        body = f"<tbody>\n{rest}\n</tbody>"
        return f"<table{self.attributes}>\n{self.head}{header}{body}{self.foot}\n</table>"

    def changed(self, change: Callable[[HtmlCell], HtmlCell]) -> HtmlTable:
        """Return the table with each cell as `change` gives it back."""
        rows = tuple(replace(row, cells=tuple(map(change, row.cells))) for row in self.rows)
        return replace(self, rows=rows)


TableChange = Callable[[HtmlTable], HtmlTable]


def unchanged(table: HtmlTable) -> HtmlTable:
    """Return a table as it is."""
    return table
