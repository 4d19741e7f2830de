"""Every format of a dropout report against its golden file, and what no format may let through."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from netadvise.document.edits import edit_from_document
from netadvise.dropout import DropoutReport
from netadvise.evidence import Curve, Gate
from netadvise.graph import Location
from netadvise.position import ExistingDropout
from netadvise.render.dropout import DROPOUT_FORMATS, DropoutView
from netadvise.render.positions.summary import CONVENTION
from tests.render import dropout_sample as sample
from tests.render.test_lint_formats import HOSTILE

GOLDEN = Path(__file__).parents[1] / "golden"
CASES: list[tuple[str, str, Callable[[], DropoutReport], DropoutView]] = [
    ("dropout.txt", "table", sample.static, sample.view()),
    ("dropout-80.txt", "table", sample.static, sample.view(80)),
    ("dropout-verbose.txt", "table", sample.static, sample.view(verbose=True)),
    ("dropout-bare.txt", "table", sample.bare, sample.view()),
    ("dropout-studied.txt", "table", sample.studied, sample.view(100)),
    ("dropout-screened.txt", "table", sample.screened, sample.view()),
    ("dropout-gated.txt", "table", sample.gated, sample.view(80)),
    ("dropout-interrupted.txt", "table", sample.interrupted, sample.view()),
    ("dropout.json", "json", sample.static, sample.view()),
    ("dropout-studied.json", "json", sample.studied, sample.view()),
    ("dropout-gated.json", "json", sample.gated, sample.view()),
    ("dropout-interrupted.json", "json", sample.interrupted, sample.view()),
    ("dropout.md", "markdown", sample.static, sample.view()),
    ("dropout-studied.md", "markdown", sample.studied, sample.view()),
    ("dropout-gated.md", "markdown", sample.gated, sample.view()),
]
MAKERS = [sample.static, sample.bare, sample.studied, sample.screened, sample.gated, sample.interrupted]
POSITION = {"place", "layer", "location", "accepted", "variant", "rates", "reason", "source"}
EVIDENCE = {
    *(
        "place",
        "variant",
        "rate",
        "verdict",
        "effect",
        "interval",
        "metric",
        "seeds",
        "p_benefit",
        "cost_ratio",
        "gates",
    )
}


def rendered(kind: str, report: DropoutReport, view: DropoutView | None = None) -> str:
    render = DROPOUT_FORMATS.get(kind)
    assert render is not None
    return render(report, view or sample.view())


def document(report: DropoutReport) -> dict[str, object]:
    """The JSON, read by a strict reader."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    found: dict[str, object] = json.loads(rendered("json", report), parse_constant=refuse)
    return found


def hostile() -> DropoutReport:
    """A report in which every name and message tries to act on whoever reads it."""
    bad = replace(
        sample.position(HOSTILE),
        variant=HOSTILE,
        name=HOSTILE,
        rule=HOSTILE,
        reason=HOSTILE,
        why=HOSTILE,
        refs=(HOSTILE,),
        location=Location(f"{HOSTILE}.py", 3, 2),
        unmade=HOSTILE,
        overruled=HOSTILE,
    )
    existing = ExistingDropout(HOSTILE, Location(HOSTILE, 1), HOSTILE, 0.5, "active", remarks=(HOSTILE,))
    static = replace(
        sample.positions(),
        target=HOSTILE,
        positions=(bad, replace(bad, accepted=False)),
        existing=(existing,),
        advice=(HOSTILE,),
        notes=(HOSTILE,),
        context={HOSTILE: HOSTILE},
    )
    gate = Gate("CRASHED", HOSTILE, HOSTILE)
    estimate = replace(sample.estimate("accuracy", 0.01, 0.01), quantity=HOSTILE)
    arm = sample.arm(
        HOSTILE, "HELPS", (estimate,), variant=HOSTILE, reason=HOSTILE, rule=HOSTILE, primary=HOSTILE, gates=(gate,)
    )
    recipe = replace(
        sample.RECIPE, task=HOSTILE, loss=HOSTILE, metric=HOSTILE, optimizer=HOSTILE, data=HOSTILE, notes=(HOSTILE,)
    )
    study = replace(
        sample.study(),
        recipe=recipe,
        gates=(gate,),
        evidence=(arm,),
        ledger=HOSTILE,
        stopped=HOSTILE,
        failures=(HOSTILE,),
        notes=(HOSTILE,),
    )
    return DropoutReport(static, study)


