"""From what rules about places hit to one position for each place: offered, or refused for a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from netadvise.facts import NetworkFacts, Subject
from netadvise.finding import Hit
from netadvise.position import Group, Position
from netadvise.profiles import Profile
from netadvise.rule import SEVERITIES, Offer, Rule
from netadvise.suggest.flow import Flow, number
from netadvise.suggest.inserting import Built, Spot, argument, before, behind, path_rate

Key = tuple[int, str]
"""The layer that makes a value, and "" or an argument: one place."""

_WHOLE = frozenset(("StochasticDepth", "DropBlock2d"))
"""Variants that are not what a dropout of rate 0 at their place would be at another rate."""
_FORCED = 0.5
"""The rate of a refused place that no rule offers: the one at which the refusals were published."""


@dataclass(slots=True)
class _Candidate:
    """What the rules say of one place."""

    layer: Subject
    spot: Spot
    offers: list[tuple[Rule, Hit]] = field(default_factory=list)
    refusals: list[tuple[Rule, Hit]] = field(default_factory=list)
    shadowed: bool = False
    """Whether an inert dropout stands at it, under whose name it is refused."""


def positions(
    facts: NetworkFacts, profile: Profile, hits: Iterable[Hit], rules: Mapping[str, Rule]
) -> tuple[Position, ...]:
    """The places of a network in order of execution; of two offers at one the rule with the first id counts.

    A refusal overrules every offer at its place. Refusals of severity `advice` are told only where they do.
    """
    built: Built = {layer.name: layer.attrs for layer in profile.layers}
    flow = Flow(facts)
    gathering = _Gathering(flow, built)
    for hit in sorted(hits, key=lambda each: each.rule):
        rule = rules[hit.rule]
        if rule.position is not None:
            gathering.add(rule, rule.position, hit)
    told = [each for _, each in sorted(gathering.places.items()) if _is_told(each)]
    found = [_position(each, flow.shown(each.layer, built)) for each in told]
    return tuple(_distinct(found))


class _Gathering:
    """The places, as far as the hits so far make them."""

    def __init__(self, flow: Flow, built: Built) -> None:
        self.flow, self.built = flow, built
        self.places: dict[Key, _Candidate] = {}

    def add(self, rule: Rule, offer: Offer, hit: Hit) -> None:
        """Take one hit; what stands inside of a row, whose result is another, is no place."""
        layer = self._layer(rule, hit)
        if layer is None:
            return
        if offer.argument:
            self._argument(rule, offer, hit, layer)
        else:
            self._note(self._value(offer, layer, hit), rule, hit, offer)

    def _layer(self, rule: Rule, hit: Hit) -> Subject | None:
        """The layer of a hit, in the pass in evaluation mode."""
        if rule.mode == "eval":
            return self.flow.layers[hit.subject]
        return self.flow.last_of((hit.layer, hit.call))

    def _value(self, offer: Offer, layer: Subject, hit: Hit) -> Iterable[tuple[Key, Subject, Spot]]:
        """The places that are the value which a hit is about: where an inert dropout stands, that and the value."""
        flow = self.flow
        reader = layer if offer.on == "before" else None
        made = flow.read_by(layer) if reader is not None else flow.source(layer)
        if made is None:
            yield (layer.id, "before"), layer, before(flow, layer, None, offer.variant)
            return
        inert = flow.inert_at(made)
        base = flow.before_inert(made)
        if inert is not None and offer.variant not in _WHOLE:
            yield (inert.id, "p"), inert, argument(flow, inert, "p")
            if offer.kind == "offer":
                return
        sums = [each.layer for each in hit.related if each.label == "sum"]
        idle = flow.idle_path(sums[0]) if sums and offer.variant == "StochasticDepth" else None
        if idle is not None:
            yield (base.id, "path"), base, path_rate(idle)
        elif flow.makes_row(base):
            variant = offer.variant or _variant(base)
            spot = behind(flow, base, variant) if reader is None else before(flow, reader, base, variant)
            yield (base.id, ""), base, spot

    def _argument(self, rule: Rule, offer: Offer, hit: Hit, layer: Subject) -> None:
        """An argument stands once for all ops of its module, and for all of its calls."""
        first = self.flow.last_of((layer.name, 0)) or layer
        spot = argument(self.flow, layer, offer.argument)
        if self._has_rate(layer, offer.argument) and offer.kind == "offer":
            return
        self._note([((first.id, offer.argument), first, spot)], rule, hit, offer)

    def _has_rate(self, layer: Subject, name: str) -> bool:
        """Whether the argument is above 0 already."""
        given = number(self.built.get(layer.name, {}).get(name))
        trained = [number(each.get(name)) for each in self.flow.training.get(layer.name, ())]
        return any(rate is not None and rate > 0 for rate in (given, *trained))

    def _note(self, places: Iterable[tuple[Key, Subject, Spot]], rule: Rule, hit: Hit, offer: Offer) -> None:
        for key, layer, spot in places:
            shadowed = not spot.argument and self.flow.inert_at(layer) is not None
            candidate = self.places.setdefault(key, _Candidate(layer, spot, shadowed=shadowed))
            (candidate.offers if offer.kind == "offer" else candidate.refusals).append((rule, hit))


def _is_told(candidate: _Candidate) -> bool:
    """Whether there is something to say: refusals of no offer are told where they are no mere advice.

    A dropout that is there is listed as such, and the value before an inert one under its name.
    """
    if candidate.offers:
        return True
    standing = candidate.layer.get("op") == "dropout" and not candidate.spot.argument
    named = standing or candidate.shadowed
    return not named and any(rule.severity != "advice" for rule, _ in candidate.refusals)


def _position(candidate: _Candidate, shown: str) -> Position:
    layer, spot = candidate.layer, candidate.spot
    worst = sorted(candidate.refusals, key=lambda said: SEVERITIES.index(said[0].severity))
    rule, hit = (worst or candidate.offers)[0]
    offered = candidate.offers[0][0] if candidate.offers else None
    offer = None if offered is None else offered.position
    variant = _variant(layer) if offer is None else offer.variant or _FORM[bool(spot.argument)]
    if spot.argument:
        variant = f"{spot.argument}="
    rates = () if offer is None else offer.rates
    unmade = spot.unmade or ("" if _is_real(candidate) else "it holds whole numbers, which torch does not drop")
    edit = None if unmade else spot.edit(variant, rates[0] if rates else _FORCED, layer)
    return Position(
        place=spot.name,
        layer=shown,
        location=spot.location,
        accepted=not candidate.refusals,
        group=_group(layer) if offer is None else _group_named(offer.group),
        variant=variant,
        rates=rates,
        rule=rule.id,
        name=rule.name,
        confidence=rule.confidence,
        reason=hit.message,
        why=rule.why,
        refs=rule.refs,
        edit=edit,
        unmade=unmade,
        overruled=offered.id if offered is not None and candidate.refusals else "",
    )


_FORM = {False: "Dropout", True: ""}


def _is_real(candidate: _Candidate) -> bool:
    """Whether it is a value that can be scaled; what an embedding reads never is."""
    layer = candidate.layer
    indices = layer.get("op") == "embedding" and candidate.spot.name == f"before {layer.name}"
    return not indices and not str(layer.get("dtype") or "").startswith(("int", "uint", "bool"))


def _variant(layer: Subject) -> str:
    """What would be put on the result of a layer, were it not refused."""
    shape = layer.get("output_shape")
    rank = len(shape) if isinstance(shape, tuple) and layer.get("channels_first") is True else 0
    return {3: "Dropout1d", 4: "Dropout2d", 5: "Dropout3d"}.get(rank, "Dropout")


_GROUPS: Mapping[str, Group] = {
    "hidden": "hidden",
    "input": "input",
    "head": "head",
    "conv": "conv",
    "block": "block",
    "residual": "residual",
    "embedding": "embedding",
    "recurrent": "recurrent",
    "sublayer": "sublayer",
    "attention": "attention",
}
_GROUP_OF_OP: Mapping[str, Group] = {
    "rnn": "recurrent",
    "rnn_cell": "recurrent",
    "embedding": "embedding",
    "constant": "embedding",
    "attention": "attention",
    "add": "residual",
}


def _group_named(name: str) -> Group:
    return _GROUPS[name]


def _group(layer: Subject) -> Group:
    """The group of a place that no rule offers."""
    if layer.get("after_last_weight") is True:
        return "head"
    if layer.get("on_shortcut") is True:
        return "residual"
    if layer.get("block_type") == "attention" and layer.get("in_branch") is True:
        return "attention"
    by_shape: Group = "conv" if layer.get("channels_first") is True else "hidden"
    return _GROUP_OF_OP.get(str(layer.get("op")), by_shape)


def _distinct(found: Sequence[Position]) -> Iterable[Position]:
    """Each name once: a place that goes by the name of another is the same to whoever makes the edit.

    Places without an edit are told once for all calls of a layer, of which a loop may make thousands.
    """
    seen: dict[tuple[str, ...], Position] = {}
    for position in found:
        key = (position.place,) if position.edit is not None else (position.layer, position.rule, position.variant)
        known = seen.get(key)
        if known is None or (known.accepted and not position.accepted):
            seen[key] = position
    return seen.values()
