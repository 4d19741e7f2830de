"""A model file with data in it, as users have them, for studies in the tests."""

from __future__ import annotations

from pathlib import Path

from netadvise.edit import Insert, Part, Place
from netadvise.study import Arm, Dose, RecipeRequest, StudyRequest

SOURCE = """
import time
import torch
from torch import nn

class Net(nn.Module):
    example_inputs = torch.zeros(1, 8)

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 3))

    def forward(self, x):
        {forward}
        return self.net(x)

class Rows(torch.utils.data.Dataset):
    def __init__(self, count, seed):
        generator = torch.Generator().manual_seed(seed)
        self.x = torch.randn(count, 8, generator=generator)
        self.y = (self.x[:, :3] + torch.randn(count, 3, generator=generator)).argmax(1)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        {item}
        return self.x[index], self.y[index]

def load():
    return Rows({count}, 0), Rows(60, 1)

{more}
"""


def written(
    folder: Path, *, forward: str = "pass", item: str = "pass", count: int = 50, more: str = "", name: str = "net.py"
) -> Path:
    """The file, with some code in its forward, in its data set, and at its end."""
    file = folder / name
    file.write_text(SOURCE.format(forward=forward, item=item, count=count, more=more))
    return file


def arm(p: float = 0.5) -> Arm:
    """Dropout behind the activation."""
    edit = Insert(Place("after", "net.1"), (Part("Dropout", {"p": p}),))
    return Arm("after net.1", ("after net.1",), "Dropout", (Dose(p, (edit,)),))


def request(file: Path, folder: Path, *, target: str = "Net", data: str = "load", **given: object) -> StudyRequest:
    """A study of the file: named arms, runs of 40 steps at most, in this process."""
    changes = {"max_steps": 40, **given.pop("recipe", {})}  # type: ignore[dict-item]
    settings = {"named": True, "insist": True, "looks": (2,), "engine": "inline", **given}
    recipe = RecipeRequest(data=f"{file}:{data}", **changes)  # type: ignore[arg-type]
    return StudyRequest(
        target=f"{file}:{target}",
        recipe=recipe,
        arms=(arm(),),
        input_shape=(8,),
        input_dtype="float32",
        folder=str(folder),
        exact_folder=True,
        **settings,  # type: ignore[arg-type]
    )
