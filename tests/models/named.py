"""Conventions and shapes of targets that a single file can show: each name is one target."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from torch import nn


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


def registered(cls):
    return cls


@registered
class Decorated(nn.Module):
    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.fc = nn.Linear(width, 2)

    @logged
    def forward(self, x):
        return self.fc(x)


class Required(nn.Module):
    def __init__(self, depth: int, *, width: int = 4) -> None:
        super().__init__()
        self.layers = nn.Sequential(*[nn.Linear(width, width) for _ in range(depth)])

    def forward(self, x):
        return self.layers(x)


@dataclass
class SmallConfig:
    width: int = 6


class Configured(nn.Module):
    def __init__(self, config) -> None:
        super().__init__()
        self.fc = nn.Linear(config.width, 2)

    def forward(self, x):
        return self.fc(x)


class Factories:
    @staticmethod
    def small():
        return Decorated(3)


def build(width: int = 5):
    return Decorated(width)


def build_with_extras():
    return Decorated(7), "a transform"


wrapped = nn.DataParallel(Decorated(8))
class_alias = Decorated


class Embedded(nn.Module):
    example_inputs = (1, 9)

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(9, 2)

    def forward(self, x):
        return self.fc(x)


class Grows(nn.Module):
    """Reads the sum of a large weight while it is built: values are needed."""

    def __init__(self) -> None:
        super().__init__()
        weight = nn.Linear(256, 256).weight
        self.scale = float(weight.abs().sum())
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        return self.fc(x)
