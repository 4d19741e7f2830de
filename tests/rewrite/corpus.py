"""Model files as people write them, each with edits and with what must come of them: the exact new text, or the reason.

Every file defines `Net`, which is built without arguments. `changes` are fragments of the source and what stands there
afterwards; nothing else may differ. A `refused` text is part of the reason that is given.
"""

from __future__ import annotations

from dataclasses import dataclass

from netadvise.edit import Edit, Insert, Part, Place, Replace, SetArgs


@dataclass(frozen=True)
class Case:
    """One file and what is asked of it."""

    name: str
    source: str
    edits: tuple[Edit, ...] = (SetArgs("conv", {"bias": False}),)
    changes: tuple[tuple[str, str], ...] = ()
    refused: str = ""
    encoding: str = "utf-8"

    @property
    def content(self) -> bytes:
        return self.source.encode(self.encoding)

    @property
    def expected(self) -> bytes:
        """The file afterwards."""
        text = self.source
        for before, after in self.changes:
            assert text.count(before) == 1, f"{self.name}: {before!r} stands {text.count(before)} times in it"
            text = text.replace(before, after)
        return text.encode(self.encoding)


def net(*lines: str, head: str = "from torch import nn\n", base: str = "nn.Module", tail: str = "") -> str:
    """A file with a `Net` whose constructor holds these lines."""
    body = "".join(f"        {line}\n" for line in lines)
    return f"{head}\n\nclass Net({base}):\n    def __init__(self):\n        super().__init__()\n{body}{tail}"


def set_args(module: str = "conv", **arguments: object) -> tuple[Edit, ...]:
    return (SetArgs(module, arguments),)  # type: ignore[arg-type]


ADD = ("3, 8, 3)", "3, 8, 3, bias=False)")
"""What `bias=False` does to the usual call."""
TO_3X3 = (SetArgs("conv", {"kernel_size": 3, "padding": 1}),)
TWO_3X3 = (
    Replace(
        "conv",
        (
            Part("Conv2d", {"in_channels": 16, "out_channels": 16, "kernel_size": 3, "padding": 1, "bias": False}),
            Part("BatchNorm2d", {"num_features": 16}),
            Part("ReLU", {"inplace": True}),
            Part("Conv2d", {"in_channels": 16, "out_channels": 16, "kernel_size": 3, "padding": 1}),
        ),
    ),
)
DROPPED = (Replace("conv", ()),)
AFTER = (Insert(Place("after", "conv"), (Part("Dropout", {"p": 0.25}),)),)
