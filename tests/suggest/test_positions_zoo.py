"""The catalogue against public networks: what their authors did is not refused, and DenseNet's own option is.

`before BN` is measured: no dropout that a network of torchvision comes with stands directly before a batch norm, while
`densenet121(drop_rate=0.2)` puts 58 there.
"""

from __future__ import annotations

from collections import Counter
from importlib.util import find_spec
from typing import Any

import pytest
from torch import nn

from netadvise.api.positions import suggest_dropout
from netadvise.edit import Tried
from netadvise.position import ExistingDropout, PositionReport
from netadvise.worker.trying import try_edits

pytestmark = [pytest.mark.zoo, pytest.mark.slow, pytest.mark.timeout(600)]

IMAGE = "1,3,224,224"
WITH_DROPOUT: dict[str, tuple[str, dict[str, Any], int]] = {
    "alexnet": ("", {}, 2),
    "vgg11_bn": ("", {}, 2),
    "squeezenet1_1": ("", {}, 1),
    "googlenet": ("", {"init_weights": False}, 3),
    "inception_v3": ("", {"init_weights": False}, 1),
    "mobilenet_v2": ("", {}, 1),
    "mnasnet1_0": ("", {}, 1),
    "efficientnet_b0": ("", {}, 1),
    "deeplabv3_resnet50": ("segmentation", {"weights": None, "weights_backbone": None, "aux_loss": True}, 2),
}
"""Where it is, how it is built, and how many dropouts it comes with."""


@pytest.fixture(scope="module")
def models() -> Any:
    needed("torchvision")
    from benchmarks.libraries import import_torchvision

    return import_torchvision().models


def needed(library: str) -> None:
    """Skips the test where a library is not installed; importing it may take what `benchmarks.libraries` does first."""
    if find_spec(library) is None:
        pytest.skip(f"{library} is not installed")


def built(models: Any, name: str) -> nn.Module:
    where, arguments, _ = WITH_DROPOUT[name]
    make = getattr(getattr(models, where) if where else models, name)
    net: nn.Module = make(**arguments)
    return net


def refusals(existing: tuple[ExistingDropout, ...]) -> Counter[str]:
    return Counter(remark[:6] for each in existing for remark in each.remarks if remark.startswith("DRP2"))


def element(report: PositionReport) -> list[ExistingDropout]:
    return [each for each in report.existing if each.variant != "StochasticDepth"]


@pytest.mark.parametrize("name", WITH_DROPOUT)
def test_no_dropout_that_torchvision_ships_stands_at_a_refused_place(models: Any, name: str) -> None:
    report = suggest_dropout(built(models, name), "1,3,299,299" if name == "inception_v3" else IMAGE)
    assert refusals(report.existing) == {}
    assert len(element(report)) == WITH_DROPOUT[name][2]
    assert {each.state for each in element(report)} == {"active"}


def test_densenet_with_its_own_option_has_58_before_batch_norms(models: Any) -> None:
    report = suggest_dropout(models.densenet121(drop_rate=0.2), IMAGE)
    assert len(report.existing) == 58
    assert refusals(report.existing) == {"DRP201": 58}
    assert sum(any(remark.startswith("DRP007") for remark in each.remarks) for each in report.existing) == 58
    assert [place.place for place in report.accepted] == ["before classifier"]


def test_a_residual_network_is_offered_paths_blocks_and_one_dropout(models: Any) -> None:
    report = suggest_dropout(models.resnet50(), IMAGE)
    assert Counter(place.variant for place in report.accepted) == {
        "StochasticDepth": 16,
        "DropBlock2d": 9,
        "Dropout": 1,
    }
    assert all(place.edit is not None for place in report.accepted)
    assert Counter(place.rule for place in report.refused) == {"DRP201": 53, "DRP202": 19, "DRP205": 1}
    assert not report.existing


def test_a_network_that_has_what_it_needs_is_offered_nothing(models: Any) -> None:
    assert suggest_dropout(models.efficientnet_b0(), IMAGE).accepted == ()


def test_transformers_rates_of_0_are_the_places_and_their_edits_work() -> None:
    needed("transformers")
    from benchmarks.libraries import import_transformers

    library = import_transformers()
    sizes = {"num_hidden_layers": 2, "hidden_size": 64, "num_attention_heads": 2, "intermediate_size": 128}
    rates = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    net = library.BertForSequenceClassification(library.BertConfig(vocab_size=200, **sizes, **rates))
    report = suggest_dropout(net, "1,16:int64")
    assert Counter(place.group for place in report.accepted) == {
        "sublayer": 6,
        "attention": 2,
        "embedding": 1,
        "head": 1,
    }
    edits = [(place.edit,) for place in report.accepted if place.edit is not None]
    assert len(edits) == 10
    assert all(isinstance(result, Tried) for result in try_edits(net, ["1,16:int64"], edits))


def test_a_rate_that_attention_takes_from_a_module_acts_in_training() -> None:
    needed("timm")
    from benchmarks.libraries import import_torchvision

    import_torchvision()
    import timm

    net = timm.create_model("vit_tiny_patch16_224", depth=1)
    (place,) = (each for each in suggest_dropout(net, IMAGE).accepted if each.group == "attention")
    assert place.place == "blocks.0.attn.attn_drop(p=)"
    dropping = timm.create_model("vit_tiny_patch16_224", depth=1, attn_drop_rate=0.1)
    functions = [each for each in suggest_dropout(dropping, IMAGE).existing if each.rate]
    assert [(each.variant, each.rate) for each in functions] == [("scaled_dot_product_attention(dropout_p=)", 0.1)]
