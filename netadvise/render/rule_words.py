"""What the grades and the safeties of rules mean, in words."""

from __future__ import annotations

from collections.abc import Mapping

from netadvise.render.text import plain
from netadvise.rule import Confidence, Fix, Safety

GRADES: Mapping[Confidence, str] = {
    "A": "mechanical or proven",
    "B": "strong published evidence",
    "C": "rule of thumb, never fails a run",
}
MISTAKEN: Mapping[Confidence, str] = {
    "A": "Where the rule fires, what it says holds, by algebra or by what torch does. "
    "Whether it matters to you is another question.",
    "B": "Published evidence is strong, but it comes from other networks and other data: measure before you follow it.",
    "C": "A habit of the field, with known exceptions: take it as a question, not as an answer.",
}
SAFETIES: Mapping[Safety, str] = {
    "safe": "safe",
    "changes-weights": "changes the weights",
    "changes-function": "changes what the model computes",
}


def arguments(fix: Fix) -> str:
    """The fix as constructor arguments alone, and how safe that is: "dropout=0.0 (safe)"."""
    given = ", ".join(f"{plain(name)}={plain(repr(value))}" for name, value in fix.set_args.items())
    return f"{given} ({_safety(fix)})"


def remedy(fix: Fix) -> str:
    """The fix and how safe it is: "bias=False (changes the weights: the state_dict loses a key)"."""
    return f"{plain(fix.text)} ({_safety(fix)})"


def _safety(fix: Fix) -> str:
    return f"{SAFETIES[fix.safety]}: {plain(fix.because)}" if fix.because else SAFETIES[fix.safety]
