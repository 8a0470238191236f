"""What bureaus of the comparison say: each its own sentences, most of them again from year to year."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

KEPT = 0.65
"""How likely a sentence stands in the next year's report again."""
COPIED = 0.7
"""How likely a bureau that copies takes over a sentence of its model."""
FIRST = 2015
SUMMED, OWN = "本级汇总", "本机关"

PLACES = {
    "opening": ("opening",), "theme": ("theme",), "business": ("business",), "published": ("published",),
    "requesting": ("requesting",), "daily": ("daily_1", "daily_2"),
    "problem": ("problem_1", "problem_2", "problem_3"), "problem_now": ("problem_now",),
    "problem_here": ("problem_here",), "remedy": ("remedy_1", "remedy_2"), "other": ("other",),
}  # fmt: skip
"""The places that the sentences of a pool fill."""
OF_THE_YEAR = ("theme", "problem_now")
OF_THE_KIND = ("business", "problem_here")
PARAGRAPHS = {
    "overview": (("opening", "theme"), ("business", "published"), ("requesting", "received"),
                 ("daily_1", "daily_2")),
    "problems": (("problem_1", "problem_2", "problem_3", "problem_now", "problem_here"),
                 ("remedy_1", "remedy_2")),
    "other": (("other",),),
    "preamble": (("preamble",),),
}  # fmt: skip

Sentences = dict[str, str]


@dataclass(frozen=True, slots=True)
class Voice:
    """A bureau as it writes.

    `scope` is whose figures its reports say they count, "" where they do not say; `model` is the bureau that
    it copies from; in the years `repeated` it hands in last year's text again.
    """

    agency: str
    kind: str
    scope: str = ""
    model: Voice | None = None
    repeated: tuple[int, ...] = ()


@cache
def pools() -> Mapping[str, Mapping[str, list[str]]]:
    file = Path(__file__).with_name("sentences.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def voice_to_paragraphs(voice: Voice, year: int, facts: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """The paragraphs of preamble, overview, problems and other."""
    said = voice_to_sentences(voice, year)
    rng = Random(f"received/{voice.agency}")
    said["received"] = rng.choice(_told("received", "fy2014" if year < 2019 else voice.scope))
    said["preamble"] = _told("preamble", voice.scope)[0]
    return {
        section: tuple("".join(said[place] for place in places).format(**facts) for places in paragraphs)
        for section, paragraphs in PARAGRAPHS.items()
    }


def voice_to_sentences(voice: Voice, year: int) -> Sentences:
    """The sentence in each place, as templates: copied, or last year's, or a new one."""
    rng = Random(f"said/{voice.agency}/{year}")
    before = voice_to_sentences(voice, year - 1) if year > FIRST else {}
    if year in voice.repeated:
        return before | {"other": rng.choice(_told("other", ""))}
    model = voice_to_sentences(voice.model, year) if voice.model else {}
    said: Sentences = {}
    for name, places in PLACES.items():
        for place in places:
            copied = [model[place]] if model and name not in OF_THE_KIND and rng.random() < COPIED else []
            kept = [before[place]] if before and name not in OF_THE_YEAR and rng.random() < KEPT else []
            drawn = rng.sample(pool := _pool(name, voice, year), len(pool))
            said[place] = next(text for text in [*copied, *kept, *drawn] if text not in said.values())
    return said


def _pool(name: str, voice: Voice, year: int) -> list[str]:
    return pools()[name][str(year) if name in OF_THE_YEAR else voice.kind if name in OF_THE_KIND else "any"]


def _told(name: str, by: str) -> list[str]:
    return pools()[name].get(by, pools()[name]["any"])
