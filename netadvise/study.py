"""What is to be studied: a network, data, a recipe, and the arms that are compared with the network as it is.

request ::= network data recipe arm* protocol
arm     ::= one place, or several together, with a dose for each rate
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from netadvise.edit import Edit
from netadvise.evidence import Effort
from netadvise.rule import Option

Stacking = Literal["auto", "always", "never"]
"""In one stack: where that is measured to be faster, wherever it can be, or not at all."""
LOOKS = (4, 8, 12)
"""Seeds after which a confirmation is looked at; the last one ends it."""


@dataclass(frozen=True, slots=True)
class Dose:
    """The edits of an arm at one rate."""

    rate: float | None
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Arm:
    """One change of the network, at several rates, the usual one first."""

    place: str
    places: tuple[str, ...]
    variant: str
    doses: tuple[Dose, ...]
    upstream_of_batchnorm: bool | None = False
    """Whether a batch norm with running statistics stands somewhere behind it; None where that cannot be told."""
    large: bool = False
    """Whether it is worth a look when there is time for few: everything at once, or the place before the output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeRequest:
    """How to train, as far as the user says."""

    data: str
    loss: str | None = None
    metric: str | None = None
    optimizer: str | None = None
    learning_rate: float | None = None
    weight_decay: float | None = None
    batch_size: int | None = None
    max_steps: int | None = None
    train_step: str | None = None
    device: str = "cpu"


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyRequest:
    """One study."""

    target: str
    arguments: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    recipe: RecipeRequest
    arms: tuple[Arm, ...]
    named: bool = False
    """Whether the user named the arms: then one or two are confirmed without screening."""
    insist: bool = False
    """Whether to go on where the baseline shows nothing to regularise."""
    regularise: bool = True
    """Whether the arms regularise: then a baseline that does not overfit ends the study."""
    effort: Effort = "confirm"
    delta: float | None = None
    """The smallest effect of interest, on the primary quantity."""
    looks: tuple[int, ...] = LOOKS
    output_activation: str | None = None
    """The activation that makes the network's output, if one does."""
    input_shape: tuple[int, ...] = ()
    """Of the first input, without the batch axis."""
    input_dtype: str = ""
    options: dict[str, dict[str, Option]] = field(default_factory=dict)
    """Changes to the options of rules, by id."""
    time_limit: float | None = None
    workers: int | None = None
    engine: str = "local"
    address: str = ""
    """Of the Ray cluster to train on; empty: one of its own."""
    gpu_fraction: float | None = None
    """Of a GPU of that cluster, for one run."""
    stack: Stacking = "auto"
    """Whether runs whose networks differ in dropouts and seeds alone are trained together."""
    folder: str = ""
    """Where studies are kept; the study's own folder is below it."""
    exact_folder: bool = False
    """Whether `folder` is the study's own."""
    silence: float | None = None
    """Seconds without a sign of life after which a training process is stopped."""
