"""Imported by every Python that a test starts (PYTHONPATH): this program finds another system than Linux.

NIANBAO_ELSEWHERE says which, win32 or darwin. What our own modules import lacks what that system has not; the
libraries, which are built for Linux, find what they need, but for the modules that Windows has not at all.
"""

from __future__ import annotations

import builtins
import os
import sys
import types
from collections.abc import Mapping, Sequence
from typing import Any, cast

SYSTEM = os.environ.get("NIANBAO_ELSEWHERE", "")
MODULES = {"win32": ("fcntl", "resource", "pwd", "grp", "termios"), "darwin": ()}
LACKING = {
    "win32": {
        "os": """chown chroot fchmod fchown fdatasync fork forkpty getegid geteuid getgid getpgid
            getpriority getresuid getsid getuid killpg lchown lockf memfd_create mkfifo mknod nice pathconf
            pidfd_open pipe2 posix_fadvise posix_fallocate posix_spawn pread preadv pwrite pwritev
            register_at_fork sched_getaffinity sched_setaffinity sched_yield sendfile setegid seteuid setgid
            setpgid setpriority setsid setuid statvfs sync sysconf uname wait3 wait4 waitid WIFSIGNALED
            O_ASYNC O_CLOEXEC O_DIRECT O_DIRECTORY O_NOATIME O_NOCTTY O_NOFOLLOW O_NONBLOCK O_PATH O_SYNC
            O_TMPFILE WTERMSIG""",
        "signal": """SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGUSR1 SIGUSR2
            SIGXCPU SIGXFSZ alarm pause pidfd_send_signal pthread_kill pthread_sigmask setitimer sigwait""",
    },
    "darwin": {
        "os": """eventfd fdatasync getrandom getresuid memfd_create pidfd_open pipe2 posix_fadvise
            posix_fallocate sched_getaffinity sched_setaffinity setresuid splice O_DIRECT O_NOATIME
            O_PATH O_TMPFILE""",
        "signal": "SIGRTMIN SIGRTMAX pidfd_send_signal sigtimedwait sigwaitinfo",
        "resource": "prlimit RLIMIT_MSGQUEUE RLIMIT_NICE RLIMIT_RTPRIO RLIMIT_RTTIME RLIMIT_SIGPENDING",
    },
}


class Elsewhere(types.ModuleType):
    """A module without some of its names."""

    def __init__(self, real: types.ModuleType, lacking: frozenset[str]) -> None:
        super().__init__(real.__name__)
        self.__dict__["_real"], self.__dict__["_lacking"] = real, lacking

    def __getattr__(self, name: str) -> Any:
        if name in self._lacking:
            raise AttributeError(f"module {self._real.__name__!r} has no attribute {name!r}")
        return SYSTEM if (self._real, name) == (sys, "platform") else getattr(self._real, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._real, name, value)


def _import_elsewhere(
    name: str,
    globals: Mapping[str, object] | None = None,
    locals: Mapping[str, object] | None = None,
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> types.ModuleType:
    found = _import(name, globals, locals, fromlist, level)
    ours = globals and str(globals.get("__name__")).partition(".")[0] in ("pipeline", "__main__")
    return _elsewhere.get(found.__name__, found) if ours and not level else found


if SYSTEM:
    for module in MODULES[SYSTEM]:
        cast(dict[str, object], sys.modules)[module] = None  # an import of it fails
    _import = builtins.__import__
    _elsewhere = {
        name: Elsewhere(_import(name), frozenset(names.split())) for name, names in LACKING[SYSTEM].items()
    }
    _elsewhere["sys"] = Elsewhere(sys, frozenset())
    builtins.__import__ = _import_elsewhere
