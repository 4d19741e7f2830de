"""A rule file to start from: commented, and well formed as it is."""

from __future__ import annotations

import re

from netadvise.errors import UsageError

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_TEXT = """\
# yaml-language-server: $schema=netadvise-rules.schema.json
# The line above lets an editor check this file as you type: netadvise rules schema > netadvise-rules.schema.json
#
# netadvise rules check {set}.yaml     is everything well formed?
# netadvise rules test {set}.yaml      does each rule fire where it should, and nowhere else?
# netadvise lint model.py --rules netadvise --rules {set}.yaml
version: 1
set: {set}                 # must be the name of the file
prefix: MY                 # what your ids begin with: 2 to 5 capitals that netadvise does not use
rules:
  - id: MY001              # never used again for another rule
    name: {name}
    title: Dropout sits right behind another dropout
    severity: advice       # error, warning or advice
    confidence: A          # A: mechanical or proven. B: strong evidence. C: a rule of thumb, never fails a run
    options:               # numbers that users may change: --option MY001.most=0.2
      most: 0.1
    match:                 # the layers it is about: every test must hold; docs/facts.md lists the names
      op: dropout
      next: {{op: dropout, as: second}}     # also prev, below, above, inside, not, any
    let:                   # numbers by name, for the lines below
      kept: "(1 - p) * (1 - second.p)"
    where: "p > opt.most and second.p > opt.most"
    unless: "is_gate"      # one expression, or a list of them
    message: "with {{second.name}}, {{kept:.0%}} of its input is left"
    why: >
      Two dropouts in a row are one dropout of a higher rate; the second one was probably left over.
    refs: ["algebra"]      # at least one: a URL, "torch: nn.Dropout", "algebra", "measured: ..."
    fix:
      text: "one dropout of the rate you want"
      safety: changes-function         # safe, changes-weights or changes-function
    tests:                 # run by `netadvise rules test`, on real modules
      input: [8]           # one sample, without the batch
      fires: ["Dropout(0.2) | Dropout(0.5)"]
      silent: ["Dropout(0.2) | Linear(8, 8) | Dropout(0.5)", "Dropout(0.2) | Dropout(0.05)"]
"""


def template(name: str, stem: str) -> str:
    """A rule file with one rule of that name; raises `UsageError` for a name that no rule can have."""
    if not _NAME.fullmatch(name) or len(name) > 60:
        raise UsageError(
            f"{name!r} is no name for a rule", hint="Small letters and digits with hyphens: dropout-before-softmax"
        )
    if not _NAME.fullmatch(stem.replace("_", "-")):
        raise UsageError(f"{stem!r} is no name for a rule set", hint="Small letters and digits: my-rules.yaml")
    return _TEXT.format(set=stem, name=name)
