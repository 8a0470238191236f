"""A page on which a form field and a note alone show something."""

from __future__ import annotations

import io

from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import Canvas

FIELD_COLOUR = (220, 0, 0)
NOTE_COLOUR = (0, 0, 220)


def noted_pdf() -> bytes:
    """A red form field 100 points from the left and the top of the page, and a blue note 100 points below."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(595, 842), invariant=True)
    red, blue = (Color(*(part / 255 for part in colour)) for colour in (FIELD_COLOUR, NOTE_COLOUR))
    canvas.acroForm.textfield(
        name="a", value="2608", x=100, y=702, width=120, height=40, fillColor=red, borderWidth=0
    )
    canvas.highlightAnnotation("2608", (100, 602, 220, 642), Color=[blue.red, blue.green, blue.blue])
    canvas.showPage()
    canvas.save()
    return file.getvalue()
