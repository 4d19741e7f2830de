"""Counts by torch itself: products by `FlopCounterMode`, what autograd keeps by hooks on saved tensors.

They run the model for real and share no code with what they check.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

aten = torch.ops.aten


def flops(model: nn.Module, args: Sequence[Any], kwargs: dict[str, Any] | None = None) -> int:
    """FLOPs of one forward pass, with what `FlopCounterMode` does not see on the CPU made visible.

    Attention and recurrent layers are taken apart into products; formulas are given for the vector products.
    """
    vectors = {aten.mv: _first, aten.dot: _first}
    counter = FlopCounterMode(display=False, custom_mapping=vectors)
    with ExitStack() as stack:
        stack.enter_context(sdpa_kernel(SDPBackend.MATH))
        stack.enter_context(torch.backends.mkldnn.flags(enabled=False))
        fast = torch.backends.mha.get_fastpath_enabled()
        stack.callback(torch.backends.mha.set_fastpath_enabled, fast)
        torch.backends.mha.set_fastpath_enabled(False)
        with counter:
            model(*args, **(kwargs or {}))
    return int(counter.get_total_flops())


def _first(left: Any, *args: Any, **kwargs: Any) -> int:
    return 2 * prod(left)


def saved_bytes(model: nn.Module, args: Sequence[Any], held: Sequence[Tensor] = ()) -> int:
    """Bytes of the storages that autograd keeps after one forward pass.

    Those of parameters, buffers and the tensors in `held` (constants of the code) are left out.
    """
    known = {_memory(tensor) for tensor in (*model.parameters(), *model.buffers(), *held)}
    kept: dict[int, torch.UntypedStorage] = {}

    def pack(tensor: Tensor) -> Tensor:
        kept[_memory(tensor)] = tensor.untyped_storage()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        model(*args)
    return sum(storage.nbytes() for key, storage in kept.items() if key not in known)


def _memory(tensor: Tensor) -> int:
    return int(tensor.untyped_storage()._cdata)
