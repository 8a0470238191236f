"""The sandbox of a unit in deploy/, built without systemd, and a command run within it.

    python -m tests.nightly.sandboxed_unit UNIT HOME COMMAND …

HOME stands for /opt/nianbao; its folder `tmp` for the private /tmp. Anybody can have the filters of system
calls, which are made as systemd makes them, with its own list of names and libseccomp. Root has as well: the
read-only system, the paths that may be written, the small /proc, no network, its own users, no capabilities.

Not built: the user, PrivateTmp, PrivateDevices, ProtectHome, what the kernel's BPF does
(IPAddressDeny), the limits of a control group.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

Service = Mapping[str, Sequence[str]]

HOME = "/opt/nianbao"
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_BELOW, _EQUAL, _ABOVE, _MASKED = 2, 4, 6, 7
_WRITE, _EXEC = 2, 4
_NEW_MOUNTS, _NEW_USERS, _NEW_NETWORK, _NAMESPACES = 0x20000, 0x10000000, 0x40000000, 0x7E020080
_BIND, _RECURSIVE, _PRIVATE = 0x1000, 0x4000, 0x40000
_READ_ONLY, _NO_EXEC = 1, 8
_MOUNT_SETATTR, _HERE, _BELOW_TOO = 442, -100, 0x8000
_DROP_FROM_BOUNDING_SET, _NO_NEW_PRIVILEGES, _DENY_WRITE_EXECUTE = 24, 38, 65
_LAST_CAPABILITY = 63

_libc = ctypes.CDLL(None, use_errno=True)


def unit_to_service(path: Path) -> Service:
    """What the section [Service] says, as systemd joins it: each key with all that is given for it."""
    found: dict[str, list[str]] = {}
    section = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line
        elif section == "[Service]" and "=" in line and not line.startswith("#"):
            key, value = line.split("=", 1)
            found.setdefault(key, []).append(value)
    return found


def enter(service: Service, home: Path) -> None:
    """This process within the sandbox, for good."""
    if os.geteuid() == 0:
        _enter_mounts(service, home)
        if service["PrivateUsers"] == ["yes"]:
            _enter_users()
        for capability in range(_LAST_CAPABILITY + 1):
            _libc.prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0)
    os.umask(int(service["UMask"][0], 8))
    for name, value in _limits(service):
        resource.setrlimit(name, (value, value))
    _call("prctl", _NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    _filter_namespaces()
    _filter_families(service["RestrictAddressFamilies"][0].split())
    if service.get("MemoryDenyWriteExecute") == ["yes"]:
        _filter_executable_memory()
    _filter_calls(service["SystemCallFilter"])


def _limits(service: Service) -> Iterator[tuple[int, int]]:
    for key, (value, *_) in service.items():
        if key.startswith("Limit"):
            yield getattr(resource, f"RLIMIT_{key.removeprefix('Limit')}"), int(value)


# ---------------------------------------------------------------- mounts and network


def _enter_mounts(service: Service, home: Path) -> None:
    networks = _NEW_NETWORK if service.get("PrivateNetwork") == ["yes"] else 0
    _call("unshare", _NEW_MOUNTS | networks)
    _mount(None, "/", None, _RECURSIVE | _PRIVATE)
    writable = [home / "tmp", *_paths(service, "ReadWritePaths", home)]
    closed, inert = _paths(service, "ReadOnlyPaths", home), _paths(service, "NoExecPaths", home)
    for path in {*writable, *closed, *inert}:
        _mount(str(path), str(path), None, _BIND | _RECURSIVE)
    _set_flags("/", add=_READ_ONLY)
    for place in ("/dev", "/proc", "/sys", *map(str, writable)):
        _set_flags(place, drop=_READ_ONLY)
    for path in closed:
        _set_flags(str(path), add=_READ_ONLY)
    for path in inert:
        _set_flags(str(path), add=_NO_EXEC)
    if service["ProcSubset"] == ["pid"]:
        _mount("proc", "/proc", "proc", 0, b"subset=pid,hidepid=invisible")


def _enter_users() -> None:
    """Nobody but this user is known; systemd has root known as well."""
    own = f"{os.getuid()} {os.getuid()} 1", f"{os.getgid()} {os.getgid()} 1"
    _call("unshare", _NEW_USERS)
    for name, text in zip(("setgroups", "uid_map", "gid_map"), ("deny", *own), strict=True):
        Path("/proc/self", name).write_text(text)


def _paths(service: Service, key: str, home: Path) -> list[Path]:
    """Those that are there; a leading - allows that one is not."""
    words = " ".join(service.get(key, ())).split()
    paths = [Path(word.removeprefix("-").replace(HOME, str(home))) for word in words]
    return [path for path in paths if path.exists()]


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: bytes | None = None) -> None:
    texts = (text.encode() if text else None for text in (source, target, kind))
    _call("mount", *texts, ctypes.c_ulong(flags), data)


def _set_flags(path: str, add: int = 0, drop: int = 0) -> None:
    wanted = (ctypes.c_uint64 * 4)(add, drop, 0, 0)
    size = ctypes.c_size_t(ctypes.sizeof(wanted))
    _call("syscall", _MOUNT_SETATTR, _HERE, path.encode(), _BELOW_TOO, ctypes.byref(wanted), size)


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, f"{name}{arguments}: {os.strerror(number)}")


# ---------------------------------------------------------------- system calls


class _Comparison(ctypes.Structure):
    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


class _Filter:
    """A filter of libseccomp; `default` is what happens with a call that no rule names."""

    def __init__(self, default: int) -> None:
        self._library = seccomp()
        self._filter = ctypes.c_void_p(self._library.seccomp_init(ctypes.c_uint32(default)))

    def rule(self, name: str, action: int, *comparisons: tuple[int, int, int, int]) -> None:
        """A name that this machine's libseccomp does not know has no rule."""
        number = self._library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            return
        array = (_Comparison * len(comparisons))(*(_Comparison(*each) for each in comparisons))
        failed = self._library.seccomp_rule_add_array(
            self._filter, ctypes.c_uint32(action), number, len(comparisons), array
        )
        if failed and failed != -errno.EEXIST:
            raise OSError(-failed, f"{name}: {os.strerror(-failed)}")

    def load(self) -> None:
        if failed := self._library.seccomp_load(self._filter):
            raise OSError(-failed, f"seccomp_load: {os.strerror(-failed)}")


