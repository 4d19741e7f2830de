"""SARIF: valid by a schema of what GitHub reads, and true in every line and column.

The official schema is not part of this repository. `NETADVISE_SARIF_SCHEMA=path/to/sarif-schema-2.1.0.json` has the
same documents checked against it, too.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from netadvise.finding import LintReport
from netadvise.graph import Location
from netadvise.render.findings.sarif import GITHUB, Limits, sarif_within
from netadvise.render.lint import LINT_FORMATS, LintView
from tests.render import lint_sample as sample
from tests.render.test_lint_formats import crowded, hostile

REPORTS: list[Callable[[], LintReport]] = [sample.clean, sample.report, sample.several, hostile]
OFFICIAL = os.environ.get("NETADVISE_SARIF_SCHEMA", "")
SCHEMAS = [Path(__file__).with_name("sarif_subset.json"), *([Path(OFFICIAL)] if OFFICIAL else [])]


def log(report: LintReport, view: LintView | None = None) -> dict:
    render = LINT_FORMATS.get("sarif")
    assert render is not None
    return json.loads(render(report, view or sample.view()))


def check(document: dict, schema: Path) -> None:
    loaded = json.loads(schema.read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(loaded)
    validator(loaded, format_checker=validator.FORMAT_CHECKER).validate(document)


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.stem)
@pytest.mark.parametrize("make", REPORTS, ids=lambda make: make.__name__)
def test_a_log_is_valid(make: Callable[[], LintReport], schema: Path) -> None:
    check(log(make()), schema)
    check(log(make(), LintView()), schema)


def test_the_schema_of_ours_refuses_what_is_wrong() -> None:
    document = log(sample.report())
    document["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    with pytest.raises(jsonschema.ValidationError):
        check(document, SCHEMAS[0])


def test_limits_of_github_hold() -> None:
    assert (GITHUB.runs, GITHUB.results) == (20, 25_000)
    models = tuple(replace(sample.report().models[0], model=f"model{number}") for number in range(30))
    document = log(replace(sample.report(), models=models))
    check(document, SCHEMAS[0])
    assert sum(len(run["results"]) for run in document["runs"]) == 30 * 7 + 1


def test_findings_beyond_the_limit_are_counted() -> None:
    document = json.loads(sarif_within(Limits(results=20), crowded(50), sample.view()))
    check(document, SCHEMAS[0])
    (run, _) = document["runs"]
    assert len(run["results"]) == 20
    assert "32 more findings are left out" in json.dumps(run["invocations"])


def test_each_model_has_a_category_of_its_own() -> None:
    ids = [run["automationDetails"]["id"] for run in log(sample.several())["runs"]]
    assert ids == ["netadvise/small/1x3x64x64+scalar/", "netadvise/tiny/1x3x224x224/", "netadvise/"]


def test_regions_hold_the_call_in_characters() -> None:
    results = {result["ruleId"]: result for result in log(sample.report())["runs"][0]["results"][:5]}
    lines = sample.SOURCE.splitlines()
    for rule, text in (("KER015", "nn.Dropout2d(0.2)"), ("DRP012", "F.dropout(x, 0.5)")):
        region = results[rule]["locations"][0]["physicalLocation"]["region"]
        assert lines[region["startLine"] - 1][region["startColumn"] - 1 : region["endColumn"] - 1] == text


def test_rule_indices_lead_to_the_rule() -> None:
    for run in log(sample.several())["runs"]:
        rules = run["tool"]["driver"]["rules"]
        for result in run["results"]:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_other_layers_are_related_locations() -> None:
    result = next(item for item in log(sample.report())["runs"][0]["results"] if item["ruleId"] == "NRM001")
    names = [place["logicalLocations"][0]["name"] for place in result["relatedLocations"]]
    assert names == ["stage.0.norm", "stage.1.conv", "stage.2.conv", "stem"]


def test_suppressed_findings_say_why() -> None:
    results = log(sample.report())["runs"][0]["results"]
    kinds = [result["suppressions"][0]["kind"] for result in results if "suppressions" in result]
    assert kinds == ["inSource", "external"]


def test_what_was_not_checked_is_a_notification() -> None:
    runs = log(sample.several())["runs"]
    notes = [run["invocations"][0]["toolExecutionNotifications"] for run in runs]
    assert [note["associatedRule"]["id"] for note in notes[0]] == ["HED003"]
    assert [note["level"] for note in notes[-1]] == ["error"]
    assert [run["invocations"][0]["executionSuccessful"] for run in runs] == [True, True, False]


def test_paths_are_those_of_the_repository() -> None:
    result = log(sample.report(), sample.view(base="services/a vision"))["runs"][0]["results"][0]
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": "services/a%20vision/nets/small.py", "uriBaseId": "%SRCROOT%"}


def test_a_file_outside_is_absolute() -> None:
    hit = replace(sample.hit(sample.THUMB, "x", "y"), location=Location("/opt/lib/net.py", 1, 1))
    model = replace(sample.report().models[0], findings=(sample.finding(sample.THUMB, hit),))
    result = log(replace(sample.report(), models=(model,)))["runs"][0]["results"][0]
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": "file:///opt/lib/net.py"}


def test_no_name_becomes_a_link() -> None:
    (result,) = log(hostile())["runs"][0]["results"]
    assert "(http" in result["message"]["text"]
    assert "](http" not in result["message"]["text"]


def test_a_fix_is_what_it_changes_and_nothing_where_it_cannot_be_written() -> None:
    results = {result["ruleId"]: result for result in log(sample.report())["runs"][0]["results"][:5]}
    assert "fixes" not in results["DRP012"]
    (change,) = results["NRM001"]["fixes"][0]["artifactChanges"]
    assert change["artifactLocation"] == results["NRM001"]["locations"][0]["physicalLocation"]["artifactLocation"]
    (replacement,) = change["replacements"]
    assert replacement["insertedContent"]["text"] == ", bias=False"
    region = {"startLine": 9, "startColumn": 69, "endLine": 9, "endColumn": 69}
    assert replacement["deletedRegion"] == region
