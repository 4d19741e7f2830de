"""Every lint format against its golden file, read back by its own parser, and what no format may let through."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from netadvise.finding import Finding, LintReport, ModelReport, NotEvaluated
from netadvise.graph import Location
from netadvise.render.lint import LINT_FORMATS, LintView, needed_files
from tests.render import lint_sample as sample

GOLDEN = Path(__file__).parents[1] / "golden"

CASES: list[tuple[str, str, Callable[[], LintReport], LintView]] = [
    ("lint.txt", "text", sample.report, sample.view()),
    ("lint-80.txt", "text", sample.report, sample.view(width=80)),
    ("lint-verbose.txt", "text", sample.several, sample.view(verbose=True)),
    ("lint-clean.txt", "text", sample.clean, sample.view()),
    ("lint-color.txt", "text", sample.report, sample.view(color=True, show=frozenset({"error"}))),
    ("lint-concise.txt", "concise", sample.several, sample.view()),
    ("lint-statistics.txt", "concise", sample.report, sample.view(statistics=True, timings=True)),
    ("lint.json", "json", sample.report, sample.view()),
    ("lint.sarif", "sarif", sample.several, sample.view(base="services/vision")),
    ("lint.github", "github", sample.report, sample.view(base="services/vision")),
    ("lint.gitlab.json", "gitlab", sample.report, sample.view()),
    ("lint.junit.xml", "junit", sample.several, sample.view()),
    ("lint.md", "markdown", sample.several, sample.view()),
]
MACHINE = ("json", "sarif", "gitlab", "junit")
HOSTILE = (
    "\x1b[31mred\x1b[0m\r\n::error::owned <script>x</script> ]]> \u202e:fire: [b](http://x) |a| `b` 50% \ud800 \x00"
)


def rendered(kind: str, report: LintReport, view: LintView | None = None) -> str:
    render = LINT_FORMATS.get(kind)
    assert render is not None
    return render(report, view or sample.view())


def hostile() -> LintReport:
    """A report in which every name and message tries to act on whoever reads it."""
    place = Location(f"{HOSTILE}.py", 3, 2)
    bad = sample.rule("KER001", "two-3x3-for-5x5", "warning")
    hit = replace(sample.hit(bad, HOSTILE, HOSTILE), location=place, effect={"params": float("nan"), "text": HOSTILE})
    found = replace(sample.finding(bad, hit), why=HOSTILE, refs=(HOSTILE,))
    entry = NotEvaluated("KER001", "two-3x3-for-5x5", HOSTILE, (HOSTILE,))
    profile = sample.report().models[0].profile
    model = ModelReport(HOSTILE, f"{HOSTILE}:Net", profile, (found,), (), (entry,))
    return replace(sample.report(), models=(model, model), problems=(), failed={HOSTILE: HOSTILE})


def crowded(count: int) -> LintReport:
    """Very many findings, the errors last."""
    kinds = [sample.THUMB, sample.BUDGET, sample.DROPOUT]
    findings: list[Finding] = []
    for number in range(count):
        of = kinds[number * 3 // count]
        findings.append(sample.finding(of, sample.hit(of, f"layer.{number}" + "x" * 200, "m" * 500)))
    model = replace(sample.report().models[0], findings=tuple(findings))
    return replace(sample.report(), models=(model,), failing=count)


@pytest.mark.parametrize(("name", "kind", "make", "view"), CASES, ids=[case[0] for case in CASES])
def test_a_format_writes_its_golden_file(
    name: str, kind: str, make: Callable[[], LintReport], view: LintView, regild: bool
) -> None:
    text = rendered(kind, make(), view)
    if regild:
        (GOLDEN / name).write_text(text, encoding="utf-8")
    assert text == (GOLDEN / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", list(LINT_FORMATS))
def test_no_format_lets_control_characters_through(kind: str) -> None:
    text = rendered(kind, hostile(), sample.view(verbose=True))
    assert all(sign.isprintable() or sign == "\n" for sign in text)
    text.encode("utf-8")


@pytest.mark.parametrize("kind", MACHINE)
def test_a_machine_format_is_whole_whatever_the_view(kind: str) -> None:
    narrow = sample.view(width=40, verbose=True, show=frozenset(), statistics=True)
    assert rendered(kind, sample.report(), narrow) == rendered(kind, sample.report())


@pytest.mark.parametrize("kind", list(LINT_FORMATS))
def test_every_format_names_every_finding(kind: str) -> None:
    text = rendered(kind, sample.report())
    for finding in (*sample.FINDINGS, sample.PROBLEM):
        assert finding.rule in text


@pytest.mark.parametrize("kind", list(LINT_FORMATS))
def test_a_model_that_failed_is_never_silent(kind: str) -> None:
    assert "raised ValueError: no" in rendered(kind, sample.several())


@pytest.mark.parametrize("kind", list(LINT_FORMATS))
def test_a_format_needs_no_source(kind: str) -> None:
    assert rendered(kind, sample.report(), LintView())


@pytest.mark.parametrize("kind", ["json", "sarif", "gitlab"])
def test_json_is_strict(kind: str) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    json.loads(rendered(kind, hostile()), parse_constant=refuse)


def test_a_finding_in_json_has_the_keys_of_the_contract() -> None:
    (model,) = json.loads(rendered("json", sample.report()))["models"]
    keys = {"rule", "name", "severity", "confidence", "layer", "location", "message", "why", "refs", "fix", "effect"}
    for found in (*model["findings"], *model["suppressed"]):
        assert keys <= set(found)
    assert {"target", "torch", "mode", "inputs", "totals"} <= set(model)
    assert "layers" not in model
    assert model["findings"][2]["layers"] == ["stage.0.conv", "stage.1.conv", "stage.2.conv", "stem"]


def test_json_keeps_names_exact() -> None:
    model = json.loads(rendered("json", hostile()))["models"][0]
    assert model["findings"][0]["layer"] == HOSTILE.replace("\ud800", "\\ud800")
    assert model["findings"][0]["effect"]["params"] is None


def test_github_shows_no_more_than_is_shown() -> None:
    lines = rendered("github", replace(crowded(10_000), problems=())).splitlines()
    commands = [line.split(" ")[0] for line in lines]
    assert [commands.count(f"::{kind}") for kind in ("error", "warning", "notice")] == [10, 10, 10]
    assert commands[0] == "::error"
    assert "and 9,971 more findings" in lines[-1]


def test_github_counts_nothing_when_everything_fits() -> None:
    assert "more findings" not in rendered("github", sample.report())


def test_github_keeps_a_name_inside_its_property() -> None:
    for line in rendered("github", hostile()).splitlines():
        match = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line)
        assert match is not None
        assert all(part.split("=")[0] in ("file", "line", "endLine", "col", "title") for part in match[2].split(","))


def test_a_github_annotation_on_several_lines_has_no_columns() -> None:
    (line,) = [line for line in rendered("github", sample.report()).splitlines() if "DRP020" in line]
    assert "line=12,endLine=16,title" in line


def test_markdown_fits_in_a_comment() -> None:
    assert len(rendered("markdown", crowded(10_000))) < 65_536


def test_markdown_acts_on_no_name() -> None:
    text = rendered("markdown", hostile())
    assert "<script" not in re.sub(r"\\<", "", re.sub(r"`[^`]*`", "", text))
    assert r"\|a\|" in text
    assert r"\[b\](http" in text


def test_text_holds_ten_thousand_findings() -> None:
    assert rendered("concise", crowded(10_000)).count("layer.") == 10_000


def test_gitlab_fingerprints_are_unique() -> None:
    issues = json.loads(rendered("gitlab", crowded(100)))
    twice = replace(sample.report(), models=sample.report().models * 2)
    for found in (issues, json.loads(rendered("gitlab", twice))):
        prints = [issue["fingerprint"] for issue in found]
        assert len(set(prints)) == len(prints)


def test_gitlab_names_a_path_for_everything() -> None:
    for issue in json.loads(rendered("gitlab", sample.several())):
        assert issue["location"]["path"]
        assert issue["location"]["positions"]["begin"]["line"] >= 1


def test_junit_has_a_case_for_every_rule_of_every_model() -> None:
    suites = ElementTree.fromstring(rendered("junit", sample.several()).encode())
    cases = {suite.get("name"): suite.findall("testcase") for suite in suites}
    assert len(cases["tiny"]) == len(sample.RULES)
    assert all(len(case) == 0 for case in cases["tiny"])
    assert cases["broken"][0].find("error") is not None


def test_a_rule_of_thumb_passes_in_junit() -> None:
    suites = ElementTree.fromstring(rendered("junit", sample.report()).encode())
    outcomes = {case.get("name", "").split()[0]: [part.tag for part in case] for case in suites.iter("testcase")}
    assert outcomes["KER015"] == ["system-out"]
    assert outcomes["DRP012"] == ["failure"]
    assert outcomes["HED003"] == ["skipped"]
    assert outcomes["ACT004"] == ["skipped"]


def test_junit_survives_hostile_names() -> None:
    ElementTree.fromstring(rendered("junit", hostile()).encode())


def test_a_finding_is_one_line_in_concise() -> None:
    lines = rendered("concise", hostile()).splitlines()
    assert sum("KER001" in line and "red" in line for line in lines) == 2


def test_text_shows_only_the_severities_asked_for() -> None:
    text = rendered("text", sample.report(), sample.view(show=frozenset({"error"})))
    assert "NRM001" not in text
    assert "(4 not shown)" in text


def test_the_files_needed_are_those_of_findings() -> None:
    assert needed_files(sample.report()) == (sample.FILE,)
