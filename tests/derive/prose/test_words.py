"""The dictionary and the stop words: rot, and how jieba is used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.derive.prose.words import DICTIONARY, STOPWORDS, lines_of, run_to_terms, run_to_words

WORDS = lines_of(DICTIONARY)
FRAMES = ("今年{}情况", "做好{}等工作", "对{}的", "{}")


@pytest.mark.parametrize("frame", FRAMES)
def test_every_word_of_the_dictionary_is_one_word_wherever_it_stands(frame: str) -> None:
    cut = {word: list(run_to_words(frame.format(word))) for word in WORDS}
    assert {word: words for word, words in cut.items() if word not in words} == {}


@pytest.mark.parametrize("name", [DICTIONARY, STOPWORDS])
def test_no_line_is_empty_or_there_twice(name: str) -> None:
    lines = lines_of(name)
    assert len(set(lines)) == len(lines) > 150
    assert all(line == line.strip() and len(line) > 1 and "\u4e00" <= line[0] <= "\u9fff" for line in lines)


def test_stop_words_are_sorted_so_that_additions_do_not_collide() -> None:
    assert lines_of(STOPWORDS) == sorted(lines_of(STOPWORDS))


def test_every_stop_word_is_a_word_that_would_else_be_a_term() -> None:
    lost = [word for word in lines_of(STOPWORDS) if list(run_to_words(word)) != [word]]
    assert lost == []


def test_the_field_has_its_own_words_and_the_law_s_words_say_nothing() -> None:
    assert run_to_terms("持续推进基层政务公开标准化规范化建设") == (
        "持续",
        "基层政务公开",
        "标准化规范化建设",
    )
    assert run_to_terms("根据中华人民共和国政府信息公开条例要求") == ()


def test_jieba_leaves_no_file_behind_and_says_nothing(tmp_path: Path) -> None:
    code = "from pipeline.derive.prose.words import run_to_terms; run_to_terms('政务公开')"
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env={"TMPDIR": str(tmp_path), "PATH": "", "PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (ran.stdout, ran.stderr, list(tmp_path.iterdir())) == ("", "", [])


def test_what_needs_no_words_does_not_load_jieba() -> None:
    modules = ("chapters", "claims", "claim_patterns", "similarity", "terms", "words")
    imports = ", ".join(f"pipeline.derive.prose.{name}" for name in modules)
    code = f"import sys, pipeline.run, {imports}; sys.exit('jieba' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])
