"""What there is to say about a rule, in sections, whatever the format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

from netadvise.render.rule_words import GRADES, MISTAKEN, remedy
from netadvise.render.text import plain
from netadvise.rule import Example, Offer, Option, Rule, Scope

_SCOPES: Mapping[Scope, str] = {
    "layer": "each layer",
    "sequence": "layers in a row",
    "block": "each block",
    "module": "each module",
    "model": "the model as a whole",
    "probe": "what training probes measured",
}
_NEEDS: Mapping[str, str] = {
    "train": "a pass in training mode",
    "batch": "a pass with another batch size",
    "context": "what you declare of the task",
    "receptive_field": "receptive fields",
}
SUPPRESS = "# netadvise: ignore[{id}] the reason"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, and labels with what belongs to each."""

    title: str
    kind: Literal["facts", "prose", "text", "code", "list"]
    entries: tuple[tuple[str, str], ...]


def sections(rule: Rule, *, default: bool) -> Iterator[Section]:
    """The sections that the rule has something for."""
    found = (
        Section("About", "facts", tuple(_about(rule, default))),
        Section("What it says", "text", (("", plain(rule.message)),)),
        Section("Why", "prose", (("", plain(rule.why)),)),
        Section("When", "code", tuple(_conditions(rule))),
        Section("When it is wrong", "prose", (("", MISTAKEN[rule.confidence]),)),
        Section("What to do", "list", tuple(_remedy(rule))),
        Section("Options", "code", tuple((plain(key), _option(rule, key)) for key in rule.options)),
        Section("Examples", "code", tuple(_examples(rule))),
        Section("Sources", "list", tuple(("", plain(ref)) for ref in rule.refs)),
        Section("To ignore it", "code", tuple(_ignoring(rule))),
    )
    for section in found:
        entries = tuple((label, said) for label, said in section.entries if said)
        if entries:
            yield replace(section, entries=entries)


def rule_document(rule: Rule, *, default: bool) -> dict[str, object]:
    """The rule as plain values."""
    return {
        "id": rule.id,
        "name": rule.name,
        "aliases": list(rule.aliases),
        "title": rule.title,
        "set": rule.set,
        "default": default,
        "since": rule.since,
        "severity": rule.severity,
        "confidence": rule.confidence,
        "scope": rule.scope,
        "mode": rule.mode,
        "needs": list(rule.needs),
        "position": None if rule.position is None else asdict(rule.position),
        "verdict": rule.verdict,
        "gate": rule.gate,
        "ends": rule.ends,
        "where": rule.where,
        "unless": list(rule.unless),
        "escalate": dict(rule.escalate),
        "message": rule.message,
        "why": rule.why,
        "refs": list(rule.refs),
        "fix": None if rule.fix is None else asdict(rule.fix),
        "effect": rule.effect,
        "options": dict(rule.options),
        "examples": {
            kind: [_example_document(example) for example in examples] for kind, examples in _kinds(rule).items()
        },
    }


def value(option: Option | None) -> str:
    """An option or a fact as a rule file or the command line spells it."""
    if option is None:
        return "null"
    if isinstance(option, bool):
        return str(option).lower()
    return plain(str(list(option) if isinstance(option, tuple) else option))


def _about(rule: Rule, default: bool) -> Iterator[tuple[str, str]]:
    yield "severity", rule.severity
    yield "grade", f"{rule.confidence}, {GRADES[rule.confidence]}"
    applied = f"{'on' if default else 'off'} by default" if rule.of_lint else "for suggest-dropout"
    yield "set", f"{plain(rule.set)}, {applied}"
    yield "looks at", f"{_SCOPES[rule.scope]}{', as in training' if rule.mode == 'train' else ''}"
    if rule.position is not None:
        yield "dropout", _position(rule.position)
    if rule.verdict or rule.gate:
        yield "comes to", plain(rule.verdict or rule.gate) + (", and ends what it is about" if rule.ends else "")
    if rule.needs:
        yield "needs", ", ".join(_NEEDS.get(need, plain(need)) for need in rule.needs)
    if rule.since:
        yield "since", plain(rule.since)
    if rule.aliases:
        yield "once called", ", ".join(map(plain, rule.aliases))


def _position(offer: Offer) -> str:
    """ "Dropout at 0.5, 0.35 or 0.2 after it, as other places of group hidden"."""
    if offer.kind == "refuse":
        return f"none may stand {offer.on} it"
    *others, last = map(str, offer.rates)
    rates = f"{', '.join(others)} or {last}" if others else last
    what = f"{plain(offer.variant)} at {rates} {offer.on} it" if offer.variant else f"{plain(offer.argument)}={rates}"
    return f"{what}, group {plain(offer.group)}"


def _conditions(rule: Rule) -> Iterator[tuple[str, str]]:
    """The rule's own expressions; the pattern of layers stands in its file alone."""
    yield "where", plain(rule.where)
    for condition in rule.unless:
        yield "unless", plain(condition)
    for severity, condition in rule.escalate.items():
        yield f"{severity} if", plain(condition)


def _remedy(rule: Rule) -> Iterator[tuple[str, str]]:
    if rule.fix is not None:
        yield "fix", remedy(rule.fix)
    if rule.effect:
        yield "effect", plain(rule.effect)


def _option(rule: Rule, key: str) -> str:
    return f"{value(rule.options[key])}    (--option {rule.id}.{plain(key)}=VALUE)"


def _examples(rule: Rule) -> Iterator[tuple[str, str]]:
    labels = {"fires": "fires on", "silent": "silent on", "unknown": "cannot tell on"}
    for kind, examples in _kinds(rule).items():
        for example in examples:
            yield labels[kind], _shown(example)


def tested_on(example: Example) -> str:
    """The network of an example, or what was measured: "about=arm, effect=0.1"."""
    if example.net:
        return plain(example.net)
    return ", ".join(f"{plain(name)}={value(fact)}" for name, fact in example.facts.items()) or "nothing measured"


def _shown(example: Example) -> str:
    given = {**example.context, **{f"opt.{key}": setting for key, setting in example.options.items()}}
    where = [f"input {' '.join(map(plain, example.input))}"] if example.input else []
    where += [f"{plain(key)}={value(setting)}" for key, setting in given.items()]
    return f"{tested_on(example)}    ({', '.join(where)})" if where else tested_on(example)


def _ignoring(rule: Rule) -> Iterator[tuple[str, str]]:
    if rule.of_lint:
        yield "on its line", SUPPRESS.format(id=plain(rule.id))
        yield "everywhere", f"netadvise lint --ignore {plain(rule.id)}"


def _kinds(rule: Rule) -> Mapping[str, Sequence[Example]]:
    return {"fires": rule.examples.fires, "silent": rule.examples.silent, "unknown": rule.examples.unknown}


def _example_document(example: Example) -> dict[str, object]:
    return {
        "net": example.net,
        "input": list(example.input),
        "options": dict(example.options),
        "context": dict(example.context),
        "layer": example.layer,
        "facts": dict(example.facts),
    }
