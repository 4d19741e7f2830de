"""The interpreter to run the command with in tests: its workers need not import torch again.

`python()` is the path of a program that does as `sys.executable` does, but for one thing: a worker that the command
starts is forked from a process that has imported torch and done nothing else. All else is the worker's own: its
session, its environment, its limits, its end and its exit status; and all of netadvise is imported in it.

Importing torch takes longer than all else in most of the tests that run the command. `NETADVISE_COLD=1` has every
worker start afresh, as a user's does. tests/worker, tests/cli/test_command.py and the tests of packages always do.
"""

from __future__ import annotations

import atexit
import functools
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
IS_WANTED = sys.platform == "linux" and not os.environ.get("NETADVISE_COLD")
LAUNCHER = '#!/bin/sh\nexec {python} -IS {ask} {socket} {python} "$0" "$@"\n'


@functools.cache
def python() -> str:
    """The path of the interpreter; the process that workers are forked from starts, and ends with this one."""
    if not IS_WANTED:
        return sys.executable
    folder = tempfile.TemporaryDirectory(prefix="warm")
    atexit.register(folder.cleanup)
    socket, launcher = Path(folder.name, "socket"), Path(folder.name, "python")
    words = {"python": sys.executable, "ask": HERE / "ask.py", "socket": socket}
    launcher.write_text(LAUNCHER.format_map({name: shlex.quote(str(word)) for name, word in words.items()}))
    launcher.chmod(0o755)
    _serve(socket)
    return str(launcher)


def _serve(socket: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    server = subprocess.Popen(
        [sys.executable, str(HERE / "serve.py"), str(socket)],
        env=environment,
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert server.stdout is not None and server.stdin is not None
    assert server.stdout.readline() == b"listening\n"
    atexit.register(server.wait)
    atexit.register(server.stdin.close)
