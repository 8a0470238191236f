"""Compare store and ledger: documents without a file, files without a fetch, files that are damaged."""

from __future__ import annotations

from pipeline.acquire.ledger import Ledger
from pipeline.acquire.store import Damage, Store

_MISSING = "the ledger knows it and it is gone: put it back from a copy, or let the next night fetch it again"
_ORPHAN = (
    "the ledger does not know it, a killed run may have left it: keep or remove it, it is read by no run"
)


def find_damage(store: Store, ledger: Ledger) -> list[Damage]:
    """Return everything that is wrong in store and ledger, [] if nothing is. Every file of the store is
    hashed again."""
    inside = [Damage("ledger", ledger.path, problem) for problem in ledger.check()]
    altered = store.verify(ledger.sizes())
    told = {damage.path for damage in altered}
    gaps = find_gaps(store, set(store.hashes()), ledger.hashes())
    new = [damage for damage in gaps if damage.kind != "orphan" or damage.path not in told]
    return inside + altered + new


def find_gaps(store: Store, stored: set[str], known: set[str]) -> list[Damage]:
    """Return documents whose file is missing, and files that no fetch brought (hashes in, damage out)."""
    missing = [Damage("missing", store.path(name), _MISSING) for name in sorted(known - stored)]
    return missing + [Damage("orphan", store.path(name), _ORPHAN) for name in sorted(stored - known)]
