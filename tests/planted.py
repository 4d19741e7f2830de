"""One network per mechanical bug. `# <- ID at TEXT` marks the finding: rule, line, and the column where TEXT begins.

`# with KEY=VALUE` above a class declares context; `# on SHAPE` its input.
"""

import torch
import torch.nn.functional as F
from torch import nn


# on 2,16
class FunctionalDropoutAlwaysOn(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(16, 32)
        self.head = nn.Linear(32, 4)

    def forward(self, x):
        x = F.dropout(torch.relu(self.hidden(x)), 0.5)  # <- DRP004 at F.dropout(
        return self.head(x)


# on 2,10,16
class AttentionDropoutUngated(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(16, 48)
        self.out = nn.Linear(16, 16)

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        mixed = F.scaled_dot_product_attention(q, k, v, dropout_p=0.1)  # <- DRP005 at F.scaled_dot_product_attention(
        return self.out(mixed)


# on 2,16
# with task.loss=CrossEntropyLoss
class SoftmaxBeforeCrossEntropy(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(16, 32)
        self.head = nn.Linear(32, 4)
        self.probabilities = nn.Softmax(dim=1)  # <- ACT002 at nn.Softmax(

    def forward(self, x):
        return self.probabilities(self.head(torch.relu(self.hidden(x))))


# on 2,16
class DropoutOnLogits(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(16, 32)
        self.head = nn.Linear(32, 4)
        self.drop = nn.Dropout(0.3)  # <- DRP011 at nn.Dropout(

    def forward(self, x):
        return self.drop(self.head(torch.relu(self.hidden(x))))


# on 2,16
class DropoutBeforeBatchNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(16, 32)
        self.drop = nn.Dropout(0.5)  # <- DRP007 at nn.Dropout(
        self.norm = nn.BatchNorm1d(32)
        self.head = nn.Linear(32, 4)

    def forward(self, x):
        return self.head(self.norm(self.drop(torch.relu(self.hidden(x)))))


# on 2,7,16
class OneLayerLstmDropout(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(16, 8, dropout=0.3, batch_first=True)  # <- DRP020 at nn.LSTM(
        self.head = nn.Linear(8, 4)

    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])


# on 2,3,32,32
class BiasBeforeBatchNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(  # <- NRM001 at nn.Conv2d(
            3, 8, kernel_size=3, padding=1
        )
        self.norm = nn.BatchNorm2d(8)

    def forward(self, x):
        return torch.relu(self.norm(self.conv(x)))


# on 2,3,32,32
class DeadTaps(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, stride=8, padding=1)
        self.wide = nn.Conv2d(8, 8, 3, padding=8, dilation=8)  # <- KER007 at nn.Conv2d(

    def forward(self, x):
        return torch.relu(self.wide(torch.relu(self.stem(x))))


# on 2,16
class ModulesInPythonList(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(16, 16)
        self.hidden = [nn.Linear(16, 16)]  # <- DED006 at nn.Linear(

    def forward(self, x):
        return torch.relu(self.hidden[0](torch.relu(self.first(x))))


# on 4,16
class BatchMixing(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(16, 16)
        self.head = nn.Linear(16, 4)

    def forward(self, x):
        weights = torch.softmax(self.hidden(x), dim=0)  # <- ACT006 at torch.softmax(
        return self.head(weights * x)


# on 4,7,16
class BatchFirstMismatch(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(16, 8)  # <- SHP005 at nn.LSTM(
        self.head = nn.Linear(8, 4)

    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])


# on 2,16
class TwoLinearsInARow(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(16, 64)  # <- ACT001 at nn.Linear(
        self.second = nn.Linear(64, 8)
        self.head = nn.Linear(8, 4)

    def forward(self, x):
        return self.head(torch.relu(self.second(self.first(x))))


# on 2,16
class ForgottenModule(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(16, 16)
        self.forgotten = nn.Linear(16, 16)  # <- DED001 at nn.Linear(
        self.head = nn.Linear(16, 4)

    def forward(self, x):
        return self.head(torch.relu(self.first(x)))


# on 2,8,32,32
class LayerNormOverWidth(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(8, 16, 3, padding=1)
        self.norm = nn.LayerNorm(32)  # <- NRM017 at nn.LayerNorm(

    def forward(self, x):
        return torch.relu(self.norm(self.conv(x)))


# on 2,3,32,32
class BatchFolded(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.head = nn.Linear(450, 4)

    def forward(self, x):
        x = torch.relu(self.conv(x))
        return self.head(x.view(-1, 450))  # <- SHP003 at x.view(


# on 2,3,32,32
class SqueezeOfEverything(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(8, 4)

    def forward(self, x):
        return self.head(self.pool(torch.relu(self.conv(x))).squeeze())  # <- SHP011 at self.pool(


# on 2,3,32,32
class ForgottenFlatten(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.head = nn.Linear(32, 10)  # <- SHP012 at nn.Linear(

    def forward(self, x):
        return self.head(torch.relu(self.conv(x)))


# on 2,16
class GradientCut(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(16, 16)
        self.head = nn.Linear(16, 4)

    def forward(self, x):
        x = torch.relu(self.first(x)).detach()  # <- DED011 at torch.relu(
        return self.head(x)


# on 2,16
class ArgmaxInside(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(16, 16)
        self.table = nn.Embedding(16, 8)
        self.head = nn.Linear(8, 4)

    def forward(self, x):
        chosen = self.first(x).argmax(dim=1)  # <- DED012 at self.first(
        return self.head(self.table(chosen))


# on 2,8,16,16
class InPlaceOnShortcut(nn.Module):
    def __init__(self):
        super().__init__()
        self.branch = nn.Sequential(
            nn.ReLU(inplace=True),  # <- ACT011 at nn.ReLU(
            nn.Conv2d(8, 8, 3, padding=1),
        )

    def forward(self, x):
        return x + self.branch(x)


# on 2,8,20
class ChannelDropoutOnTokens(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(20, 20)
        self.drop = nn.Dropout2d(0.2)  # <- DRP015 at nn.Dropout2d(
        self.head = nn.Linear(20, 4)

    def forward(self, x):
        return self.head(self.drop(torch.relu(self.first(x))))


# on 2,3,32,32
class PointwisePadding(nn.Module):
    def __init__(self):
        super().__init__()
        self.mix = nn.Conv2d(3, 8, 1, padding=1)  # <- KER018 at nn.Conv2d(

    def forward(self, x):
        return torch.relu(self.mix(x))


# on 2,3,32,32
class StrideBeyondKernel(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.pool = nn.MaxPool2d(2, 3)  # <- DWN002 at nn.MaxPool2d(

    def forward(self, x):
        return self.pool(torch.relu(self.conv(x)))


# on 2,8,4
class SoftmaxThenDropout(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 4)

    def forward(self, x):
        x = torch.softmax(self.first(x), dim=-1)
        return F.dropout(x, 0.2, self.training)  # <- DRP012 at F.dropout(


# on 2,16
class SoftmaxOverOneClass(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(16, 1)

    def forward(self, x):
        return torch.softmax(self.head(x), dim=1)  # <- ACT005 at torch.softmax(


# on 2,8,16,16
class GroupNormOfOneValue(nn.Module):
    def __init__(self):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.norm = nn.GroupNorm(8, 8)  # <- NRM004 at nn.GroupNorm(
        self.head = nn.Conv2d(8, 4, 1)

    def forward(self, x):
        return self.head(self.norm(self.pool(x)))


# on 2,3,224,224
class GiantFlattenHead(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 64, 32, stride=32)
        self.hidden = nn.Linear(64 * 49, 4096)  # <- HED001 at nn.Linear(
        self.head = nn.Linear(4096, 10)

    def forward(self, x):
        x = torch.relu(self.conv(x)).flatten(1)
        return self.head(torch.relu(self.hidden(x)))


class DropPath(nn.Module):
    """Stochastic depth, as timm writes it."""

    def __init__(self, drop_prob):
        super().__init__()
        self.drop_prob = drop_prob

    def forward(self, x):
        if not self.training or self.drop_prob == 0.0:
            return x
        keep = 1 - self.drop_prob
        mask = x.new_empty((x.shape[0],) + (1,) * (x.ndim - 1)).bernoulli_(keep)
        return x * mask.div_(keep)


# on 2,16
class DropPathWithoutSkip(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(16, 16)
        self.drop = DropPath(0.2)  # <- DRP031 at DropPath(
        self.head = nn.Linear(16, 4)

    def forward(self, x):
        return self.head(self.drop(torch.relu(self.first(x))))
