"""Runs are trained by the tasks of a Ray cluster: the executor.

    queue --hand out--> flights --answer--> over
            (twice as many as there is room for, so that no node waits for the driver)

A task is one attempt at one group. An attempt whose process or node is gone is made again, from the last state that is
known; a run that ends every process it meets has failed. Nodes may come and go: one that turns out to have other
versions, or not what the study began with, gets no more tasks.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any

from netadvise.errors import NetadviseError, WorkerError
from netadvise.probe.execute import Done, Group, over, unwanted
from netadvise.probe.ledger import Ledger
from netadvise.probe.pool_deaths import ATTEMPTS, KILLS, Deaths
from netadvise.probe.ray_cluster import BrokenError, Cluster, LostError, Needs, Node
from netadvise.probe.ray_flight import Flight, write
from netadvise.probe.ray_keeper import Keeper, News
from netadvise.probe.ray_nodes import check_versions
from netadvise.probe.ray_stragglers import Stragglers
from netadvise.probe.ray_work import Assignment, Order, Parcel, Perform, Report, answer_of, sent, task_of
from netadvise.probe.spec import Checks, Failure, RunResult, RunSpec

_AHEAD = 2
"""Tasks given to the cluster, for each that it has room for."""
_ROOM_SECONDS = 5.0
_NEWS_SECONDS = 1.0
_ANSWER_SECONDS = 10.0
"""How long the driver waits for the keeper."""


class RayPool:
    """Tasks of a cluster, each with one thread: `perform` is what they do."""

    def __init__(
        self,
        cluster: Cluster,
        perform: Perform,
        order: Order,
        ledger: Ledger,
        needs: Needs,
        workers: int | None = None,
        known: Collection[str] = (),
    ) -> None:
        """`workers`: groups at a time, at most; `known`: the nodes that were checked before."""
        self._cluster, self._needs, self._most, self._ledger = cluster, needs, workers, ledger
        self._versions, self._known = order.versions, frozenset(known)
        self._task: Callable[..., object] = task_of(perform, order.versions)
        self._keeper = cluster.actor(Keeper, on=cluster.here)
        self._order = cluster.put(sent(order))
        self._queue: deque[Group] = deque()
        self._flights: dict[int, Flight] = {}
        self._over: list[Done] = []
        self._deaths = Deaths(starved=None)
        self._refused: dict[str, NetadviseError] = {}
        self._stragglers = Stragglers()
        self._attempts = 0
        self._counted = self._heard = float("-inf")
        self._capacity = 0

    @property
    def capacity(self) -> int:
        """Groups that the cluster trains at a time, as it is now; 1 where it has nothing yet."""
        now = time.monotonic()
        if now - self._counted > _ROOM_SECONDS:
            room = sum(map(self._needs.fit, self._fit()))
            self._capacity, self._counted = max(1, min(room, self._most or room)), now
        return self._capacity

    @property
    def room(self) -> int:
        """Groups that would begin at once."""
        return max(0, self.capacity - len(self._flights) - len(self._queue))

    def submit(self, group: Group) -> None:
        """Queue a group."""
        self._queue.append(group)
        self._hand_out()

    def poll(self, seconds: float) -> list[Done]:
        """The runs that are over; raises what keeps every node from training."""
        until = time.monotonic() + seconds
        self._hand_out()
        while not self._over and self._flights:
            left = until - time.monotonic()
            if left <= 0:
                break
            by_ref = {flight.ref: flight for flight in self._flights.values()}
            ready = self._cluster.ready(list(by_ref), min(left, _NEWS_SECONDS))
            self._take_news(at_once=bool(ready))
            for flight in [by_ref[ref] for ref in ready]:
                if flight.attempt in self._flights:
                    self._landed(flight)
            self._hand_out()
            self._help()
        over, self._over = self._over, []
        return over

    def cancel(self, runs: Collection[RunSpec] | None = None) -> None:
        """Forget what is queued, and end what is running."""
        self._queue = deque(group for group in self._queue if not unwanted(group, runs))
        for flight in [each for each in self._flights.values() if unwanted(each.group, runs)]:
            self._end(flight)

    def close(self) -> None:
        """End every task; a cluster that was begun for this ends, too."""
        self.cancel()
        self._cluster.end(self._keeper)
        self._cluster.close()

    def _hand_out(self) -> None:
        most = self._most or _AHEAD * self.capacity
        while self._queue and len(self._flights) < most:
            self._begin(self._queue.popleft())

    def _begin(self, group: Group, without: Collection[str] = ()) -> None:
        self._attempts += 1
        given = sent(Assignment(self._attempts, group, self._states(group)))
        avoided = {*self._refused, *without}
        ref = self._cluster.start(self._task, self._order, given, self._keeper, needs=self._needs, without=avoided)
        self._flights[self._attempts] = Flight(self._attempts, group, ref)

    def _states(self, group: Group) -> dict[int, bytes]:
        """How far the runs of a group have got, by their number in it, as far as that is known."""
        found = {}
        for number, spec in enumerate(group):
            # most have none; and another attempt at it may finish meanwhile, on storage that is shared
            with suppress(OSError):
                found[number] = self._ledger.state(spec).read_bytes()
        return found

    def _end(self, flight: Flight) -> None:
        self._cluster.cancel(flight.ref)
        del self._flights[flight.attempt]

    def _landed(self, flight: Flight) -> None:
        try:
            report = answer_of(self._cluster.answer(flight.ref))
        except LostError as lost:
            self._died(flight, lost)
        except BrokenError as error:
            raise WorkerError(f"a task of the Ray cluster cannot be run: {error}") from None
        else:
            del self._flights[flight.attempt]
            if isinstance(report, Report) and report.broken is None:
                self._trained(flight, report)
            else:
                self._refuse(report.node, flight.group, self._reason(report))

    def _trained(self, flight: Flight, report: Report) -> None:
        for other in [each for each in self._flights.values() if each.group == flight.group]:
            self._end(other)
        self._stragglers.took(flight.group, report.seconds)
        outcome = list(report.outcome)
        for number, (spec, parcel) in enumerate(zip(flight.group, report.parcels, strict=True)):
            if outcome[number] is None:
                outcome[number] = self._kept(spec, parcel, flight.written.get(number, 0))
        self._over += over(flight.group, tuple(outcome))

    def _kept(self, spec: RunSpec, parcel: Parcel, written: int) -> Failure | None:
        """Write what came of a run into the ledger, where it is not there already."""
        try:
            self._ledger.begin(spec)
            write(self._ledger, spec, parcel.lines[written:])
            match parcel.result:
                case RunResult() as result:
                    self._ledger.keep(spec, result)
                case Checks() as checks:
                    self._ledger.keep_checks(spec, checks)
                case None:
                    return Failure("a training process said that a run is finished, and it is not")
        except OSError as error:
            return Failure(error.strerror or str(error), kind="disk")
        return None

    def _take_news(self, *, at_once: bool) -> None:
        """Ask the keeper, not more than once a second but before an answer is looked at."""
        if not at_once and time.monotonic() - self._heard < _NEWS_SECONDS:
            return
        self._heard = time.monotonic()
        try:
            news: dict[int, News] = self._cluster.answer(self._keeper.take.remote(), _ANSWER_SECONDS)
        except (LostError, BrokenError):
            # a keeper that is gone begins again by itself, with nothing; attempts tell the rest with their answers
            return
        for attempt, told in news.items():
            if attempt in self._flights:
                self._hear(self._flights[attempt], told)

    def _hear(self, flight: Flight, news: News) -> None:
        if news.node:
            flight.node, flight.began = news.node, time.monotonic()
        flight.step = max(flight.step, news.step)
        try:
            flight.keep(news, self._ledger)
        except OSError as error:
            self._end(flight)
            failure = Failure(error.strerror or str(error), kind="disk")
            self._over += over(flight.group, (failure,) * len(flight.group))
            return
        if news.silence:
            self._silent(flight, news.silence)

    def _silent(self, flight: Flight, why: str) -> None:
        self._end(flight)
        self._retry(flight, Failure(why, kind="killed"), again=False)

    def _died(self, flight: Flight, lost: LostError) -> None:
        """The process of an attempt is gone, or its node."""
        del self._flights[flight.attempt]
        if any(other.group == flight.group for other in self._flights.values()):
            return
        deaths = self._deaths.died(flight.group[0].id(""), flight.step)
        again = deaths < (KILLS if lost.node_died else ATTEMPTS)
        told = Failure(f"{lost.message}, {deaths} times", kind="killed", attempts=deaths)
        self._retry(flight, told, again=again)

    def _retry(self, flight: Flight, failure: Failure, *, again: bool) -> None:
        """Try a group again, run by run where one of several may be to blame; or it has failed."""
        if len(flight.group) > 1:
            self._queue.extendleft((spec,) for spec in reversed(flight.group))
        elif again:
            self._queue.appendleft(flight.group)
        else:
            self._over.append(Done(flight.group[0], failure))

    def _reason(self, report: Any) -> NetadviseError:
        """Why a node can train nothing."""
        name = next((node.name for node in self._cluster.nodes() if node.id == report.node), report.node[:8])
        if isinstance(report, Report) and report.broken is not None:
            error = NetadviseError.from_json(report.broken)
            return type(error)(
                error.message, where=error.where, notes=(*error.notes, f"on the node {name}"), hint=error.hint
            )
        try:
            check_versions(self._versions, {name: report.versions})
        except NetadviseError as error:
            return error
        return WorkerError(f"the node {name} cannot train anything")

    def _refuse(self, node: str, group: Group, why: NetadviseError) -> None:
        """Give a node no more, and its group to another; raises where it was there from the start, or is the last."""
        self._refused[node] = why
        self._counted = float("-inf")
        if node in self._known or not self._fit():
            raise why
        self._queue.appendleft(group)

    def _fit(self, without: str = "") -> list[Node]:
        """The nodes that can train, but for one."""
        return [
            node
            for node in self._cluster.nodes()
            if node.id not in self._refused and node.id != without and self._needs.fit(node)
        ]

    def _help(self) -> None:
        """Begin a group once more where it takes far longer than its like, and there is nothing else to do."""
        if self._queue or len(self._flights) >= self.capacity:
            return
        groups = [flight.group for flight in self._flights.values()]
        for flight in list(self._flights.values()):
            alone = groups.count(flight.group) == 1
            if alone and flight.began is not None and self._stragglers.is_late(flight.group, flight.began):
                self._begin(flight.group, without=(flight.node,) if self._fit(flight.node) else ())
                return
