"""Facts drawn in a few lines, one layer each: `name op field=value ... < producer producer`.

Without `<` a layer reads the one above it, `< -` reads nothing, `< name` names what it reads. Values: true, false,
3, 0.5, 3x3 (one number per axis), [a,b] (texts), ?reason (unknown), anything else a text. A block:
`@name type: member member`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from netadvise.facts import Fact, NetworkFacts, Sheet, Subject
from netadvise.graph import Location
from netadvise.quantity import Unknown


def draw(text: str, *, training: str | Unknown | None = None, **model: Fact) -> NetworkFacts:
    """The facts of a sketch; `training` is the sketch of the other pass, the same one when left out."""
    evaluation = _sheet(text, "eval")
    other = training if isinstance(training, Unknown) else _sheet(training or text, "train")
    return NetworkFacts(Subject("model", 0, "", None, None, model), evaluation, other)


def with_modules(facts: NetworkFacts, *modules: Mapping[str, Fact]) -> NetworkFacts:
    """The same network with these registered modules."""
    subjects = tuple(
        Subject("module", index, str(module["name"]), Location("net.py", 100 + index), None, module)
        for index, module in enumerate(modules)
    )
    return replace(facts, modules=subjects)


def _sheet(text: str, mode: str) -> Sheet:
    layers: list[Subject] = []
    blocks: list[Subject] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("@"):
            blocks.append(_block(line, len(blocks), layers))
        else:
            layers.append(_layer(line, layers))
    inner: dict[int, int] = {}
    for block in sorted(blocks, key=lambda each: -len(each.members)):
        inner.update(dict.fromkeys(block.members, block.id))
    readers: dict[int, list[int]] = {layer.id: [] for layer in layers}
    for layer in layers:
        for producer in layer.producers:
            readers[producer].append(layer.id)
    finished = tuple(replace(each, consumers=tuple(readers[each.id]), block=inner.get(each.id)) for each in layers)
    return Sheet("train" if mode == "train" else "eval", finished, tuple(blocks))


def _layer(line: str, before: list[Subject]) -> Subject:
    drawn, arrow, read = line.partition("<")
    name, op, *given = drawn.split()
    facts = {"name": name, "op": op, **dict(_fact(word) for word in given)}
    if arrow:
        producers = tuple(each.id for word in read.split() for each in before if each.name == word)
    else:
        producers = (before[-1].id,) if before else ()
    number = len(before)
    return Subject("layer", number, name, Location("net.py", 10 + number, 9), None, facts, producers)


def _block(line: str, number: int, layers: list[Subject]) -> Subject:
    head, _, members = line[1:].partition(":")
    name, kind, *given = head.split()
    facts = {"name": name, "type": kind, **dict(_fact(word) for word in given)}
    inside = tuple(each.id for word in members.split() for each in layers if each.name == word)
    return Subject("block", number, name, Location("net.py", 50 + number), None, facts, members=inside)


def _fact(word: str) -> tuple[str, Fact]:
    name, _, value = word.partition("=")
    return name, _value(value)


def _value(text: str) -> Fact:
    if text.startswith("?"):
        return Unknown(text[1:].replace("_", " "))
    if text.startswith("["):
        return tuple(text[1:-1].split(","))
    if text in ("true", "false"):
        return text == "true"
    parts = text.split("x")
    if all(part.replace(".", "", 1).lstrip("-").isdigit() for part in parts):
        numbers = tuple(float(part) if "." in part else int(part) for part in parts)
        return numbers if len(numbers) > 1 else numbers[0]
    return text
