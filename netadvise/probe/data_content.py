"""What identifies examples: the fingerprint of a data set, and examples that stand in two parts of one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from torch import Tensor

from netadvise.probe.data_examples import Examples, TensorExamples, leaves, spread

_SAMPLED = 64
_AT_ONCE = 512


def fingerprint(*parts: Examples | None) -> str:
    """SHA-256 of the parts: of tensors the whole content; of data sets the length and up to 64 items, seed 0."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(b"none" if part is None else f"{len(part)}".encode())
        if part is not None:
            whole = isinstance(part, TensorExamples)
            _feed(digest, part.tree if isinstance(part, TensorExamples) else None)
            for index in [] if whole else spread(len(part), _SAMPLED):
                _feed(digest, part.batch([index]).raw)
    return digest.hexdigest()


def _feed(digest: Any, tree: Any) -> None:
    for name, leaf in leaves(tree):
        digest.update(f"{name}:{leaf.dtype}:{tuple(leaf.shape)}".encode())
        digest.update(_bytes(leaf))


def _bytes(leaf: Tensor) -> memoryview:
    return leaf.detach().cpu().contiguous().reshape(-1).numpy().data.cast("B") if leaf.numel() else memoryview(b"")


def duplicates(train: Examples, validation: Examples, limit: int = 20_000) -> float:
    """The share of validation examples whose inputs stand in the training part, too, byte by byte.

    Up to `limit` examples of each part are compared. Of a longer training part only a sample is known, so the share
    that was found is divided by the part of it that was looked at.
    """
    if not len(train) or not len(validation):
        return 0.0
    looked = spread(len(train), limit)
    known = set(_contents(train, looked))
    asked = spread(len(validation), limit)
    found = sum(content in known for content in _contents(validation, asked))
    return min(1.0, found / len(asked) * len(train) / len(looked))


def _contents(examples: Examples, indices: list[int]) -> Iterator[bytes]:
    """A digest of the inputs of each example; items of a data set are fetched alone, so that augmentation is alike."""
    size = _AT_ONCE if isinstance(examples, TensorExamples) else 1
    for start in range(0, len(indices), size):
        batch = examples.batch(indices[start : start + size])
        inputs = [leaf.contiguous() for _, leaf in leaves((batch.inputs, batch.kwargs))]
        for row in range(min(size, len(indices) - start)):
            digest = hashlib.blake2b(digest_size=16)
            for leaf in inputs:
                digest.update(_bytes(leaf[row]))
            yield digest.digest()
