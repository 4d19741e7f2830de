"""Where the samples stand, and whether they stay apart."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netadvise.quantity import Unknown
from tests.measure.facts.network import fact, facts, layer
from tests.zoo import Lambda, ResNet, TransformerBlock

IMAGE = "2,3,8,8"


class Windows(nn.Module):
    """Attention inside windows that are moved to the batch axis and back, as in Swin."""

    def __init__(self) -> None:
        super().__init__()
        self.block = TransformerBlock(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        n, height, width, channels = x.shape
        windows = x.view(n, height // 2, 2, width // 2, 2, channels).permute(0, 1, 3, 2, 4, 5)
        found = self.block(windows.reshape(-1, 4, channels))
        found = found.view(n, height // 2, width // 2, 2, 2, channels).permute(0, 1, 3, 2, 4, 5)
        return found.reshape(n, height, width, channels).mean((1, 2))


class After(nn.Module):
    """A convolution, and a function of its result."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.conv, self.function = nn.Conv2d(3, 3, 1), function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(self.conv(x))


class Heads(nn.Module):
    """A recurrent layer and a linear layer on its last step."""

    def __init__(self, batch_first: bool, whole: bool = False) -> None:
        super().__init__()
        self.rnn, self.fc, self.whole = nn.GRU(6, 5, batch_first=batch_first), nn.Linear(5, 3), whole

    def forward(self, x: Tensor) -> Tensor:
        steps, _ = self.rnn(x)
        return self.fc(steps if self.whole else steps[:, -1])


