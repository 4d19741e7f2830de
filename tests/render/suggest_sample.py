"""A hand-made suggestion report with every awkward case a format can meet."""

from __future__ import annotations

from dataclasses import replace

from netadvise.edit import Affected, Dropped, Part, Replace, SetArgs, Tried
from netadvise.evidence import Estimate, Evidence, Verdict
from netadvise.graph import Location
from netadvise.quantity import Unknown
from netadvise.render.suggest import SuggestView
from netadvise.suggestion import (
    BudgetPlan,
    Combined,
    Excluded,
    LayerRole,
    Limit,
    Rejected,
    Role,
    RuleOfThumb,
    Suggestion,
    SuggestionReport,
    Tally,
    Thumb,
)
from tests.render import dropout_sample
from tests.render.sample import sample
from tests.suggest.made import FILE, effect, rule, suggestion

TWO = rule("KER102", "B")
DEAD = rule("KER007", "A", "error")
STEM = rule("KER003", "B", "warning")
THUMB = rule("KER106", "C")


def role(layer: str, roles: tuple[Role, ...], widths: tuple[int, int], size: int, thumb: Thumb = "") -> LayerRole:
    """A convolution."""
    strided = (2, 1) if "downsamples" in roles else (1, 1)
    return LayerRole(layer, "Conv2d", Location(FILE, 9, 21), *widths, (size, size), strided, 1, roles, thumb)


ROLES = (
    role("stem", ("stem", "sees_neighbours", "widens", "downsamples"), (3, 8), 3),
    *(role(f"stage.{index}.conv", ("bottleneck_spatial", "sees_neighbours"), (8, 8), 3) for index in range(3)),
    role("up", ("mixes_channels", "widens"), (8, 16), 1, "departs"),
    replace(role("größe", ("sees_neighbours", "narrows"), (16, 8), 3, "departs"), groups=2),
)
STACKED = (
    Part("like:stage.0.conv", {"kernel_size": 3}),
    Part("like:stage.0.norm"),
    Part("ReLU"),
    Part("like:stage.0.conv", {"kernel_size": 3}),
)
BLOCKS = tuple(f"stage.{index}.conv" for index in range(3))
SUGGESTIONS = (
    suggestion("größe", DEAD, effect(-512, -32_768, 0, (-4, -4), (-4, -4)), said="kernel_size=1, padding=0", line=12),
    suggestion("größe", TWO, effect(-100, -1_200, 512), said="kernel_size=2", best=False, line=12),
    suggestion(
        BLOCKS[0],
        TWO,
        effect(-1_728, -110_592, 6144),
        layers=BLOCKS,
        edits=tuple(Replace(layer, STACKED) for layer in BLOCKS),
        said="Conv2d 3x3 8 -> 8 + BatchNorm2d + ReLU + Conv2d 3x3 8 -> 8",
    ),
    suggestion(
        "stem",
        STEM,
        effect(-10, 91_100_000, 2_150_000, (-48, -40), (-2, -2)),
        edits=(SetArgs("stem", {"kernel_size": 3, "stride": 1}), Replace("pool", (Part("Identity"),))),
        said="kernel_size=3, stride=1; pool: remove it",
        affected=(
            Affected("Small", "the output of the model: 1x10 -> 1x20", Location(FILE, 3)),
            Affected("relu", "output 1x8x8x8 -> 1x8x32x32"),
            Affected("up", "output 1x8x8x8 -> 1x8x32x32; MACs 1.64 M -> 26.2 M"),
            Affected("natten", "output 1x8x8x8 -> 1x8x32x32"),
            Affected("head", "receptive field 25x25 -> 7x7"),
        ),
        line=None,
    ),
    suggestion(
        "stem", TWO, effect(Unknown("no formula"), Unknown("no formula"), 0, Unknown("natten.na2d")), best=False
    ),
)
HIDDEN = (suggestion("up", THUMB), suggestion("head", TWO, effect(10, 10)))
REJECTED = (
    Rejected(
        "up", ("up",), Location(FILE, 14, 9), "KER105", "asymmetric-pair", "Conv2d 1x7 + Conv2d 7x1", (), "no fit"
    ),
)


