"""Libraries of models, also where torchvision's compiled operators do not load.

That is so for PyPI's torchvision beside the CPU build of torch. Importing torchvision, and most of transformers, then
stops at two operators of which only the schema is needed.
"""

from __future__ import annotations

from types import ModuleType

import torch

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_operators = torch.library.Library("torchvision", "FRAGMENT")


def import_torchvision() -> ModuleType:
    """The torchvision package."""
    try:
        import torchvision
    except RuntimeError:
        for schema in _SCHEMAS:
            _operators.define(schema)
        import torchvision
    return torchvision


def import_transformers() -> ModuleType:
    """The transformers package, with torchvision importable underneath it."""
    import_torchvision()
    import transformers

    return transformers
