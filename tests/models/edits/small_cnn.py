"""A small network as a beginner writes it: functional activations and pooling, one of each kind of convolution."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class SmallCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, 5, padding=2)
        self.conv2 = nn.Conv2d(32, 32, 5, padding=2)
        self.norm2 = nn.BatchNorm2d(32)
        self.depthwise = nn.Conv2d(32, 32, 5, padding=2, groups=32)
        self.conv3 = nn.Conv2d(32, 64, 3, stride=2, padding=1)
        self.large = nn.Conv2d(64, 64, 7, padding=3, groups=64)
        self.conv4 = nn.Conv2d(64, 64, 3, padding=1)
        self.drop = nn.Dropout(0.5)
        self.fc1 = nn.Linear(64, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.relu(self.norm2(self.conv2(x)))
        x = F.max_pool2d(F.relu(self.depthwise(x)), 2)
        x = F.relu(self.conv3(x))
        x = F.relu(self.conv4(self.large(x)))
        x = F.adaptive_avg_pool2d(x, 1).flatten(1)
        x = self.drop(F.relu(self.fc1(x)))
        return self.fc2(x)


def example_inputs():
    return torch.zeros(1, 3, 64, 64)