def report() -> SuggestionReport:
    """Suggestions of every kind, without a budget."""
    return SuggestionReport(
        version="0.1.0",
        target=f"{FILE}:Small(width=8)",
        profile=sample(),
        roles=ROLES,
        thumb=RuleOfThumb(Tally(("up",), ()), Tally(), Tally((), ("größe",))),
        suggestions=SUGGESTIONS,
        hidden=HIDDEN,
        rejected=REJECTED,
        combined=Combined(
            (SUGGESTIONS[0], SUGGESTIONS[2]),
            Tried((), effect(-2240, -143_360, 6144, (-4, -4)), "changes-weights"),
            (Excluded("stem", "KER003", "KER003 at stem changes the maps at größe: take one, then run again"),),
        ),
        untried=3,
        suppressed=1,
        notes=("KER109 dilation-for-context: no formula for natten.na2d",),
    )


def planned() -> SuggestionReport:
    """With two budgets, one of them met."""
    plan = BudgetPlan(
        limits=(Limit("macs", "macs=-30%", 206_444), Limit("params", "params=1K", 1_000)),
        met=False,
        chosen=(SUGGESTIONS[2], HIDDEN[0]),
        tried=Tried((), effect(-1_828, -111_592, 6144), "changes-weights"),
        exact=True,
        with_grade_c=True,
        reached=(("macs", 183_328), ("params", 1_142)),
    )
    return replace(report(), plan=plan)


def met() -> SuggestionReport:
    """With a budget that is met."""
    plan = planned().plan
    assert plan is not None
    limit = (Limit("macs", "macs=-30%", 206_444),)
    return replace(report(), plan=replace(plan, limits=limit, met=True, with_grade_c=False, exact=False))


def empty() -> SuggestionReport:
    """Nothing to say, and stopped on top."""
    return replace(
        report(),
        suggestions=(),
        hidden=(),
        rejected=(),
        combined=None,
        thumb=RuleOfThumb(Tally(), Tally(), Tally()),
        untried=0,
        suppressed=0,
        notes=(),
    )


def stopped() -> SuggestionReport:
    """What Ctrl-C leaves."""
    why = "stopped after 2 alternatives of 7: interrupted"
    return replace(report(), suggestions=SUGGESTIONS[:1], combined=None, incomplete=why, interrupted=True)


def broken() -> SuggestionReport:
    """Suggestions that do not run together."""
    return replace(report(), combined=Combined(SUGGESTIONS[:1], Dropped((), "sizes differ: 8 and 16")))


def _arm(item: Suggestion, verdict: Verdict, estimates: tuple[Estimate, ...] = (), **changes: object) -> Evidence:
    place = f"{item.layer} (+2 more)" if len(item.layers) > 1 else item.layer
    found = dropout_sample.arm(place, verdict, estimates, variant=item.change, rate=None, edits=item.edits)
    return replace(found, places=item.layers, **changes)  # type: ignore[arg-type]


def studied() -> SuggestionReport:
    """First choices that were trained: one hurts, one makes no difference, for one there was no time."""
    nothing: dict[str, object] = {"p_benefit": None, "delta": None, "smallest_detectable": None, "cost_ratio": None}
    evidence = (
        _arm(SUGGESTIONS[0], "HURTS", dropout_sample.both(-0.034, -0.2), p_benefit=0.0001),
        _arm(SUGGESTIONS[2], "NO_MEASURABLE_DIFFERENCE", dropout_sample.both(0.0004, -0.001, 0.002), seeds=12),
        _arm(SUGGESTIONS[3], "NOT_RUN", stage="baseline", reason="time was up", seeds=0, seconds=0.0, **nothing),
    )
    note = "6 of 9 first choices were trained, the first ones of the list; --layer chooses"
    study = replace(
        dropout_sample.study(), evidence=evidence, gates=(), notes=(note,), stopped="the time limit of 60 s"
    )
    return replace(report(), study=study)


def untrained() -> SuggestionReport:
    """Data, but nothing to train."""
    return replace(empty(), untrained="there is no suggestion to train against the network as it is")


def view(**changes: object) -> SuggestView:
    return replace(SuggestView(), **changes)  # type: ignore[arg-type]
