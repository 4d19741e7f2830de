"""What every format says of a suggestion, in words of the same kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from netadvise.edit import Effect
from netadvise.position import Position
from netadvise.profiles import Profile, Sizes
from netadvise.quantity import Quantity, Unknown
from netadvise.render.findings.wording import place
from netadvise.render.text import human, human_bytes, per_axis, plain
from netadvise.rule import Safety
from netadvise.suggestion import LayerRole, Suggestion

NOT_MEASURED = (
    "Accuracy was not measured: nothing was trained. Cost and receptive field are measured on the edited network; "
    "whether it learns as well, only training it can tell."
)
APART = "What a suggestion costs is measured without training; what it does to accuracy only training tells."
CHANGES: Mapping[Safety, str] = {"safe": "nothing", "changes-weights": "weights", "changes-function": "results"}
CHANGES_TOLD: Mapping[Safety, str] = {
    "safe": "nothing = a checkpoint loads, and gives the same results",
    "changes-weights": "weights = a checkpoint of the network as it is no longer loads",
    "changes-function": "results = a checkpoint loads, and gives other results until it is trained again",
}
_LISTED = 4


def layers(names: tuple[str, ...]) -> str:
    """ "layer2.0.conv2 (+3 more)"."""
    more = f" (+{len(names) - 1} more)" if len(names) > 1 else ""
    return plain(names[0]) + more


def listed(names: Iterable[str], most: int = _LISTED) -> str:
    """The first names, and how many more there are."""
    known = [plain(name) for name in names]
    rest = f" and {len(known) - most} more" if len(known) > most else ""
    return ", ".join(known[:most]) + rest


def cost(change: Quantity, whole: int) -> str:
    """A difference and its share of the whole: "-1.18 M (-4.6 %)"; "0"; "?" where it cannot be told."""
    if isinstance(change, Unknown):
        return "?"
    if change == 0:
        return "0"
    share = f" ({_share(change, whole)})" if whole else ""
    return f"{'-' if change < 0 else '+'}{human(abs(change))}{share}"


def memory(change: Quantity) -> str:
    """A difference in bytes: "+1.02 MB"; empty for none."""
    if isinstance(change, Unknown):
        return "?"
    return f"{'-' if change < 0 else '+'}{human_bytes(abs(change))}" if change else ""


def field(before: Sizes, change: Sizes) -> str:
    """A receptive field before and after: "67 -> 63", "67" where it stays, "?" where that cannot be told."""
    if isinstance(before, Unknown) or isinstance(change, Unknown):
        return "?"
    if not before or len(before) != len(change):
        return "-"
    if not any(change):
        return per_axis(before)
    after = tuple(size + axis for size, axis in zip(before, change, strict=True))
    return f"{per_axis(before)} -> {per_axis(after)}"


def field_here(profile: Profile, item: Suggestion) -> str:
    """The receptive field at the first layer, where the edit changes it: "19 -> 15"; else empty."""
    change = item.tried.effect.receptive_field_here
    before = next((layer.receptive_field for layer in profile.layers if layer.name == item.layer), None)
    if before is None or isinstance(change, Unknown) or not any(change):
        return ""
    return field(before.size, change)


def effect(change: Effect, profile: Profile) -> str:
    """The whole effect in one line."""
    totals = profile.totals
    parts = [
        f"params {cost(change.params, totals.params)}",
        f"MACs {cost(change.macs, totals.macs)}",
        f"activations {memory(change.activation_bytes) or '0'}",
        f"field {field(totals.receptive_field, change.receptive_field)}",
    ]
    return ", ".join(parts)


def safety(item: Suggestion) -> str:
    """What the edit changes beside the cost: "weights"."""
    return CHANGES[item.safety]


def rule(item: Suggestion | Position) -> str:
    """ "KER102 two-3x3-for-5x5, grade B, https://arxiv.org/abs/1409.1556"."""
    source = "".join(f", {plain(ref)}" for ref in item.refs[:1])
    return f"{plain(item.rule)} {plain(item.name)}, grade {item.confidence}{source}"


def where(item: Suggestion | Position) -> str:
    """The line that builds, or calls, the layer."""
    return place(item.location, "")


def roles(role: LayerRole | None) -> str:
    """ "bottleneck spatial, sees neighbours"."""
    return "" if role is None else ", ".join(name.replace("_", " ") for name in role.roles)


def form(role: LayerRole) -> str:
    """ "3x3 /2 g32 64 -> 128"."""
    words = ["x".join(map(str, role.kernel_size))]
    words += [f"/{per_axis(role.stride)}"] if max(role.stride, default=1) > 1 else []
    words += [f"g{role.groups}"] if role.groups > 1 else []
    return " ".join((*words, f"{role.in_channels} -> {role.out_channels}"))


def _share(change: int, whole: int) -> str:
    percent = 100 * change / whole
    if abs(percent) < 0.1:
        return "<0.1 %"
    return f"{percent:+.1f} %" if abs(percent) < 9.95 else f"{percent:+.0f} %"
