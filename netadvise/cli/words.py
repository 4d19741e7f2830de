"""Option values that are lists: repeated, or with commas."""

from __future__ import annotations

from collections.abc import Sequence


def words(texts: Sequence[str]) -> tuple[str, ...]:
    """`--select A,B --select C` as one list."""
    return tuple(word for text in texts for word in (part.strip() for part in text.split(",")) if word)
