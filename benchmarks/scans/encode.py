"""PDF files whose pages are pictures, in the codecs that scanners write."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image, ImageOps
from PIL.TiffImagePlugin import ROWSPERSTRIP, STRIPOFFSETS, TiffImageFile

from benchmarks.scans.printing import POINTS_AN_INCH, Shades
from benchmarks.scans.settings import Setting

PAGE_INFORMATION, IMMEDIATE_GENERIC_REGION = 48, 38
"""Types of JBIG2 segments."""

ROWS_CODED_AS_FAX = 1
"""The flag of a JBIG2 region that is coded as T.6, which is what CCITT group 4 is too."""


class Stream(NamedTuple):
    """The data of a picture and the lines of its dictionary that say how they are to be read."""

    entries: str
    data: bytes


def pictures_to_pdf(pages: Sequence[tuple[Shades, int]], setting: Setting) -> bytes:
    """Return a file with a picture a page; with each goes the /Rotate of its page in degrees."""
    objects: list[bytes] = []
    kids = []
    for shades, rotate in pages:
        high, wide = shades.shape[:2]
        points = [side * POINTS_AN_INCH / setting.dpi for side in (wide, high)]
        stream = _encode(shades, setting)
        number = 3 + len(objects)
        kids.append(f"{number} 0 R")
        paint = f"q 0 g {points[0]:.3f} 0 0 {points[1]:.3f} 0 0 cm /S Do Q".encode()
        page = (
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {points[0]:.3f} {points[1]:.3f}]/Rotate {rotate}"
            f"/Contents {number + 1} 0 R/Resources<</XObject<</S {number + 2} 0 R>>>>>>"
        )
        entries = f"/Type/XObject/Subtype/Image/Width {wide}/Height {high}{stream.entries}"
        objects += [page.encode(), _stream("", paint), _stream(entries, stream.data)]
    tree = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(kids)}]>>".encode()
    return _file([b"<</Type/Catalog/Pages 2 0 R>>", tree, *objects])


def _stream(entries: str, data: bytes) -> bytes:
    return f"<<{entries}/Length {len(data)}>>stream\n".encode() + data + b"\nendstream"


def _file(objects: Iterable[bytes]) -> bytes:
    """Return a PDF of these objects, numbered from 1; the first is the catalogue."""
    content, places = bytearray(b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n"), []
    for number, each in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n" % number + each + b"\nendobj\n"
    table = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    content += b"".join(b"%010d 00000 n \n" % place for place in places)
    content += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, table)
    return bytes(content)


# ------------------------------------------------------------------------ codecs


def _encode(shades: Shades, setting: Setting) -> Stream:
    if setting.codec == "jpeg":
        return _jpeg(shades, setting.quality)
    if not setting.fax:
        return _flate(shades)
    kind = "/ImageMask true" if setting.mask else "/ColorSpace/DeviceGray"
    coded = {"g4": _g4, "jbig2": _jbig2, "flate": _bits}[setting.codec](shades)
    return Stream(f"{kind}/BitsPerComponent 1{coded.entries}", coded.data)


def _space(shades: Shades) -> str:
    return f"/ColorSpace/{'DeviceRGB' if shades.ndim == 3 else 'DeviceGray'}/BitsPerComponent 8"


def _jpeg(shades: Shades, quality: int) -> Stream:
    order = shades[..., ::-1] if shades.ndim == 3 else shades
    _, data = cv2.imencode(".jpg", order, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return Stream(f"{_space(shades)}/Filter/DCTDecode", data.tobytes())


def _flate(shades: Shades) -> Stream:
    """Return the data of a PNG file, which PDF knows with its predictors."""
    order = shades[..., ::-1] if shades.ndim == 3 else shades
    _, png = cv2.imencode(".png", order, [cv2.IMWRITE_PNG_COMPRESSION, 3])
    colours = 3 if shades.ndim == 3 else 1
    how = f"<</Predictor 15/Colors {colours}/BitsPerComponent 8/Columns {shades.shape[1]}>>"
    return Stream(f"{_space(shades)}/Filter/FlateDecode/DecodeParms{how}", _png_data(png.tobytes()))


def _png_data(png: bytes) -> bytes:
    """Return what the IDAT chunks of a PNG file hold."""
    data, place = b"", 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        if png[place + 4 : place + 8] == b"IDAT":
            data += png[place + 8 : place + 8 + length]
        place += 12 + length
    return data


def _bits(shades: Shades) -> Stream:
    packed = np.packbits(shades > 0, axis=1).tobytes()
    return Stream("/Filter/FlateDecode", zlib.compress(packed, 6))


def _g4(shades: Shades) -> Stream:
    high, wide = shades.shape
    how = f"<</K -1/Columns {wide}/Rows {high}>>"
    return Stream(f"/Filter/CCITTFaxDecode/DecodeParms{how}", _t6(shades))


def _t6(shades: Shades) -> bytes:
    """Return black and white as CCITT group 4 codes it."""
    sink = io.BytesIO()
    ink = ImageOps.invert(Image.fromarray(shades)).convert("1", dither=Image.Dither.NONE)
    ink.save(sink, "TIFF", compression="group4", tiffinfo={ROWSPERSTRIP: shades.shape[0]})
    with Image.open(sink) as picture:
        assert isinstance(picture, TiffImageFile)
        (start,) = picture.tag_v2[STRIPOFFSETS]
        (length,) = picture.tag_v2[279]
    return sink.getvalue()[start : start + length]


def _jbig2(shades: Shades) -> Stream:
    """Return one region over the whole page, coded as T.6."""
    high, wide = shades.shape
    page = struct.pack(">IIIIBH", wide, high, 0, 0, 0, 0)
    region = struct.pack(">IIIIBB", wide, high, 0, 0, 0, ROWS_CODED_AS_FAX) + _t6(shades)
    return Stream(
        "/Filter/JBIG2Decode",
        _segment(0, PAGE_INFORMATION, page) + _segment(1, IMMEDIATE_GENERIC_REGION, region),
    )


def _segment(number: int, kind: int, data: bytes) -> bytes:
    return struct.pack(">IBBBI", number, kind, 0, 1, len(data)) + data
