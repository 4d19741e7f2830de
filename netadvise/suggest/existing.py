"""The dropouts that a network has: modules, calls, arguments of recurrent layers and attention, and dropped paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from netadvise.facts import NetworkFacts, Sheet, Subject
from netadvise.finding import Hit
from netadvise.position import ExistingDropout, State
from netadvise.profiles import Layer, Profile
from netadvise.rule import Rule
from netadvise.suggest.flow import Flow, drops_paths, number

_BETWEEN = frozenset(("reshape", "permute", "identity", "copy", "activation"))

Remarks = Mapping[str, tuple[str, ...]]


def existing(
    facts: NetworkFacts, profile: Profile, hits: Iterable[Hit], rules: Mapping[str, Rule]
) -> tuple[ExistingDropout, ...]:
    """Every dropout once, in order of execution; `hits` are those of lint rules, and of refusals at its place."""
    flow, told = Flow(facts), _remarks(hits, rules)
    found = [*_ops(flow, told), *_arguments(profile, told), *_functional_attention(flow, told), *_paths(flow, told)]
    first: dict[str, int] = {}
    for index, layer in enumerate([*flow.layers, *_training(facts)]):
        first.setdefault(layer.name, index)
    distinct = {(each.layer, each.variant): each for each in reversed(found)}
    return tuple(sorted(distinct.values(), key=lambda each: first.get(each.layer, len(first))))


def _remarks(hits: Iterable[Hit], rules: Mapping[str, Rule]) -> Remarks:
    """What rules say, by layer; a refusal that is mere advice says nothing of a dropout that stands there."""
    found: dict[str, dict[str, None]] = {}
    for hit in sorted(hits, key=lambda each: each.rule):
        rule = rules[hit.rule]
        refusal = rule.position is not None and rule.position.kind == "refuse" and rule.severity != "advice"
        if refusal or rule.position is None:
            found.setdefault(hit.layer, {})[f"{rule.id} {rule.name}: {hit.message}"] = None
    return {layer: tuple(texts) for layer, texts in found.items()}


def _training(facts: NetworkFacts) -> tuple[Subject, ...]:
    return facts.training.layers if isinstance(facts.training, Sheet) else ()


def _ops(flow: Flow, told: Remarks) -> Iterator[ExistingDropout]:
    """Dropouts that ran, in training mode alone, too; those inside of an attention module are its argument's."""
    names = {layer.name for layer in flow.layers}
    only_trained = [layer for layer in _training(flow.facts) if layer.name not in names]
    for layer in [*flow.layers, *only_trained]:
        if layer.get("op") != "dropout" or layer.get("type") == "MultiheadAttention":
            continue
        rate = number(layer.get("p"))
        acts = rate is None or (rate > 0 and layer.get("used") is not False)
        yield ExistingDropout(
            layer=layer.name,
            location=layer.location or layer.called_at,
            variant=str(layer.get("type")),
            rate=rate,
            state=_STATES[acts],
            active_in_eval=layer.get("active_in_eval") is True,
            duplicated=acts and layer.name in names and _has_neighbour(flow, layer),
            remarks=told.get(layer.name, ()),
        )


_STATES: Mapping[bool, State] = {True: "active", False: "dead"}


def _has_neighbour(flow: Flow, layer: Subject) -> bool:
    """Whether another dropout that acts stands directly before or behind it."""
    return any(_meets(flow, layer, ahead=ahead) for ahead in (True, False))


def _meets(flow: Flow, layer: Subject, *, ahead: bool) -> bool:
    waiting = list(layer.consumers if ahead else layer.producers)
    while waiting:
        other = flow.layers[waiting.pop()]
        rate = number(other.get("p")) if other.get("op") == "dropout" else None
        if rate:
            return True
        if rate == 0 or other.get("op") in _BETWEEN:
            waiting.extend(other.consumers if ahead else other.producers)
    return False


def _arguments(profile: Profile, told: Remarks) -> Iterator[ExistingDropout]:
    """Rates above 0 that recurrent layers and attention modules were built with."""
    for layer in profile.layers:
        rate = number(layer.attrs.get("dropout")) if layer.kind in _TAKING else None
        if rate:
            yield ExistingDropout(
                layer=layer.name,
                location=layer.location,
                variant=f"{layer.kind}(dropout=)",
                rate=rate,
                state=_STATES[_stacked(layer)],
                remarks=told.get(layer.name, ()),
            )


_TAKING = frozenset(("RNN", "LSTM", "GRU", "MultiheadAttention"))


def _stacked(layer: Layer) -> bool:
    return layer.kind == "MultiheadAttention" or (number(layer.attrs.get("num_layers")) or 0) > 1


def _functional_attention(flow: Flow, told: Remarks) -> Iterator[ExistingDropout]:
    """Calls of attention with a rate, in training mode at least."""
    named = flow.facts.layer_named
    for layer in _training(flow.facts):
        rate = number(layer.get("dropout_p"))
        if layer.get("op") == "attention" and layer.get("type") != "MultiheadAttention" and rate:
            also = named.get(layer.name)
            yield ExistingDropout(
                layer=layer.name,
                location=layer.called_at or layer.location,
                variant=f"{layer.get('function')}(dropout_p=)",
                rate=rate,
                state="active",
                active_in_eval=also is not None and bool(number(also.get("dropout_p"))),
                remarks=told.get(layer.name, ()),
            )


def _paths(flow: Flow, told: Remarks) -> Iterator[ExistingDropout]:
    """Stochastic depth and DropBlock: they run in training mode alone, and not at all with rate 0."""
    ran: set[str] = set()
    for layer in _training(flow.facts):
        if layer.get("op") == "drop_path":
            module = str(layer.get("module") or "")
            ran.add(module)
            yield _path(flow, layer, module, told)
    if not isinstance(flow.facts.training, Sheet):
        return
    for name, found in flow.modules.items():
        if name and name not in ran and drops_paths(found) and found.get("call_count"):
            kind = str(found.get("type"))
            yield ExistingDropout(name, found.location, kind, 0.0, "dead", remarks=told.get(name, ()))


def _path(flow: Flow, layer: Subject, module: str, told: Remarks) -> ExistingDropout:
    """Under the name of its module, where it has one of its own."""
    found = flow.modules.get(module)
    own = found is not None and drops_paths(found)
    name = module if own else layer.name
    return ExistingDropout(
        layer=name,
        location=found.location if own and found is not None else layer.called_at or layer.location,
        variant=str(found.get("type")) if own and found is not None else str(layer.get("type")),
        rate=number(layer.get("p")),
        state="active",
        remarks=tuple(dict.fromkeys((*told.get(name, ()), *told.get(layer.name, ())))),
    )
