"""Reaching a Ray cluster, or beginning one: quietly, and with one clear error for whatever keeps it from working.

Ray's own words for these are tracebacks, or five minutes of waiting for an address where nobody listens.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Mapping
from typing import Any

from netadvise.errors import UsageError, WorkerError
from netadvise.probe.ray_import import INSTALL, imported

_CONNECT_SECONDS = 10.0
_PORTS = {"ray://": 10001, "": 6379}
"""Where a cluster listens unless an address says so: for clients that are no part of it, and for those that are."""


_TOKEN = (
    "Set RAY_AUTH_MODE=token, and RAY_AUTH_TOKEN to the token of the cluster (ray get-auth-token, on its head node); "
    "or RAY_AUTH_MODE=disabled where it has none. Its port is 6379, or 10001 with ray://, unless it was given another."
)
_TOKEN_FILE = "~/.ray/auth_token"


def started(address: str, options: Mapping[str, object]) -> Any:
    """The module of Ray, connected to the cluster at an address, or to one that is begun here where it is empty.

    Raises `UsageError` for what the user can put right, `WorkerError` for everything else.
    """
    if address.startswith("ray://"):
        _show_token()
    ray = imported()
    where = address.strip()
    if where == "auto":
        where = os.environ.get("RAY_ADDRESS", "").strip() or where
    # Ray takes the variable before what it is given
    os.environ.pop("RAY_ADDRESS", None)
    if where and where != "auto":
        _check_listens(where)
    try:
        ray.init(address=where or "local", log_to_driver=False, configure_logging=False, **options)
    except (Exception, SystemExit) as error:
        raise _told(error, where) from None
    return ray


def _show_token() -> None:
    """A token that is there is shown to the other side of `ray://`, which Ray does only when it is told to.

    Nodes of a cluster speak with one that connects as one of them only where both have tokens, or neither has.
    """
    known = [os.environ.get("RAY_AUTH_TOKEN"), os.environ.get("RAY_AUTH_TOKEN_PATH")]
    if any(known) or os.path.exists(os.path.expanduser(_TOKEN_FILE)):
        os.environ.setdefault("RAY_AUTH_MODE", "token")


def _check_listens(address: str) -> None:
    """Raises `UsageError` where nobody listens at an address: Ray would try for minutes."""
    scheme = "ray://" if address.startswith("ray://") else ""
    host, _, port = address.removeprefix(scheme).partition("/")[0].rpartition(":")
    if not host or not port.isdecimal():
        host, port = address.removeprefix(scheme), str(_PORTS[scheme])
    if not re.fullmatch(r"[\w.\-\[\]:]+", host):
        raise UsageError(f"--address {address!r} is no address of a cluster", hint="auto, host:port or ray://host:port")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT_SECONDS).close()
    except OSError as error:
        raise _nobody(address, error.strerror or str(error)) from None


def _nobody(address: str, why: str) -> UsageError:
    hint = (
        "Is it running (ray status), and does this machine reach it? Without --address, --engine ray begins a Ray of "
        "its own on this machine."
    )
    where = "that can be found from this machine" if address == "auto" else f"at {address}"
    return UsageError(f"there is no Ray cluster {where}: {why}", hint=hint)


def _told(error: BaseException, address: str) -> UsageError | WorkerError:
    """What Ray says, in one sentence, and what to do."""
    said = str(error).strip()
    for pattern, made in _CAUSES.items():
        if re.search(pattern, f"{type(error).__name__}: {said}", re.IGNORECASE | re.DOTALL):
            return made(address, said)
    first = said.partition("\n")[0] or type(error).__name__
    verb = "reached" if address else "started on this machine"
    return WorkerError(f"Ray could not be {verb}: {first}", hint="Its logs are in /tmp/ray/session_latest/logs.")


def _other_version(address: str, said: str) -> UsageError:
    lines = tuple(line.strip() for line in said.splitlines()[1:] if line.strip())
    hint = "Use the same versions of Python and Ray on both sides: one image, or pip install ray==VERSION here."
    return UsageError(f"the cluster at {address} runs another version of Ray or of Python", notes=lines, hint=hint)


def _not_allowed(address: str, said: str) -> UsageError:
    return UsageError(f"the cluster at {address} wants another token than this process has", hint=_TOKEN)


def _no_client(address: str, said: str) -> UsageError:
    return UsageError(f"{address} needs Ray's client, which is not installed", hint=INSTALL)


def _no_such_address(address: str, said: str) -> UsageError:
    return UsageError(f"--address {address!r} is no address of a cluster", hint="auto, host:port or ray://host:port")


def _too_large(address: str, said: str) -> UsageError:
    first = said.partition("\n")[0]
    hint = "Begin in a folder with less in it, or on storage that all nodes share."
    return UsageError(f"the project cannot be sent to the cluster: {first}", hint=hint)


def _refused(address: str, said: str) -> UsageError:
    """Nobody answers: at an address where somebody listens, as that was tried before."""
    first = said.partition("\n")[0].partition(". Please")[0]
    if address in ("", "auto"):
        return _nobody(address or "auto", first)
    told = f"what listens at {address} is no Ray cluster that this process may join: {first}"
    return UsageError(told, notes=("a cluster that wants another token looks the same from here",), hint=_TOKEN)


_CAUSES: Mapping[str, Callable[[str, str], UsageError | WorkerError]] = {
    r"version mismatch|different versions": _other_version,
    r"authenticat|auth token|unauthenticated": _not_allowed,
    r"ray\[client\]|ray client requires": _no_client,
    r"invalid address|malformed address": _no_such_address,
    r"package size|exceeds the maximum size": _too_large,
    r"ConnectionError|SystemExit|could not find any running|timed out|unable to connect|failed to connect": _refused,
}
