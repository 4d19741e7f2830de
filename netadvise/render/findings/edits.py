"""A fix as a change of the source, where that is certain: the constructor call with other literal arguments.

Refused are calls that pass `*args` or `**kwargs`, arguments that are no literals, calls of unknown classes that do not
name the argument, calls that also build layers without the finding, and files outside the project.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from netadvise.finding import Finding, ModelReport
from netadvise.graph import Location
from netadvise.render.findings.spans import Span, call_at, span_of
from netadvise.render.findings.view import LintView
from netadvise.rule import Option

_CONV = "in_channels out_channels kernel_size stride padding"
_RNN = "input_size hidden_size num_layers bias batch_first dropout bidirectional"
POSITIONAL: Mapping[str, tuple[str, ...]] = {
    name: tuple(arguments.split())
    for names, arguments in (
        ("Conv1d Conv2d Conv3d", f"{_CONV} dilation groups bias padding_mode"),
        ("ConvTranspose1d ConvTranspose2d ConvTranspose3d", f"{_CONV} output_padding groups bias dilation"),
        ("Linear", "in_features out_features bias"),
        ("LSTM GRU", _RNN),
        ("Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout", "p inplace"),
        ("BatchNorm1d BatchNorm2d BatchNorm3d", "num_features eps momentum affine track_running_stats"),
        ("MaxPool1d MaxPool2d MaxPool3d", "kernel_size stride padding dilation return_indices ceil_mode"),
        ("ReLU ReLU6 SiLU Hardswish Mish", "inplace"),
        ("Softmax LogSoftmax Softmin", "dim"),
    )
    for name in names.split()
}
"""The arguments of torch's layers in order, as far as they can be given by position."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One stretch of a file and the text to put in its place."""

    file: str
    span: Span
    text: str


def edit(finding: Finding, model: ModelReport | None, view: LintView) -> Edit | None:
    """The call at the finding's first place with the arguments of its fix; None where that is not certain."""
    location, fix = finding.location, finding.fix
    if fix is None or not fix.set_args or location is None or model is None or PurePath(location.file).is_absolute():
        return None
    call = call_at(location, view)
    if call is None or not _covers(finding, model, location):
        return None
    lines = view.sources[location.file]
    segment = ast.get_source_segment("\n".join(lines), call)
    for name, value in fix.set_args.items():
        segment = None if segment is None else with_argument(segment, name, value)
    return None if segment is None else Edit(location.file, span_of(call, lines), segment)


def with_argument(call: str, name: str, value: Option) -> str | None:
    """The text of a call with one argument set: `f(1)` to `f(1, bias=False)`; None where it cannot be told how."""
    before = _parsed(call)
    if before is None or any(isinstance(item, ast.Starred) for item in before.args):
        return None
    if any(keyword.arg is None for keyword in before.keywords):
        return None
    changed = _changed(call, before, name, value)
    after = None if changed is None else _parsed(changed)
    given = None if after is None else _given(after, name)
    return changed if given is not None and _literal(given) and ast.literal_eval(given) == value else None


def _changed(call: str, node: ast.Call, name: str, value: Option) -> str | None:
    given = _given(node, name)
    if given is not None:
        return _replaced(call, _offsets(call, given), repr(value)) if _literal(given) else None
    if name not in _positional(node):
        return None
    last = max((_offsets(call, item)[1] for item in (*node.args, *(word.value for word in node.keywords))), default=0)
    if not last:
        return f"{call[:-1]}{name}={value!r})"
    return _replaced(call, (last, last), f", {name}={value!r}")


def _given(node: ast.Call, name: str) -> ast.expr | None:
    """What the call gives for the argument, by name or by position."""
    named = next((keyword.value for keyword in node.keywords if keyword.arg == name), None)
    places = _positional(node)
    position = places.index(name) if name in places else len(node.args)
    return named if named is not None or position >= len(node.args) else node.args[position]


def _positional(node: ast.Call) -> tuple[str, ...]:
    callee = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return POSITIONAL.get(callee, ())


def _covers(finding: Finding, model: ModelReport, location: Location) -> bool:
    """Whether every layer that the call built has the finding: a loop may build others."""
    built = {layer.name for layer in model.profile.layers if layer.location == location}
    return built <= {hit.layer for hit in finding.hits}


def _parsed(call: str) -> ast.Call | None:
    try:
        node = ast.parse(call, mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        return None
    return node if isinstance(node, ast.Call) else None


def _literal(node: ast.expr) -> bool:
    number = node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else node
    return isinstance(number, ast.Constant)


def _offsets(text: str, node: ast.expr) -> tuple[int, int]:
    """Where `node` begins and ends in `text`, in characters."""
    lines = text.splitlines(keepends=True)
    found = span_of(node, tuple(lines))
    begin = sum(map(len, lines[: found.line - 1])) + (found.column or 1) - 1
    return begin, sum(map(len, lines[: found.end_line - 1])) + (found.end_column or 1) - 1


def _replaced(text: str, where: tuple[int, int], by: str) -> str:
    return text[: where[0]] + by + text[where[1] :]
