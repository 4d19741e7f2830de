"""Networks against rules: hits, what suppresses them, and the report that is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from netadvise.api.answers import Answer
from netadvise.api.rulebook import Rulings
from netadvise.check.baseline import Baseline, Key, accepted, baseline_of, stale
from netadvise.check.judge import failing, findings, overridden, worst_first
from netadvise.check.suppress import Suppressor
from netadvise.config import ModelConfig
from netadvise.facts import NetworkFacts, Sheet
from netadvise.finding import FailOn, Finding, Hit, LintReport, ModelReport, NotEvaluated
from netadvise.graph import Location
from netadvise.version import __version__


@dataclass(frozen=True, slots=True)
class Checked:
    """One model after its rules were applied."""

    model: ModelConfig
    answer: Answer
    rules: frozenset[str]
    hits: tuple[Hit, ...]
    not_evaluated: tuple[NotEvaluated, ...]

    @property
    def judged(self) -> frozenset[str]:
        """The rules that were applied and could tell everywhere."""
        return self.rules - {item.rule for item in self.not_evaluated}


@dataclass(frozen=True, slots=True)
class Accepted:
    """A baseline and the name of its file."""

    baseline: Baseline
    file: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A report, and the baseline that would make it empty."""

    report: LintReport
    now: Baseline
    judged: Mapping[str, frozenset[str]]
    """Model -> the rules that could be judged on it."""
    whole: bool
    answers: Mapping[str, Answer] = field(default_factory=dict)
    """Model -> its profile and facts."""

    def can_judge(self, key: Key) -> bool:
        """Whether this run could have found what a baseline entry stands for."""
        model, rule, _ = key
        if model in self.report.failed:
            return False
        return rule in self.judged[model] if model in self.judged else self.whole


@dataclass(slots=True)
class Checking:
    """The checks of one run, model by model."""

    rulings: Rulings
    fail_on: FailOn
    suppressing: bool = True
    timings: dict[str, float] | None = None
    checked: list[Checked] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    def check(self, model: ModelConfig, answer: Answer) -> None:
        """Apply the rules to one model."""
        applied = self.rulings.for_lint(model)
        spent: dict[str, float] | None = None if self.timings is None else {}
        rules = applied.rules & {rule.id for rule in self.rulings.book.rules}
        found, not_evaluated = self.rulings.book.evaluate(
            rules, answer.facts, applied.context, applied.options, digest=answer.digest, timings=spent
        )
        if self.timings is not None and spent is not None:
            self.timings.update(Counter(self.timings) + Counter(spent))
        hits = overridden(found, self.rulings.severities)
        self.checked.append(Checked(model, answer, applied.rules, hits, not_evaluated))

    def verdict(self, baseline: Accepted | None, *, whole: bool) -> Verdict:
        """The report on every model checked; `whole` says that these are all models of the project."""
        suppressor = self._suppressor()
        hits = {item.model.name: suppressor.apply(item.hits) for item in self.checked}
        now, judged = baseline_of(hits), {item.model.name: item.judged for item in self.checked}
        whole = whole and not self.failed
        own = self._own_problems(suppressor, whole)
        answers = {item.model.name: item.answer for item in self.checked}
        draft = Verdict(self._report(hits, baseline, own), now, judged, whole, answers)
        if baseline is None or not self.suppressing:
            return draft
        gone = self._kept(stale(baseline.baseline.gone(now, draft.can_judge), baseline.file))
        return replace(draft, report=self._report(hits, baseline, (*own, *gone)))

    def _suppressor(self) -> Suppressor:
        if not self.suppressing:
            return Suppressor({}, (), self.rulings.selectors)
        files = {place.file for item in self.checked for place in places(item.answer.facts)}
        texts = {file: text for file in sorted(files) if (text := source_text(file)) is not None}
        return Suppressor(texts, self.rulings.project.layer_ignores, self.rulings.selectors)

    def _own_problems(self, suppressor: Suppressor, whole: bool) -> tuple[Finding, ...]:
        built = [place for item in self.checked for place in places(item.answer.facts)]
        judged = frozenset[str]().union(*(item.rules for item in self.checked))
        unsure = {item.rule for checked in self.checked for item in checked.not_evaluated}
        return self._kept(suppressor.problems(judged - unsure, built, whole=whole))

    def _kept(self, problems: Sequence[Finding]) -> tuple[Finding, ...]:
        """The problems whose rules are selected, with the severities that the user gave them."""
        selected, given = self.rulings.of_the_tool(), self.rulings.severities
        kept = [item for item in problems if item.rule in selected]
        return tuple(
            replace(item, severity=given.get(item.rule, item.severity), hits=overridden(item.hits, given))
            for item in kept
        )

    def _report(
        self, hits: Mapping[str, tuple[Hit, ...]], baseline: Accepted | None, problems: tuple[Finding, ...]
    ) -> LintReport:
        models = tuple(self._model_report(item, hits[item.model.name], baseline) for item in self.checked)
        applied = frozenset[str]().union(*(item.rules for item in self.checked))
        counting = [finding for model in models for finding in model.findings]
        return LintReport(
            version=__version__,
            models=models,
            rules=tuple(rule for name, rule in sorted(self.rulings.known.items()) if name in applied),
            fail_on=self.fail_on,
            failing=failing((*counting, *problems), self.fail_on),
            problems=worst_first(problems),
            timings=self.timings or {},
            failed=self.failed,
        )

    def _model_report(self, item: Checked, hits: tuple[Hit, ...], baseline: Accepted | None) -> ModelReport:
        name = item.model.name
        if baseline is not None and self.suppressing:
            hits = accepted(baseline.baseline, name, hits, f"it is in {baseline.file}")
        counting, suppressed = findings(name, hits, self.rulings.known)
        return ModelReport(
            model=name,
            target=item.answer.profile.target,
            profile=item.answer.profile,
            findings=counting,
            suppressed=suppressed,
            not_evaluated=item.not_evaluated,
            cached=item.answer.cached,
        )


def places(facts: NetworkFacts) -> Iterator[Location]:
    """Every place at which a part of the network was built or called."""
    sheets = [sheet for sheet in (facts.evaluation, facts.training) if isinstance(sheet, Sheet)]
    subjects = [facts.model, *facts.modules, *(item for sheet in sheets for item in (*sheet.layers, *sheet.blocks))]
    for subject in subjects:
        for place in (subject.location, subject.called_at):
            if place is not None:
                yield place


def source_text(file: str) -> str | None:
    """The text of a source file of the project; None for what cannot be read, and for installed packages."""
    path = Path(file)
    if {"site-packages", "dist-packages"} & set(path.parts) or not path.is_file():
        return None
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
