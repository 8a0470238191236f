"""Numbers that a viewer shows and the page does not hold: typed notes, form fields, layers, a page more."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tools.generator.fonts import width_of

from .objects import Objects, as_stream
from .overlay import Draw, overlay
from .places import Place

HELVETICA = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
TO_PRINT = 4
"""The flag of an annotation that is printed."""

Box = tuple[float, float, float, float]
Texts = Sequence[tuple[str, str]]
"""What is shown at each place, and what else stands there."""


def with_notes(pdf: bytes, places: Sequence[Place], texts: Texts) -> bytes:
    """Return the file with each text typed over the page, as the typewriter of a viewer does."""
    return _annotated(pdf, places, texts, _note)


def with_white_notes(pdf: bytes, places: Sequence[Place], texts: Texts) -> bytes:
    """Return the file with each text typed on white over what stands there."""
    return _annotated(pdf, places, texts, _note, white=True)


def with_white_squares(pdf: bytes, places: Sequence[Place], texts: Texts) -> bytes:
    """Return the file with a white square over each place."""
    nothing = [("", older) for _, older in texts]
    return _annotated(pdf, places, nothing, lambda *_: b"/Subtype/Square/IC[1 1 1]", white=True)


def with_fields(pdf: bytes, places: Sequence[Place], texts: Texts) -> bytes:
    """Return the file with each text filled into a field of a form."""
    return _annotated(pdf, places, texts, _field, are_fields=True)


def _note(text: bytes, number: int) -> bytes:
    return b"/Subtype/FreeText/DA(/Helv 10 Tf 0 g)/Contents(%s)" % text


def _field(text: bytes, number: int) -> bytes:
    return b"/Subtype/Widget/FT/Tx/DA(/Helv 10 Tf 0 g)/V(%s)/T(n%d)" % (text, number)


def _annotated(
    pdf: bytes,
    places: Sequence[Place],
    texts: Texts,
    kind: Callable[[bytes, int], bytes],
    white: bool = False,
    are_fields: bool = False,
) -> bytes:
    """Return the file with an annotation of a kind at each place."""
    objects = Objects(pdf)
    font = objects.add(HELVETICA)
    pages, made = objects.pages(), dict[int, list[int]]()
    for number, (place, (text, older)) in enumerate(zip(places, texts, strict=True)):
        box = _box(place, max(text, older, key=len))
        look = objects.add(_look(box, text, place.size, font, white))
        common = b"/F %d/Rect[%s]/AP<</N %d 0 R>>" % (TO_PRINT, _numbers(box), look)
        annotation = objects.add(b"<</Type/Annot%s%s>>" % (kind(text.encode(), number), common))
        made.setdefault(place.page, []).append(annotation)
    for page, own in made.items():
        objects.extend(pages[page], b"/Annots[%s]" % _references(own))
    if are_fields:
        every = [each for own in made.values() for each in own]
        form = b"/AcroForm<</Fields[%s]/DR<</Font<</Helv %d 0 R>>>>/DA(/Helv 10 Tf 0 g)>>"
        objects.extend(objects.root(), form % (_references(every), font))
    return objects.to_bytes()


def _box(place: Place, text: str) -> Box:
    """Return a box around a text at its place."""
    half = width_of(text, place.size) / 2 + 3
    return place.middle - half, place.baseline - 3, place.middle + half, place.baseline + place.size


def _look(box: Box, text: str, size: float, font: int, white: bool) -> bytes:
    """Return how an annotation is drawn."""
    x0, y0, x1, y1 = box
    wide, high = x1 - x0, y1 - y0
    ground = b"1 g 0 0 %.2f %.2f re f " % (wide, high) if white else b""
    print_text = b"BT 0 g /Helv %.2f Tf 3 3 Td (%s) Tj ET" % (size, text.encode()) if text else b""
    entries = b"/Type/XObject/Subtype/Form/BBox[0 0 %.2f %.2f]/Resources<</Font<</Helv %d 0 R>>>>"
    return as_stream(entries % (wide, high, font), ground + print_text)


def _numbers(box: Box) -> bytes:
    return b" ".join(b"%.2f" % each for each in box)


def _references(numbers: Sequence[int]) -> bytes:
    return b" ".join(b"%d 0 R" % number for number in numbers)


# ------------------------------------------------------------------------ layers


def on_hidden_layer(draw: Draw) -> Callable[[bytes, Sequence[Place], Texts], bytes]:
    """Return what draws the texts on a layer that is switched off."""

    def finish(pdf: bytes, places: Sequence[Place], texts: Texts) -> bytes:
        before = set(Objects(pdf).known)
        objects = Objects(overlay(pdf, places, texts, draw))
        layer = objects.add(b"<</Type/OCG/Name(draft)>>")
        for number in objects.known.keys() - before:
            if b"/Subtype/Form" in objects[number].partition(b"stream")[0].replace(b" ", b""):
                objects.extend(number, b"/OC %d 0 R" % layer)
        hidden = b"/OCProperties<</OCGs[%d 0 R]/D<</OFF[%d 0 R]/Order[%d 0 R]>>>>" % (layer, layer, layer)
        objects.extend(objects.root(), hidden)
        return objects.to_bytes()

    return finish


# ------------------------------------------------------------------- a blank page


def with_blank_page(pdf: bytes) -> bytes:
    """Return the file with a blank page at its end, whose content is an empty stream said to be Flate."""
    objects = Objects(pdf)
    last = objects.pages()[-1]
    parent = int(objects[last].split(b"/Parent ")[1].split()[0])
    nothing = objects.add_stream(b"/Filter/FlateDecode", b"")
    blank = b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents %d 0 R>>"
    page = objects.add(blank % (parent, nothing))
    before = objects[parent]
    head, _, kids = before.partition(b"/Kids")
    listed, closed, rest = kids.partition(b"]")
    objects[parent] = _counted_up(head + b"/Kids" + listed + b" %d 0 R" % page + closed + rest)
    return objects.to_bytes()


def _counted_up(node: bytes) -> bytes:
    """Return a node of the tree of pages that has one page more."""
    head, _, rest = node.partition(b"/Count ")
    count = rest.split(b"/")[0].split(b">")[0]
    return head + b"/Count %d" % (int(count) + 1) + rest[len(count) :]