@cache
def seccomp() -> ctypes.CDLL:
    """libseccomp; OSError where it is not installed."""
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    return library


def lines_to_calls(lines: Sequence[str]) -> set[str]:
    """What SystemCallFilter= allows, line after line, of which the first allows."""
    allowed: set[str] = set(_group("@default"))
    for line in lines:
        names = {name for word in line.lstrip("~").split() for name in _group(word)}
        allowed = allowed - names if line.startswith("~") else allowed | names
    return allowed


def _filter_calls(lines: Sequence[str]) -> None:
    filter_ = _Filter(_ERRNO | errno.EPERM)
    for name in sorted(lines_to_calls(lines)):
        filter_.rule(name, _ALLOW)
    filter_.load()


@cache
def _group(name: str) -> frozenset[str]:
    """The calls of a group, with those of the groups in it; ValueError where systemd knows no such group."""
    if not name.startswith("@"):
        return frozenset([name])
    command = ["systemd-analyze", "syscall-filter", name]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    words = [line.strip() for line in said.splitlines()[1:] if not line.strip().startswith("#")]
    return frozenset().union(*(_group(word) for word in words if word))


def _filter_executable_memory() -> None:
    """MemoryDenyWriteExecute=yes: systemd 252 filters, a newer one asks the kernel if that knows it."""
    _libc.prctl(_DENY_WRITE_EXECUTE, 1, 0, 0, 0)
    filter_ = _Filter(_ALLOW)
    deny, both = _ERRNO | errno.EPERM, _WRITE | _EXEC
    filter_.rule("mmap", deny, (2, _MASKED, both, both))
    for name in ("mprotect", "pkey_mprotect"):
        filter_.rule(name, deny, (2, _MASKED, _EXEC, _EXEC))
    filter_.rule("shmat", deny, (2, _MASKED, 0o100000, 0o100000))
    filter_.load()


def _filter_families(names: Sequence[str]) -> None:
    """RestrictAddressFamilies= with the families that are allowed, or none."""
    filter_ = _Filter(_ALLOW)
    families = sorted(int(getattr(socket, name)) for name in names if name != "none")
    deny = _ERRNO | errno.EAFNOSUPPORT
    if not families:
        filter_.rule("socket", deny)
    else:
        filter_.rule("socket", deny, (0, _BELOW, families[0], 0))
        filter_.rule("socket", deny, (0, _ABOVE, families[-1], 0))
        for family in set(range(families[0], families[-1])) - {*families}:
            filter_.rule("socket", deny, (0, _EQUAL, family, 0))
    filter_.load()


def _filter_namespaces() -> None:
    """RestrictNamespaces=yes."""
    filter_ = _Filter(_ALLOW)
    deny = _ERRNO | errno.EPERM
    for flag in (1 << bit for bit in range(32) if _NAMESPACES >> bit & 1):
        filter_.rule("unshare", deny, (0, _MASKED, flag, flag))
        filter_.rule("clone", deny, (0, _MASKED, flag, flag))
    filter_.rule("setns", deny)
    filter_.rule("clone3", _ERRNO | errno.ENOSYS)
    filter_.load()


def main(unit: str, home: str, *command: str) -> None:
    service = unit_to_service(Path(unit))
    for line in service.get("Environment", ()):
        name, _, value = line.partition("=")
        os.environ[name] = value
    os.environ["TMPDIR"] = str(Path(home, "tmp"))
    enter(service, Path(home))
    os.chdir(home)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
