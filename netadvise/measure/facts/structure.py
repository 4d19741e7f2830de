"""The parts of a network: its blocks, gates and shortcuts, found from the data flow alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from netadvise.measure.facts.block_types import attending, residual_type
from netadvise.measure.facts.cats import cats
from netadvise.measure.facts.gates import Gate, gate_entries, gates
from netadvise.measure.facts.lines import attention_region, inverted_line, members_with_gates
from netadvise.measure.facts.paths import Paths, paths
from netadvise.measure.facts.sums import Meeting, sums
from netadvise.measure.facts.survey import Survey


@dataclass(frozen=True, slots=True)
class Part:
    """One block."""

    type: str
    fork: int | None
    """The value that it starts from, where it is one."""
    join: int
    """The entry that makes its result."""
    shortcut: tuple[int, ...] | None
    """The entries on the path around the branches; None without such a path."""
    branches: tuple[tuple[int, ...], ...]
    members: tuple[int, ...]


@dataclass(frozen=True)
class Structure:
    """Everything that the position facts are read from."""

    paths: Paths
    gates: Mapping[int, Gate]
    serving: frozenset[int]
    """Entries that compute gates."""
    attention: frozenset[int]
    """Entries that weigh values by attention."""
    sums: Mapping[int, Meeting]
    parts: tuple[Part, ...]
    """In the order of their results; an inner block stands before the one around it."""

    def main(self, branch: Iterable[int]) -> tuple[int, ...]:
        """The layers with weights of a branch that are in no gate, in order."""
        return tuple(entry for entry in branch if self.paths.weighted(entry) and entry not in self.serving)


def structure(survey: Survey) -> Structure:
    """The parts of a survey whose layer facts are there."""
    flow = paths(survey)
    found = gates(flow)
    serving, attention, residual = gate_entries(flow, found), attending(flow), sums(flow, found)
    bare = Structure(flow, found, serving, attention, residual, ())
    parts = [_residual(bare, meeting) for meeting in residual.values()]
    parts.extend(_concatenation(meeting) for meeting in cats(flow))
    parts.extend(_gate(gate) for gate in found.values())
    parts.extend(_lone_attention(bare, parts))
    parts.extend(_lines(bare, parts))
    ordered = tuple(sorted(parts, key=lambda part: (part.join, len(part.members))))
    return Structure(flow, found, serving, attention, residual, ordered)


def _residual(bare: Structure, meeting: Meeting) -> Part:
    flow, members = bare.paths, meeting.members()
    inside = {entry for branch in meeting.branches for entry in branch}
    layers = bare.main(max(meeting.branches, key=flow.weights))
    kind = "attention"
    if inside.isdisjoint(bare.attention):
        batch = any(flow.text(entry, "norm_type") == "batch" for entry in members)
        kind = residual_type(flow, layers, batch_norm=batch, ends_linear=_ends_linear(bare, meeting, layers))
    return Part(kind, meeting.fork, meeting.join, meeting.shortcut, meeting.branches, members)


def _ends_linear(bare: Structure, meeting: Meeting, layers: tuple[int, ...]) -> bool:
    """Whether no activation stands behind the last layer with weights of a branch."""
    behind = [entry for branch in meeting.branches for entry in branch if layers and entry > layers[-1]]
    return not any(bare.paths.op(entry) == "activation" and entry not in bare.serving for entry in behind)


def _concatenation(meeting: Meeting) -> Part:
    kind = "dense" if meeting.kind == "dense" else "inception"
    return Part(kind, meeting.fork, meeting.join, meeting.shortcut, meeting.branches, meeting.members())


def _gate(gate: Gate) -> Part:
    return Part("gate", gate.main, gate.join, None, (gate.members,), (*gate.members, gate.join))


def _lone_attention(bare: Structure, parts: Iterable[Part]) -> list[Part]:
    inside = {entry for part in parts if part.type == "attention" for entry in part.members}
    found: list[Part] = []
    for entry in sorted(bare.attention - inside):
        region = attention_region(bare.paths, entry)
        if region is not None:
            found.append(Part("attention", None, region[-1], None, (region,), region))
    return found


def _lines(bare: Structure, parts: Iterable[Part]) -> list[Part]:
    inside = {entry for part in parts if part.type == "inverted_bottleneck" for entry in part.members}
    around = {entry for part in parts if part.join in bare.sums for entry in part.members}
    found: list[Part] = []
    for entry in sorted(bare.paths.useful - inside - bare.serving):
        kernel = bare.paths.holds(entry, "is_depthwise") and not bare.paths.holds(entry, "is_pointwise")
        line = inverted_line(bare.paths, bare.gates, entry) if kernel else None
        if line is not None and (line[0] != entry or entry not in around):
            members = members_with_gates(line, bare.gates)
            fork = bare.paths.only(line[0])
            found.append(Part("inverted_bottleneck", fork, line[-1], None, (members,), members))
    return found
