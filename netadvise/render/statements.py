"""The sentences around the table: what was run, the totals, the conventions, and what the numbers leave out."""

from __future__ import annotations

from collections.abc import Iterator

from netadvise.opinion import OpinionRow, SecondOpinion
from netadvise.profiles import Gap, Profile, Sizes, Totals
from netadvise.quantity import Quantity, Unknown
from netadvise.render.columns import field
from netadvise.render.paragraphs import Statement
from netadvise.render.text import counted, human, human_bytes, plain, shape
from netadvise.render.view import Row, View

_SHOWN = 8


def heading(profile: Profile) -> Iterator[Statement]:
    """What was recorded, and on which inputs."""
    yield "model", f"{plain(profile.target)} ({profile.mode} mode, torch {plain(profile.torch)})"
    for item in profile.inputs:
        source = "given" if item.source == "given" else item.source.upper()
        explained = {
            "inferred": ": netadvise chose this shape; give yours with -i",
            "declared": " by the model's author",
        }
        yield (
            "input",
            f"{plain(item.name)} {shape(item.shape)} {plain(item.dtype)} ({source}{explained.get(item.source, '')})",
        )


def subject(target: str, profile: Profile) -> Iterator[Statement]:
    """What advice is about: the network, and the inputs that it was recorded on."""
    yield "model", f"{plain(target)} ({profile.mode} mode, torch {plain(profile.torch)})"
    for item in profile.inputs:
        source = {"given": "", "declared": " (DECLARED by the model's author)"}.get(
            item.source, " (INFERRED: netadvise chose this shape; give yours with -i)"
        )
        yield "input", f"{plain(item.name)} {shape(item.shape)}{source}"


def totals(profile: Profile) -> Iterator[Statement]:
    """The sums over the whole network, exact and in human units."""
    sums = profile.totals
    frozen = "" if sums.trainable_params == sums.params else f", {sums.trainable_params:,} trainable"
    unused = f", {sums.unused_params:,} never read" if sums.unused_params else ""
    yield "parameters", f"{_exact(sums.params)}{frozen}{unused}; {human_bytes(sums.param_bytes)}"
    if sums.buffers:
        yield "buffers", f"{_exact(sums.buffers)}; {human_bytes(sums.buffer_bytes)}"
    yield "compute", f"{_exact(sums.macs)} MACs = {_exact(sums.flops)} FLOPs, {_exact(sums.other_ops)} other ops"
    yield "memory", _memory(sums)
    if sums.receptive_field != ():
        yield "field", _last_field(sums.receptive_field)


def conventions(shown: tuple[Row, ...]) -> Iterator[Statement]:
    """How the numbers are to be read; marks are explained only where they occur."""
    views = [row.last.receptive_field for row in shown if row.last.receptive_field is not None]
    field_unit = "; field: pixels of the input that one unit sees along the spatial path" if views else ""
    yield (
        "units",
        f"1 MAC = 1 multiply-accumulate, FLOPs = 2 x MACs; other ops: element-wise, norms, pooling{field_unit}",
    )
    culprits = sorted({view.culprit for view in views if view.culprit})
    if culprits:
        yield "*", f"sees the whole input, through {_listed([plain(culprit) for culprit in culprits])}"
    if any(not isinstance(view.period, Unknown) and any(size > 1 for size in view.period) for view in views):
        yield "~", "the field alternates between units; the largest is shown"
    for reason in sorted({view.size.reason for view in views if isinstance(view.size, Unknown)})[:_SHOWN]:
        yield "?", f"field unknown: {plain(reason)}"
    if any(row.times > 1 for row in shown):
        yield "Nx", "N identical blocks in one row: sums over all of them, output and field of the last"


def gaps(profile: Profile) -> Iterator[Statement]:
    """What the totals leave out, with the first source line of each."""
    for gap in profile.totals.gaps:
        yield "gap", _gap(gap)


def remarks(profile: Profile, view: View, shown: tuple[Row, ...]) -> Iterator[Statement]:
    """The recording's notes, modules that were never called, and rows that the view leaves out."""
    for note in profile.notes:
        yield "note", plain(note)
    if profile.uncalled_modules:
        names = [plain(name) for name in profile.uncalled_modules]
        yield "note", f"never called in this pass, though they hold parameters: {_listed(names)}"
    if view.partial:
        order = f", by {view.order}" if view.order else ""
        listed = sum(len(row.layers) for row in shown)
        whole = counted(len(profile.layers), "layer")
        yield (
            "shown",
            f"{counted(len(shown), 'row')} over {listed:,} of {whole}{order}; totals are of the whole network",
        )


def second_opinion(opinion: SecondOpinion | None) -> Iterator[Statement]:
    """What another tool counts, and each layer on which it disagrees, with the reason."""
    if opinion is None:
        return
    tool = plain(f"{opinion.tool} {opinion.version}")
    if opinion.failure:
        yield "opinion", f"{tool} gives no count: {plain(opinion.failure)}"
        return
    total = "no total" if opinion.total is None else f"{opinion.total:,}"
    same = sum(row.verdict == "agreed" for row in opinion.rows)
    yield "opinion", f"{tool} counts {total}, netadvise {opinion.macs:,} MACs; they agree on {counted(same, 'layer')}"
    conventions = [row for row in opinion.rows if row.verdict == "convention"]
    for row_kind in dict.fromkeys(row.kind for row in conventions):
        alike = [row for row in conventions if row.kind == row_kind]
        more = sum(row.their_other for row in alike)
        yield "", f"{plain(row_kind)} ({counted(len(alike), 'layer')}): convention: {opinion.tool} adds {more:,}"
    for row in opinion.rows:
        if row.verdict not in ("agreed", "convention"):
            yield "", _difference(row)
    for note in opinion.notes:
        yield "", plain(note)


def _difference(row: OpinionRow) -> str:
    ours = "unknown" if row.macs is None else f"{row.macs:,}"
    theirs = f"{row.their_macs:,}" + (f" + {row.their_other:,}" if row.their_other else "")
    return f"{plain(row.name)} ({plain(row.kind)}): {row.verdict}: {theirs} there, {ours} here: {plain(row.why)}"


def _memory(sums: Totals) -> str:
    peak, saved = sums.peak_activation_bytes, sums.saved_activation_bytes
    return (
        f"activations {human_bytes(sums.activation_bytes)} in all, {_bytes(peak)} at the peak of inference, "
        f"{_bytes(saved)} kept for a backward pass"
    )


def _last_field(sizes: Sizes) -> str:
    if isinstance(sizes, Unknown):
        return f"unknown at the last feature map: {plain(sizes.reason)}"
    return f"{field(sizes)} pixels of the input, at the last feature map"


def _bytes(quantity: Quantity) -> str:
    return f"unknown ({plain(quantity.reason)})" if isinstance(quantity, Unknown) else human_bytes(quantity)


def _exact(number: int) -> str:
    return f"{number:,}" + (f" ({human(number)})" if number >= 1000 else "")


def _gap(gap: Gap) -> str:
    times = "" if gap.count == 1 else f" x{gap.count}"
    place = "" if gap.location is None else f" at {plain(str(gap.location))}"
    return f"{gap.quantity} leaves out {plain(gap.op)}{times}{place}: {plain(gap.reason)}"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
