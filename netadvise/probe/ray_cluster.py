"""A Ray cluster, as far as training needs one.

    cluster ::= node+          tasks run on nodes; what a task returns, raises or dies of is its answer

A cluster is either one that runs already, or one on this machine alone, begun here and ended by `close`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from netadvise.probe.ray_project import Project
from netadvise.probe.ray_start import started

Ref = Any
"""What stands for the answer of a task, or for a value that tasks are given."""
_NODE = "ray.io/node-id"
_PROCESS_TASKS = 64
"""Tasks after which a process is replaced: user code may leak."""
_STORE_BYTES = 256 * 2**20
"""Of a cluster of our own: results pass through it, and states of runs."""


@dataclass(frozen=True, slots=True)
class Node:
    """One machine, or container, that is alive."""

    id: str
    name: str
    cpus: float
    gpus: float


@dataclass(frozen=True, slots=True)
class Needs:
    """What one task takes of a node."""

    cpus: float = 1.0
    gpus: float = 0.0

    def fit(self, node: Node) -> int:
        """How many such tasks a node has room for."""
        by_cpu = int(node.cpus / self.cpus) if self.cpus else 1
        # a fraction of a GPU is of one GPU: three tasks of 0.4 do not fit on one and a bit
        per_gpu = int(1 / self.gpus + 1e-9) if 0 < self.gpus <= 1 else 0
        return min(by_cpu, int(node.gpus) * per_gpu) if self.gpus else by_cpu


class LostError(Exception):
    """A task ended without an answer: its process or its node is gone."""

    def __init__(self, message: str, *, node_died: bool = False) -> None:
        super().__init__(message)
        self.message, self.node_died = message, node_died


class BrokenError(Exception):
    """A task cannot be run at all: its environment cannot be made on a node, or something is missing there."""


@dataclass
class Cluster:
    """A connection to one; at most one at a time in a process."""

    ray: Any
    own: bool
    """Whether it was begun here."""
    _remotes: dict[tuple[object, Needs], Any] = field(default_factory=dict)

    @staticmethod
    def connected(address: str, cpus: int, project: Project | None) -> Cluster:
        """The cluster at an address, whose processes get a copy of the project; one of our own where it is empty.

        Raises `UsageError` where there is no Ray, no cluster, or one that this process may not or cannot use.
        """
        given = {"runtime_env": project.environment} if project is not None and address else {}
        own = {"num_cpus": cpus, "include_dashboard": False, "object_store_memory": _STORE_BYTES}
        return Cluster(started(address, given if address else own), own=not address)

    @property
    def here(self) -> str:
        """The node that this process is on, or through which it reaches the cluster."""
        return str(self.ray.get_runtime_context().get_node_id())

    def nodes(self) -> tuple[Node, ...]:
        """Those that are alive."""
        return tuple(_node(each) for each in self.ray.nodes() if each.get("Alive"))

    def put(self, value: object) -> Ref:
        """A value that is sent once to each node."""
        return self.ray.put(value)

    def actor(self, kind: type, on: str) -> Any:
        """A process that has an object of this class, on a node; begun again there when it ends."""
        ray = self.ray
        stay = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(on, soft=False)
        options = {"num_cpus": 0, "max_restarts": -1, "scheduling_strategy": stay, "max_concurrency": 1}
        return ray.remote(kind).options(**options).remote()

    def start(
        self, task: Callable[..., object], *args: object, needs: Needs, on: str = "", without: Collection[str] = ()
    ) -> Ref:
        """Begin a task where there is room for it: on one node, or on none of some."""
        known = (task, needs)
        if known not in self._remotes:
            options = {"num_cpus": needs.cpus, "num_gpus": needs.gpus, "max_retries": 0, "max_calls": _PROCESS_TASKS}
            self._remotes[known] = self.ray.remote(**options)(task)
        where = {_NODE: f"in({on})"} if on else {_NODE: f"!in({','.join(sorted(without))})"} if without else None
        remote = self._remotes[known]
        return (remote.options(label_selector=where) if where else remote).remote(*args)

    def ready(self, refs: Sequence[Ref], seconds: float) -> list[Ref]:
        """Those whose answer is there; waits for one at most so long."""
        if not refs:
            return []
        found, _ = self.ray.wait(list(refs), num_returns=1, timeout=seconds, fetch_local=False)
        if found and len(refs) > 1:
            found, _ = self.ray.wait(list(refs), num_returns=len(refs), timeout=0, fetch_local=False)
        return list(found)

    def answer(self, ref: Ref, seconds: float = 60.0) -> Any:
        """What a task has returned.

        Raises `LostError` where its process ended before, and `BrokenError` where it could not begin.
        """
        errors = self.ray.exceptions
        try:
            return self.ray.get(ref, timeout=seconds)
        except errors.RayError as error:
            if isinstance(getattr(error, "cause", None), errors.RayError):
                # what it was given was gone before it began
                raise LostError(_line(error), node_died=True) from None
            for name, made in _ENDS.items():
                if isinstance(error, getattr(errors, name)):
                    raise made(error) from None
            raise

    def cancel(self, ref: Ref) -> None:
        """End a task and its process, or forget it before it has begun."""
        self.ray.cancel(ref, force=True)

    def end(self, actor: Any) -> None:
        """End the process of an actor."""
        self.ray.kill(actor)

    def close(self) -> None:
        """Let go of the cluster; one that was begun here is ended."""
        self.ray.shutdown()


def _node(plain: Any) -> Node:
    resources = plain.get("Resources", {})
    name = str(plain.get("NodeManagerHostname") or plain.get("NodeManagerAddress"))
    return Node(str(plain["NodeID"]), name, float(resources.get("CPU", 0)), float(resources.get("GPU", 0)))


def _gone(told: str, *, node_died: bool = False) -> Callable[[BaseException], LostError]:
    return lambda _: LostError(told, node_died=node_died)


_ENDS: Mapping[str, Callable[[BaseException], Exception]] = {
    "RuntimeEnvSetupError": lambda error: BrokenError(f"the project could not be unpacked on a node: {_line(error)}"),
    "RayTaskError": lambda error: BrokenError(_line(error)),
    "OutOfMemoryError": _gone("Ray ended it, because its node ran short of memory"),
    "NodeDiedError": _gone("its node is gone", node_died=True),
    "ObjectLostError": _gone("its result is gone, with the node that it was on", node_died=True),
    "GetTimeoutError": _gone("its result did not arrive in time", node_died=True),
    "WorkerCrashedError": _gone("the process that trained it ended"),
    "RayError": lambda error: LostError(_line(error)),
}
"""What the errors of Ray mean, by name; the first that fits. Each is a `RayError`."""


def _line(error: BaseException) -> str:
    """The last line of an error that says something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
