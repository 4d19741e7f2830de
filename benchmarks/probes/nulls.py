"""Real studies of arms that are no arms: the network as it is, trained with other randomness.

`unpaired`: an arm's run of seed s is the baseline's of seed s + 10,000, so nothing is shared. `order`: initial weights
of seed s, batches and masks of seed s + 10,000, so something is shared, as between an arm and its baseline.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.probes.studies import Small, directed, dropout_after, session
from netadvise.probe.execute import Trained
from netadvise.probe.ledger import Ledger
from netadvise.probe.spec import Failure, RunSpec
from netadvise.probe.train import Training
from netadvise.worker.training import Session, Tell

_OTHER = 10_000
FALSE = ("HELPS", "HURTS")
KINDS = ("unpaired", "order")


@dataclass(frozen=True, slots=True)
class Null:
    """What one study without an arm said."""

    key: int
    kind: str
    verdict: str
    reason: str
    seeds: int
    effect: float
    low: float
    high: float
    delta: float
    seconds: float


def null_study(number: int) -> Null:
    """Study number `number`; even ones are unpaired."""
    kind = KINDS[number % 2]
    small = Small(
        "Tiny",
        f"teacher({number}, {(150, 200, 300)[number % 3]}, {(200, 300)[number // 3 % 2]}, 0.15)",
        1_000,
        (dropout_after("net.1", 0.5),),
        1e-2,
    )
    started = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        made = session(small, Path(folder))
        study = directed(made, _without_arm(made, kind))
    (found,) = study.evidence or (None,)
    if found is None or (loss := found.estimate("loss")) is None:
        gates = ", ".join(gate.name for gate in study.gates if gate.ends)
        return Null(number, kind, f"no verdict: {gates or study.stopped}", "", 0, 0.0, 0.0, 0.0, 0.0, _since(started))
    return Null(
        number,
        kind,
        found.verdict,
        found.reason,
        found.seeds,
        loss.effect,
        loss.low,
        loss.high,
        found.delta or 0.0,
        _since(started),
    )


def _since(started: float) -> float:
    return round(time.process_time() - started, 1)


def _without_arm(made: Session, kind: str) -> Trained:
    """Trains runs of an arm without the arm, with other randomness; the baseline's as they are."""

    def trained(spec: RunSpec, tell: Tell) -> Failure | None:
        if not spec.edits:
            return made.train(spec, tell)
        other = replace(spec, edits=(), seed=spec.seed + _OTHER)
        scratch = Ledger(made.ledger.folder, "scratch")
        scratch.begin(other)
        with made.network((), other.seed if kind == "unpaired" else spec.seed) as (module, masks):
            result = Training(module, other, made.material, masks, scratch).run()
        made.ledger.begin(spec)
        made.ledger.keep(spec, result)
        return None

    return trained


def section(found: Sequence[Null]) -> Iterator[str]:
    """What the page says of these studies."""
    false = sum(each.verdict in FALSE for each in found)
    yield (
        f"{len(found)} real studies of an MLP (20-32-32-3) on synthetic teachers with 15 % random labels, 150 to 300 "
        "training and 200 or 300 validation examples: the checks, the baseline and the confirmation (looks at 4, 8 and "
        "12 seeds) by the director, the statistics and the rules of the command. The arm is the network as it is, with "
        'other randomness: "unpaired" is initial weights and order of another seed, "order" the same initial weights '
        f"and another order. **{false} of {len(found)} ended in HELPS or HURTS ({false / max(len(found), 1):.1%}).** "
        f"{sum(each.seconds for each in found) / 60:.0f} CPU minutes."
    )
    verdicts = sorted({each.verdict for each in found})
    table = [f"| arm | studies | {' | '.join(verdicts)} |", f"|---|---:|{'---:|' * len(verdicts)}"]
    for kind in KINDS:
        counts = Counter(each.verdict for each in found if each.kind == kind)
        table.append(f"| {kind} | {counts.total()} | {' | '.join(str(counts[each]) for each in verdicts)} |")
    yield "\n".join(table)
    for each in found:
        if each.verdict in FALSE:
            yield f"Study {each.key} ({each.kind}): {each.verdict}, {each.reason}"
