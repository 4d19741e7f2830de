"""A CNN for 32 x 32 images as a practitioner's note would build it: `netadvise lint examples/note_cnn.py` disagrees."""

import torch
import torch.nn.functional as F
from torch import nn


class NoteCNN(nn.Module):
    """Dropout behind every pool, Dense -> Dropout -> BatchNorm, and a softmax as the last layer."""

    example_inputs = torch.zeros(1, 3, 32, 32)

    def __init__(self, num_classes: int = 10) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 48, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Dropout(0.25),
            nn.Conv2d(48, 64, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Dropout(0.25),
        )
        self.hidden = nn.Linear(64 * 8 * 8, 512)
        self.dropout = nn.Dropout(0.5)
        self.norm = nn.BatchNorm1d(512)
        self.classifier = nn.Linear(512, num_classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """(N, 3, 32, 32) -> (N, num_classes)."""
        x = self.features(images).flatten(1)
        x = self.norm(self.dropout(F.relu(self.hidden(x))))
        return F.softmax(self.classifier(x), dim=1)
