"""The engine `--engine ray`: a cluster is reached or begun, its nodes are checked, the project is sent."""

from __future__ import annotations

import os
import pickle
import secrets
from collections.abc import Sequence
from pathlib import Path

from netadvise.document.study import request_json
from netadvise.errors import UsageError
from netadvise.probe.ray_cluster import Cluster, Needs, Node
from netadvise.probe.ray_nodes import DRIVER, Found, checked, versions_here
from netadvise.probe.ray_pool import RayPool
from netadvise.probe.ray_project import Project, check_size
from netadvise.probe.ray_work import Order
from netadvise.study import StudyRequest
from netadvise.worker.ray_task import Brief, perform
from netadvise.worker.training import Session

GPU_FRACTION = 0.25
"""Of a GPU, for one run. The networks that a study can afford keep a GPU busy for a part of each step, the rest is the
processor's; four processes take about 2 GB for CUDA itself, which leaves most of any GPU to the networks."""
STORAGE = "NETADVISE_RAY_STORAGE"
"""The environment variable that keeps tasks from writing to shared storage: `driver`."""


def ray_pool(session: Session, cores: int) -> tuple[RayPool, int, tuple[str, ...]]:
    """What trains the runs of a study, how many groups at a time, and what the report says of it.

    Raises `UsageError` and `WorkerError` for a cluster that cannot be used, and for a project that cannot be sent.
    """
    request, folder = session.request, session.ledger.folder.resolve()
    root = Path.cwd()
    project = Project.of(root, _studies(request)) if request.address else None
    cluster = Cluster.connected(
        request.address, request.workers or cores, project if project and project.fits else None
    )
    try:
        needs = needs_of(request)
        token = _marked(folder)
        found = checked(cluster, _fitting(cluster, needs, request), folder, token, root)
        if project is not None:
            check_size(project, [each.node.name for each in found if not each.has_project])
        brief = Brief(request_json(request), str(root), copied=project is not None and project.fits)
        content = pickle.dumps(brief)
        order = Order(session.ledger.key, str(folder), token, versions_here(), request.silence, content)
        known = [each.node.id for each in found]
        pool = RayPool(cluster, perform, order, session.ledger, needs, request.workers, known)
    except BaseException:
        cluster.close()
        raise
    return pool, pool.capacity, _notes(found, own=cluster.own)


def needs_of(request: StudyRequest) -> Needs:
    """What one run takes of a node."""
    on_gpu = request.recipe.device.startswith("cuda")
    return Needs(1.0, (request.gpu_fraction or GPU_FRACTION) if on_gpu else 0.0)


def _fitting(cluster: Cluster, needs: Needs, request: StudyRequest) -> list[Node]:
    """The nodes that can train."""
    nodes = cluster.nodes()
    found = [node for node in nodes if needs.fit(node)]
    if not found and needs.gpus:
        names = ", ".join(sorted({node.name for node in nodes})[:5])
        hint = "--device cpu trains without; a cluster that grows by itself must have one such node to begin with."
        raise UsageError(f"--device {request.recipe.device}: no node of the cluster has a GPU ({names})", hint=hint)
    return found


def _marked(folder: Path) -> str:
    """A word in the study's folder that tells, elsewhere, whether it is the same folder; empty where it may not be."""
    token = "" if os.environ.get(STORAGE) == "driver" else secrets.token_hex(16)
    (folder / DRIVER).write_text(token, encoding="ascii")
    return token


def _studies(request: StudyRequest) -> Path:
    return Path(request.folder).absolute()


def _notes(found: Sequence[Found], *, own: bool) -> tuple[str, ...]:
    if own or not found:
        return ()
    away = sum(not each.shares for each in found)
    nodes = f"{len(found)} node{'s' if len(found) > 1 else ''} of a Ray cluster"
    if not away:
        return (f"trained on {nodes}, which share the folder of the study",)
    return (f"trained on {nodes}; {away} of them do not share the folder of the study, and send what they find",)
