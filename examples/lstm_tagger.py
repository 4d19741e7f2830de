"""A part-of-speech tagger: word embeddings, a bidirectional LSTM of two layers, one score per tag and token.

`example_inputs` says what to run it on; `-i tokens=1,128:int64` on the command line overrides it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

PADDING = 0


class Tagger(nn.Module):
    """Token ids [N, L] to tag scores [N, L, num_tags]."""

    def __init__(
        self,
        vocabulary_size: int = 10_000,
        num_tags: int = 17,
        embedding_size: int = 128,
        hidden_size: int = 256,
        dropout: float = 0.3,
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, embedding_size, padding_idx=PADDING)
        self.dropout = nn.Dropout(dropout)
        self.lstm = nn.LSTM(
            embedding_size,
            hidden_size,
            num_layers=2,
            dropout=dropout,
            bidirectional=True,
            batch_first=True,
        )
        self.head = nn.Linear(2 * hidden_size, num_tags)

    def forward(self, tokens: Tensor) -> Tensor:
        embedded = self.dropout(self.embedding(tokens))
        states, _ = self.lstm(embedded)
        return self.head(self.dropout(states))


def build_model() -> Tagger:
    return Tagger()


def example_inputs() -> dict[str, Tensor]:
    return {"tokens": torch.ones(1, 32, dtype=torch.int64)}
