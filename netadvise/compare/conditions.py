"""`--fail-if` conditions: read, and judged on a comparison. What cannot be told is never taken for a pass.

condition ::= quantity operator amount
quantity  ::= params | macs | ... | receptive_field | new_errors | new_warnings | new_findings
operator  ::= ">" | ">=" | "<" | "<="
amount    ::= number ["K" | "M" | "G" | "T"]        of NEW
            | ("+" | "-") number [suffix]           of the difference, NEW minus OLD
            | ["+" | "-"] number "%"                of the difference, as a share of OLD
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from fractions import Fraction
from typing import cast, get_args

from netadvise.compare.inputs import guessed_apart
from netadvise.comparison import Comparison, Condition, FindingsDiff, Judged, Operator, TotalChange
from netadvise.errors import UsageError
from netadvise.quantity import Unknown
from netadvise.rule import SEVERITIES, Severity

_FORM = re.compile(
    r"\s*(?P<quantity>[A-Za-z_]+)\s*(?P<operator>>=|<=|>|<)\s*(?P<sign>[+-]?)\s*(?P<number>\d[\d_]*(?:\.\d+)?|\.\d+)"
    r"\s*(?:(?P<unit>[kKMGT]?)i?[bB]?|(?P<percent>%))\s*"
)
_UNITS = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_HINT = "For example: --fail-if 'params > +5%', --fail-if 'macs > 5G', --fail-if 'new_errors > 0'"
_COMPARED: Mapping[Operator, Callable[[Fraction | float, Fraction], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}

_SUMS = {
    "params": "params",
    "trainable_params": "trainable_params",
    "macs": "macs",
    "flops": "flops",
    "other_ops": "other_ops",
    "activation_bytes": "activation_bytes",
    "peak_memory": "peak_activation_bytes",
    "saved_memory": "saved_activation_bytes",
    "layers": "layers",
}
"""What a condition may name, and the sum that it means."""
_OF_INPUTS = frozenset(("macs", "flops", "other_ops", "activation_bytes", "peak_memory", "saved_memory"))
"""What depends on the shapes of the inputs."""
_FINDINGS: Mapping[str, tuple[Severity, ...]] = {
    "new_errors": ("error",),
    "new_warnings": ("warning",),
    "new_findings": SEVERITIES,
}
QUANTITIES = (*_SUMS, "receptive_field", *_FINDINGS)
"""Everything that a condition may be about."""

_Found = tuple[bool | Unknown, str]


def condition(text: str) -> Condition:
    """The condition that a text writes; raises `UsageError` for another form or quantity."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise UsageError(f"--fail-if {text!r} is not a quantity, an operator and an amount", hint=_HINT)
    quantity = match["quantity"]
    if quantity not in QUANTITIES:
        near = get_close_matches(quantity, QUANTITIES, n=1)
        meant = f"Did you mean {near[0]}? " if near else ""
        raise UsageError(f"--fail-if {text!r}: there is no {quantity}", hint=f"{meant}One of {', '.join(QUANTITIES)}.")
    relative = match["percent"] is not None
    if quantity in _FINDINGS and (relative or match["sign"]):
        raise UsageError(f"--fail-if {text!r}: new findings are counted", hint=f"--fail-if '{quantity} > 0'")
    amount = Fraction(match["number"].replace("_", "")) * _UNITS[match["unit"] or ""] / (100 if relative else 1)
    return Condition(
        text=text.strip(),
        quantity=quantity,
        operator=cast(Operator, match["operator"]),
        amount=-amount if match["sign"] == "-" else amount,
        relative=relative,
        difference=relative or bool(match["sign"]),
    )


def judged(conditions: Sequence[Condition], comparison: Comparison) -> tuple[Judged, ...]:
    """Each condition with its answer."""
    return tuple(Judged(item, *_judge(item, comparison)) for item in conditions)


def _judge(item: Condition, comparison: Comparison) -> _Found:
    if item.quantity in _FINDINGS:
        return _of_findings(item, comparison.findings)
    if item.quantity == "receptive_field":
        return _of_field(item, comparison)
    if (
        item.difference
        and item.quantity in _OF_INPUTS
        and guessed_apart(comparison.old.profile, comparison.new.profile)
    ):
        unknown = Unknown("the inputs differ, and netadvise chose a shape: give both the same with -i")
        return unknown, f"unknown: {unknown.reason}"
    return _of_sum(item, comparison.total(_SUMS[item.quantity]))


def _of_sum(item: Condition, change: TotalChange) -> _Found:
    value = change.share if item.relative else change.delta if item.difference else change.new
    if isinstance(value, Unknown):
        return value, f"unknown: {value.reason}"
    return _holds(item, value), _told(change.old, change.new)


def _of_field(item: Condition, comparison: Comparison) -> _Found:
    """Whether it holds along any axis."""
    old, new, delta = comparison.receptive_field
    if isinstance(new, Unknown):
        return new, f"unknown: {new.reason}"
    if item.difference and (isinstance(delta, Unknown) or isinstance(old, Unknown)):
        unknown = delta if isinstance(delta, Unknown) else cast(Unknown, old)
        return unknown, f"unknown: {unknown.reason}"
    if not new:
        return Unknown("no image reaches a layer"), "unknown: no image reaches a layer"
    axes = [TotalChange("receptive_field", before, after, after - before) for before, after in _axes(old, new)]
    answers = [_of_sum(item, axis) for axis in axes]
    return any(holds is True for holds, _ in answers), ", ".join(dict.fromkeys(said for _, said in answers))


def _axes(old: object, new: tuple[int, ...]) -> list[tuple[int, int]]:
    before = old if isinstance(old, tuple) and len(old) == len(new) else new
    return list(zip(before, new, strict=True))


def _of_findings(item: Condition, findings: FindingsDiff | Unknown) -> _Found:
    """New ones, and those that became worse."""
    if isinstance(findings, Unknown):
        return findings, f"unknown: {findings.reason}"
    wanted = _FINDINGS[item.quantity]
    hidden = [rule for rule, severity in findings.untold if severity in wanted]
    count = sum(
        len(change.places)
        for change in findings.changes
        if change.severity in wanted and (change.status == "new" or _is_worse(change.was, change.severity))
    )
    holds = _holds(item, Fraction(count))
    if hidden and not (holds and item.operator in (">", ">=")):
        unknown = Unknown(f"{', '.join(hidden)} could be evaluated on OLD, but not on NEW")
        return unknown, f"unknown: {unknown.reason}"
    return holds, f"{count:,} found"


def _is_worse(was: Severity | None, severity: Severity) -> bool:
    return was is not None and SEVERITIES.index(severity) < SEVERITIES.index(was)


def _holds(item: Condition, value: Fraction | float) -> bool:
    return _COMPARED[item.operator](value, item.amount)


def _told(old: int | Unknown, new: int | Unknown) -> str:
    before, after = ("unknown" if isinstance(side, Unknown) else f"{side:,}" for side in (old, new))
    if isinstance(old, Unknown) or isinstance(new, Unknown) or not old:
        return f"{before} -> {after}"
    return f"{before} -> {after}, {100 * (new - old) / old:+.2f} %"


assert set(get_args(Operator)) == set(_COMPARED)
