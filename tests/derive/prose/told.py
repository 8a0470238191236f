"""An invented bureau's tables, and what its prose is made to say."""

from __future__ import annotations

from pipeline.derive.prose.chapters import ChapterText
from pipeline.derive.prose.claims import Claim, Number, chapters_to_claims
from pipeline.extract.normalise.phrases import parse_quantity
from pipeline.forms import load_forms

AGENCY = "示例市教育局"
YEAR = 2023
REPORT = "0123456789abcdef"

APPLICATIONS = {
    "new_received": 17, "carried_in": 2, "granted": 9, "partially_granted": 1, "refused.state_secret": 1,
    "refused.internal_affairs": 2, "unavailable.not_held": 3, "declined.repeated": 1, "handled_total": 17,
    "carried_out": 4,
}  # fmt: skip
OTHERS = {
    ("review_litigation", "review", "total"): 5, ("review_litigation", "review", "pending"): 1,
    ("review_litigation", "review", "upheld"): 3, ("review_litigation", "review", "corrected"): 1,
    ("review_litigation", "review", "other"): 0,
    ("review_litigation", "litigation_direct", "total"): 2,
    ("review_litigation", "litigation_after_review", "total"): 1,
    **{
        ("review_litigation", item, column): count
        for item, counts in (("litigation_direct", (1, 0, 0, 1)), ("litigation_after_review", (0, 1, 0, 0)))
        for column, count in zip(("upheld", "corrected", "other", "pending"), counts, strict=True)
    },
    ("active_disclosure", "normative_documents", "made"): 6,
    ("active_disclosure", "normative_documents", "repealed"): 1,
    ("active_disclosure", "normative_documents", "in_force"): 12,
    ("active_disclosure", "regulations", "made"): 3,
    ("active_disclosure", "regulations", "repealed"): 2,
    ("active_disclosure", "regulations", "in_force"): 41,
    ("active_disclosure", "administrative_licensing", "decisions"): 30,
    ("active_disclosure", "administrative_penalty", "decisions"): 8,
    ("active_disclosure", "administrative_coercion", "decisions"): 7,
}  # fmt: skip


def numbers(**changes: float | str) -> list[Number]:
    """The cells of the report; of table 三 all that the newest form prints, 0 unless said otherwise.

    A text in place of a number is the status of a cell without one.
    """
    (form,) = [f for f in load_forms() if (f.form, f.table) == ("fy2021", "applications")]
    told = {item.replace("__", "."): value for item, value in changes.items()}
    applications = {item: 0 for item, column in form.units if column == "total"} | APPLICATIONS | told
    cells = {("applications", item, "total"): value for item, value in applications.items()} | OTHERS
    return [
        (REPORT, *place, None, value) if isinstance(value, str) else (REPORT, *place, float(value), "ok")
        for place, value in cells.items()
    ]


def claims(text: str, section: str = "overview", **changes: float | str) -> list[Claim]:
    chapter = ChapterText(AGENCY, REPORT, AGENCY, YEAR, section, 1, text)
    return chapters_to_claims([chapter], numbers(**changes), parse_quantity)


def verdicts(text: str, section: str = "overview", **changes: float | str) -> list[tuple[str, float, str]]:
    return [(claim.item, claim.claimed, claim.verdict) for claim in claims(text, section, **changes)]
