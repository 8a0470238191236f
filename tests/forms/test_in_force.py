"""Which form a fiscal year has to follow."""

from __future__ import annotations

import pytest

from pipeline.forms import tables_in_force

NEWER = {"active_disclosure", "applications", "review_litigation"}


@pytest.mark.parametrize(
    ("year", "form", "wanted"),
    [
        (2008, "fy2014", {"statistics"}), (2014, "fy2014", {"statistics"}), (2018, "fy2014", {"statistics"}),
        (2019, "fy2019", NEWER), (2020, "fy2019", NEWER), (2021, "fy2021", NEWER), (2030, "fy2021", NEWER),
    ],
)  # fmt: skip
def test_a_form_is_in_force_until_the_next(year: int, form: str, wanted: set[str]) -> None:
    assert tables_in_force(year) == dict.fromkeys(wanted, form)