def crowded(count: int) -> DropoutReport:
    """Very many places, arms and gates."""
    offered = [sample.position(f"layer.{number}" + "x" * 200, line=number, reason="y" * 500) for number in range(count)]
    refused = [
        replace(item, accepted=False, rule=f"DRP{number:04}" + "z" * 200, name="n" * 300)
        for number, item in enumerate(offered)
    ]
    existing = [
        ExistingDropout("e" * 300, None, "v" * 300, 0.5, "active", remarks=("r" * 900,) * 9) for _ in range(count)
    ]
    arms = [
        sample.arm(f"p{number}" + "x" * 300, "HURTS", sample.both(0.1, 0.1), reason="w" * 900)
        for number in range(count)
    ]
    gates = [Gate("CRASHED", "m" * 900, "PRB001") for _ in range(count)]
    static = replace(
        sample.positions(), positions=(*offered, *refused), existing=tuple(existing), advice=("a" * 900,) * count
    )
    study = replace(sample.study(), evidence=tuple(arms), gates=tuple(gates), failures=("f" * 900,) * count)
    return DropoutReport(static, study)


@pytest.mark.parametrize(("name", "kind", "make", "view"), CASES, ids=[case[0] for case in CASES])
def test_a_format_writes_its_golden_file(
    name: str, kind: str, make: Callable[[], DropoutReport], view: DropoutView, regild: bool
) -> None:
    text = rendered(kind, make(), view)
    if regild:
        (GOLDEN / name).write_text(text, encoding="utf-8")
    assert text == (GOLDEN / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", list(DROPOUT_FORMATS))
def test_no_format_lets_control_characters_through(kind: str) -> None:
    text = rendered(kind, hostile(), sample.view(verbose=True))
    assert all(sign.isprintable() or sign == "\n" for sign in text)
    text.encode("utf-8")


@pytest.mark.parametrize("kind", ["table", "markdown"])
@pytest.mark.parametrize("make", [sample.static, sample.bare])
def test_convention_is_never_called_evidence(kind: str, make: Callable[[], DropoutReport]) -> None:
    text = rendered(kind, make())
    assert "not evidence: nothing was trained" in text
    assert "--data" in CONVENTION
    assert text.rstrip().endswith(CONVENTION) or kind == "markdown"
    assert not re.search(r"HELPS|HURTS", text)


@pytest.mark.parametrize("kind", ["table", "markdown"])
def test_screening_claims_nothing(kind: str) -> None:
    text = rendered(kind, sample.screened())
    assert "looks better (suggestive)" in text
    assert "may not say that a place helps or hurts" in text
    assert not re.search(r"HELPS|HURTS", text)


@pytest.mark.parametrize("kind", ["table", "markdown"])
def test_a_gate_that_ends_the_study_leaves_no_verdict(kind: str) -> None:
    text = rendered(kind, sample.gated()).replace("\\", "")
    assert "NO_OVERFIT_IN_BUDGET" in text
    assert "--max-steps 400" in text
    assert not re.search(r"HELPS|HURTS|P\(benefit\)", text)


@pytest.mark.parametrize("kind", ["table", "markdown"])
def test_an_interrupted_study_says_how_to_go_on(kind: str) -> None:
    text = rendered(kind, sample.interrupted())
    assert "netadvise suggest-dropout --resume 'my studies/3f2a'" in text


@pytest.mark.parametrize("kind", ["table", "markdown"])
def test_an_inconclusive_arm_says_how_many_seeds_are_missing(kind: str) -> None:
    text = rendered(kind, sample.studied())
    assert "about 31 seeds would settle it, 23 more than there are" in text
    assert "more seeds would not settle it" in text


def test_effects_have_units_and_signs() -> None:
    text = rendered("table", sample.studied())
    assert "accuracy +1.20 points (95 % interval +0.40 to +2.00)" in text
    assert "loss        -0.200 nats (95 % interval -0.216 to -0.184), 0.4531 -> 0.6531" in text
    assert "-3.40 [-4.20, -2.60]" in text


@pytest.mark.parametrize(("loss", "unit"), [("mse_loss", "of mse_loss"), ("BCEWithLogitsLoss", "nats")])
def test_a_loss_that_is_no_log_probability_has_no_nats(loss: str, unit: str) -> None:
    study = replace(sample.study(), recipe=replace(sample.RECIPE, loss=loss))
    assert f"loss        +0.031 {unit} (95 %" in rendered("table", DropoutReport(sample.positions(), study))


@pytest.mark.parametrize(
    ("metric", "effect"), [("mae", "mae +0.0120 (95 %"), ("pixel accuracy", "pixel accuracy +1.20 points (95 %")]
)
def test_only_shares_are_in_points(metric: str, effect: str) -> None:
    estimate = replace(sample.estimate("accuracy", 0.012, 0.008), quantity=metric)
    arm = sample.arm("after hidden", "HELPS", (estimate,), primary=metric)
    study = replace(sample.study(), evidence=(arm,))
    assert effect in rendered("table", DropoutReport(sample.positions(), study))


def test_places_of_one_line_are_one_row() -> None:
    text = rendered("table", sample.static())
    assert "after stage.0 (+2 more)" in text
    assert "0.05 to 0.25, by place" in text
    assert "after stage.1:" not in text


def test_refused_places_are_counted_and_listed_when_asked() -> None:
    assert "5 places: after stage.0.conv, after stage.1.conv, after stage.2.conv and 2 more" in rendered(
        "table", sample.static()
    )
    assert "after stage.4.conv at nets/small.py:9:21: stage.4.norm" in rendered(
        "table", sample.static(), sample.view(verbose=True)
    )


def test_json_is_whole_whatever_the_view() -> None:
    assert rendered("json", sample.studied(), sample.view(40)) == rendered("json", sample.studied())


@pytest.mark.parametrize("make", MAKERS)
def test_json_has_the_keys_of_the_contract(make: Callable[[], DropoutReport]) -> None:
    report = make()
    found = document(report)
    assert found["schema"] == "netadvise.dropout/1"
    assert {"target", "torch", "mode", "inputs", "totals", "layers", "existing", "advice", "study"} <= set(found)
    assert found["basis"] == ("convention" if report.study is None else "probes")
    positions, evidence = found["positions"], found["evidence"]
    assert isinstance(positions, list)
    assert isinstance(evidence, list)
    assert len(positions) == len(report.positions.positions)
    assert len(evidence) == (0 if report.study is None else len(report.study.evidence))
    assert all(set(item) >= POSITION for item in positions)
    assert all(set(item) >= EVIDENCE for item in evidence)


def test_edits_can_be_read_back_from_json() -> None:
    found = json.loads(rendered("json", sample.studied()))
    for item, position in zip(found["positions"], sample.POSITIONS, strict=True):
        assert (None if item["edit"] is None else edit_from_document(item["edit"])) == position.edit
    for item, arm in zip(found["evidence"], sample.EVIDENCE, strict=True):
        assert tuple(map(edit_from_document, item["edits"])) == arm.edits


def test_what_is_no_number_is_null_in_json() -> None:
    found = json.loads(rendered("json", sample.studied()))
    hurts, unclear, missing = found["evidence"][1], found["evidence"][6], found["evidence"][7]
    assert hurts["curve"] == {"steps": [50], "train_loss": [0.9], "validation_loss": [None], "metric": [None]}
    assert hurts["estimates"][0]["degrees_of_freedom"] is None
    assert unclear["p_benefit"] is None
    assert unclear["estimates"][1]["effect"] is None
    assert missing["effect"] is missing["interval"] is None
    assert found["study"]["winner"] == 0


def test_json_is_strict() -> None:
    document(hostile())


def test_a_curve_of_numbers_comes_back_whole() -> None:
    curve = Curve((1, 2), (0.5, 0.25), (0.75, 0.5), (0.1, 0.2))
    study = replace(sample.study(), evidence=(sample.arm("after x", "HELPS", curve=curve),))
    found = json.loads(rendered("json", DropoutReport(sample.positions(), study)))
    assert Curve(**{key: tuple(value) for key, value in found["evidence"][0]["curve"].items()}) == curve


def test_markdown_fits_in_a_comment() -> None:
    assert len(rendered("markdown", crowded(3_000), sample.view(verbose=True))) < 65_536


def test_markdown_acts_on_no_name() -> None:
    text = rendered("markdown", hostile(), sample.view(verbose=True))
    assert "<script" not in re.sub(r"\\<", "", re.sub(r"`[^`]*`", "", text))
    assert r"\[b\](http" in text


def test_a_cut_table_says_how_much_is_missing() -> None:
    assert "and 35 more rows" in rendered("markdown", crowded(50))
