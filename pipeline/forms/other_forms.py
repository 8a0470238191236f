"""forms/other_forms.toml as it stands: forms and documents that are told by name, and not read."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from pipeline.typed_toml import Strict, load_packaged

Words = tuple[str, ...]


class OtherForm(Strict, frozen=True):
    """A form or document that is not read: by what texts it is told, and what table it would be taken for."""

    name: str
    needs: int
    telling: Words
    unless: Words = ()
    table: str = ""
    report: bool = False


class _OtherForms(Strict, frozen=True):
    """All of them; of a document the first that fits is named."""

    form: tuple[OtherForm, ...]


@cache
def load_other_forms() -> tuple[OtherForm, ...]:
    """Return what other_forms.toml says, read once."""
    return load_packaged(__package__, "other_forms.toml", _OtherForms).form


def texts_to_other_tables(texts: Iterable[str]) -> dict[str, str]:
    """Return the tables that the folded texts of pages show in another form, each with that form's name."""
    pages = list(texts)
    return {form.table: form.name for form in load_other_forms() if form.table and _fits(form, pages)}


def text_to_other_document(text: str, *, report: bool = False) -> str:
    """Return the name of the document of another kind whose folded text this is; "" where it is not known.

    Of a text with the title or the chapters of a `report` only reports of other bodies are named.
    """
    forms = (form for form in load_other_forms() if not form.table and (form.report or not report))
    return next((form.name for form in forms if _fits(form, [text])), "")


def _fits(form: OtherForm, pages: list[str]) -> bool:
    """Whether texts are those of a form."""
    if sum(any(label in page for page in pages) for label in form.telling) < form.needs:
        return False
    return not any(label in page for page in pages for label in form.unless)
