"""The passes over single layers and their neighbours, in order."""

from __future__ import annotations

from netadvise.measure.facts.arguments import arguments
from netadvise.measure.facts.arguments_activation import activations, dims
from netadvise.measure.facts.arguments_norm import norms
from netadvise.measure.facts.arguments_spatial import spatial_arguments
from netadvise.measure.facts.cost import costs, parameters
from netadvise.measure.facts.drop_path import drop_path
from netadvise.measure.facts.fields import receptive
from netadvise.measure.facts.frozen import frozen_parts
from netadvise.measure.facts.identity import identity
from netadvise.measure.facts.kernel import kernels
from netadvise.measure.facts.neighbours import downstream, upstream
from netadvise.measure.facts.overwritten import overwritten
from netadvise.measure.facts.reshapes import reshapes
from netadvise.measure.facts.shapes import shapes
from netadvise.measure.facts.survey import Pass

LAYER_PASSES: tuple[Pass, ...] = (
    identity,
    drop_path,
    arguments,
    norms,
    activations,
    dims,
    spatial_arguments,
    shapes,
    kernels,
    parameters,
    frozen_parts,
    costs,
    receptive,
    upstream,
    downstream,
    reshapes,
    overwritten,
)
"""Each may read the facts of those before it."""
