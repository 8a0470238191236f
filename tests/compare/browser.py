"""Chromium without a window, behind a proxy that notes what a page asks of the world and answers nothing."""

from __future__ import annotations

import shutil
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BINARY = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--virtual-time-budget=15000",
    "--enable-logging=stderr",
)  # fmt: skip
OWN = ("google.com", "googleapis.com", "gvt1.com")
"""What the browser itself asks now and then, whatever the page."""


class Proxy(socketserver.ThreadingTCPServer):
    """`asked` has the first line of every request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Writer)
        self.asked: list[str] = []


class Writer(socketserver.StreamRequestHandler):
    server: Proxy

    def handle(self) -> None:
        self.server.asked.append(self.rfile.readline().decode(errors="replace").strip())


@contextmanager
def proxy() -> Iterator[Proxy]:
    with Proxy() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def open_page(
    page: Path, profile: Path, *more: str, env: dict[str, str] | None = None
) -> tuple[str, list[str]]:
    """The page's DOM once its script is done, and what it asked of the world."""
    dom, asked, _ = open_and_listen(page, profile, *more, env=env)
    return dom, asked


def open_and_listen(
    page: Path, profile: Path, *more: str, env: dict[str, str] | None = None
) -> tuple[str, list[str], list[str]]:
    """As `open_page`, and the lines of its console: what was said, and what the page's policy forbade."""
    with proxy() as server:
        through = (f"--proxy-server=127.0.0.1:{server.server_address[1]}", "--proxy-bypass-list=<-loopback>")
        where = (f"--user-data-dir={profile}", *more, "--dump-dom", page.as_uri())
        assert BINARY
        done = subprocess.run(
            [BINARY, *OPTIONS, *through, *where],
            capture_output=True,
            text=True,
            timeout=600,
            env=env,
            check=True,
        )
        asked = [line for line in server.asked if line and not any(own in line for own in OWN)]
        return done.stdout, asked, [line for line in done.stderr.splitlines() if "CONSOLE" in line]
