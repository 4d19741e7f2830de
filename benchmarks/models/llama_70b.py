"""The shape of Llama 2 70B (Touvron et al. 2023, arXiv:2307.09288) as a transformers model: 69 billion parameters."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from benchmarks.libraries import import_transformers


def build_model() -> nn.Module:
    """The causal language model, from its config alone."""
    transformers = import_transformers()
    config = transformers.LlamaConfig(
        vocab_size=32_000,
        hidden_size=8192,
        intermediate_size=28_672,
        num_hidden_layers=80,
        num_attention_heads=64,
        num_key_value_heads=8,
        max_position_embeddings=4096,
        use_cache=False,
    )
    return transformers.LlamaForCausalLM(config)


def example_inputs() -> dict[str, Tensor]:
    """512 tokens."""
    return {"input_ids": torch.ones(1, 512, dtype=torch.int64)}
