"""Measure a PyTorch model exactly: parameters, MACs, memory and the receptive field of every layer.

    import netadvise

    profile = netadvise.profile(model, inputs)      # a module, or a target such as "model.py:Net(depth=18)"
    graph = netadvise.record(model, inputs)         # what one forward pass did, as plain values
    report = netadvise.lint(model, inputs)          # what the rules have to say about it
    places = netadvise.suggest_dropout(model)       # where dropout could stand, by convention

Names are imported on first use, so that `import netadvise` does not import torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from netadvise.version import __version__

if TYPE_CHECKING:
    from netadvise.api import profile, record, register_formula
    from netadvise.api.linting import lint
    from netadvise.api.positions import suggest_dropout
    from netadvise.api.suggesting import suggest_kernels
    from netadvise.errors import NetadviseError
    from netadvise.finding import LintReport
    from netadvise.graph import Graph
    from netadvise.position import PositionReport
    from netadvise.profiles import Profile
    from netadvise.quantity import Unknown
    from netadvise.suggestion import SuggestionReport
    from netadvise.target import Target

_HOMES = {
    "profile": "netadvise.api",
    "record": "netadvise.api",
    "register_formula": "netadvise.api",
    "lint": "netadvise.api.linting",
    "suggest_dropout": "netadvise.api.positions",
    "suggest_kernels": "netadvise.api.suggesting",
    "NetadviseError": "netadvise.errors",
    "LintReport": "netadvise.finding",
    "Graph": "netadvise.graph",
    "PositionReport": "netadvise.position",
    "Profile": "netadvise.profiles",
    "SuggestionReport": "netadvise.suggestion",
    "Unknown": "netadvise.quantity",
    "Target": "netadvise.target",
}

__all__ = [
    "Graph",
    "LintReport",
    "NetadviseError",
    "PositionReport",
    "Profile",
    "SuggestionReport",
    "Target",
    "Unknown",
    "__version__",
    "lint",
    "profile",
    "record",
    "register_formula",
    "suggest_dropout",
    "suggest_kernels",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'netadvise' has no attribute '{name}'")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return __all__
