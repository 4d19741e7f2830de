"""What belongs to the head."""

from __future__ import annotations

from torch import Tensor, nn

from tests.measure.facts import networks as nets

IMAGE = (2, 8, 16, 16)


def _classifier(*head: nn.Module) -> nn.Sequential:
    return nn.Sequential(nets.conv(8, 8), nn.Sequential(*nets.normed(8, 8)), *head)


def test_the_head_starts_behind_the_last_convolution() -> None:
    module = _classifier(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.1), nn.Linear(8, 8), nn.Linear(8, 3))
    survey = nets.placed(module, IMAGE)
    assert nets.named_where(survey, "in_head") == ["1.1", "2", "3", "4", "5", "6"]
    assert nets.named_where(survey, "is_classifier") == ["6"]
    assert nets.named_where(survey, "is_hidden") == ["5"]


def test_convolutions_of_a_pooled_map_are_linear_layers() -> None:
    module = _classifier(nn.AdaptiveAvgPool2d(1), nets.conv(8, 16, 1), nn.Hardswish(), nn.Flatten(), nn.Linear(16, 3))
    assert nets.named_where(nets.placed(module, IMAGE), "in_head") == ["1.1", "2", "3", "4", "5", "6"]


def test_a_chain_of_linear_layers_has_the_last_for_a_head() -> None:
    survey = nets.placed(nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 3)), (2, 8))
    assert nets.named_where(survey, "in_head") == ["3", "4"]


def test_the_mlp_of_a_transformer_is_no_head() -> None:
    module = nn.Sequential(
        nets.transformer_layer(), nn.LayerNorm(8), nets.Through(lambda self, x: x.mean(1)), nn.Linear(8, 3)
    )
    survey = nets.placed(module, (2, 5, 8))
    assert nets.named_where(survey, "in_head") == ["1", "2", "3"]
    assert nets.named_where(survey, "is_hidden") == [
        f"0.{layer}" for layer in ("0.branch.1.qkv", "0.branch.1.out", "1.branch.1.0", "1.branch.1.3")
    ]


def test_a_recurrent_layer_ends_the_features() -> None:
    last = nets.Through(lambda self, x: self.fc(self.rnn(x)[0][:, -1]), rnn=nn.LSTM(8, 8), fc=nn.Linear(8, 3))
    assert nets.named_where(nets.placed(last, (2, 5, 8)), "in_head")[-1] == "fc"
    assert "rnn" not in nets.named_where(nets.placed(last, (2, 5, 8)), "in_head")


def test_a_map_as_output_has_no_classifier() -> None:
    survey = nets.placed(nets.UNet(), (1, 3, 16, 16))
    assert nets.named_where(survey, "is_classifier") == nets.named_where(survey, "in_head") == []


def test_a_residual_stream_has_no_classifier() -> None:
    module = nn.Sequential(nn.Linear(8, 8), nets.Around(nets.feed_forward(8)), nets.Around(nets.feed_forward(8)))
    assert nets.named_where(nets.placed(module, (2, 8)), "is_classifier") == []


def test_layers_that_lead_to_a_second_output_alone() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.features, self.main, self.aux = nets.conv(8, 8), nn.Linear(8, 3), nn.Linear(8, 3)

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            x = self.features(x).mean((2, 3))
            return self.main(x), self.aux(x)

    survey = nets.placed(Two(), IMAGE)
    assert nets.named_where(survey, "in_aux_head") == ["aux"]
    assert nets.named_where(survey, "is_classifier") == ["main", "aux"]
