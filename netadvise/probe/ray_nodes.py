"""What the nodes of a cluster have: asked before anything is trained, because numbers of two versions do not compare.

The question is sent as code, not by name: netadvise may be another one on a node, or none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from netadvise.errors import UsageError, WorkerError
from netadvise.probe.ray_cluster import BrokenError, Cluster, LostError, Needs, Node

DRIVER = ".driver"
"""The file in a study's folder that tells whether another machine sees the same folder."""
_ANSWER_SECONDS = 120.0
_NOTHING = "-"
_SHOWN = 8

Versions = Mapping[str, str]
"""By the name of a package; "-" where there is none. Of Python, without the last number."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a node has."""

    node: Node
    versions: Versions
    shares: bool
    """Whether the study's folder is the same folder there."""
    has_project: bool
    """Whether there is a folder where the project is here."""


def versions_here() -> Versions:
    """Those of this process."""
    found: Versions = question()()["versions"]
    return found


def question() -> Callable[..., dict]:
    """A function that tells what there is where it runs; it needs nothing of this package there."""

    def asked(file: str = "", token: str = "", root: str = "") -> dict:
        import os
        import platform
        from importlib import import_module, metadata

        def version(name: str) -> str:
            try:
                return metadata.version(name)
            except metadata.PackageNotFoundError:
                return "-"

        found = {"python": ".".join(platform.python_version_tuple()[:2])}
        found |= {name: version(name) for name in ("ray", "torch", "numpy")}
        try:
            found["netadvise"] = str(import_module("netadvise.version").__version__)
        except ImportError:
            found["netadvise"] = "-"
        try:
            with open(file, encoding="ascii") as stream:
                shares = bool(token) and stream.read() == token and os.access(os.path.dirname(file), os.W_OK)
        except OSError:
            shares = False
        return {"versions": found, "shares": shares, "has_project": os.path.isdir(root)}

    return asked


def checked(cluster: Cluster, nodes: Sequence[Node], folder: Path, token: str, root: Path) -> list[Found]:
    """What each node has, of those that can train.

    Raises `UsageError` where versions differ from those here, `WorkerError` where a node does not answer.
    """
    asked = question()
    given = (str(folder / DRIVER), token, str(root))
    refs = {cluster.start(asked, *given, needs=Needs(cpus=0), on=node.id): node for node in nodes}
    found: list[Found] = []
    until = monotonic() + _ANSWER_SECONDS
    while refs and monotonic() < until:
        for ref in cluster.ready(list(refs), 1.0):
            node = refs.pop(ref)
            answer = _answer(cluster, ref, node)
            if answer is not None:
                found.append(Found(node, answer["versions"], answer["shares"], answer["has_project"]))
    if refs:
        names = ", ".join(sorted(node.name for node in refs.values())[:_SHOWN])
        told = f"no process could be started within {_ANSWER_SECONDS:g} s on these nodes of the cluster: {names}"
        raise WorkerError(told, hint="ray status, and the logs of those nodes, say more.")
    check_versions(versions_here(), {each.node.name + _place(each.node, nodes): each.versions for each in found})
    return found


def check_versions(here: Versions, nodes: Mapping[str, Versions]) -> None:
    """Raises `UsageError` where a node has other versions than this process."""
    other = {name: versions for name, versions in nodes.items() if dict(versions) != dict(here)}
    if not other:
        return
    rows = [("", *here), ("here", *here.values())]
    rows += [
        (name, *(versions.get(each, _NOTHING) for each in here)) for name, versions in list(other.items())[:_SHOWN]
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    table = tuple("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    more = (f"and {len(other) - _SHOWN} more",) if len(other) > _SHOWN else ()
    nodes_ = "1 node of the cluster has" if len(other) == 1 else f"{len(other)} nodes of the cluster have"
    raise UsageError(
        f"{nodes_} other versions than this process, and numbers of two versions do not compare",
        notes=(*table, *more),
        hint="Install the same everywhere (one container image does), or start from a node of the cluster.",
    )


def _answer(cluster: Cluster, ref: object, node: Node) -> dict | None:
    """None where a node is gone again."""
    try:
        answer: dict = cluster.answer(ref)
    except LostError:
        return None
    except BrokenError as error:
        raise WorkerError(f"nothing can be run on the node {node.name}: {error}") from None
    return answer


def _place(node: Node, nodes: Sequence[Node]) -> str:
    """Tells nodes of one name apart."""
    return f" ({node.id[:6]})" if sum(each.name == node.name for each in nodes) > 1 else ""
