"""Models whose inputs are to be inferred; the comment of each names what makes it hard."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class LeNet(nn.Module):  # the first Linear fixes the size
    def __init__(self, channels: int = 1, features: int = 400) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc = nn.Linear(features, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc(torch.flatten(x, 1))


class ViewNet(LeNet):  # the size is fixed by a view
    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc(x.view(-1, 400))


class OddSize(nn.Module):  # 75 is in no list of sizes
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.fc = nn.Linear(4 * 73 * 73, 2)

    def forward(self, x):
        return self.fc(self.conv(x).flatten(1))


class HeadFirst(nn.Module):  # layers are defined in another order than they are used
    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(8, 2)
        self.body = nn.Conv2d(8, 8, 3)
        self.stem = nn.Conv2d(4, 8, 3)

    def forward(self, x):
        return self.head(self.body(self.stem(x)).mean((2, 3)))


class Perceptron(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        return self.fc(x.view(x.size(0), -1))


class ImageOnly(nn.Module):  # unpacks four axes and has no convolution
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3 * 32 * 32, 10)

    def forward(self, x):
        n, _c, _h, _w = x.shape
        return self.fc(x.reshape(n, -1))


class Waveform(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(1, 4, 80, stride=16)

    def forward(self, x):
        return self.conv(x).mean(-1)


class Volume(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv3d(3, 4, 3, padding=1)

    def forward(self, clip):
        return self.conv(clip).mean((2, 3, 4))


class Tagger(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(50, 8)
        self.lstm = nn.LSTM(8, 6, batch_first=True)

    def forward(self, x):
        return self.lstm(self.embedding(x))[0]


class Forecaster(nn.Module):  # float sequence, time first
    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(5, 6)

    def forward(self, series):
        return self.gru(series)[0][-1]


class Stepper(nn.Module):  # a state that has to be given
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(5, 6, batch_first=True)

    def forward(self, x, hidden):
        return self.rnn(x, hidden)


class Siamese(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, left, right):
        return (self.conv(left) - self.conv(right)).abs().mean()


class ImageAndText(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.image_encoder = nn.Sequential(nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.text_encoder = nn.EmbeddingBag(30, 8)

    def forward(self, image, text):
        return self.image_encoder(image) * self.text_encoder(text)


class TwoBranches(nn.Module):  # parallel inputs of different widths, without telling names
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 8)
        self.second = nn.Linear(7, 8)

    def forward(self, a, b):
        return self.first(a) + self.second(b)


class DictInput(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.image = nn.Conv2d(3, 8, 3)
        self.table = nn.Linear(5, 8)

    def forward(self, batch):
        return self.image(batch["image"]).mean((2, 3)) + self.table(batch["table"])


class ListInput(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, images: list[Tensor]):
        return torch.stack([self.conv(image) for image in images])


class Pyramid(nn.Module):  # a list of three, seen from the unpacking
    def __init__(self) -> None:
        super().__init__()
        self.c3 = nn.Conv2d(4, 8, 1)
        self.c4 = nn.Conv2d(6, 8, 1)

    def forward(self, features):
        low, high = features
        return self.c3(low).mean() + self.c4(high).mean()


class Diffusion(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.time = nn.Linear(1, 3)

    def forward(self, x, t):
        return self.conv(x) + self.time(t[:, None].float())[:, :, None, None]


class Masked(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)

    def forward(self, x, padding_mask):
        return self.layer(x, src_key_padding_mask=padding_mask)


class Generator(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(100, 8, 4)

    def forward(self, z):
        return self.up(z)


class Functional(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.kernel = nn.Parameter(torch.zeros(8, 3, 5, 5))

    def forward(self, x):
        return F.conv2d(x, self.kernel)


class Patches(nn.Module):  # a learned position per patch fixes the size
    def __init__(self) -> None:
        super().__init__()
        self.patch = nn.Conv2d(3, 8, 16, 16)
        self.position = nn.Parameter(torch.zeros(1, (384 // 16) ** 2, 8))

    def forward(self, x):
        return self.patch(x).flatten(2).transpose(1, 2) + self.position


class Checked(nn.Module):  # the size is named in an error message
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 16, 16)

    def forward(self, x):
        if x.shape[-1] != 240:
            raise ValueError(f"input height ({x.shape[-1]}) does not match the model ({240})")
        return self.conv(x)


class Attribute(nn.Module):  # the size is an attribute
    def __init__(self) -> None:
        super().__init__()
        self.img_size = 72
        self.conv = nn.Conv2d(3, 8, 8, 8)
        self.fc = nn.Linear(8 * 81, 2)

    def forward(self, x):
        return self.fc(self.conv(x).flatten(1))


class Graph(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(6, 6)

    def forward(self, x, edge_index):
        source, target = edge_index
        return self.fc(x).index_add(0, target, x[source])


class Variadic(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(6, 6)

    def forward(self, *args, **kwargs):
        return self.fc(args[0])


class NoInputs(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.zeros(4, 4))

    def forward(self):
        return self.table @ self.table


class Keywords(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, *, image, scale: float):
        return self.conv(image) * scale


class Half(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(6, 6).bfloat16()

    def forward(self, x):
        return self.fc(x)


class Lazy(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.LazyConv2d(8, 3)
        self.fc = nn.LazyLinear(10)

    def forward(self, x):
        return self.fc(self.conv(x).flatten(1))


class Joined(nn.Module):  # one input meets the other before the second layer
    def __init__(self) -> None:
        super().__init__()
        self.policy = nn.Linear(8, 2)
        self.value = nn.Linear(10, 1)

    def forward(self, seen, action):
        return self.policy(seen), self.value(torch.cat([seen, action], -1))


class Conditional(nn.Module):  # class numbers, and noise of a width that only the error tells
    def __init__(self) -> None:
        super().__init__()
        self.label = nn.Embedding(10, 10)
        self.fc = nn.Linear(110, 784)

    def forward(self, noise, labels):
        return self.fc(torch.cat((self.label(labels), noise), -1))


class Spectrogram(nn.Module):  # adds the channel axis itself; the GRU fixes the last size
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.gru = nn.GRU(4 * 62, 16, batch_first=True)

    def forward(self, mel):
        x = self.conv(mel.unsqueeze(1))
        n, c, t, f = x.shape
        return self.gru(x.permute(0, 2, 1, 3).reshape(n, t, c * f))[0]


class Blocks(nn.Module):  # the longest sequence is named in an assertion
    def __init__(self) -> None:
        super().__init__()
        self.token = nn.Embedding(100, 8)
        self.position = nn.Embedding(48, 8)

    def forward(self, idx, targets=None):
        length = idx.size(1)
        assert length <= 48, f"cannot forward {length} tokens, the longest is {48}"
        return self.token(idx) + self.position(torch.arange(length))


class TimeFirst(nn.Module):  # tokens come as [time, batch], with a square mask
    def __init__(self) -> None:
        super().__init__()
        self.token = nn.Embedding(100, 8)
        self.encoder = nn.TransformerEncoderLayer(8, 2, 16)

    def forward(self, src, src_mask):
        return self.encoder(self.token(src), src_mask)


class Picture(nn.Module):  # the name says picture, the first layer is a Linear on patches
    def __init__(self, size: int = 64, patch: int = 8) -> None:
        super().__init__()
        self.size = patch
        self.embed = nn.Linear(3 * patch * patch, 32)
        self.mix = nn.Linear((size // patch) ** 2, 16)

    def forward(self, img):
        n, c, _h, _w = img.shape
        x = img.unfold(2, self.size, self.size).unfold(3, self.size, self.size).permute(0, 2, 3, 1, 4, 5)
        return self.mix(self.embed(x.reshape(n, -1, c * self.size**2)).transpose(1, 2))


class Cells(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(7, 9)

    def forward(self, x):
        state = (torch.zeros(x.size(0), 9), torch.zeros(x.size(0), 9))
        for step in range(x.size(1)):
            state = self.cell(x[:, step], state)
        return state[0]


class Packed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.token = nn.Embedding(30, 8)
        self.lstm = nn.LSTM(8, 8, batch_first=True)

    def forward(self, tokens, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.token(tokens), lengths, batch_first=True)
        return nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)[0]
