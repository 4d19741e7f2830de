"""The network as a tree of blocks in order of execution, which a page folds, and the data flow between its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from netadvise.profiles import Layer, Profile, Sizes, Totals
from netadvise.quantity import Quantity, Unknown, known
from netadvise.render.columns import amount
from netadvise.render.columns import field as pixels
from netadvise.render.html.flow import INPUT, Flow
from netadvise.render.text import counted, human, human_bytes, shape

OPEN = 48
"""Rows that are shown at first, about."""
_CHUNK = 100
"""Neighbours without a block of their own that make one fold."""


@dataclass(slots=True)
class Node:
    """A row of the profile, or a block with what is in it."""

    id: int
    name: str
    """As it is called inside the block around it."""
    path: str
    kind: str
    layers: list[int]
    """The rows of the profile in it, by position."""
    children: list[Node] = field(default_factory=list)
    open: bool = False
    amounts: tuple[Amount, ...] = ()
    output: str = ""
    reads: tuple[int, ...] | None = None
    """Ids of the nodes that a leaf reads; None for rows that compute nothing, such as `Identity`."""
    line: int | None = None
    """Where the table of layers has a leaf."""
    aside: str = ""
    """What it reads beside the row before it, in words."""


@dataclass(frozen=True, slots=True)
class Amount:
    """One quantity of a node: as text, and how strongly it is to be shown, from 0 to 100."""

    text: str
    share: int


@dataclass(frozen=True, slots=True)
class Picture:
    """The tree, and the quantities that it can be coloured by."""

    root: Node
    quantities: tuple[tuple[str, str], ...]
    """A key and a label each, in the order of the nodes' amounts."""
    flows: bool
    """Whether the data flow is known."""
    inputs: int
    """The id of the node that stands for the network's inputs."""
    outputs: tuple[int, ...]
    """Ids of the nodes that nothing reads."""
    end: int
    """The id of the node that stands for the network's outputs."""


Measured = Callable[[Sequence[Layer]], Amount]


def picture(
    profile: Profile, flowing: Flow, findings: Mapping[str, int], lines: Mapping[int, int] | None = None
) -> Picture:
    """The tree of a profile; `findings` counts them by layer, `lines` says where a table has each row."""
    root = _tree(profile)
    _chunked(root)
    measures = _measures(profile, findings)
    _finish(root, profile, measures, {block.name: block.kind for block in profile.blocks})
    node_of = {node.layers[0]: node for node in _nodes(root) if not node.children and node.layers}
    for row, line in (lines or {}).items():
        node_of[row].line = line
    _connect(node_of, flowing, profile)
    _open(root)
    count = len(profile.layers)
    return Picture(
        root,
        tuple((key, label) for key, label, _ in measures),
        bool(flowing.reads),
        _id(INPUT, count),
        tuple(node_of[row].id for row in flowing.last if row in node_of),
        count,
    )


def _id(row: int, count: int) -> int:
    """Leaves are numbered as the rows are; then come the end, the inputs, and the blocks."""
    return count + 1 if row == INPUT else row


def _tree(profile: Profile) -> Node:
    root = Node(-1, "", "", "", list(range(len(profile.layers))))
    stack, fresh = [root], len(profile.layers) + 2
    for index, layer in enumerate(profile.layers):
        paths = _around(layer.name)
        depth = 1
        while depth < len(stack) and depth <= len(paths) and stack[depth].path == paths[depth - 1]:
            depth += 1
        del stack[depth:]
        for path in paths[depth - 1 :]:
            stack.append(_added(stack[-1], Node(fresh, _inside(path, stack[-1].path), path, "", [])))
            fresh += 1
        name = layer.name if layer.call == 0 else f"{layer.name} (call {layer.call})"
        _added(stack[-1], Node(index, _inside(name, stack[-1].path), layer.name, layer.kind, [index]))
        for block in stack[1:]:
            block.layers.append(index)
    return root


def _added(parent: Node, child: Node) -> Node:
    parent.children.append(child)
    return child


def _around(name: str) -> list[str]:
    """The paths of the modules around a row: "a.b/add" stands in a and a.b, "a.b" in a."""
    path, slash, _ = name.partition("/")
    parts = path.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + bool(slash))]


