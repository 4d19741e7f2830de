"""A small convolutional network for the 8x8 digits of scikit-learn, with its training loop.

`netadvise profile examples/digits_cnn.py` measures it; `python examples/digits_cnn.py` trains it, which needs
scikit-learn and about half a minute on a CPU.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class ConvBlock(nn.Sequential):
    """A 3x3 convolution that keeps the size, batch normalisation, ReLU."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )


class DigitsCNN(nn.Module):
    """Two stages of two convolutions, each halved by pooling, and a linear classifier."""

    def __init__(self, width: int = 32, num_classes: int = 10, dropout: float = 0.25) -> None:
        super().__init__()
        self.features = nn.Sequential(
            ConvBlock(1, width),
            ConvBlock(width, width),
            nn.MaxPool2d(2),
            ConvBlock(width, 2 * width),
            ConvBlock(2 * width, 2 * width),
            nn.MaxPool2d(2),
        )
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(2 * width * 2 * 2, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        features = self.features(images).flatten(1)
        return self.classifier(self.dropout(features))


def example_inputs() -> Tensor:
    return torch.zeros(1, 1, 8, 8)


def load_digits(seed: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Training images and labels, then test images and labels; a quarter is held out."""
    from sklearn import datasets, model_selection

    images, labels = datasets.load_digits(return_X_y=True)
    parts = model_selection.train_test_split(images / 16, labels, test_size=0.25, stratify=labels, random_state=seed)
    train_images, test_images, train_labels, test_labels = map(torch.as_tensor, parts)
    return (
        train_images.float().view(-1, 1, 8, 8),
        train_labels.long(),
        test_images.float().view(-1, 1, 8, 8),
        test_labels.long(),
    )


def train(model: nn.Module, images: Tensor, labels: Tensor, epochs: int = 15, batch_size: int = 64) -> None:
    """Train in place with AdamW and a one-cycle schedule."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-2)
    batches = -(-len(images) // batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1e-2, total_steps=epochs * batches)
    model.train()
    for epoch in range(epochs):
        total = 0.0
        for chosen in torch.randperm(len(images)).split(batch_size):
            loss = F.cross_entropy(model(images[chosen]), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(chosen)
        print(f"epoch {epoch + 1:2d}  loss {total / len(images):.4f}")


@torch.no_grad()
def accuracy(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    """The share of images whose label is predicted."""
    model.eval()
    return (model(images).argmax(dim=1) == labels).float().mean().item()


def main(seed: int = 0) -> None:
    torch.manual_seed(seed)
    train_images, train_labels, test_images, test_labels = load_digits(seed)
    model = DigitsCNN()
    train(model, train_images, train_labels)
    print(f"test accuracy {accuracy(model, test_images, test_labels):.4f}")


if __name__ == "__main__":
    main()
