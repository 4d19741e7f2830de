"""The comparison as a comment on a pull request: sums, edited layers and new findings first, the rest folded away.

GitHub takes 65,536 characters. The tables hold so many rows of so many characters that every report fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netadvise.comparison import Comparison, FindingChange
from netadvise.quantity import Unknown
from netadvise.render import comment
from netadvise.render.diffs import wording
from netadvise.render.diffs.summary import conditions, gaps, heading, renamed
from netadvise.render.diffs.view import DiffView, Group, groups
from netadvise.render.escape import code, cut, escaped
from netadvise.render.findings.wording import place
from netadvise.render.text import counted, human_bytes

_SUMS = ("", "OLD", "NEW", "change")
_LAYERS = ("", "layer", "where", "change", "params", "MACs", "memory", "field")
_FINDINGS = ("", "rule", "where", "finding")
_RIGHT = ("OLD", "NEW", "params", "MACs", "memory")
_FOLDED_ROWS = 60


def markdown(comparison: Comparison, view: DiffView) -> str:
    """A heading with the outcome, the sums, what was done, the findings, and the rest in folds."""
    shown = groups(comparison, DiffView())
    found = () if isinstance(comparison.findings, Unknown) else comparison.findings.changes
    pressing = [change for change in found if change.status in ("new", "regraded")]
    rest = [change for change in found if change.status in ("fixed", "moved")]
    parts = [
        f"### netadvise diff: {_title(comparison)}",
        "\n".join(comment.items(heading(comparison))),
        "\n".join(_conditions(comparison)),
        "\n".join(comment.table(_SUMS, (tuple(map(escaped, row)) for row in wording.sums(comparison)), _RIGHT)),
        "\n".join(_groups(shown)),
        "\n".join(_findings(pressing)),
        _folded(counted(len(rest), "finding") + " fixed or moved", _findings(rest)) if rest else "",
        _folded(wording.followers(comparison), _followers(comparison)) if comparison.of("follows") else "",
        "\n".join(comment.items([*renamed(comparison, view), *gaps(comparison), *_judged(comparison)])),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _title(comparison: Comparison) -> str:
    if comparison.identical:
        return "the same network"
    new = "" if isinstance(comparison.findings, Unknown) else wording.worst(comparison.findings)
    return escaped("; ".join((wording.census(comparison), *((f"new: {new}",) if new else ()))))


def _conditions(comparison: Comparison) -> Iterator[str]:
    if comparison.conditions:
        failed = any(item.holds is True or isinstance(item.holds, Unknown) for item in comparison.conditions)
        yield f"{'❌' if failed else '✅'} {escaped(wording.outcome(comparison))}"
        yield ""
        yield from comment.items([item for item in conditions(comparison) if item[0] == "fail-if"])


def _judged(comparison: Comparison) -> Iterator[tuple[str, str]]:
    found = comparison.findings
    said = found.reason if isinstance(found, Unknown) else wording.tally(found)
    yield "findings", f"not compared: {said}" if isinstance(found, Unknown) else said
    if not isinstance(found, Unknown) and found.untold:
        rules = ", ".join(rule for rule, _ in found.untold)
        yield "untold", f"could be evaluated on OLD and cannot be on NEW: {rules}"


def _groups(shown: tuple[Group, ...]) -> Iterator[str]:
    if not shown:
        return
    yield from comment.table(_LAYERS, map(_cells, shown[: comment.ROWS]), _RIGHT)
    if len(shown) > comment.ROWS:
        yield f"\nand {len(shown) - comment.ROWS:,} more"


def _cells(group: Group) -> tuple[str, ...]:
    change = group.first
    at = place(change.layer.location or change.layer.called_at, "")
    output = wording.output(change)
    done = wording.what(group) + (f"; output {output}" if output else "")
    return (
        group.status,
        comment.text(wording.names(group), comment.NAME),
        code(cut(at, comment.NAME), in_table=True),
        comment.text(done, comment.TEXT),
        escaped(wording.unless_zero(group.params)),
        escaped(wording.unless_zero(group.macs)),
        escaped(wording.unless_zero(group.activation_bytes, human_bytes)),
        escaped(wording.field(group.layers[-1] if group.whole else change)),
    )


def _findings(changes: Iterable[FindingChange]) -> Iterator[str]:
    found = list(changes)
    if not found:
        return
    yield from comment.table(_FINDINGS, map(_finding, found[: comment.ROWS]))
    if len(found) > comment.ROWS:
        yield f"\nand {len(found) - comment.ROWS:,} more"


def _finding(change: FindingChange) -> tuple[str, ...]:
    graded = f"{change.was} to {change.severity}" if change.status == "regraded" else change.severity
    status = f"{change.status} {graded}"
    named = f"{comment.linked(change.rule, change.refs)} {comment.text(change.name, comment.NAME)}"
    where = code(cut(wording.line(change), comment.NAME), in_table=True)
    said = f"{wording.at(change)}: {change.places[0].message}"
    bold = status if change.severity == "advice" or change.status in ("fixed", "moved") else f"**{status}**"
    return bold, named, where, comment.text(said, comment.TEXT)


def _followers(comparison: Comparison) -> Iterator[str]:
    found = comparison.of("follows")
    rows = (_follower(Group(change.layer.name, (change,))) for change in found[:_FOLDED_ROWS])
    yield from comment.table(("layer", "change", "params", "MACs", "field"), rows, _RIGHT)
    if len(found) > _FOLDED_ROWS:
        yield f"\nand {len(found) - _FOLDED_ROWS:,} more"


def _follower(group: Group) -> tuple[str, ...]:
    return (
        comment.text(wording.names(group), comment.NAME),
        comment.text(wording.what(group), comment.NAME),
        escaped(wording.unless_zero(group.params)),
        escaped(wording.unless_zero(group.macs)),
        escaped(wording.field(group.first)),
    )


def _folded(title: str, lines: Iterable[str]) -> str:
    body = "\n".join(lines)
    return f"<details>\n<summary>{escaped(title)}</summary>\n\n{body}\n\n</details>"
