"""The inputs of a recorded pass at another batch size."""

from __future__ import annotations

from dataclasses import replace

import torch

from netadvise.capture.blueprint import Candidate
from netadvise.capture.tensors import map_tensors


def rebatched(inputs: Candidate, old: int, new: int) -> Candidate:
    """`inputs` with axis 0 of every tensor of batch size `old` made `new` long; the samples repeat."""

    def resized(tensor: torch.Tensor) -> torch.Tensor:
        if tensor.dim() == 0 or tensor.shape[0] != old:
            return tensor
        if tensor.device.type == "meta":
            return torch.empty((new, *tensor.shape[1:]), dtype=tensor.dtype, device="meta")
        return tensor.detach()[torch.arange(new, device=tensor.device) % old]

    return replace(inputs, args=map_tensors(resized, inputs.args), kwargs=map_tensors(resized, inputs.kwargs))
