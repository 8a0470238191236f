#!/usr/bin/env bash
# On Linux `import onnxruntime` numbers the machine, notes the process for its makers and starts a thread; not in CI.
#
# Since 1.29 the wheel has the makers' telemetry, which is on. The import alone, before any model is loaded, writes
# ~/.cache/Microsoft/DeveloperTools/.onnxruntime/deviceid and a database of events that wait to be sent over https;
# the first of them has the path of the Python that runs, and so often the name of its user. Python's own switch,
# disable_telemetry_events(), can only be called after that. The variable ORT_DISABLE_TELEMETRY=1 leaves all of it
# out if it is set before the import, in the process itself too. So does the variable CI: tests in CI never show it.
# Who imports it before a sandbox of the thread (Landlock, seccomp) is entered leaves that thread outside.
#
# Versions: onnxruntime 1.32.0, numpy 2.4.6; Python 3.11, Linux 6.18, no network needed (nothing is sent here).
# Source: own trial; the wheel's Privacy.md says that it is on, and names the calls of the API.
# Seen:
#   import alone                     2 threads, deviceid onnxruntime.db, the path of Python is in it
#   disable_telemetry_events()       2 threads, deviceid onnxruntime.db, the path of Python is in it
#   ORT_DISABLE_TELEMETRY in Python  1 thread, no files
#   CI=true                          1 thread, no files
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'onnxruntime==1.32.0' 'numpy==2.4.6' 2> /dev/null
cd "$folder"
cat > import.py <<'PY'
import os
import sys

if sys.argv[1] == "variable":
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime

if sys.argv[1] == "call":
    onnxruntime.disable_telemetry_events()
threads = len(os.listdir("/proc/self/task"))
print(f"{threads} thread{'s' * (threads > 1)}", end=", ")
PY
cat > left.py <<'PY'
import sys
from pathlib import Path

files = [file for file in Path(sys.argv[1]).rglob("*") if file.is_file()]
names = sorted(file.name for file in files if not file.name.endswith(("-wal", "-shm")))
held = any(sys.executable.encode() in file.read_bytes() for file in files)
print(" ".join(names) or "no files", end=", the path of Python is in it\n" if held else "\n")
PY
try() {  # the way, and a further variable
    local home="$folder/home-$1${2:-}"
    mkdir "$home"
    env -i PATH="$PATH" HOME="$home" OPENBLAS_NUM_THREADS=1 ${2:+"$2"} \
        unshare --user --map-root-user --net "$folder/venv/bin/python" import.py "$1" 2> /dev/null
    "$folder/venv/bin/python" left.py "$home"
}
noted='2 threads, deviceid onnxruntime.db, the path of Python is in it'
check() {  # what is expected, the way, and a further variable
    told=$(try "${@:2}")
    echo "${*:2}: $told"
    [ "$told" = "$1" ]
}
check "$noted" alone
check "$noted" call
check '1 thread, no files' variable
check '1 thread, no files' alone CI=true
echo "as described"
