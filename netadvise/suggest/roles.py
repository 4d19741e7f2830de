"""What each convolution of a network is there for, read off its facts: one table, role -> the question that decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from netadvise.facts import Fact, NetworkFacts, Subject
from netadvise.suggest.thumb import verdict
from netadvise.suggestion import LayerRole, Role

_CONVOLUTIONS = ("conv", "conv_transpose")


@dataclass(frozen=True, slots=True)
class _Placed:
    """A convolution, its block, and whether a spatial convolution of that block's main branch runs before it."""

    layer: Subject
    block: Subject | None
    behind_spatial: bool

    def says(self, *names: str) -> bool:
        """Whether one of these facts is certainly true."""
        return any(self.layer.get(name) is True for name in names)

    def inside(self, block_type: str) -> bool:
        """On the main branch of a block of that type."""
        return self.block is not None and self.block.get("type") == block_type and self.on_main_branch

    @property
    def on_main_branch(self) -> bool:
        return not self.says("on_shortcut", "is_gate")

    @property
    def ratio(self) -> float:
        """Channels after / before; 1 where that cannot be told."""
        before, after = number(self.layer.get("in_channels")), number(self.layer.get("out_channels"))
        return after / before if before and after else 1.0

    @property
    def is_strided(self) -> bool:
        return max(numbers(self.layer.get("stride")), default=1) > 1

    @property
    def is_transposed(self) -> bool:
        return self.layer.get("op") == "conv_transpose"


_QUESTIONS: Mapping[Role, Callable[[_Placed], bool]] = {
    "stem": lambda at: at.says("is_stem"),
    "head": lambda at: at.says("is_classifier", "in_head", "in_aux_head", "before_output"),
    "bottleneck_reduce": lambda at: at.inside("bottleneck") and at.says("is_pointwise") and not at.behind_spatial,
    "bottleneck_spatial": lambda at: at.inside("bottleneck") and not at.says("is_pointwise"),
    "bottleneck_expand": lambda at: at.inside("bottleneck") and at.says("is_pointwise") and at.behind_spatial,
    "inverted_expand": lambda at: at.inside("inverted_bottleneck") and at.ratio > 1 and not at.says("is_depthwise"),
    "inverted_depthwise": lambda at: at.inside("inverted_bottleneck") and at.says("is_depthwise"),
    "inverted_project": lambda at: (
        at.inside("inverted_bottleneck") and not at.says("is_depthwise") and at.ratio <= 1 and at.behind_spatial
    ),
    "fusion_branch": lambda at: at.inside("inception"),
    "shortcut_projection": lambda at: (
        at.block is not None and at.block.get("shortcut") == "projection" and at.says("on_shortcut")
    ),
    "gate": lambda at: at.says("is_gate"),
    "depthwise": lambda at: at.says("is_depthwise"),
    "mixes_channels": lambda at: at.says("is_pointwise") and not at.says("is_depthwise"),
    "sees_neighbours": lambda at: not at.says("is_pointwise"),
    "widens": lambda at: at.ratio > 1,
    "narrows": lambda at: at.ratio < 1,
    "downsamples": lambda at: at.is_strided and not at.is_transposed,
    "upsamples": lambda at: at.is_strided and at.is_transposed,
}
"""In the order in which they are named: first where it stands, then what it does."""


def layer_roles(facts: NetworkFacts) -> tuple[LayerRole, ...]:
    """The roles of every convolution, each layer once, in execution order."""
    found: dict[str, LayerRole] = {}
    for placed in _placed(facts):
        found.setdefault(placed.layer.name, _role(placed))
    return tuple(found.values())


def numbers(value: Fact) -> tuple[int, ...]:
    """The whole numbers of a fact, one per axis; none where it does not apply or cannot be told."""
    return tuple(item for item in value if isinstance(item, int)) if isinstance(value, tuple) else ()


def number(value: Fact) -> int:
    """The whole number of a fact; 0 where there is none."""
    return value if isinstance(value, int) else 0


def _placed(facts: NetworkFacts) -> Iterator[_Placed]:
    sheet = facts.evaluation
    spatial: set[int] = set()
    for layer in sheet.layers:
        if layer.get("op") not in _CONVOLUTIONS:
            continue
        block = None if layer.block is None else sheet.blocks[layer.block]
        placed = _Placed(layer, block, layer.block in spatial)
        yield placed
        if layer.block is not None and not placed.says("is_pointwise") and placed.on_main_branch:
            spatial.add(layer.block)


def _role(placed: _Placed) -> LayerRole:
    layer = placed.layer
    return LayerRole(
        layer=layer.name,
        kind=str(layer.get("type")),
        location=layer.location if layer.location is not None else layer.called_at,
        in_channels=number(layer.get("in_channels")),
        out_channels=number(layer.get("out_channels")),
        kernel_size=numbers(layer.get("kernel_size")),
        stride=numbers(layer.get("stride")),
        groups=number(layer.get("groups")),
        roles=tuple(role for role, asks in _QUESTIONS.items() if asks(placed)),
        thumb=verdict(layer, placed.ratio),
    )
