"""What happens inside a Ray task: a group is trained into a ledger, and the driver is told.

Where the study's folder is on storage that the node shares, the ledger is the study's own. Where it is not, the ledger
is a folder of the node's, which is empty but for the states that the driver sent along; looks and states go to the
keeper as they are made, results with the task's answer. Either way the answer holds the results: the driver does not
wait until a file that was written elsewhere can be seen on its side.
"""

from __future__ import annotations

import os
import pickle
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from netadvise.errors import ErrorDocument, NetadviseError
from netadvise.probe.execute import Group, Outcome, Trained
from netadvise.probe.ledger import Ledger
from netadvise.probe.network import in_one_thread
from netadvise.probe.ray_import import delivered, node_here
from netadvise.probe.ray_nodes import DRIVER, Versions, question
from netadvise.probe.spec import Checks, Point, RunResult, RunSpec, encode

_POST_SECONDS = 1.0
_OPEN_SECONDS = 180.0
"""Within which a process is ready, at least: torch is imported, and the data are loaded."""
_STATE_SECONDS = 60.0
"""How long a run waits at most until its state has arrived."""


@dataclass(frozen=True, slots=True)
class Order:
    """What all tasks of a study are told."""

    key: str
    folder: str
    token: str
    """What stands in the driver's file; empty where tasks are not to look for it."""
    versions: Versions
    silence: float | None
    content: bytes = b""
    """What the trainer needs beside that."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """One attempt at a group."""

    attempt: int
    group: Group
    states: Mapping[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parcel:
    """What has come of a run: its result, and the lines of all looks that this attempt made at it."""

    result: RunResult | Checks | None
    lines: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The answer of a task."""

    node: str
    outcome: Outcome = ()
    parcels: tuple[Parcel, ...] = ()
    direct: bool = False
    """Whether looks and states are in the study's own ledger already."""
    seconds: float = 0.0
    broken: ErrorDocument | None = None
    """What keeps this node from training anything."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The answer of a task on a node with other versions."""

    node: str
    versions: Versions


Perform = Callable[[Order, Assignment, Any], Report]


def task_of(perform: Perform, versions: Versions) -> Callable[..., object]:
    """The task that has a function of this package do an assignment, on nodes that have these versions.

    It is sent as code, and unpacks what it gets only then: on other nodes this package may not be there at all.
    """
    ask, module, name, expected = question(), perform.__module__, perform.__name__, dict(versions)

    def task(order: bytes, assignment: bytes, keeper: Any) -> object:
        import pickle
        from importlib import import_module

        found = ask()["versions"]
        if found != expected:
            return {"node": import_module("ray").get_runtime_context().get_node_id(), "versions": found}
        given = pickle.loads(order), pickle.loads(assignment)
        return getattr(import_module(module), name)(*given, keeper)

    return task


def answer_of(plain: object) -> Report | Elsewhere:
    """What a task has answered."""
    if isinstance(plain, Report):
        return plain
    assert isinstance(plain, dict), plain
    return Elsewhere(plain["node"], plain["versions"])


def sent(value: Order | Assignment) -> bytes:
    """What a task gets; it is unpacked behind the check of versions."""
    return pickle.dumps(value)


def performed(
    order: Order, assignment: Assignment, keeper: Any, opened: Callable[[], Callable[[Ledger], Trained]]
) -> Report:
    """Train a group, in one thread, into the ledger that there is for it.

    `opened` makes what runs share, and gives what trains into a ledger; a `NetadviseError` of it is the answer.
    """
    keeper.begun.remote(assignment.attempt, node_here())
    post = _Post(keeper, assignment.attempt)
    with in_one_thread():
        try:
            with _watched(order.silence and max(order.silence, _OPEN_SECONDS), post):
                trained = opened()
        except NetadviseError as error:
            return Report(node_here(), broken=error.to_json())
        return _trained(order, assignment, post, trained)


def _trained(order: Order, assignment: Assignment, post: _Post, trained: Callable[[Ledger], Trained]) -> Report:
    began = time.monotonic()
    with _ledger(order, assignment, post) as (ledger, courier):
        with _watched(order.silence, post) as beat:

            def tell(step: int) -> None:
                beat()
                post.step(step)

            outcome = trained(ledger)(assignment.group, tell)
        parcels = tuple(_parcel(ledger, spec, courier) for spec in assignment.group)
    return Report(node_here(), outcome, parcels, courier is None, time.monotonic() - began)


