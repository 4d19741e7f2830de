"""What every format says of a finding and of the run, in words of the same kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from netadvise.finding import Finding, Hit, LintReport, ModelReport, NotEvaluated
from netadvise.graph import Location
from netadvise.render.rule_words import GRADES
from netadvise.render.text import counted, human, human_bytes, plain, shape
from netadvise.rule import SEVERITIES, Severity

_SOURCES = 2
_UNITS = {"params": "parameters", "macs": "MACs"}


def place(location: Location | None, otherwise: str) -> str:
    """`model.py:18:22`, as editors and terminals open it; `otherwise` where no line is known."""
    if location is None:
        return plain(otherwise)
    column = "" if location.column is None else f":{location.column}"
    return plain(f"{location.file}:{location.line}{column}")


def where(finding: Finding) -> str:
    """The layer, and how many more the finding holds for: "blocks.0.conv1 (+2 more)"; empty for the whole model."""
    first, *more = finding.layers
    rest = f"(+{len(more)} more)" if more else ""
    return " ".join(part for part in (plain(first), rest) if part)


def said(finding: Finding) -> str:
    """Where and what: "blocks.0.conv1 (+2 more): its bias is cancelled by blocks.0.bn1"."""
    layers = where(finding)
    return f"{layers}: {plain(finding.message)}" if layers else plain(finding.message)


def evidence(finding: Finding, *, explained: bool = False) -> str:
    """The grade and the first sources; `explained` with what the grade means, and every source."""
    meaning = f" ({GRADES[finding.confidence]})" if explained else ""
    shown = finding.refs if explained else finding.refs[:_SOURCES]
    more = len(finding.refs) - len(shown)
    rest = f" and {more} more" if more else ""
    return ", ".join((f"grade {finding.confidence}{meaning}", *map(plain, shown))) + rest


def effect(hits: Iterable[Hit]) -> str:
    """What the fix would change at all of `hits` together: "-1.18 M parameters, -40.2 M MACs"; empty for nothing."""
    sums: Counter[str] = Counter()
    texts: dict[str, None] = {}
    for hit in hits:
        for key, value in hit.effect.items():
            if isinstance(value, str):
                texts[plain(value)] = None
            elif value == value and abs(value) != float("inf"):
                sums[key] += round(value)
    numbers = (_difference(key, number) for key, number in sums.items() if number)
    return ", ".join((*numbers, *texts))


def _difference(key: str, number: int) -> str:
    size = human_bytes(abs(number)) if key.endswith("_bytes") else human(abs(number))
    unit = _UNITS.get(key, key.removesuffix("_bytes").replace("_", " "))
    return f"{'-' if number < 0 else '+'}{size} {plain(unit)}"


def inputs(model: ModelReport) -> str:
    """The input shapes of the recorded pass: "images 1x1x8x8 (declared)"."""
    said = (
        f"{plain(item.name)} {shape(item.shape)}{'' if item.source == 'given' else f' ({item.source.upper()})'}"
        for item in model.profile.inputs
    )
    return ", ".join(said)


def tally(findings: Iterable[Finding]) -> str:
    """ "2 errors, 1 warning, 3 advice"; "no findings" for none."""
    counts = Counter(finding.severity for finding in findings)
    return (
        ", ".join(_number(counts[severity], severity) for severity in SEVERITIES if counts[severity]) or "no findings"
    )


def verdict(report: LintReport) -> str:
    """Whether the run fails, why, and which setting decides: the last thing that is said."""
    reach = "reaches" if report.failing == 1 else "reach"
    failing = f"{counted(report.failing, 'finding')} {reach} --fail-on {report.fail_on}" if report.failing else ""
    if report.failed:
        missing = f"incomplete: {counted(len(report.failed), 'model')} could not be checked"
        return "; ".join(part for part in (missing, failing) if part)
    return f"failed: {failing}" if failing else f"passed (--fail-on {report.fail_on})"


def reasons(entries: Iterable[NotEvaluated]) -> str:
    """ "3 rules were not evaluated: DRP012, HED003, NRM004"."""
    ids = list(dict.fromkeys(entry.rule for entry in entries))
    return f"{counted(len(ids), 'rule')} not evaluated: {', '.join(map(plain, ids))}"


def _number(count: int, severity: Severity) -> str:
    return f"{count:,} advice" if severity == "advice" else counted(count, severity)