def _inside(name: str, parent: str) -> str:
    return name.removeprefix(parent).removeprefix(".") if parent else name


def _chunked(node: Node) -> None:
    """Long runs of neighbours become folds of their own."""
    for child in node.children:
        _chunked(child)
    if len(node.children) <= 2 * _CHUNK:
        return
    runs = [node.children[start : start + _CHUNK] for start in range(0, len(node.children), _CHUNK)]
    node.children = [
        Node(
            # blocks need an id that no other has, not one that says anything
            -2 - run[0].id,
            f"{run[0].name} … {run[-1].name}",
            node.path,
            "",
            [index for child in run for index in child.layers],
            run,
        )
        for run in runs
    ]


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _nodes(child)


def _finish(
    node: Node, profile: Profile, measures: Sequence[tuple[str, str, Measured]], kinds: Mapping[str, str]
) -> None:
    layers = [profile.layers[index] for index in node.layers]
    node.amounts = tuple(measured(layers) for _, _, measured in measures)
    shapes = layers[-1].output_shapes if layers else ()
    node.output = shape(shapes[0]) if shapes else ""
    if node.children:
        kind = kinds.get(node.path, "") if node.id >= 0 else ""
        node.kind = ", ".join(part for part in (kind, counted(len(layers), "layer")) if part)
    for child in node.children:
        _finish(child, profile, measures, kinds)


def _connect(node_of: Mapping[int, Node], flowing: Flow, profile: Profile) -> None:
    count = len(profile.layers)
    for row, before in flowing.reads.items():
        node = node_of[row]
        node.reads = tuple(_id(read, count) for read in before)
        others = [read for read in before if read not in (row - 1, INPUT)]
        node.aside = ", ".join(profile.layers[read].name for read in others)


def _open(root: Node) -> None:
    """Open blocks level by level as long as what is shown stays short."""
    level, shown = [root], len(root.children)
    root.open = True
    while level:
        inner = [child for node in level if node.open for child in node.children if child.children]
        shown += sum(len(child.children) for child in inner)
        if shown > OPEN:
            return
        for child in inner:
            child.open = True
        level = inner


def _measures(profile: Profile, findings: Mapping[str, int]) -> tuple[tuple[str, str, Measured], ...]:
    totals = profile.totals
    view = max((size for item in profile.inputs for size in item.shape[2:]), default=0)
    most = max(findings.values(), default=0)
    measures: list[tuple[str, str, Measured]] = [
        ("macs", "MACs", lambda layers: _sum([layer.macs for layer in layers], totals.macs)),
        ("params", "parameters", lambda layers: _sum([layer.params for layer in layers], totals.params)),
        ("memory", "activations", lambda layers: _bytes([item.activation_bytes for item in layers], totals)),
    ]
    if any(layer.receptive_field is not None for layer in profile.layers):
        measures.append(("field", "receptive field", lambda layers: _field(layers, view)))
    if most:
        measures.append(("findings", "findings", lambda layers: _count(layers, findings, most)))
    return tuple(measures)


def _sum(quantities: Sequence[Quantity], whole: int) -> Amount:
    return Amount(amount(tuple(quantities), human), _share(known(quantities), whole))


def _bytes(quantities: Sequence[Quantity], totals: Totals) -> Amount:
    return Amount(amount(tuple(quantities), human_bytes), _share(known(quantities), totals.activation_bytes))


def _field(layers: Sequence[Layer], view: int) -> Amount:
    seen = layers[-1].receptive_field if layers else None
    size: Sizes = () if seen is None else seen.size
    largest = 0 if isinstance(size, Unknown) else max(size, default=0)
    return Amount(pixels(size), min(100, _share(largest, view)))


def _count(layers: Sequence[Layer], findings: Mapping[str, int], most: int) -> Amount:
    count = sum(findings.get(name, 0) for name in dict.fromkeys(layer.name for layer in layers))
    return Amount(str(count) if count else "", min(100, _share(count, most)))


def _share(part: int, whole: int) -> int:
    return 0 if whole == 0 or part == 0 else max(1, round(100 * part / whole))
