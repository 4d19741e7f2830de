"""Stochastic depth, as it ran: the product of a branch with a random mask that keeps or drops it whole.

No torch function does it. Libraries write a small module (timm's and transformers' `DropPath`, torchvision's
`StochasticDepth` and `DropBlock2d`) that runs nothing in evaluation mode, so it shows in the training pass alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netadvise.graph import Attr, Module
from netadvise.measure.facts.survey import Entry, Survey

_PATH = ("DropPath", "StochasticDepth", "DropConnect")
_BLOCK = ("DropBlock", "DropBlock1d", "DropBlock2d", "DropBlock3d")
_FILES = {"stochastic_depth.py": "path", "drop_block.py": "block"}
"""Files whose functions do the same without a module around them: torchvision.ops.stochastic_depth."""


def drop_path(survey: Survey) -> None:
    """Turns the product with the mask into one layer `drop_path` with its rate."""
    modules: dict[int, list[Entry]] = {}
    functions: dict[tuple[int, object], list[Entry]] = {}
    for entry in survey.entries:
        if _kind(_module(survey, entry)):
            modules.setdefault(entry.op.call, []).append(entry)
        elif entry.op.location is not None and _file(entry) in _FILES:
            functions.setdefault((entry.op.call, _file(entry)), []).append(entry)
    for entries in modules.values():
        module = _module(survey, entries[0])
        _mark(survey, entries, _kind(module), module.attrs)
    for (_, file), found in functions.items():
        for run in _runs(found):
            _mark(survey, run, _FILES[str(file)], {})


def _module(survey: Survey, entry: Entry) -> Module:
    return survey.graph.module_at[survey.graph.calls[entry.op.call].module]


def _file(entry: Entry) -> str:
    return "" if entry.op.location is None else entry.op.location.file.replace("\\", "/").rpartition("/")[2]


def _kind(module: Module) -> str:
    """transformers puts the model's name before the class: `BeitDropPath`."""
    if module.type.endswith(_PATH):
        return "path"
    return "block" if module.type in _BLOCK else ""


def _runs(entries: Iterable[Entry]) -> list[list[Entry]]:
    """The ops of each call of a function: a product ends one."""
    runs: list[list[Entry]] = [[]]
    for entry in entries:
        runs[-1].append(entry)
        if entry.op.kind == "mul":
            runs.append([])
    return runs


def _mark(survey: Survey, entries: Sequence[Entry], kind: str, attrs: dict[str, Attr]) -> None:
    """The last product of the data is the layer; without a random number among the ops nothing was dropped."""
    masks = [entry for entry in entries if entry.get("op") == "random"]
    products = [entry for entry in entries if entry.op.kind == "mul" and survey.data_operands(entry)]
    if not masks or not products:
        return
    rate = _rate(attrs, masks)
    products[-1].facts.update(op="drop_path", dropout_kind=kind, p=rate, active=rate != 0)


def _rate(attrs: dict[str, Attr], masks: Sequence[Entry]) -> float | None:
    """The module's own rate, else what the mask was drawn with: a bernoulli of the rate of survival."""
    for name in ("drop_prob", "p", "drop_path", "drop_rate"):
        given = attrs.get(name)
        if isinstance(given, int | float) and not isinstance(given, bool):
            return float(given)
    survival = next((entry.op.attrs.get("p") for entry in masks if isinstance(entry.op.attrs.get("p"), float)), None)
    return round(1.0 - survival, 12) if isinstance(survival, float) else None
