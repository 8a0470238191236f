"""Build the sandbox of a worker: its variables, its limits, and the files that it may use."""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.child_processes import kept_variables
from pipeline.files.regular_file import MB
from pipeline.installation.libreoffice import SYSTEM_FOLDERS, office_library
from pipeline.workers import landlock, seccomp
from pipeline.workers.scratch import ScratchFolder

FOLDER_VARIABLE = "NIANBAO_WORKER"
"""The variable that marks a worker and all that it starts. Its value is the folder of the worker."""

LIBRARY_LIMITS = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OPENCV_FOR_THREADS_NUM": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_MMAP_THRESHOLD_": str(32 * MB),
    "MALLOC_TRIM_THRESHOLD_": str(64 * MB),
}
"""Variables that keep libraries within the limits of a worker.

Each library uses one thread: more wait for each other, for what they share out is small. Arrow's own memory
pool, which comes with pandas, would reserve 1 GB. glibc would give the pictures of pages back to the system
after each use, and the system would clear them anew for the next: it keeps them. Other systems heed no such
variable.
"""

OPEN_FILES = 256
"""Count. A worker may have as many files open at one time. A reader needs about twelve."""

_SYSTEM = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store")
_SETTINGS = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "fonts", "alternatives")
_MACHINE = (
    *("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys/vm"),
    *("/sys/devices/system", "/sys/fs/cgroup", "/dev/urandom", "/dev/random", "/dev/zero"),
)
"""Files that libraries read when they are loaded, such as the number of cores and the size of memory."""

_FONTS = (".fonts", ".local/share/fonts")


def environment(scratch: ScratchFolder, given: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a worker: those of `given` that it needs to start, and its own."""
    folders = dict.fromkeys(("TMPDIR", "TMP", "TEMP", "HOME"), str(scratch.temporary))
    places = os.pathsep.join(str(Path(place).absolute()) for place in sys.path)
    return (
        kept_variables(given)
        | LIBRARY_LIMITS
        | folders
        | {"PYTHONPATH": places, FOLDER_VARIABLE: str(scratch.folder)}
    )


def limit(memory_mb: int, temp_mb: int) -> None:
    """Limit this process's memory, its open files and the size of each file it writes, on Linux.

    The parent watches the sum of all files, and the number of processes. The kernel's own limit on processes
    counts all those of a user, in other containers too, so a document could fail because of other programs;
    and it does not bind root. Raises OSError, ValueError.
    """
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (memory_mb * MB, memory_mb * MB))
        resource.setrlimit(resource.RLIMIT_FSIZE, (temp_mb * MB, temp_mb * MB))
        files = min(OPEN_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))


def enter(scratch: ScratchFolder) -> str:
    """Give up all rights that reading does not need, for good.

    Return what the kernel enforces, in words for the log.
    """
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
    """Yield every path that a worker may use, with its rights there."""
    yield scratch.temporary, landlock.WRITE
    yield Path(os.devnull), landlock.WRITE
    yield scratch.given, landlock.READ
    for path in (*_code(), *map(Path, _SYSTEM), *_libraries()):
        yield path, landlock.USE
    for path in (*map(Path, _MACHINE), *(Path("/etc", name) for name in _SETTINGS), *_fonts()):
        yield path, landlock.READ
    if library := office_library():  # for .doc files; what it starts has these rights and no more
        yield library.parent.parent, landlock.USE
        for path in SYSTEM_FOLDERS:
            yield path, landlock.READ


def _code() -> Iterator[Path]:
    """Yield the folders of Python, of installed packages and of this package.

    Other folders from which Python may load modules are left out.
    """
    yield Path(__file__).parents[1]
    yield from map(Path, {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix})
    yield from map(Path, {*sysconfig.get_paths().values(), *site.getsitepackages()})
    yield from (Path(place) for place in sys.path if any(Path(place).glob("*.dist-info")))


def _libraries() -> Iterator[Path]:
    """Yield the folders of LD_LIBRARY_PATH."""
    yield from map(Path, filter(None, os.environ.get("LD_LIBRARY_PATH", "").split(":")))


def _fonts() -> Iterator[Path]:
    """Yield the folders of the user's own fonts. They are not below the HOME that a worker has."""
    import pwd

    try:
        home = Path(pwd.getpwuid(os.geteuid()).pw_dir)
    except KeyError:
        return
    yield from (home / name for name in _FONTS)
