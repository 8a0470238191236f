"""stdout and stderr while a command runs: nothing raw passes, and no character ends it."""

from __future__ import annotations

import codecs
import io
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO, cast

from pipeline.printable import to_escapes, to_lines, to_printable

if TYPE_CHECKING:
    from rich.console import Console

_LOG_WIDTH = 120
_ESCAPES = "pipeline.escapes"


class Printable:
    """A stream that shows what it is given by `to_lines`; what is written to `unguarded`, the stream below,
    or to its `buffer` is the writer's to clean."""

    def __init__(self, unguarded: TextIO) -> None:
        self.unguarded = unguarded

    def write(self, text: str) -> int:
        self.unguarded.write(to_lines(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unguarded, name)


@contextmanager
def printable_streams() -> Iterator[None]:
    """Both streams guarded for as long as this lasts; what their encoding lacks is shown as its escape."""
    out, err, format_warning = sys.stdout, sys.stderr, warnings.formatwarning
    sys.stdout, sys.stderr = _guarded(out), _guarded(err)
    warnings.formatwarning = _warning_to_line
    try:
        yield
    finally:
        sys.stdout, sys.stderr, warnings.formatwarning = out, err, format_warning


def _guarded(stream: TextIO) -> TextIO:
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=_ESCAPES)
    return cast(TextIO, Printable(stream)) if stream else stream  # Python has None for one that is closed


def stream_to_console(stream: TextIO) -> Console:
    """On a terminal its own width and colours; in a log wide plain lines. Texts mean nothing to it."""
    from rich.console import Console

    raw = getattr(stream, "unguarded", stream)
    width = None if raw and raw.isatty() else _LOG_WIDTH
    console = Console(file=raw, width=width, markup=False, emoji=False, highlight=False)
    console.push_render_hook(_Net())  # type: ignore[arg-type]  # it need not inherit
    return console


def _lacking_to_escapes(error: UnicodeError) -> tuple[str, int]:
    """What an encoding lacks, so that JSON stays JSON in it."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return to_escapes(error.object[error.start : error.end]), error.end


codecs.register_error(_ESCAPES, _lacking_to_escapes)


class _Net:
    """Cleans what a console is about to show: its own colours and cursor moves are no part of the texts."""

    def process_renderables(self, renderables: list[Any]) -> list[Any]:
        return [_Cleaned(each) for each in renderables]


class _Cleaned:
    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __rich_console__(self, console: Console, options: Any) -> Iterator[Any]:
        for segment in console.render(self._inner, options):
            yield segment if segment.control else segment._replace(text=to_lines(segment.text))


def _warning_to_line(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    return f"warning: {to_printable(str(message))} ({category.__name__})\n"