def is_shared(order: Order) -> bool:
    """Whether the study's folder is the driver's, seen from here, and can be written to."""
    try:
        found = Path(order.folder, DRIVER).read_text(encoding="ascii")
    except OSError:
        return False
    return bool(order.token) and found == order.token and os.access(order.folder, os.W_OK)


@dataclass(frozen=True)
class Courier(Ledger):
    """A ledger in a folder of the node's, that passes on what must not be lost with the node."""

    post: _Post
    numbers: Mapping[str, int]
    """Of the runs, in their group."""
    lines: dict[int, list[bytes]] = field(default_factory=dict, compare=False)

    def look(self, spec: RunSpec, point: Point) -> None:
        """Append one look, here and at the driver's."""
        Ledger.look(self, spec, point)
        run = self.numbers[spec.id(self.key)]
        line = encode(point)
        self.lines.setdefault(run, []).append(line)
        self.post.look(run, point.step, line)

    def save_state(self, spec: RunSpec, content: bytes) -> None:
        """Write how far a run has got, here and at the driver's."""
        Ledger.save_state(self, spec, content)
        self.post.state(self.numbers[spec.id(self.key)], content)


@dataclass
class _Post:
    """What an attempt tells the keeper, once a second at most."""

    keeper: Any
    attempt: int
    at: int = 0
    run: int = 0
    waiting: list[bytes] = field(default_factory=list)
    sent: float = 0.0

    def step(self, step: int) -> None:
        self.at = step
        if time.monotonic() - self.sent >= _POST_SECONDS:
            self._send(None)

    def look(self, run: int, step: int, line: bytes) -> None:
        if run != self.run:
            self._send(None)
            self.run = run
        self.waiting.append(line)
        self.step(step)

    def state(self, run: int, content: bytes) -> None:
        """Passed on at once; the next one is not made before this one has arrived."""
        if run != self.run:
            self._send(None)
            self.run = run
        delivered(self._send(bytes(content)), _STATE_SECONDS)

    def silent(self, why: str) -> None:
        delivered(self.keeper.silent.remote(self.attempt, why), _POST_SECONDS)

    def _send(self, state: bytes | None) -> object:
        self.sent = time.monotonic()
        lines, self.waiting = self.waiting, []
        return self.keeper.further.remote(self.attempt, self.at, self.run, lines, state)


@contextmanager
def _ledger(order: Order, assignment: Assignment, post: _Post) -> Iterator[tuple[Ledger, Courier | None]]:
    if is_shared(order):
        yield Ledger(Path(order.folder), order.key), None
        return
    numbers = {spec.id(order.key): number for number, spec in enumerate(assignment.group)}
    with TemporaryDirectory(prefix="netadvise-") as folder:
        courier = Courier(Path(folder), order.key, post, numbers)
        for number, state in assignment.states.items():
            spec = assignment.group[number]
            courier.begin(spec)
            Ledger.save_state(courier, spec, state)
        yield courier, courier


def _parcel(ledger: Ledger, spec: RunSpec, courier: Courier | None) -> Parcel:
    result = ledger.checks(spec) if spec.checks else ledger.result(spec)
    lines = courier.lines.get(courier.numbers[spec.id(courier.key)], []) if courier else []
    return Parcel(result, tuple(lines))


@contextmanager
def _watched(silence: float | None, post: _Post) -> Iterator[Callable[[], None]]:
    """End this process when nothing has been heard for so many seconds; what is given says that something was."""
    heard, over = [time.monotonic()], threading.Event()

    def watch(limit: float) -> None:
        while not over.wait(min(1.0, limit / 4)):
            if time.monotonic() - heard[0] > limit:
                post.silent(f"no sign of life for {limit:g} s: stopped")
                os._exit(1)

    def beat() -> None:
        heard[0] = time.monotonic()

    if silence is not None:
        threading.Thread(target=watch, args=(silence,), daemon=True).start()
    try:
        yield beat
    finally:
        over.set()
