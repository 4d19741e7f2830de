"""The dropouts that are there, and lines about the network as a whole."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from netadvise.api.positions import suggest_dropout
from netadvise.position import ExistingDropout, PositionReport
from tests.suggest.placing import NETS, Recurrent, said_of


def there(report: PositionReport) -> dict[str, ExistingDropout]:
    return {each.layer: each for each in report.existing}


def test_a_network_without_dropout_has_none() -> None:
    assert said_of("cnn").existing == ()


def test_rates_of_0_are_dead_and_others_active() -> None:
    found = there(suggest_dropout(nn.Sequential(nn.Linear(16, 8), nn.Dropout(0.0), nn.Linear(8, 8), nn.Dropout(0.3))))
    assert (found["1"].state, found["3"].state, found["3"].rate) == ("dead", "active", 0.3)


def test_two_in_a_row_are_duplicated_and_lint_remarks_on_it() -> None:
    net = nn.Sequential(nn.Linear(16, 8), nn.Dropout(0.3), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 4))
    found = there(suggest_dropout(net, "1,16"))
    assert found["1"].duplicated and found["3"].duplicated
    assert found["1"].remarks[0].startswith("DRP013 two-dropouts-in-a-row: ")


def test_one_in_a_refused_place_says_which_refusal() -> None:
    net = nn.Sequential(nn.Linear(16, 8), nn.ReLU(), nn.Dropout(0.5), nn.BatchNorm1d(8), nn.Linear(8, 4))
    remarks = there(suggest_dropout(net, "2,16"))["2"].remarks
    assert [remark[:6] for remark in remarks] == ["DRP007", "DRP201"]


def test_one_that_leaks_into_evaluation_is_told() -> None:
    class Leaks(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.hidden, self.head = nn.Linear(16, 8), nn.Linear(8, 4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            scores: torch.Tensor = self.head(F.dropout(self.hidden(x).relu(), 0.2))
            return scores

    found = there(suggest_dropout(Leaks(), "1,16"))["dropout"]
    assert found.active_in_eval
    assert any(remark.startswith("DRP004") for remark in found.remarks)


def test_arguments_count_and_that_of_one_layer_is_dead() -> None:
    ids = "1,12:int64"
    stacked = there(suggest_dropout(Recurrent(2, 0.3), ids))["lstm"]
    assert (stacked.variant, stacked.rate, stacked.state) == ("LSTM(dropout=)", 0.3, "active")
    alone = there(suggest_dropout(Recurrent(1, 0.3), ids))["lstm"]
    assert alone.state == "dead"
    assert any(remark.startswith("DRP020") for remark in alone.remarks)


def test_an_attention_module_is_one_dropout_not_those_inside_of_it() -> None:
    found = [each for each in said_of("transformer that drops").existing if "layers.0" in each.layer]
    assert [(each.layer.rpartition(".")[2], each.variant) for each in found] == [
        ("self_attn", "MultiheadAttention(dropout=)"),
        ("dropout1", "Dropout"),
        ("dropout", "Dropout"),
        ("dropout2", "Dropout"),
    ]


def test_attention_as_a_function_shows_its_rate_from_training() -> None:
    class Attends(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.project = nn.Linear(16, 16)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            y = self.project(x).unsqueeze(1)
            rate = 0.1 if self.training else 0.0
            return F.scaled_dot_product_attention(y, y, y, dropout_p=rate)

    (found,) = suggest_dropout(Attends(), "2,5,16").existing
    assert (found.variant, found.rate, found.active_in_eval) == ("scaled_dot_product_attention(dropout_p=)", 0.1, False)


def test_what_keras_calls_recurrent_dropout_is_told_of_recurrent_networks_alone() -> None:
    told = {name: [line for line in said_of(name).advice if "recurrent_dropout" in line] for name in NETS}
    assert {name for name, lines in told.items() if lines} == {"lstm", "one lstm"}


def test_one_pass_over_the_data_is_told_of_transformers_unless_there_are_more() -> None:
    net, inputs = NETS["transformer"]
    assert any("two epochs" in line for line in said_of("transformer").advice)
    assert not any("two epochs" in line for line in said_of("cnn").advice)
    often = suggest_dropout(net, inputs, context={"train.epochs": 5})
    assert not any("two epochs" in line for line in often.advice)
    once = suggest_dropout(net, inputs, context={"train.epochs": 1})
    assert any("such a case" in line for line in once.advice)


def test_batch_norms_call_for_one_dropout() -> None:
    assert any("batch norms" in line for line in said_of("residual").advice)
    assert not any("batch norms" in line for line in said_of("cnn").advice)
