"""A small network that has too few digits to learn from: does dropout help it, where, and how much?

    netadvise suggest-dropout examples/digits_mlp.py --data examples/digits_mlp.py:load

trains it with and without dropout, which takes a few minutes on two cores and needs scikit-learn.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

Labelled = tuple[Tensor, Tensor]


class DigitsMLP(nn.Module):
    """Two hidden layers, and no regularisation."""

    example_inputs = torch.zeros(1, 64)

    def __init__(self, width: int = 256, num_classes: int = 10) -> None:
        super().__init__()
        self.hidden1 = nn.Linear(64, width)
        self.hidden2 = nn.Linear(width, width)
        self.classifier = nn.Linear(width, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """(N, 64) -> (N, num_classes)."""
        x = torch.relu(self.hidden1(images))
        x = torch.relu(self.hidden2(x))
        return self.classifier(x)


def load(num_train: int = 300) -> tuple[Labelled, Labelled]:
    """The 1,797 digits of scikit-learn, 8x8 pixels in [0, 1]: a few to train on, all others for validation."""
    from sklearn import datasets, model_selection

    images, labels = datasets.load_digits(return_X_y=True)
    parts = model_selection.train_test_split(images / 16, labels, train_size=num_train, stratify=labels, random_state=0)
    train_images, validation_images, train_labels, validation_labels = map(torch.as_tensor, parts)
    return (train_images.float(), train_labels), (validation_images.float(), validation_labels)
