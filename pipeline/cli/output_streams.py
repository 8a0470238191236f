"""Make stdout and stderr safe. Texts of others steer no terminal, and no character raises an error."""

from __future__ import annotations

import codecs
import io
import os
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

from pipeline.printable import to_escapes, to_lines, to_printable

if TYPE_CHECKING:
    from rich.console import Console

_LOG_COLUMNS = 120
"""Count. Lines have as many columns if the output is no terminal."""
_ESCAPES = "pipeline.escapes"


class Printable:
    """A stream that cleans every text with `to_lines`.

    `unguarded` is the stream below. What is written there, or to `buffer`, is not cleaned.
    """

    def __init__(self, unguarded: TextIO) -> None:
        self.unguarded = unguarded

    def write(self, text: str) -> int:
        """Write a text, cleaned."""
        try:
            self.unguarded.write(to_lines(text))
        except BrokenPipeError:
            silence(self.unguarded)
        return len(text)

    def flush(self) -> None:
        """Flush the stream."""
        try:
            self.unguarded.flush()
        except BrokenPipeError:
            silence(self.unguarded)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write lines, cleaned."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unguarded, name)


@contextmanager
def printable_streams() -> Iterator[None]:
    """Guard both streams inside the `with`. Characters that their encoding lacks are shown as escapes."""
    out, err, format_warning = sys.stdout, sys.stderr, warnings.formatwarning
    sys.stdout, sys.stderr = _guarded(out), _guarded(err)
    warnings.formatwarning = _warning_to_line
    try:
        yield
    finally:
        sys.stdout, sys.stderr, warnings.formatwarning = out, err, format_warning


def _guarded(stream: TextIO | None) -> TextIO:
    """Return a guarded stream. A closed stream, which Python has as None, becomes one to nowhere."""
    open_one = stream or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # as long as we run
    if isinstance(open_one, io.TextIOWrapper):
        open_one.reconfigure(errors=_ESCAPES)
    return cast(TextIO, Printable(open_one))


def silence(stream: TextIO) -> None:
    """Send all further output of a stream nowhere, as nobody reads it any more. The command still goes on."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def stream_to_console(stream: TextIO) -> Console:
    """Return a console of rich that takes no markup from texts.

    In a terminal it has the terminal's width and colours. In a log its lines are wide and plain.
    """
    from rich.console import Console

    raw = getattr(stream, "unguarded", stream)
    width = None if raw and raw.isatty() else _LOG_COLUMNS
    console = Console(file=raw, width=width, markup=False, emoji=False, highlight=False)
    console.on_broken_pipe = partial(silence, raw)  # type: ignore[method-assign]  # its own ends the program
    console.push_render_hook(_CleaningHook())  # type: ignore[arg-type]  # it need not inherit
    return console


def _lacking_to_escapes(error: UnicodeError) -> tuple[str, int]:
    """Return escapes for characters that an encoding lacks; they are JSON's, so that JSON stays valid."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return to_escapes(error.object[error.start : error.end]), error.end


codecs.register_error(_ESCAPES, _lacking_to_escapes)


class _CleaningHook:
    """Cleans what a console is about to show. The console's own colours and cursor moves stay."""

    def process_renderables(self, renderables: list[Any]) -> list[Any]:
        """Wrap everything that is shown."""
        return [_Cleaned(each) for each in renderables]


class _Cleaned:
    """Something to show, with its text cleaned."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __rich_console__(self, console: Console, options: Any) -> Iterator[Any]:
        for segment in console.render(self._inner, options):
            yield segment if segment.control else segment._replace(text=to_lines(segment.text))


def _warning_to_line(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    """Return a Python warning as one line."""
    return f"warning: {to_printable(str(message))} ({category.__name__})\n"
