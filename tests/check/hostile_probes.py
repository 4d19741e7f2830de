"""Rules about training probes that are wrong: each with the place and the words that its error must have."""

from __future__ import annotations

from tests.check.hostile import USUAL as LAYERS
from tests.check.hostile import Hostile

USUAL = """\
version: 1
set: pack
prefix: MY
rules:
  - id: MY001
    name: the-rule
    title: A rule
    severity: advice
    confidence: B
    scope: probe
    match: {about: arm, stage: confirm}
    where: "effect > delta"
    verdict: HELPS
    message: "found {effect}"
    why: Because.
    refs: [algebra]
    tests: {fires: [{facts: {effect: 1}}], silent: [{facts: {effect: 0}}]}
"""


def _changed(text: str, name: str, key: str, line: str, at: str, said: str) -> Hostile:
    """A file with other rows for that of one key; the problem stands where `at` does in them, or at the rule."""
    lines = text.splitlines()
    number = next(index for index, each in enumerate(lines) if each.startswith(f"    {key}:"))
    rows = [f"    {row}" for row in line.splitlines()]
    lines[number : number + 1] = rows
    places = [f"{number + 1 + index}:{row.index(at) + 1}" for index, row in enumerate(rows) if at and at in row]
    return Hostile(name, ("\n".join(lines) + "\n").encode(), places[0] if places else "5:5", said)


def _line(name: str, key: str, line: str, at: str, said: str) -> Hostile:
    return _changed(USUAL, name, key, line, at, said)


def _beside(name: str, line: str, at: str, said: str) -> Hostile:
    """The usual file with one more line, or two."""
    return _changed(USUAL, name, "title", f"title: A rule\n{line}", at, said)


def _of_layers(name: str, line: str, at: str, said: str) -> Hostile:
    """The usual file about layers with one more line, or two."""
    return _changed(LAYERS, name, "title", f"title: A rule\n{line}", at, said)


def _tests(name: str, fires: str, at: str, said: str) -> Hostile:
    return _line(name, "tests", f"tests: {{fires: [{fires}], silent: [{{facts: {{}}}}]}}", at, said)


def _match(name: str, pattern: str, at: str, said: str) -> Hostile:
    return _line(name, "match", f"match: {pattern}", at, said)


_ONE = "a rule of scope probe has one of verdict and gate"
_NO_NET = "a rule of scope probe is tested on facts, not on networks"

SHAPES = [
    _line("no verdict", "verdict", "", "", _ONE),
    _beside("verdict and gate", "gate: CAPPED", "", _ONE),
    _line("unknown verdict", "verdict", "verdict: HELP", "HELP", "not 'HELP' (did you mean 'HELPS'?)"),
    _line("small verdict", "verdict", "verdict: helps", "helps", "verdict is one of HELPS, HURTS"),
    _line("verdict of what did not run", "verdict", "verdict: NOT_RUN", "NOT_RUN", "verdict is one of HELPS, HURTS"),
    _line("unknown gate", "verdict", "gate: BROKEN", "BROKEN", "gate is one of BROKEN_TRAINING, DIVERGED"),
    _line("gate that may end", "verdict", "gate: CAPPED\nends: maybe", "maybe", "ends is true or false, not 'maybe'"),
    _match("field of a layer", "{op: conv}", "op", "unknown key 'op' in match"),
    _match("misspelt stage", "{stage: confrm}", "confrm", "stage is never 'confrm' (did you mean 'confirm'?)"),
    _match("probe next to another", "{next: {about: arm}}", "next", "relations to other layers are for rules about"),
    _match("probe in a block", "{inside: {type: mlp}}", "inside", "'inside' is for layers and blocks"),
    _tests("net of a probe", "{net: ReLU()}", "net", _NO_NET),
    _tests("net beside facts", "{facts: {effect: 1}, net: ReLU()}", "net", _NO_NET),
    _tests("bare net", '"ReLU()"', '"ReLU', "fires is what a probe measured, {facts: {...}}, not 'ReLU()'"),
    _tests("input of a probe", "{facts: {effect: 1}, input: [3]}", "input", _NO_NET),
    _tests("layer of a probe", "{facts: {effect: 1}, layer: a}", "layer", _NO_NET),
    _tests("no facts", "{options: {}}", "{options", "fires has no 'facts'"),
    _tests("facts a list", "{facts: [1]}", "[1]", "facts is a mapping, not a list"),
    _tests("misspelt fact", "{facts: {efect: 1}}", "efect", "unknown key 'efect' in facts (did you mean 'effect'?)"),
    _tests("text for a number", "{facts: {effect: big}}", "big", "effect is a number, not 'big'"),
    _tests("number for a flag", "{facts: {last_look: 1}}", "1}", "last_look is true or false, not the number 1"),
    _tests("unknown text", "{facts: {about: net}}", "net}", "about is one of study, arm, not 'net'"),
    _tests("number for a text", "{facts: {place: 3}}", "3}", "place is a text, not the number 3"),
    _of_layers("verdict of a layer", "verdict: HELPS", "HELPS", "'verdict' is not for rules of scope layer"),
    _of_layers("gate of a layer", "gate: CAPPED", "CAPPED", "'gate' is not for rules of scope layer"),
    _of_layers("end of a layer", "ends: true", "true", "'ends' is not for rules of scope layer"),
    _changed(
        LAYERS,
        "facts of a layer",
        "tests",
        "tests: {input: [3], fires: [{facts: {effect: 1}}], silent: [Tanh()]}",
        "facts",
        "'facts' are for rules of scope probe: this one is tested on networks",
    ),
    _beside("position of a probe", "position: {refuse: true}", "{refuse", "'position' is not for rules of scope probe"),
    _line("no silent facts", "tests", "tests: {fires: [{facts: {}}]}", "{fires", "tests has no 'silent'"),
]
"""What the schema for editors refuses as well."""

MEANING = [
    _tests("infinite fact", "{facts: {effect: .inf}}", ".inf", "is not a finite number"),
    _tests("option of nobody", "{facts: {}, options: {p: 1}}", "p: 1", "unknown option 'p'"),
    _line("ends without a gate", "verdict", "verdict: HELPS\nends: true", "true", "'ends' is for a gate"),
    _beside("counted layers", "count: {c: {op: conv}}", "{c", "'count' is not for rules of scope probe"),
    _beside("what a probe needs", "needs: [train]", "[train", "'needs' is not for rules of scope probe"),
    _beside("recording of a probe", "mode: train", "train", "'mode' is not for rules of scope probe"),
    _line("model of a probe", "where", "where: 'model.params > 1'", "model", "this one is about a probe"),
    _line("block of a probe", "where", "where: 'block.params > 1'", "block", "this one is about a probe"),
    _line("layer's field", "where", "where: 'kernel_size == 1'", "kernel_size", "unknown name 'kernel_size'"),
    _line("text and number", "where", "where: 'stage > 1'", "stage", "cannot compare text with number"),
    _line("no condition", "where", "where: 'effect'", "effect", "effect is a number, not a condition"),
    _beside(
        "edits of a probe",
        "fix: {text: x, edits: [{on: self, set_args: {bias: false}}]}",
        "[{on",
        "'edits' are for rules about layers",
    ),
    _of_layers(
        "edits beside a position",
        "position: {refuse: true}\nfix: {text: x, edits: [{on: self, set_args: {bias: false}}]}",
        "{text",
        "a rule with 'position' has no edits",
    ),
]
"""What only the loader can tell."""

PROBES = [*SHAPES, *MEANING]
