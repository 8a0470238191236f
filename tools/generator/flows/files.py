"""A report as a file of one of the kinds that are no PDF, with the truth about it."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tools.generator.reports import Manuscript

from .content import Content, manuscript_to_content
from .sheet import content_to_xlsx
from .sites import SHAPES, content_to_page, page_to_bytes
from .word import content_to_docx

BOUNDARY = "----MultipartBoundary--0000000000----"
NO_LIBREOFFICE = "LibreOffice is not on PATH: install it (apt-get install libreoffice-writer)"
MHTML_LINE = 76
"""Characters. The length of a line of base64."""


class FlowKind(NamedTuple):
    """A kind of file: the end of its name, the media type of its bytes, whether LibreOffice makes it."""

    suffix: str
    media_type: str
    made_of: str = ""


FLOW_KINDS: Mapping[str, FlowKind] = {
    "html": FlowKind(".html", "text/html"),
    "mhtml": FlowKind(".mht", "multipart/related"),
    "docx": FlowKind(".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xlsx": FlowKind(".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "doc": FlowKind(".doc", "application/msword", "docx"),
}
"""By name; those that are `made_of` another are saved by LibreOffice."""


def print_flow(report: Manuscript, kind: str, shape: str = "", seed: int = 0) -> tuple[bytes, dict[str, Any]]:
    """Return a report as a file, and the truth about it; the same for the same arguments.

    `kind` is one of FLOW_KINDS, `shape` of SHAPES, which pages have; "" is one by chance. RuntimeError where
    a kind needs LibreOffice and there is none.
    """
    (printed,) = print_flows([(report, shape)], kind, seed)
    return printed


def print_flows(
    reports: Sequence[tuple[Manuscript, str]], kind: str, seed: int = 0
) -> list[tuple[bytes, dict[str, Any]]]:
    """Return reports, each in its shape, as print_flow does; LibreOffice is started once for all of them."""
    contents = [manuscript_to_content(report, seed) for report, _ in reports]
    shapes = [
        shape or content.chance("shape").choice(sorted(SHAPES))
        for content, (_, shape) in zip(contents, reports, strict=True)
    ]
    made = FLOW_KINDS[kind]
    printer = _PRINTERS[made.made_of or kind]
    files = [printer(content, shape) for content, shape in zip(contents, shapes, strict=True)]
    if made.made_of:
        files = saved_by_libreoffice(files, FLOW_KINDS[made.made_of].suffix, made.suffix)
    truths = [_truth(report, kind, shape) for (report, _), shape in zip(reports, shapes, strict=True)]
    return list(zip(files, truths, strict=True))


def content_to_file(content: Content, kind: str, shape: str) -> bytes:
    """Return a report as a file of a kind that is not made of another; `shape` is that of its page."""
    return _PRINTERS[kind](content, shape)


def _truth(report: Manuscript, kind: str, shape: str) -> dict[str, Any]:
    """Return the truth about a report printed so."""
    made = FLOW_KINDS[kind]
    printed_as = {"kind": kind, "media_type": made.media_type}
    if kind in ("html", "mhtml"):
        printed_as["shape"] = shape
    name = str(Path(report.truth["file"]).with_suffix(made.suffix))
    return report.truth | {"file": name, "printed_as": printed_as}


def _page(content: Content, shape: str) -> bytes:
    return page_to_bytes(content_to_page(content, shape), shape)


def _mhtml(content: Content, shape: str) -> bytes:
    return page_to_mhtml(_page(content, shape), content, shape)


def page_to_mhtml(page: bytes, content: Content, shape: str) -> bytes:
    """Return a page as a browser keeps it: in a message, with its style sheet and pictures beside it."""
    page, pictures = _pictures_apart(page)
    lines = _coded_lines(page)
    charset = "gb2312" if SHAPES[shape].charset == "gb18030" else "utf-8"
    subject = b64encode(content.name.encode()).decode()
    text = "\n".join(
        (
            "From: <Saved by Blink>",
            f"Snapshot-Content-Location: http://www.example.gov.cn/art/{content.year}/1.html",
            f"Subject: =?utf-8?B?{subject}?=",
            "MIME-Version: 1.0",
            "Content-Type: multipart/related;",
            '\ttype="text/html";',
            f'\tboundary="{BOUNDARY}"',
            "",
            "",
            f"--{BOUNDARY}",
            f'Content-Type: text/html; charset="{charset}"',
            "Content-ID: <frame-0@mhtml.blink>",
            "Content-Transfer-Encoding: base64",
            f"Content-Location: http://www.example.gov.cn/art/{content.year}/1.html",
            "",
            *lines,
            f"--{BOUNDARY}",
            "Content-Type: text/css",
            "Content-Transfer-Encoding: quoted-printable",
            "Content-Location: http://www.example.gov.cn/style.css",
            "",
            '@charset "utf-8"; body { margin: 0px; }',
            *(line for number, one in enumerate(pictures, 1) for line in _picture_part(one, number)),
            f"--{BOUNDARY}--",
            "",
        )
    )
    return text.replace("\n", "\r\n").encode("ascii")


def _coded_lines(data: bytes) -> list[str]:
    """Return bytes in base64, in lines."""
    coded = b64encode(data).decode()
    return [coded[start : start + MHTML_LINE] for start in range(0, len(coded), MHTML_LINE)]


def _pictures_apart(page: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Return a page that names its pictures by their addresses, and these: their forms and bytes."""
    apart: list[tuple[str, bytes]] = []

    def address(found: re.Match[bytes]) -> bytes:
        apart.append((found[1].decode(), b64decode(found[2])))
        return _picture_address(len(apart)).encode()

    return re.sub(rb"data:image/(\w+);base64,([\w+/=]+)", address, page), apart