class Folding(nn.Module):
    """LeNet's mistake: the sizes are right for another input."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.fc = nn.Conv2d(3, 4, 3, padding=1), nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.conv(x).view(-1, 64))


@pytest.mark.parametrize(
    ("module", "inputs"),
    [
        (ResNet(), ("1,3,32,32",)),
        (ResNet(), ("2,3,32,32",)),
        (Windows(), ("1,4,4,4",)),
        (nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4)), ("3,4",)),
        (Heads(batch_first=True), ("2,7,6",)),
        (nn.Sequential(nn.Conv2d(3, 4, 1), nn.InstanceNorm2d(4), nn.GroupNorm(2, 4)), (IMAGE,)),
        (nn.TransformerEncoderLayer(8, 2, batch_first=True), ("2,5,8",)),
        (Lambda(lambda x, y: torch.bmm(x, y.transpose(1, 2))), ("2,5,8", "2,4,8")),
    ],
)
def test_samples_that_stay_apart(module: nn.Module, inputs: tuple[str, ...]) -> None:
    found = facts(module, *inputs).model
    assert found.get("batch_independent") is True
    assert found.get("batch_dim_preserved") is True
    assert found.get("works_at_other_batch") is True
    assert found.get("first_mixing_layer") is None


@pytest.mark.parametrize(
    ("function", "layer_name"),
    [
        (lambda x: torch.softmax(x.flatten(1), 0), "softmax"),
        (lambda x: x.flatten(1) - x.flatten(1).mean(0), "mean"),
        (lambda x: x.flatten(1) @ x.flatten(1).t(), "matmul"),
        (lambda x: x.flatten(1).cumsum(0), "cumsum"),
        (lambda x: F.batch_norm(x, None, None, training=True).flatten(1), "batch_norm"),
    ],
)
def test_samples_that_meet_are_named_where_they_do(function: Callable[[Tensor], Tensor], layer_name: str) -> None:
    found = facts(After(function), IMAGE).model
    assert found.get("batch_independent") is False
    assert found.get("first_mixing_layer") == layer_name


def test_a_batch_norm_without_running_statistics_mixes_the_batch_in_evaluation() -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4, track_running_stats=False))
    assert fact(module, "first_mixing_layer", IMAGE) == "1"


def test_what_meets_only_beside_the_output_is_no_mixing() -> None:
    def aside(x: Tensor) -> Tensor:
        x.mean()
        return x + 1

    assert fact(nn.Sequential(nn.Conv2d(3, 4, 1), Lambda(aside)), "batch_independent", IMAGE) is True


def test_an_order_made_from_content_is_not_judged() -> None:
    def sorted_by_content(x: Tensor) -> Tensor:
        order = x.flatten(1).sum(1).argsort()
        return x[order][order.argsort()]

    found = fact(nn.Sequential(nn.Conv2d(3, 4, 1), Lambda(sorted_by_content)), "batch_independent", IMAGE)
    assert isinstance(found, Unknown)


def test_a_recurrent_layer_that_takes_samples_for_steps() -> None:
    found = facts(Heads(batch_first=False), "2,7,6")
    assert found.model.get("batch_independent") is False
    assert found.model.get("first_mixing_layer") == "rnn"
    assert layer(found.evaluation, "rnn").get("batch_axis") == 0


def test_a_model_that_may_be_time_first_is_not_judged() -> None:
    found = facts(Heads(batch_first=False, whole=True), "7,2,6")
    assert isinstance(found.model.get("batch_independent"), Unknown)
    assert isinstance(layer(found.evaluation, "rnn").get("batch_axis"), Unknown)


def test_attention_over_the_samples() -> None:
    class Wrong(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.attend = nn.Conv2d(3, 8, 1), nn.MultiheadAttention(8, 2)

        def forward(self, x: Tensor) -> Tensor:
            y = self.conv(x).flatten(2).transpose(1, 2)
            return self.attend(y, y, y, need_weights=False)[0].mean(1)

    found = facts(Wrong(), IMAGE)
    attention = layer(found.evaluation, "attention")
    assert attention.get("batch_axis") == 2
    assert found.model.get("batch_independent") is False


def test_a_reshape_that_folds_the_batch() -> None:
    found = facts(Folding(), IMAGE)
    reshape = layer(found.evaluation, "reshape")
    assert found.model.get("batch_dim_preserved") is False
    assert reshape.get("folds_batch") is True
    assert reshape.get("reduces_to_batch") is True


def test_a_minus_one_that_happens_to_be_the_batch() -> None:
    found = facts(Folding(), "2,3,4,4")
    reshape = layer(found.evaluation, "reshape")
    assert found.model.get("batch_dim_preserved") is True
    assert (reshape.get("folds_batch"), reshape.get("reduces_to_batch")) == (False, True)


@pytest.mark.parametrize("function", [lambda x: x.flatten(1), lambda x: x.view(x.size(0), -1), lambda x: x.flatten(2)])
def test_a_reshape_that_leaves_the_batch_alone(function: Callable[[Tensor], Tensor]) -> None:
    found = facts(After(function), IMAGE)
    reshape = layer(found.evaluation, "reshape")
    assert (reshape.get("folds_batch"), reshape.get("reduces_to_batch")) == (False, False)


def test_squeezing_everything_drops_the_batch_axis_of_one_sample() -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 1), nn.AdaptiveAvgPool2d(1), Lambda(lambda x: x.squeeze()), nn.Linear(4, 2))
    found = facts(module, "1,3,8,8")
    reshape = layer(found.evaluation, "reshape")
    assert reshape.get("folds_batch") is True
    assert reshape.get("squeezes_all") is True
    assert found.model.get("batch_dim_preserved") is False


def test_a_softmax_over_the_batch() -> None:
    softmaxes = [nn.Sequential(nn.Conv2d(3, 4, 1), nn.Softmax(dim)) for dim in (0, 1)]
    told = [layer(facts(each, IMAGE).evaluation, "activation").get("dim_is_batch") for each in softmaxes]
    assert told == [True, False]


def test_a_fixed_batch_size_is_told_with_its_error() -> None:
    found = facts(nn.Sequential(nn.Conv2d(3, 4, 1), Lambda(lambda x: x.view(2, 256))), IMAGE).model
    assert found.get("works_at_other_batch") is False
    assert "shape" in str(found.get("other_batch_error"))
    assert isinstance(found.get("batch_independent"), Unknown)


@pytest.mark.parametrize("inputs", ["3,8,8", "7"])
def test_an_input_without_a_batch_axis_is_not_judged(inputs: str) -> None:
    module = nn.Conv2d(3, 4, 1) if inputs == "3,8,8" else nn.Linear(7, 2)
    assert isinstance(fact(module, "works_at_other_batch", inputs), Unknown)


def test_the_sample_shape_leaves_out_the_batch_axis() -> None:
    assert fact(ResNet(), "sample_output_shape", "1,3,32,32") == (10,)
    assert fact(Folding(), "sample_output_shape", IMAGE) == (10,)


def test_an_output_with_the_time_first_is_not_judged() -> None:
    found = facts(After(lambda x: x.flatten(2).permute(2, 0, 1)), IMAGE).model
    assert isinstance(found.get("batch_dim_preserved"), Unknown)
    assert found.get("batch_independent") is True


def test_samples_at_computed_positions_stay_apart() -> None:
    class Transformer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.fc = nn.Conv2d(3, 4, 1), nn.Linear(192, 6)

        def forward(self, x: Tensor) -> Tensor:
            grid = F.affine_grid(self.fc(x.flatten(1)).view(-1, 2, 3), list(x.shape), align_corners=False)
            return self.conv(F.grid_sample(x, grid, align_corners=False)).mean((2, 3))

    assert fact(Transformer(), "batch_independent", IMAGE) is True


def test_a_swap_that_one_sample_hides() -> None:
    class Reshaping(After):
        def forward(self, x: Tensor) -> Tensor:
            return (self.function(self.conv(x).flatten(2)) + 1) * 2

    seen = [facts(Reshaping(f), "1,3,8,8") for f in (lambda x: x.view(3, -1, 64), lambda x: x.view(-1, 3, 64))]
    told = [
        [each.get("swaps_axes") for each in found.evaluation.layers if each.get("op") == "reshape"] for found in seen
    ]
    assert told == [[False, True], [False, False]]


def test_a_loss_beside_the_output_is_no_leak() -> None:
    def with_loss(x: Tensor) -> Tensor:
        return (x.square().mean(), x.flatten(1))  # type: ignore[return-value]

    found = facts(After(with_loss), IMAGE).model
    assert found.get("batch_independent") is True
    assert found.get("batch_dim_preserved") is True
