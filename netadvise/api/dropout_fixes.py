"""Dropouts written into the source, with another recording of the model as the proof that they are there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from netadvise.api.answers import Answer
from netadvise.api.attempts import WorkerBench
from netadvise.api.dropout_shown import LIBRARY, not_shown
from netadvise.api.fixing import Fixed, Restored, fix, planned
from netadvise.edit import Dropped, Edit, Effect, Insert, Tried
from netadvise.measure.difference import difference
from netadvise.profiles import Profile
from netadvise.quantity import Quantity, Unknown, total
from netadvise.rewrite import Plan

Groups = Sequence[Sequence[Edit]]
"""Each is written whole or not at all: one place, or the places of an arm that was trained together."""


def dropout_fixes(groups: Groups, answer: Answer, *, since_ns: int | None) -> Plan:
    """What writing these insertions and arguments comes to; nothing is written yet.

    `since_ns`: when the run began; a file that changed since is not touched. `Plan.renaming` are the groups after
    which a checkpoint no longer loads; after all others it does, and evaluation gives what it gave.
    """
    return planned(groups, answer.profile, answer.facts, since_ns=since_ns)


def written(groups: Groups, plan: Plan, answer: Answer, bench: WorkerBench) -> Fixed | Restored | None:
    """Write the changes; None when there are none.

    The files go back unless the model that they make costs what the tried edits promised, and its recording in
    training mode has each dropout with its rate at its place, and no others.
    """
    if not plan.changes:
        return None
    edits = tuple(edit for number in plan.written for edit in groups[number])
    # one by one: what several dropouts cost is the sum, and two in one forward need not be tried together
    singles = [(edit,) for edit in edits if _costs_something(edit)]
    attempts = bench.attempt(singles, lambda *_: None)
    tried = [result for result in attempts.results if isinstance(result, Tried)]
    if len(tried) < len(singles):
        dropped = next((result.reason for result in attempts.results if isinstance(result, Dropped)), attempts.stopped)
        return Restored(f"one of the chosen edits does not run: {dropped}")
    return fix(plan.changes, lambda: _broken(edits, [each.effect for each in tried], answer, bench))


def _costs_something(edit: Edit) -> bool:
    """Whether it may cost something in evaluation mode: torchvision's dropouts hand their input on there."""
    return not isinstance(edit, Insert) or any(part.type not in LIBRARY for part in edit.chain)


def _broken(edits: Sequence[Edit], promised: Sequence[Effect], before: Answer, bench: WorkerBench) -> str:
    """Why the written network is not what was promised; empty when it is."""
    # files that this process has imported would not be read again
    runner = replace(bench.runner, in_process=False, cache=None)
    after = runner.answer(replace(bench.request, facts=True))
    return _costs(before.profile, after.profile, promised) or not_shown(edits, before.facts, after.facts)


def _costs(before: Profile, after: Profile, promised: Sequence[Effect]) -> str:
    """What the written network costs more or less than the tried edits together."""
    found, _ = difference(before, after, ())
    told = []
    for name, value in _SUMS.items():
        has, wanted = value(found), total(value(effect) for effect in promised)
        if not isinstance(wanted, Unknown) and has != wanted:
            told.append(f"{name} {has} in place of {wanted}")
    return f"the written model differs from the tried one: {', '.join(told)}" if told else ""


_SUMS: dict[str, Callable[[Effect], Quantity]] = {
    "params": lambda effect: effect.params,
    "macs": lambda effect: effect.macs,
    "activation bytes": lambda effect: effect.activation_bytes,
}