def _picture_address(number: int) -> str:
    """Return the address of a picture of an archive: every second one has an id in place of one."""
    return f"cid:picture-{number}@example" if number % 2 else f"/uploads/picture {number}.bin"


def _picture_part(picture: tuple[str, bytes], number: int) -> list[str]:
    """Return the lines of a part of an archive that is a picture."""
    form, data = picture
    named = (
        f"Content-ID: <picture-{number}@example>"
        if number % 2
        else f"Content-Location: http://www.example.gov.cn/uploads/picture%20{number}.bin"
    )
    coding = "Content-Transfer-Encoding: base64"
    return [f"--{BOUNDARY}", f"Content-Type: image/{form}", coding, named, "", *_coded_lines(data)]


_PRINTERS: Mapping[str, Callable[[Content, str], bytes]] = {
    "html": _page,
    "mhtml": _mhtml,
    "docx": lambda content, _: content_to_docx(content),
    "xlsx": lambda content, _: content_to_xlsx(content),
}


def libreoffice() -> str | None:
    """Return the path of LibreOffice; None where it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def saved_by_libreoffice(files: Sequence[bytes], suffix: str, saved_as: str) -> list[bytes]:
    """Return files of one kind as LibreOffice saves them in another.

    RuntimeError where it is missing or fails.
    """
    program = libreoffice()
    if program is None:
        raise RuntimeError(NO_LIBREOFFICE)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        given = [folder / "given" / f"{number}{suffix}" for number in range(len(files))]
        given[0].parent.mkdir()
        for path, content in zip(given, files, strict=True):
            path.write_bytes(content)
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        target = ["--convert-to", saved_as.removeprefix("."), "--outdir", str(folder / "saved")]
        command = [program, profile, "--headless", *target, *map(str, given)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120 + 30 * len(files))
        saved = [folder / "saved" / f"{path.stem}{saved_as}" for path in given]
        if missing := [path.name for path in saved if not path.exists()]:
            raise RuntimeError(f"{program} did not save {', '.join(missing)}: {done.stderr.strip()}")
        return [path.read_bytes() for path in saved]
