"""How autograd sees an op of a training pass, where its own formula is not what carries the gradient."""

from __future__ import annotations

import sys
from types import FrameType

import torch.autograd.function

from netadvise.graph import Attr

_FILE = torch.autograd.function.__file__


def gradient_marks(*, watched: bool) -> dict[str, Attr]:
    """Attributes of an op that runs while gradients are off.

    `custom_gradient`: inside a `torch.autograd.Function`, whose author wrote the backward pass (re-entrant
    checkpointing is one). `no_grad`: under `torch.no_grad`; told only when autograd was on around it (`watched`).
    """
    if _inside_a_function(sys._getframe(1)):
        return {"custom_gradient": True}
    return {"no_grad": True} if watched else {}


def _inside_a_function(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_name == "apply" and frame.f_code.co_filename == _FILE:
            return True
        frame = frame.f_back
    return False
