"""A network of Inception modules (the first version, with 5x5 branches): functional ReLU and concatenation."""

import torch
from torch import nn
from torch.nn import functional as F


class ConvNorm(nn.Module):
    def __init__(self, in_channels, out_channels, **kwargs):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, bias=False, **kwargs)
        self.norm = nn.BatchNorm2d(out_channels, eps=0.001)

    def forward(self, x):
        return F.relu(self.norm(self.conv(x)), inplace=True)


class Inception(nn.Module):
    def __init__(self, in_channels, c1, c3_reduced, c3, c5_reduced, c5, pooled):
        super().__init__()
        self.branch1 = ConvNorm(in_channels, c1, kernel_size=1)
        self.reduce3 = ConvNorm(in_channels, c3_reduced, kernel_size=1)
        self.branch3 = ConvNorm(c3_reduced, c3, kernel_size=3, padding=1)
        self.reduce5 = ConvNorm(in_channels, c5_reduced, kernel_size=1)
        self.branch5 = nn.Sequential(
            nn.Conv2d(c5_reduced, c5, kernel_size=5, padding=2, bias=False),
            nn.BatchNorm2d(c5),
            nn.ReLU(),
        )
        self.pool = nn.MaxPool2d(kernel_size=3, stride=1, padding=1)
        self.project = ConvNorm(in_channels, pooled, kernel_size=1)

    def forward(self, x):
        branches = [
            self.branch1(x),
            self.branch3(self.reduce3(x)),
            self.branch5(self.reduce5(x)),
            self.project(self.pool(x)),
        ]
        return torch.cat(branches, dim=1)


class InceptionNet(nn.Module):
    def __init__(self, num_classes=100):
        super().__init__()
        self.stem = nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3)
        self.pool1 = nn.MaxPool2d(3, stride=2, padding=1)
        self.conv2 = ConvNorm(64, 64, kernel_size=1)
        self.conv3 = ConvNorm(64, 192, kernel_size=3, padding=1)
        self.pool3 = nn.MaxPool2d(3, stride=2, padding=1)
        self.inception3a = Inception(192, 64, 96, 128, 16, 32, 32)
        self.inception3b = Inception(256, 128, 128, 192, 32, 96, 64)
        self.pool4 = nn.MaxPool2d(3, stride=2, padding=1)
        self.inception4a = Inception(480, 192, 96, 208, 16, 48, 64)
        self.dropout = nn.Dropout(0.4)
        self.fc = nn.Linear(512, num_classes)

    def forward(self, x):
        x = self.pool1(F.relu(self.stem(x)))
        x = self.pool3(self.conv3(self.conv2(x)))
        x = self.inception3b(self.inception3a(x))
        x = self.inception4a(self.pool4(x))
        x = F.adaptive_avg_pool2d(x, 1).flatten(1)
        return self.fc(self.dropout(x))


def example_inputs():
    return torch.zeros(1, 3, 128, 128)
