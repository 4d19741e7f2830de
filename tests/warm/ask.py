"""What stands for the interpreter: `ask.py SOCKET PYTHON LAUNCHER ARGUMENT...`; it starts fast and imports little.

A worker is asked for; the command is run by an interpreter that believes to be the launcher, so that its workers come
this way as well; all else is run by PYTHON.
"""

from __future__ import annotations

import os
import signal
import sys

COMMAND = "import runpy, sys; sys.executable = {!r}; runpy.run_module('netadvise', run_name='__main__', alter_sys=True)"


def main() -> None:
    """Do as PYTHON would."""
    socket, python, launcher, *words = sys.argv[1:]
    match words:
        case ["-c", code, _, channel, dump] if "from netadvise.worker.child import main" in code:
            status = asked(socket, words, [0, 1, 2, int(channel), int(dump)])
            if status is not None:
                end_with(status)
        case ["-m", "netadvise", *words_of_it]:
            words = ["-c", COMMAND.format(launcher), *words_of_it]
    os.execv(python, [python, *words])


def asked(path: str, words: list[str], descriptors: list[int]) -> int | None:
    """The wait status of a warm worker that ran `words`; None if it must be a cold one."""
    import json
    import socket

    with socket.socket(socket.AF_UNIX) as channel:
        channel.connect(path)
        order = {"words": words, "descriptors": descriptors, "folder": os.getcwd(), "environment": dict(os.environ)}
        length = len(content := json.dumps(order).encode()).to_bytes(8, "big")
        socket.send_fds(channel, [length], descriptors)
        channel.sendall(content)
        answers = channel.makefile()
        if answers.readline() == "cold\n":
            return None
        for descriptor in descriptors:
            os.close(descriptor)
        return int(answers.readline())


def end_with(status: int) -> None:
    """End as the worker did."""
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        os._exit(code)
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if -code != signal.SIGKILL:
        signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)


main()
