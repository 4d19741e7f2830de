"""The first line of a finding, which stands alone in logs and is what editors jump by."""

from __future__ import annotations

from netadvise.render.findings import wording
from netadvise.render.findings.paint import paint
from netadvise.render.findings.view import LintView, Placed
from netadvise.render.text import plain


def headline(item: Placed, view: LintView, *, named: bool) -> str:
    """The first line of a finding: where, how bad, which rule, which layer, what; with the model's name if `named`."""
    finding, model = item.finding, item.model
    target = "netadvise" if model is None else model.target
    layers = wording.where(finding)
    if named and model is not None:
        layers = " ".join(part for part in (f"[{plain(model.model)}]", layers) if part)
    severity = paint(finding.severity, finding.severity, view)
    rule = f"{paint(plain(finding.rule), 'rule', view)} {plain(finding.name)}"
    about = f"  {paint(layers, 'layer', view)}: " if layers else ": "
    return f"{wording.place(finding.location, target)}: {severity} {rule}{about}{plain(finding.message)}"
