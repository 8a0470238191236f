"""Whether a body received for a known document is a damaged copy of it, or a new version."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.acquire.content import bytes_to_damage


def body_to_damage(body: bytes, earlier: Callable[[], bytes | None]) -> str:
    """Return how `body` was damaged on its way; "" if nothing says so, or if no sound copy was known.

    `earlier()` returns the bytes known before; it is called only if `body` does not end as a PDF does. A
    shorter file that ends properly is a version of its own: an older one, before something was added.
    """
    sign = bytes_to_damage(body)
    if not sign and body.rstrip(b"\r\n\t \0").endswith(b"%%EOF"):
        return ""
    before = earlier()
    if before is None:
        return ""
    if len(body) < len(before) and before.startswith(body):
        return f"cut on the way: it holds the first {len(body):,} of {len(before):,} bytes of what was known"
    return f"damaged on the way ({sign})" if sign and not bytes_to_damage(before) else ""
