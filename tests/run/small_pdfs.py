"""Small PDFs for the tests of bad input, made on the spot."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from tools.generator.fonts import FONT, load_font

TITLE = "示例局2022年政府信息公开工作年度报告"
NO_TABLES = (
    TITLE,
    "根据《中华人民共和国政府信息公开条例》，现公布本局2022年政府信息公开工作年度报告。",
    "一、总体情况",
    "本局全年主动公开政府信息，样例数字均为编造。",
    "二、存在的主要问题及改进情况",
    "公开内容不够丰富，下一年将改进。",
)
LETTER = ("采购合同", "甲方：示例公司", "乙方：示例工厂", "双方约定交货地点与付款方式如下。")


def text_pdf(pages: Sequence[Sequence[str]], password: str = "") -> bytes:
    """Pages of plain lines, encrypted (128 bits) where a password is given."""
    load_font()
    file = io.BytesIO()
    lock = StandardEncryption(password, strength=128) if password else None
    canvas = Canvas(file, encrypt=lock, invariant=True)
    for lines in pages:
        canvas.setFont(FONT, 14)
        for place, line in enumerate(lines):
            canvas.drawString(72, 770 - 24 * place, line)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def picture_pdf() -> bytes:
    """A page that is one picture, as a scanner makes it: no text at all."""
    picture = Image.new("L", (600, 800), 255)
    ImageDraw.Draw(picture).text((80, 80), "a scanned page", fill=0)
    file = io.BytesIO()
    canvas = Canvas(file, invariant=True)
    canvas.drawImage(ImageReader(picture), 0, 0, 595, 842)
    canvas.save()
    return file.getvalue()
