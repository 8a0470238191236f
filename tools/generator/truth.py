"""The truth about a report as it is kept beside the file."""

from __future__ import annotations

import json
from typing import Any


def truth_to_json(truth: dict[str, Any]) -> str:
    """The truth with one cell a line, so that a change of one figure is a change of one line."""
    rows = {name: truth[name] for name in ("cells", "sections")}
    head = json.dumps({k: v for k, v in truth.items() if k not in rows}, ensure_ascii=False, indent=1)
    lists = ",\n ".join(
        f'"{name}": [\n  ' + ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in items) + "\n ]"
        for name, items in rows.items()
    )
    return head[: head.rindex("\n}")] + ",\n " + lists + "\n}\n"
