"""The sentences around the layers: what was compared, what follows, the findings, and what fails the run."""

from __future__ import annotations

from collections.abc import Iterator

from netadvise.comparison import Comparison, FindingChange
from netadvise.quantity import Unknown
from netadvise.render.diffs import wording
from netadvise.render.diffs.view import DiffView
from netadvise.render.paragraphs import Statement
from netadvise.render.text import counted, plain

_LISTED = 12


def heading(comparison: Comparison) -> Iterator[Statement]:
    """The two networks, and what keeps them from being compared in full."""
    old, new = comparison.old, comparison.new
    yield "OLD", plain(old.label)
    yield "NEW", plain(new.label)
    shapes = [wording.inputs(side.profile) for side in (old, new)]
    if shapes[0] == shapes[1]:
        yield "input", shapes[0] or "none"
    else:
        yield "input", f"{shapes[0] or 'none'} -> {shapes[1] or 'none'}"
    for note in comparison.notes:
        yield "CAUTION", plain(note)


def remarks(comparison: Comparison, view: DiffView) -> Iterator[Statement]:
    """Everything below the layers."""
    yield from renamed(comparison, view)
    if comparison.of("follows") and not view.verbose:
        yield "follow", f"{wording.followers(comparison)} (-v lists them)"
    yield from gaps(comparison)
    yield from findings(comparison, view)
    yield from conditions(comparison)


def renamed(comparison: Comparison, view: DiffView) -> Iterator[Statement]:
    """The renames, folded."""
    shown = comparison.renames if view.verbose else comparison.renames[:_LISTED]
    for index, item in enumerate(shown):
        count = f" ({counted(item.layers, 'layer')})" if item.layers > 1 else ""
        names = f"{plain(item.old) or 'the model'} -> {plain(item.new) or 'the model'}"
        yield ("renamed" if index == 0 else ""), names + count
    if len(comparison.renames) > len(shown):
        yield "", f"and {len(comparison.renames) - len(shown):,} more (-v lists them)"


def gaps(comparison: Comparison) -> Iterator[Statement]:
    """Why a sum or a difference is unknown."""
    reasons: dict[str, list[str]] = {}
    for change in comparison.totals:
        for quantity in (change.old, change.new, change.delta):
            if isinstance(quantity, Unknown):
                reasons.setdefault(quantity.reason, []).append(change.key)
    for sizes in comparison.receptive_field:
        if isinstance(sizes, Unknown):
            reasons.setdefault(sizes.reason, []).append("receptive_field")
    for reason, keys in reasons.items():
        yield "?", f"{', '.join(dict.fromkeys(keys))}: {plain(reason)}"


def findings(comparison: Comparison, view: DiffView) -> Iterator[Statement]:
    """What became of the findings, worst first; those of renamed layers are counted, or listed with `verbose`."""
    found = comparison.findings
    if isinstance(found, Unknown):
        yield "findings", f"not compared: {plain(found.reason)}"
        return
    yield "findings", f"{wording.tally(found)} ({counted(found.rules, 'rule')})"
    for change in found.changes:
        if change.status != "moved" or view.verbose:
            yield "", told(change)
    if found.untold:
        rules = ", ".join(plain(rule) for rule, _ in found.untold)
        yield "", f"could be evaluated on OLD and cannot be on NEW, where they may hide new findings: {rules}"


def told(change: FindingChange) -> str:
    """One finding in a line."""
    said = plain(change.places[0].message)
    where = wording.line(change)
    return f"{wording.finding(change)}  {wording.at(change)}: {said}{f' [{where}]' if where else ''}"


def conditions(comparison: Comparison) -> Iterator[Statement]:
    """Each `--fail-if` with its answer, and what they come to."""
    for item in comparison.conditions:
        yield "fail-if", wording.verdict(item)
    if comparison.conditions:
        yield "outcome", wording.outcome(comparison)
