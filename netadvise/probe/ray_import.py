"""The one module that imports Ray, which is an extra, and not before it is asked to; and what a task asks it for."""

from __future__ import annotations

import logging
import os
from typing import Any

from netadvise.errors import UsageError

INSTALL = "pip install 'netadvise[ray]'"
_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # data are often left out of version control, and needed all the same
    "RAY_RUNTIME_ENV_IGNORE_GITIGNORE": "1",
}


def imported() -> Any:
    """The module of Ray, told to be silent; raises `UsageError` where it is not installed."""
    os.environ |= _ENVIRONMENT
    try:
        import ray
        import ray._private.worker as worker
        import ray.exceptions
        import ray.util.scheduling_strategies
    except ImportError as error:
        raise UsageError(f"--engine ray needs Ray, which cannot be imported: {error}", hint=INSTALL) from None
    logging.getLogger("ray").setLevel(logging.CRITICAL)
    # what becomes of processes and nodes, the executor tells; this would be twenty lines in between, for each of them
    if hasattr(worker, "print_to_stdstream"):
        worker.print_to_stdstream = lambda *_, **__: None
    return ray


def node_here() -> str:
    """Inside a task: the node that it runs on."""
    import ray

    return str(ray.get_runtime_context().get_node_id())


def delivered(sent: object, seconds: float) -> None:
    """Inside a task: wait until what was sent to an actor has arrived, at most so long."""
    import ray

    ray.wait([sent], timeout=seconds)
