"""Studies of small networks of which the answer is known, beside what long training says."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.probes.cases import CASES, Case
from benchmarks.probes.longrun import LEAST, MOST, Long, long_run
from benchmarks.probes.studies import MODELS, Small
from netadvise.api.dropout import DropoutRequest, ProbeRequest, dropout_report
from netadvise.errors import NetadviseError
from netadvise.evidence import Evidence, Study

VERDICTS = ("HELPS", "HURTS", "NO_MEASURABLE_DIFFERENCE", "INCONCLUSIVE")
BY_NAME = {case.name: case for case in CASES}


@dataclass(frozen=True, slots=True)
class Planted:
    """What one study said, and what long runs say."""

    key: str
    said: str
    reason: str
    gates: tuple[str, ...]
    loss: tuple[float, float, float] | None = None
    accuracy: tuple[float, float, float] | None = None
    at_end: tuple[float, float, float] | None = None
    """Effect on the loss at the end of training."""
    seeds: int = 0
    best_step: int = 0
    delta: float | None = None
    pairing: float | None = None
    minutes: float = 0.0
    predicted_minutes: float = 0.0
    long: Long | None = None
    place: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.long, dict):
            object.__setattr__(self, "long", Long(**self.long))


def planted(name: str, folder: Path, *, long: bool) -> Planted:
    """A case, studied through the API and then, with `long`, trained for long."""
    case, started = BY_NAME[name], time.perf_counter()
    try:
        study = _study(case, folder / name)
    except NetadviseError as error:
        told = " ".join((error.message, *error.notes, f"hint: {error.hint}" if error.hint else ""))
        return Planted(name, "refused", told, (), minutes=(time.perf_counter() - started) / 60)
    minutes = (time.perf_counter() - started) / 60
    found = study.evidence[0] if study.evidence else None
    gates = [f"{gate.name}: {gate.message} ({gate.rule})" for gate in (*study.gates, *(found.gates if found else ()))]
    best = study.baseline.best_step if study.baseline else 0
    return Planted(
        key=name,
        said=found.verdict if found else next((gate.name for gate in study.gates if gate.ends), study.stopped),
        reason=found.reason if found else "",
        gates=tuple(gates),
        loss=_effect(found, "loss"),
        accuracy=_effect(found, "accuracy"),
        at_end=_effect(found, "loss", at_end=True),
        seeds=found.seeds if found else 0,
        best_step=best,
        delta=found.delta if found else None,
        pairing=found.pairing if found else None,
        minutes=minutes,
        predicted_minutes=study.predicted.seconds / 60 if study.predicted else 0.0,
        long=_long(case, found, folder, best) if long and case.long else None,
        place=found.place if found else "",
    )


def _study(case: Case, folder: Path) -> Study:
    request = DropoutRequest(
        target=f"{MODELS}:{case.network}",
        layers=case.layers,
        isolated=True,
        cache=False,
        quiet=True,
        force=case.force,
        together=case.together,
        rates=case.rates,
        probe=ProbeRequest(
            data=f"{MODELS}:{case.data}",
            learning_rate=case.learning_rate,
            max_steps=case.max_steps,
            workers=1,
            study_dir=str(folder),
        ),
    )
    study = dropout_report(request).study
    assert study is not None
    return study


def _effect(found: Evidence | None, quantity: str, *, at_end: bool = False) -> tuple[float, float, float] | None:
    estimate = found.estimate(quantity, "end" if at_end else "early_stop") if found is not None else None
    return None if estimate is None else (estimate.effect, estimate.low, estimate.high)


def _long(case: Case, found: Evidence | None, folder: Path, best: int) -> Long | None:
    """The long run of the arm that was studied; None where there is none."""
    if found is None:
        return None
    small = Small(case.network, case.data, case.max_steps, found.edits, case.learning_rate)
    return long_run(small, folder / f"{case.name}-long", case.long_steps or best)


def section(found: Sequence[Planted]) -> Iterator[str]:
    """What the page says of these studies."""
    yield (
        "Each study went through the API of `suggest-dropout` with one training process, effort confirm. Beside it "
        "(minutes: of the last sitting, on a busy machine) "
        f"stands what long runs say: fresh seeds, {LEAST} to {MOST} t* steps each, both arms scored at their own early "
        "stop on test examples that decided nothing, with a 95 % interval over seeds and test examples. Networks and "
        "data are in `benchmarks/models/probed.py`, the cases in `benchmarks/probes/cases.py`."
    )
    yield "\n".join(_table(found))
    yield "\n".join(_long_table(found))
    without = [each.key for each in found if each.said in VERDICTS and BY_NAME[each.key].long and each.long is None]
    if without:
        yield f"Without a long run: {', '.join(without)}."
    for each in found:
        yield f"{each.key}{f', {each.place}' if each.place else ''}: {each.said}. {each.reason}".rstrip()
        if each.gates:
            yield "\n".join(f"- {gate}" for gate in each.gates)


def _table(found: Sequence[Planted]) -> Iterator[str]:
    yield (
        "| case | known | said | effect on the loss [95 %] | at the end | accuracy, points | gates | seeds | t* "
        "| minutes | predicted |"
    )
    yield "|---|---|---|---|---|---|---|---:|---:|---:|---:|"
    for each in found:
        case = BY_NAME[each.key]
        gates = ", ".join(dict.fromkeys(gate.partition(":")[0] for gate in each.gates))
        yield (
            f"| {each.key}: {case.title} | {case.expected} | {each.said} | {_told(each.loss)} | {_told(each.at_end)} "
            f"| {_points(each.accuracy)} | {gates} | {each.seeds} | {each.best_step} | {each.minutes:.1f} "
            f"| {each.predicted_minutes:.1f} |"
        )


def _long_table(found: Sequence[Planted]) -> Iterator[str]:
    yield "| case | said | long run: effect on the test loss [95 %] | accuracy, points | seeds | steps | sign agrees |"
    yield "|---|---|---|---|---:|---:|---|"
    for each in found:
        if each.long is not None:
            yield (
                f"| {each.key} | {each.said} | {_told(each.long.loss)} | {_points(each.long.accuracy)} "
                f"| {each.long.seeds} | {each.long.steps} | {_agrees(each)} |"
            )


def _agrees(each: Planted) -> str:
    """Whether what was said, where it says a sign, is what the long run says."""
    assert each.long is not None
    effect, low, high = each.long.loss
    sure = "surely" if low > 0 or high < 0 else "not sure itself"
    if each.said not in ("HELPS", "HURTS"):
        return f"says none; long run {'positive' if effect > 0 else 'negative'}, {sure}"
    return f"{'yes' if (each.said == 'HELPS') == (effect > 0) else 'NO'}, {sure}"


def _told(effect: Sequence[float] | None) -> str:
    return "" if effect is None else f"{effect[0]:+.3f} [{effect[1]:+.3f}, {effect[2]:+.3f}]"


def _points(effect: Sequence[float] | None) -> str:
    return "" if effect is None else f"{effect[0] * 100:+.1f} [{effect[1] * 100:+.1f}, {effect[2] * 100:+.1f}]"
