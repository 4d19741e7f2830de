"""The passes keep to the vocabulary: every name is set by some network, and nothing has a wrong name or type."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netadvise.facts import Fact, NetworkFacts, Sheet, Subject
from netadvise.graph import Graph
from netadvise.measure import facts as passes
from netadvise.quantity import Unknown
from netadvise.vocabulary import VOCABULARY, Field
from tests.measure.facts.network import facts
from tests.measure.facts.test_modules import Hiding
from tests.measure.facts.test_randomness import Residual
from tests.zoo import InvertedResidual, Lambda, ResNet, TransformerBlock, UNet


class Everything(nn.Module):
    """One layer of each kind that the other networks lack."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1, padding_mode="reflect")
        self.up = nn.ConvTranspose2d(8, 8, 3, 2, 1, output_padding=1)
        self.norms = nn.Sequential(nn.GroupNorm(2, 8), nn.InstanceNorm2d(8, affine=True))
        self.pools = nn.Sequential(nn.MaxPool2d(3, 2, 1, ceil_mode=True), nn.AvgPool2d(2), nn.AdaptiveMaxPool2d(4))
        self.rnn = nn.LSTM(8, 6, 2, dropout=0.2, bidirectional=True, batch_first=True, proj_size=3)
        self.attend = nn.MultiheadAttention(6, 2, dropout=0.1, batch_first=True)
        self.out = nn.Linear(6, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norms(self.up(F.pad(self.conv(x), (1, 1, 1, 1))))
        x = F.interpolate(F.dropout2d(self.pools(x), 0.2, self.training), scale_factor=2, mode="bilinear")
        x, _ = self.rnn(x.flatten(2).transpose(1, 2))
        x = self.attend(x, x, x, need_weights=False)[0]
        return self.out(x[:, -1]).softmax(1)


class Wide(nn.Module):
    """A residual block with dropout between its convolutions, and a kernel of even size."""

    def __init__(self) -> None:
        super().__init__()
        norm, drop = nn.Sequential(nn.BatchNorm2d(4), nn.ReLU()), nn.Dropout(0.3)
        self.stem = nn.Conv2d(4, 4, 4, padding="same")
        self.branch = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), norm, drop, nn.Conv2d(4, 4, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        return x + self.branch(x)


class Refused(nn.Linear):
    """Runs at one batch size only."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.view(2, 4))


NETWORKS: Mapping[str, tuple[Callable[[], nn.Module], str]] = {
    "resnet": (ResNet, "2,3,32,32"),
    "unet": (UNet, "1,3,32,32"),
    "transformer": (lambda: TransformerBlock(4, 2), "2,5,4"),
    "inverted": (lambda: InvertedResidual(4, 3), "2,4,16,16"),
    "everything": (Everything, "2,3,16,16"),
    "drop path": (lambda: Residual(0.1), "2,4"),
    "wide": (Wide, "2,4,16,16"),
    "hiding": (Hiding, "2,4"),
    "refused": (lambda: Refused(4, 2), "2,4"),
    "mixing": (lambda: nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4, track_running_stats=False)), "2,3,8,8"),
    "random": (lambda: Lambda(lambda x: F.dropout(x, 0.5)), "2,4"),
    "dilated": (
        lambda: nn.Sequential(*(nn.Conv2d(3, 3, 3, padding=rate, dilation=rate) for rate in (1, 2, 4)), nn.Softmax(1)),
        "1,3,32,32",
    ),
    "cell": (lambda: Lambda(lambda x: F.relu(x @ torch.eye(4), inplace=True)), "2,4"),
}


@cache
def _facts(name: str) -> NetworkFacts:
    build, inputs = NETWORKS[name]
    torch.manual_seed(0)
    return facts(build(), inputs)


def _subjects(found: NetworkFacts) -> Iterator[tuple[str, Subject]]:
    yield "model", found.model
    yield from (("module", module) for module in found.modules)
    for sheet in (found.evaluation, found.training):
        if isinstance(sheet, Sheet):
            yield from (("layer", layer) for layer in sheet.layers)
            yield from (("block", block) for block in sheet.blocks)


def _is_plain(fact: Fact, kinds: tuple[type, ...]) -> bool:
    return isinstance(fact, kinds) and (bool in kinds or not isinstance(fact, bool))


_TYPES: Mapping[str, Callable[[Fact], bool]] = {
    "bool": lambda fact: isinstance(fact, bool),
    "number": lambda fact: _is_plain(fact, (int, float)),
    "text": lambda fact: isinstance(fact, str),
    "numbers": lambda fact: isinstance(fact, tuple) and all(_is_plain(item, (int, float)) for item in fact),
    "texts": lambda fact: isinstance(fact, tuple) and all(isinstance(item, str) for item in fact),
}


def _wrong(field: Field | None, fact: Fact) -> str:
    if field is None:
        return "no name of the vocabulary"
    if isinstance(fact, Unknown) or fact is None:
        return ""
    if not _TYPES[field.type](fact):
        return f"not {field.type}"
    texts = fact if isinstance(fact, tuple) else (fact,)
    return f"not among {field.values}" if field.values and not set(texts) <= set(field.values) else ""


@pytest.mark.parametrize("name", NETWORKS)
def test_every_fact_has_a_name_and_the_type_of_the_vocabulary(name: str) -> None:
    problems = {
        f"{table} {subject.name!r} {key} = {fact!r}: {wrong}"
        for table, subject in _subjects(_facts(name))
        for key, fact in subject.facts.items()
        if (wrong := _wrong(VOCABULARY[table].get(key), fact))
    }
    assert problems == set()


@pytest.mark.parametrize("table", ["layer", "block", "module", "model"])
def test_every_name_of_the_vocabulary_is_told_of_some_network(table: str) -> None:
    told = {
        key
        for name in NETWORKS
        for kind, subject in _subjects(_facts(name))
        if kind == table
        for key, fact in subject.facts.items()
        if fact is not None and not isinstance(fact, Unknown)
    }
    assert set(VOCABULARY[table]) - told == set()


@pytest.mark.parametrize("name", NETWORKS)
def test_layers_stand_behind_what_they_read(name: str) -> None:
    for layer in _facts(name).evaluation.layers:
        assert all(producer < layer.id for producer in layer.producers)
        assert all(consumer > layer.id for consumer in layer.consumers)


def test_a_graph_without_the_further_passes_still_has_facts() -> None:
    from netadvise.capture.record import record
    from netadvise.measure import measure
    from netadvise.measure.receptive import receptive_fields

    graph: Graph = record(ResNet(), [torch.zeros(1, 3, 32, 32)])
    fields, missing = receptive_fields(graph), Unknown("not recorded")
    found = passes.network_facts(graph, measure(graph, fields), fields=fields, training=missing, batch=missing)
    assert found.training == missing
    assert isinstance(found.model.get("batch_independent"), Unknown)
    assert found.model.get("works_at_other_batch") is False
