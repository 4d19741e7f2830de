"""Networks for the tests of the rules on axes and shapes."""

import torch
from torch import nn


class FoldsBatch(nn.Module):
    """view(-1, 256) on maps of 1,024 values: four rows for each sample."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3, stride=4, padding=1)
        self.head = nn.Linear(256, 10)

    def forward(self, x):
        """(N, 3, 32, 32) -> (4 N, 10)."""
        return self.head(torch.relu(self.conv(x)).view(-1, 256))


class TimeDistributed(nn.Module):
    """Steps folded into the batch and unfolded again: every sample stays by itself."""

    def __init__(self):
        super().__init__()
        self.step = nn.Linear(16, 8)

    def forward(self, x):
        """(N, T, 16) -> (N, T, 8)."""
        batch, time, width = x.shape
        return self.step(x.reshape(batch * time, width)).reshape(batch, time, 8)


class CentresOverBatch(nn.Module):
    """The mean over axis 0 is the mean over the samples."""

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        """(N, 16) -> (N, 10)."""
        return self.head(x - x.mean(0))


class ReturnsLoss(nn.Module):
    """An autoencoder that returns its loss: one number for the whole batch."""

    def __init__(self):
        super().__init__()
        self.encode = nn.Linear(16, 4)
        self.decode = nn.Linear(4, 16)

    def forward(self, x):
        """(N, 16) -> ()."""
        return (self.decode(torch.relu(self.encode(x))) - x).square().mean()


class ViewForTranspose(nn.Module):
    """Time first was meant; the view keeps the order of the elements and mixes samples."""

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        """(N, T, 16) -> (N, 10)."""
        batch, time, width = x.shape
        steps = x.view(time, batch, width)
        return self.head(torch.relu(steps).mean(0))


class Transposes(ViewForTranspose):
    """Time first by a transpose."""

    def forward(self, x):
        """(N, T, 16) -> (N, 10)."""
        return self.head(torch.relu(x.transpose(0, 1)).mean(0))


class ChannelShuffle(nn.Module):
    """As in ShuffleNet: reshape, transpose, reshape."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 1)

    def forward(self, x):
        """(N, 8, H, W) -> the same."""
        batch, channels, height, width = x.shape
        x = x.view(batch, 2, channels // 2, height, width).transpose(1, 2).reshape(batch, channels, height, width)
        return self.conv(x)


class Patches(nn.Module):
    """Patches of 4x4 by reshape and permute, as vision transformers cut them."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(48, 16)

    def forward(self, x):
        """(N, 3, 32, 32) -> (N, 64, 16)."""
        x = x.reshape(x.shape[0], 3, 8, 4, 8, 4).permute(0, 2, 4, 3, 5, 1)
        return self.embed(x.reshape(x.shape[0], 64, 48))


class TutorialNet(nn.Module):
    """The LeNet of older tutorials: -1 on the batch axis."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc = nn.Linear(16 * 5 * 5, 10)

    def features(self, x):
        """(N, 3, 32, 32) -> (N, 16, 5, 5)."""
        x = self.pool(torch.relu(self.conv1(x)))
        return self.pool(torch.relu(self.conv2(x)))

    def forward(self, x):
        """(N, 3, 32, 32) -> (N, 10)."""
        return self.fc(self.features(x).view(-1, 16 * 5 * 5))


class KeepsBatch(TutorialNet):
    """-1 on the axis of the features."""

    def forward(self, x):
        """(N, 3, 32, 32) -> (N, 10)."""
        x = self.features(x)
        return self.fc(x.view(x.size(0), -1))


class ViewsPooled(TutorialNet):
    """-1 on the batch axis of a map whose size is fixed by a pooling."""

    def __init__(self):
        super().__init__()
        self.fix = nn.AdaptiveAvgPool2d(5)

    def forward(self, x):
        """(N, 3, H, W) -> (N, 10)."""
        return self.fc(self.fix(self.features(x)).view(-1, 16 * 5 * 5))


class SqueezesAll(nn.Module):
    """squeeze() behind a global pooling."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(8, 10)

    def forward(self, x):
        """(N, 3, H, W) -> (N, 10)."""
        return self.head(self.pool(torch.relu(self.conv(x))).squeeze())


class SqueezesOne(SqueezesAll):
    """The axes are named."""

    def forward(self, x):
        """(N, 3, H, W) -> (N, 10)."""
        return self.head(self.pool(torch.relu(self.conv(x))).squeeze(-1).squeeze(-1))


class SqueezesParameter(nn.Module):
    """squeeze() on a parameter, which has no batch axis."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1, 3, 1, 1))
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, x):
        """(N, 3, H, W) -> (N, 8, H - 2, W - 2)."""
        return self.conv(x * self.scale.squeeze().view(1, 3, 1, 1))
