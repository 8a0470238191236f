"""The sandbox of a worker: what it knows of its parent, what it may take, and what it may touch."""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.child_processes import kept_variables
from pipeline.workers import landlock, seccomp
from pipeline.workers.scratch import ScratchFolder

FOLDER_VARIABLE = "NIANBAO_WORKER"
"""The variable that marks a worker and everything that it starts, with the folder that is its own."""

LIBRARY_LIMITS = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}
"""What keeps libraries within the limits; Arrow's own pool, which pandas brings in, reserves a whole GB."""

OPEN_FILES = 256
"""Files that a worker may have open: a reader has a dozen."""

_SYSTEM = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store")
_SETTINGS = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "fonts", "alternatives")
_MACHINE = (
    *("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys/vm"),
    *("/sys/devices/system", "/sys/fs/cgroup", "/dev/urandom", "/dev/random", "/dev/zero"),
)
"""The number of cores, the size of memory: what libraries ask when they are loaded."""

_FONTS = (".fonts", ".local/share/fonts")
_MB = 1 << 20


def environment(scratch: ScratchFolder, given: Mapping[str, str]) -> dict[str, str]:
    """The variables of a worker: those of `given` that it needs to start, and its own."""
    folders = dict.fromkeys(("TMPDIR", "TMP", "TEMP", "HOME"), str(scratch.temporary))
    places = os.pathsep.join(str(Path(place).absolute()) for place in sys.path)
    return (
        kept_variables(given)
        | LIBRARY_LIMITS
        | folders
        | {"PYTHONPATH": places, FOLDER_VARIABLE: str(scratch.folder)}
    )


def limit(memory_mb: int, temp_mb: int) -> None:
    """Bound memory, open files and the size of any one file; the sum of all files is the parent's to watch.

    Processes are counted by the parent: the kernel's own limit counts all those of a user, in other
    containers too, so that a document would fail for what others do, and root is not bound by it.
    """
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (memory_mb * _MB, memory_mb * _MB))
        resource.setrlimit(resource.RLIMIT_FSIZE, (temp_mb * _MB, temp_mb * _MB))
        files = min(OPEN_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))


def enter(scratch: ScratchFolder) -> str:
    """Give up all rights but those that reading needs; says what the kernel enforces, for the log."""
    if sys.platform != "linux":
        return "neither no_new_privs nor Landlock on this system"
    try:
        landlock.renounce_new_rights()
        spoken = landlock.restrict(_rights(scratch))
        layers = f"Landlock {spoken}" if spoken else "no Landlock in this kernel"
    except OSError as error:
        layers = f"no Landlock ({error.strerror})"
    return ", ".join(filter(None, (layers, seccomp.refuse())))


def _rights(scratch: ScratchFolder) -> Iterator[tuple[Path, int]]:
    yield scratch.temporary, landlock.WRITE
    yield Path(os.devnull), landlock.WRITE
    yield scratch.given, landlock.READ
    for path in (*_code(), *map(Path, _SYSTEM), *_libraries()):
        yield path, landlock.USE
    for path in (*map(Path, _MACHINE), *(Path("/etc", name) for name in _SETTINGS), *_fonts()):
        yield path, landlock.READ


def _code() -> Iterator[Path]:
    """Python, the packages that were installed, and this one; no other folder that modules may come from."""
    yield Path(__file__).parents[1]
    yield from map(Path, {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix})
    yield from map(Path, {*sysconfig.get_paths().values(), *site.getsitepackages()})
    yield from (Path(place) for place in sys.path if any(Path(place).glob("*.dist-info")))


def _libraries() -> Iterator[Path]:
    yield from map(Path, filter(None, os.environ.get("LD_LIBRARY_PATH", "").split(":")))


def _fonts() -> Iterator[Path]:
    """The user's own fonts, which are not below the HOME of a worker."""
    import pwd

    try:
        home = Path(pwd.getpwuid(os.geteuid()).pw_dir)
    except KeyError:
        return
    yield from (home / name for name in _FONTS)
