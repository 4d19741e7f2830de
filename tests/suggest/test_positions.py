"""Places for dropout: one for each value, named, with an edit that works."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from netadvise.api.positions import suggest_dropout
from netadvise.edit import Insert, Place, SetArgs, Tried
from netadvise.worker.trying import try_edits
from tests.suggest.placing import NETS, accepted, refused, said_of

NOT_OF_TORCH = ("StochasticDepth", "DropBlock2d")


@pytest.mark.filterwarnings("error::UserWarning")
@pytest.mark.parametrize("name", NETS)
def test_every_accepted_place_has_an_edit_that_works(name: str) -> None:
    net, inputs = NETS[name]
    places = [place for place in said_of(name).accepted if place.variant not in NOT_OF_TORCH]
    edits = [place.edit for place in places]
    assert None not in edits
    tried = try_edits(net, [inputs], [(edit,) for edit in edits if edit is not None])
    assert [result for result in tried if not isinstance(result, Tried)] == []


@pytest.mark.parametrize("name", NETS)
def test_a_place_is_called_by_its_name_once_and_is_a_row_of_the_profile(name: str) -> None:
    report = said_of(name)
    names = [position.place for position in report.positions]
    assert len(set(names)) == len(names)
    assert {position.layer for position in report.positions} <= {layer.name for layer in report.profile.layers}
    assert all(position.reason and position.why and position.refs for position in report.positions)


def test_offers_are_where_a_practitioner_would_put_them() -> None:
    found = {name: {(p.place, p.variant, p.rates[0]) for p in accepted(name).values()} for name in NETS}
    assert found["cnn"] == {
        ("after 1", "Dropout2d", 0.1),
        ("after 5", "Dropout2d", 0.1),
        ("after 8", "Dropout", 0.5),
    }
    assert found["cnn with norms"] == {("after 10", "Dropout", 0.2)}
    assert found["functional"] == {
        ("before conv2", "Dropout2d", 0.1),
        ("after max_pool2d_1", "Dropout2d", 0.1),
        ("before head", "Dropout", 0.5),
    }
    assert found["lstm"] == {
        ("after embed", "Dropout", 0.1),
        ("lstm(dropout=)", "dropout=", 0.3),
        ("before head", "Dropout", 0.3),
    }
    assert found["one lstm"] == {("after embed", "Dropout", 0.1), ("before head", "Dropout", 0.3)}
    assert found["residual"] == {
        ("after first.norm2", "StochasticDepth", 0.1),
        ("after second.norm2", "StochasticDepth", 0.1),
        ("before head", "Dropout", 0.2),
    }
    assert found["unet with norms"] == {("before out", "Dropout2d", 0.1)}
    assert ("after 1", "AlphaDropout", 0.05) in found["selu"]


def test_between_the_convolutions_of_a_wide_block_the_place_is_before_the_second() -> None:
    place = accepted("wide residual")["before first.conv2"]
    assert (place.rule, place.layer, place.group, place.rates[0]) == ("DRP114", "first.relu", "block", 0.3)
    assert "before first.conv2" not in accepted("residual")


def test_a_value_that_two_layers_read_is_a_place_behind_the_call() -> None:
    edit = accepted("read twice")["after relu"].edit
    assert isinstance(edit, Insert)
    assert edit.place == Place("after-call", "", "relu", 0)


def test_a_dropout_that_is_there_with_rate_0_is_the_place() -> None:
    found = accepted("transformer")
    assert {name for name in found if "layers.0" in name} == {
        "encoder.layers.0.self_attn(dropout=)",
        "encoder.layers.0.dropout1(p=)",
        "encoder.layers.0.dropout(p=)",
        "encoder.layers.0.dropout2(p=)",
    }
    assert found["encoder.layers.0.dropout1(p=)"].edit == SetArgs("encoder.layers.0.dropout1", {"p": 0.1})
    assert set(accepted("transformer that drops")) == {"after add", "before head"}


def test_the_rate_of_an_edit_can_be_changed() -> None:
    place = accepted("residual")["before head"]
    edit = place.at(0.35)
    assert isinstance(edit, Insert)
    assert edit.chain[0].args == {"p": 0.35}
    assert accepted("lstm")["lstm(dropout=)"].at(0.2) == SetArgs("lstm", {"dropout": 0.2})


@pytest.mark.parametrize(
    ("name", "place", "rule"),
    [
        ("cnn with norms", "after 0", "DRP201"),
        ("residual", "after first.conv2", "DRP201"),
        ("residual", "after first.relu (call 2)", "DRP202"),
        ("functional", "after head", "DRP205"),
        ("functional", "after log_softmax", "DRP204"),
        ("lstm", "before embed", "DRP206"),
        ("transformer", "after positions", "DRP212"),
        ("transformer", "after encoder.layers.0.norm1", "DRP202"),
        ("one lstm", "lstm(dropout=)", "DRP214"),
    ],
)
def test_refused_places(name: str, place: str, rule: str) -> None:
    assert refused(name)[place].rule == rule


def test_a_refusal_overrules_an_offer_and_says_so() -> None:
    net = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 4))
    (place,) = (p for p in suggest_dropout(net, "1,16").positions if p.place == "after 1")
    assert (place.accepted, place.rule, place.overruled, place.rates[0]) == (False, "DRP208", "DRP115", 0.5)
    assert place.edit is not None


def test_a_norm_between_a_dropout_and_the_head_parts_them() -> None:
    net = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Dropout(0.5), nn.BatchNorm1d(32), nn.Linear(32, 4))
    places = {p.place: p.rule for p in suggest_dropout(net, "2,16").accepted}
    assert places["before 4"] == "DRP117" or places["after 3"] == "DRP117"


def test_frozen_layers_have_no_place_inside_and_one_at_their_border() -> None:
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(32, 4))
    net[0].requires_grad_(False)
    net[2].requires_grad_(False)
    report = suggest_dropout(net, "1,3,6,6")
    assert {p.place: p.rule for p in report.refused}["after 1"] == "DRP207"
    assert [p.place for p in report.accepted] == ["before 5"]


def test_a_module_that_runs_several_times_is_no_place_and_the_reason_is_told() -> None:
    class Shared(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.hidden, self.act, self.head = nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self.act(self.hidden(x))
            y = self.act(self.hidden(x))
            scores: torch.Tensor = self.head(x * y)
            return scores

    unmade = [p for p in suggest_dropout(Shared(), "1,16").accepted if p.edit is None]
    assert unmade and all("runs 2 times" in p.unmade for p in unmade)
    with pytest.raises(ValueError, match="runs 2 times"):
        unmade[0].at(0.5)


def test_drop_block_is_no_larger_than_the_map() -> None:
    from netadvise.facts import Subject
    from netadvise.suggest.inserting import part

    def layer(*sizes: int) -> Subject:
        return Subject("layer", 0, "act", None, None, {"out_spatial": sizes})

    assert part("DropBlock2d", 0.1, layer(14, 5)).args == {"p": 0.1, "block_size": 5}
    assert part("DropBlock2d", 0.1, layer(14, 14)).args == {"p": 0.1, "block_size": 7}
