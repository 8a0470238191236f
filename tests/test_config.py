"""The settings file: what it may hold, and how wrong ones are reported."""

from __future__ import annotations

import os
import socket
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.config import KEYS, SETTINGS_MAX_BYTES, ConfigError, Settings, load_settings

SECRET = "hunter2"


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
        ("passwords = 'abc'", "passwords (not shown): must be a list of texts"),
        ("jobs = true", "jobs = true: must be a whole number"),
        ("timeout = 2024-01-01", "timeout = 2024-01-01: must be a number"),
        ("'' = 1", "unknown '': allowed are"),
        ("passwords = [1]", "passwords (not shown): must be a list of texts"),
        ("timeout = 0", "timeout = 0: must be a number from 0.001 to 86400 (seconds"),
        ("timeout = inf", "timeout = inf: must be a number from 0.001 to 86400 (seconds"),
        ("timeout = true", "timeout = true: must be a number from 0.001 to 86400 (seconds"),
        ("jobs = -1", "jobs = -1: must be a whole number from 0 to 4096 (processes"),
        ("jobs = 1.5", "jobs = 1.5: must be a whole number from 0 to 4096 (processes"),
        (
            "memory_mb = 64",
            "memory_mb = 64: must be a whole number from 256 to 16777216 (MB of memory",
        ),
        (
            "temp_mb = 0",
            "temp_mb = 0: must be a whole number from 1 to 16777216 (MB of temporary files",
        ),
        (
            "document_mb = 0",
            "document_mb = 0: must be a whole number from 1 to 16777216 (MB of the largest",
        ),
        ("renew_after = 0", "renew_after = 0: must be a whole number from 1 "),
        ("renew_after = '5'", "renew_after = '5': must be a whole number from 1 "),
        ("prose = 1", "prose = 1: must be true or false"),
        ("timeout = 1e300", "timeout = 1e+300: must be a number from 0.001 to 86400 (seconds"),
        ("memory_mb = 0xffffffffffffffffffff", "must be a whole number from 256"),
        ("jobs = 1_000_000", "jobs = 1000000: must be a whole number from 0 to 4096 (processes"),
        ("lost_cells = nan", "lost_cells = nan: must be a number from 0 to 1 (share"),
        ("timeout =", "is not TOML in UTF-8"),
        ("timeout = 1 2", "(Expected newline or end of document after a statement (at line 1, column 13))"),
        ("timeout = " + "1" * 5000, "is not TOML in UTF-8 (a number is too long)"),
        (
            "timeout = 0x" + "f" * 5000,
            "timeout = a very long value: must be a number from 0.001 to 86400 (seconds",
        ),
        ("timeout = '" + "1" * 5000 + "'", "…: must be a number from 0.001 to 86400 (seconds"),
        ("timeout = " + "[" * 5000, "nested too deep"),
        ("timeout = " + "[" * 200 + "]" * 200, "must be a number from 0.001 to 86400 (seconds"),
        (".".join("a" * 5000) + " = 1", "unknown a: allowed"),
        (
            "timeout." + ".".join("a" * 5000) + " = 1",
            "timeout = a very long value: must be a number from 0.001 to 86400 (seconds",
        ),
        ("'\\u001b[2J' = 1", "unknown \\u001b[2J: allowed"),
        ('"\\u001b[2J" = 1', "unknown '\\x1b[2J'"),
        (
            'timeout = "\\u001b[2J\\u202e"',
            "timeout = '\\x1b[2J\\u202e': must be a number from 0.001 to 86400 (seconds",
        ),
    ],
)
def test_wrong_settings_say_what_is_allowed(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        settings(tmp_path, text)
    assert says in str(caught.value)
    assert str(tmp_path / "pipeline.toml") in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(tmp_path / "none.toml")


def test_every_setting_is_described() -> None:
    assert set(KEYS) == set(Settings.__slots__)


@pytest.mark.parametrize(
    "text",
    [
        f"passwords = '{SECRET}'",
        f"passwords = ['{SECRET}', 1]",
        f"passwords = {{ a = '{SECRET}' }}",
        f"passwords.{SECRET} = 1",
        f"[passwords]\n{SECRET} = 1\n{SECRET} = 2",
        f"[passwords]\n{SECRET} = 1\n[passwords.{SECRET}]",
        f"passwords = {{ {SECRET} = 1, {SECRET} = 2 }}",
        f"[passwords.{SECRET}]\n[passwords.{SECRET}]",
        f"passwords = ['{SECRET}",
        f"passwords = ['{SECRET}']]",
        f"passwords = {SECRET}",
        f'passwords = ["{SECRET}\\q"]',
        f'passwords = ["{SECRET}\x01"]',
        f"passwords = ['{SECRET}']\ntimeout = 0",
        f"passwords = ['{SECRET}']\nunknown = 0",
    ],
)
def test_no_error_shows_a_password(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        settings(tmp_path, text)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_password_in_another_encoding_is_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "pipeline.toml"
    file.write_bytes(f"passwords = ['{SECRET}示例']".encode("gb18030"))
    with pytest.raises(ConfigError, match=r"not TOML in UTF-8 \(at byte 24\): save it") as caught:
        load_settings(file)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_mark_at_the_beginning_is_no_error(tmp_path: Path) -> None:
    assert settings(tmp_path, "\ufefftimeout = 2").timeout == 2


def test_what_settings_look_like_has_no_password() -> None:
    assert SECRET not in f"{Settings((SECRET,))!r} {Settings((SECRET,))}"
    assert "timeout=" in repr(Settings((SECRET,)))


def endless(file: Path) -> None:
    file.symlink_to("/dev/zero")


def listening(file: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(file))


def long(file: Path) -> None:
    file.write_bytes(b"#" * (SETTINGS_MAX_BYTES + 1))


def huge_and_empty(file: Path) -> None:
    with file.open("wb") as sparse:
        sparse.truncate(2**40)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (os.mkfifo, "a named pipe, no regular file"),
        (endless, "a device, no regular file"),
        (listening, "cannot be read"),
        (Path.mkdir, "a folder, no regular file"),
        (long, "over 1 MB"),
        (huge_and_empty, "over 1 MB"),
        (lambda file: file.symlink_to(file), "cannot be read"),
        (lambda file: file.symlink_to("nowhere"), "cannot be read (No such file or directory)"),
    ],
)
def test_special_files_are_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    make: Callable[[Path], None], says: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    make(Path("pipeline.toml"))
    assert main(["run", "nothing"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert says in err
