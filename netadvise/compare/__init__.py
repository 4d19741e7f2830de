"""Two profiles, layer by layer: which layers are the same, what changed about them, and what that fails.

profiles --tree, likeness, align--> pairs --changes--> LayerChanges --sums--> Comparison --conditions--> Judged
"""

from __future__ import annotations

from netadvise.compare.conditions import condition, judged
from netadvise.compare.networks import compared

__all__ = ["compared", "condition", "judged"]
