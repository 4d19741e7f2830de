"""Dossiers with every section, from the samples of the other formats."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import TypeVar

from netadvise.dossier import Dossier
from netadvise.profiles import Layer, Profile
from netadvise.render.html import page
from tests.render import dropout_sample, lint_sample, suggest_sample
from tests.render.html.reading import Page, read
from tests.render.sample import conv, field, layer, sample

T = TypeVar("T")
HOSTILE = (
    '</text></script><script>alert(1)</script><img src=x onerror=alert(2)>"onload=alert(3) '
    "'&amp; {{ 7*7 }} \x1b[0m\u202e"
)
_CHOSEN = {"severity", "confidence", "verdict", "stage", "effort", "mode", "source", "safety", "endpoint", "roles"}
_CHOSEN |= {"group", "state", "thumb", "fail_on", "primary", "quantity", "metric", "version"}
"""Fields that are one of a few words, or agree with another field."""


def whole() -> Dossier:
    """With everything that a page can show."""
    return Dossier(
        "0.1.0",
        "nets/small.py:Small(width=8)",
        sample(),
        lint=lint_sample.report(),
        kernels=suggest_sample.studied(),
        dropout=dropout_sample.studied(),
        notes=("something was left out",),
    )


@cache
def whole_page() -> str:
    return page(whole())


def whole_read() -> Page:
    return read(whole_page())


def poisoned(item: T, text: str = HOSTILE) -> T:
    """The same with `text` behind every text that a user, a model or a rule file may have chosen."""
    if is_dataclass(item) and not isinstance(item, type):
        changed = {
            each.name: poisoned(getattr(item, each.name), text)
            for each in fields(item)
            if each.init
            and each.name not in _CHOSEN
            and not (type(item).__name__ == "Suppression" and each.name == "kind")
        }
        return replace(item, **changed)  # type: ignore[type-var]
    if isinstance(item, str):
        return item + text if item else item  # type: ignore[return-value]
    if isinstance(item, tuple):
        return tuple(poisoned(each, text) for each in item)  # type: ignore[return-value]
    if isinstance(item, dict):
        return {key: poisoned(value, text) for key, value in item.items()}  # type: ignore[return-value]
    return item


def long_profile(count: int) -> Profile:
    """So many layers, in blocks of ten within stages of a hundred."""
    layers: list[Layer] = []
    for index in range(count):
        name = f"stages.{index // 100}.{index // 10 % 10}.layer{index % 10}"
        seen = field(3 + 2 * index)
        layers.append(conv(name, seen) if index % 2 else layer(name, "ReLU", view=seen))
    return replace(sample(), layers=tuple(layers), blocks=())
