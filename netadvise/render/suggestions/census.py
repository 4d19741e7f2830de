"""What other networks do: a census of the convolutions of every architecture in timm, built without weights.

Counted over dense convolutions (groups == 1) behind the stem. "By family": one model of each of 133 families, so that a
family with fifty variants does not count fifty times.
"""

from __future__ import annotations

ARCHITECTURES = 1371
FAMILIES = 133
WIDENING = 28_669
WIDENING_POINTWISE = 91.6
NARROWING = 25_806
NARROWING_POINTWISE = 96.9
FAMILY_WIDENING = (2_620, 134)
"""At stride 1: with a 1x1, with a larger kernel."""
FAMILY_WIDENING_STRIDED = (81, 197)
"""Together with a stride above 1; most of the 81 are shortcuts."""
