"""What the arms of a study are, in words: dropout at places of a network, or other kernels in its layers."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass

from netadvise.render.text import plain


@dataclass(frozen=True, slots=True)
class Subject:
    """The words in which studies of two commands differ."""

    about: str
    """There is no verdict about ..."""
    arm: str
    """What is ranked, and helps or hurts."""
    place: str
    """Where an arm changes something: the head of a column."""
    variant: str
    """What it puts there: the head of a column."""
    baseline: str
    """What an arm is held against."""
    quick: str
    """What a quick look tells beside large effects."""
    going_on: Callable[[str], str]
    """How to go on with the study in a folder."""
    rated: bool = True
    """Whether arms have a rate."""


DROPOUT = Subject(
    about="dropout",
    arm="place",
    place="place",
    variant="variant",
    baseline="baseline",
    quick="it tells whether the network overfits, and finds large effects only",
    going_on=lambda folder: f"netadvise suggest-dropout --resume {plain(shlex.quote(folder))}",
)
KERNELS = Subject(
    about="other kernels",
    arm="change",
    place="layer",
    variant="change",
    baseline="the network as it is",
    quick="it finds large effects only",
    going_on=lambda _: "the same command again goes on with what is trained already",
    rated=False,
)
