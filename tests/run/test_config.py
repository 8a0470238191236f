"""The settings file: what it may hold, and how wrong ones are reported."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.config import KEYS, ConfigError, Settings, load_settings


def settings(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "pipeline.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file)


def test_every_key_is_read(tmp_path: Path) -> None:
    numbers = "timeout = 2.5\njobs = 3\nmemory_mb = 512\ntemp_mb = 9\nrenew_after = 7\ndocument_mb = 8\n"
    found = settings(tmp_path, 'passwords = ["示例", "b"]\n' + numbers)
    assert found == Settings(("示例", "b"), 2.5, 3, 512, 9, 7, 8)


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings(None) == Settings()
    assert Settings().workers == len(os.sched_getaffinity(0))
    assert Settings(jobs=3).workers == 3


def test_pipeline_toml_in_the_working_folder_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pipeline.toml").write_text("jobs = 1")
    assert load_settings(None).jobs == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("pasword = ['a']", "unknown pasword: allowed are passwords, timeout, jobs, memory_mb"),
        ("passwords = 'abc'", "passwords = 'abc': must be a list of texts"),
        ("passwords = [1]", "passwords = [1]: must be a list of texts"),
        ("timeout = 0", "timeout = 0: must be seconds"),
        ("timeout = inf", "timeout = inf: must be seconds"),
        ("timeout = true", "timeout = True: must be seconds"),
        ("jobs = -1", "jobs = -1: must be processes"),
        ("jobs = 1.5", "jobs = 1.5: must be processes"),
        ("memory_mb = 64", "memory_mb = 64: must be memory"),
        ("temp_mb = 0", "temp_mb = 0: must be temporary files"),
        ("document_mb = 0", "document_mb = 0: must be the largest file that is read"),
        ("renew_after = 0", "renew_after = 0: must be documents"),
        ("renew_after = '5'", "renew_after = '5': must be documents"),
        ("prose = 1", "prose = 1: must be true or false"),
        ("timeout =", "is not TOML in UTF-8"),
    ],
)
def test_wrong_settings_say_what_is_allowed(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        settings(tmp_path, text)
    assert says in str(caught.value)
    assert str(tmp_path / "pipeline.toml") in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be opened"):
        load_settings(tmp_path / "none.toml")


def test_every_setting_is_described() -> None:
    assert set(KEYS) == set(Settings.__slots__)
