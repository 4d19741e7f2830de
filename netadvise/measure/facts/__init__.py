"""The facts of a network: what rules may ask about its layers, blocks and modules, and about it as a whole.

Passes fill a table of the recorded ops, each some columns: first what can be told of a layer alone, then its place
among the others, then what takes more than one recording. See `vocabulary` for the names and meanings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netadvise.facts import Fact, NetworkFacts, Sheet, Subject
from netadvise.graph import Graph
from netadvise.measure.facts import model_decoder, model_layers, model_maps, model_totals
from netadvise.measure.facts.batch import place_samples, place_samples_alike
from netadvise.measure.facts.batch_axis import batch_size
from netadvise.measure.facts.batch_model import batch_facts, doubt, paired
from netadvise.measure.facts.batch_pair import Pair
from netadvise.measure.facts.gradient import gradient
from netadvise.measure.facts.local import LAYER_PASSES
from netadvise.measure.facts.modules import modules
from netadvise.measure.facts.network import MODEL_FACTS, Network
from netadvise.measure.facts.positions import POSITION_PASSES, blocks
from netadvise.measure.facts.randomness import active_in_eval
from netadvise.measure.facts.survey import Entry, Survey, survey
from netadvise.profiles import Profile, ReceptiveField
from netadvise.quantity import Unknown

ANSWER_FILES = (model_decoder, model_layers, model_maps, model_totals)
"""The files whose functions stand in the table `MODEL_FACTS`."""


def network_facts(
    evaluation: Graph,
    profile: Profile,
    *,
    fields: Mapping[int, ReceptiveField],
    training: Graph | Unknown,
    batch: Graph | Unknown,
    unregistered: Sequence[Subject] = (),
) -> NetworkFacts:
    """The facts of a network from its recordings.

    `profile` and `fields` (receptive fields by value id) are measured on `evaluation`; `training` and `batch` are the
    passes in training mode and at another batch size, or why there is none; `unregistered` are the modules that
    containers hide.
    """
    table, found = _surveyed(evaluation, fields)
    trained = training if isinstance(training, Unknown) else _surveyed(training, None)
    in_training = trained if isinstance(trained, Unknown) else trained[0]
    active_in_eval(table, in_training)
    size = batch_size(evaluation)
    pair = _placed(table, in_training, paired(evaluation, batch, size))
    network = Network(table, found, profile, in_training, pair)
    facts = {name: answer(network) for name in MODEL_FACTS if (answer := MODEL_FACTS.get(name))}
    facts |= batch_facts(table, pair, batch, size)
    return NetworkFacts(
        model=Subject("model", 0, "", evaluation.module_at[""].location, None, _told(facts)),
        evaluation=Sheet("eval", _layers(table), found),
        training=trained if isinstance(trained, Unknown) else Sheet("train", _layers(trained[0]), trained[1]),
        modules=modules(evaluation, training, unregistered),
        notes=profile.notes,
    )


def _surveyed(graph: Graph, fields: Mapping[int, ReceptiveField] | None) -> tuple[Survey, tuple[Subject, ...]]:
    """The layers of one pass with the facts that it alone tells, and its blocks."""
    table = survey(graph, fields)
    for fill in (*LAYER_PASSES, *POSITION_PASSES, gradient):
        fill(table)
    return table, blocks(table)


def _placed(table: Survey, training: Survey | Unknown, pair: Pair | Unknown) -> Pair | Unknown:
    """Tells every layer where the samples stand; Unknown where the input's axis 0 may hold none."""
    place_samples(table, pair)
    doubted = pair if isinstance(pair, Unknown) else doubt(table, pair)
    if doubted is not None and doubted is not pair:
        place_samples(table, doubted)
    if not isinstance(training, Unknown):
        place_samples_alike(table, training)
    return pair if doubted is None else doubted


def _layers(table: Survey) -> tuple[Subject, ...]:
    return tuple(_layer(entry) for entry in table.entries)


def _layer(entry: Entry) -> Subject:
    return Subject(
        kind="layer",
        id=entry.id,
        name=entry.name,
        location=entry.location,
        called_at=entry.called_at,
        facts=_told(entry.facts),
        producers=entry.producers,
        consumers=entry.consumers,
        block=entry.block,
    )


def _told(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """The facts that apply."""
    return {name: fact for name, fact in facts.items() if fact is not None}
