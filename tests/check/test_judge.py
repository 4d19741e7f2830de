"""From hits to findings and an exit code: what does not fail first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from netadvise.check.judge import exit_code, failing, findings, fingerprint, overridden
from netadvise.errors import ExitCode
from netadvise.finding import LintReport, Suppression
from netadvise.rule import Severity
from tests.check.lint_values import DRP1, GPU1, NRM1, NRM2, NRM10, RULES, hit

KNOWN = {rule.id: rule for rule in RULES}


def test_no_hits_no_findings() -> None:
    assert findings("m", (), KNOWN) == ((), ())


@pytest.mark.parametrize("severity", ["error", "warning", "advice"])
def test_a_rule_of_thumb_never_fails_whatever_its_severity(severity: Severity) -> None:
    found, _ = findings("m", overridden([hit(NRM10, "a")], {NRM10.id: severity}), KNOWN)
    assert found[0].severity == severity
    assert failing(found, "advice") == 0


@pytest.mark.parametrize(("limit", "expected"), [("never", 0), ("error", 1), ("warning", 3), ("advice", 4)])
def test_how_many_findings_reach_the_limit(limit: str, expected: int) -> None:
    found, _ = findings("m", [hit(rule, "a") for rule in RULES], KNOWN)
    assert failing(found, limit) == expected  # type: ignore[arg-type]


def test_one_finding_per_rule_the_worst_first() -> None:
    hits = [hit(GPU1, "z"), hit(NRM1, "a", severity="advice"), hit(NRM1, "b", severity="error"), hit(NRM1, "c")]
    hits += [hit(NRM2, "a"), hit(DRP1, "d")]
    found, suppressed = findings("m", hits, KNOWN)
    assert suppressed == ()
    assert [(item.rule, item.severity, item.layers) for item in found] == [
        ("NRM001", "error", ("b", "c", "a")),
        ("NRM002", "error", ("a",)),
        ("DRP001", "warning", ("d",)),
        ("GPU001", "advice", ("z",)),
    ]


def test_suppressed_hits_are_findings_of_their_own() -> None:
    quiet = replace(hit(NRM1, "a"), suppression=Suppression("inline", "why"))
    found, suppressed = findings("m", [quiet, hit(NRM1, "b")], KNOWN)
    assert [item.layers for item in found] == [("b",)]
    assert [item.layers for item in suppressed] == [("a",)]


def test_a_fingerprint_depends_on_model_rule_and_layer_alone() -> None:
    one, _ = findings("m", [hit(NRM1, "a")], KNOWN)
    moved, _ = findings("m", [replace(hit(NRM1, "a"), message="other words", severity="error")], KNOWN)
    assert one[0].fingerprint == moved[0].fingerprint == fingerprint("m", "NRM001", "a")
    assert len({fingerprint(*key) for key in (("m", "R", "a"), ("n", "R", "a"), ("m", "S", "a"), ("m", "R", "b"))}) == 4


@pytest.mark.parametrize(
    ("failing_count", "failed", "expected"),
    [
        (0, {}, ExitCode.OK),
        (2, {}, ExitCode.FINDINGS),
        (2, {"m": "no file"}, ExitCode.MODEL),
        (0, {"m": ""}, ExitCode.MODEL),
    ],
)
def test_a_missing_model_outweighs_findings(failing_count: int, failed: dict[str, str], expected: ExitCode) -> None:
    report = LintReport("0", (), (), "warning", failing_count, failed=failed)
    assert exit_code(report) == expected
