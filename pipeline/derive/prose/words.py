"""Chinese text → words, by jieba with a dictionary of this field."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

DICTIONARY = "dictionary.txt"
STOPWORDS = "stopwords.txt"

_CACHED_RUNS_MAX = 1 << 16
"""Count. The words of as many runs of Chinese characters are kept in memory."""


def lines_of(name: str) -> list[str]:
    """Return the lines of a data file of this package."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8").splitlines()


@cache
def stopwords() -> frozenset[str]:
    """Return words that say nothing about a report."""
    return frozenset(lines_of(STOPWORDS))


@lru_cache(maxsize=_CACHED_RUNS_MAX)
def run_to_terms(run: str) -> tuple[str, ...]:
    """Return the words of a run of Chinese characters that say something. Cached, as reports repeat runs."""
    return tuple(word for word in run_to_words(run) if len(word) > 1 and word not in stopwords())


def run_to_words(run: str) -> Iterator[str]:
    """Yield all words of a run of Chinese characters. Text that is in no dictionary comes as single
    characters."""
    return iter(_tokenizer().cut(run, HMM=False))


@cache
def _tokenizer() -> Any:
    """Return a jieba tokenizer of our own, read from its dictionary.

    jieba's `initialize` would write a cache file in a temporary folder shared by all users, trust what it
    finds there, and print to stderr.
    """
    import jieba

    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    for word in lines_of(DICTIONARY):
        tokenizer.add_word(*word.split(" "))
    return tokenizer
