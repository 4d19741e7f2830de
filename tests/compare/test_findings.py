"""Findings of two networks: the same ones first, then new, fixed, moved and regraded."""

from __future__ import annotations

from dataclasses import replace

from netadvise.check.judge import findings
from netadvise.compare.findings import findings_diff
from netadvise.comparison import FindingsDiff
from netadvise.finding import Hit, ModelReport, NotEvaluated
from netadvise.graph import Location
from netadvise.profiles import Profile
from netadvise.rule import Severity
from tests.compare.made import compare, conv, net, relu
from tests.suggest.made import rule

RULES = {found.id: found for found in (rule("XYZ001", "A", "error"), rule("XYZ002", "B", "warning"))}
SAME = net(conv("a"), relu("b"))


def hit(ident: str, layer: str, severity: Severity | None = None) -> Hit:
    return Hit(ident, layer, Location("net.py", 10, 9), severity or RULES[ident].severity, f"said of {layer}")


def report(*hits: Hit, profile: Profile = SAME, unsure: tuple[str, ...] = ()) -> ModelReport:
    found, _ = findings("net", hits, RULES)
    missing = tuple(NotEvaluated(ident, "name", "why") for ident in unsure)
    return ModelReport("net", "net.py", profile, found, (), missing)


def diffed(old: ModelReport, new: ModelReport) -> FindingsDiff:
    return findings_diff(old, new, compare(old.profile, new.profile).layers, RULES, 7)


def told(found: FindingsDiff) -> list[tuple[str, str, list[tuple[str, str]]]]:
    return [(item.status, item.rule, [(place.old, place.new) for place in item.places]) for item in found.changes]


def test_the_same_findings_are_kept() -> None:
    found = diffed(report(hit("XYZ001", "a")), report(hit("XYZ001", "a")))
    assert (found.changes, found.kept, found.rules) == ((), 1, 7)


def test_a_line_that_moved_is_no_change() -> None:
    moved = replace(hit("XYZ001", "a"), location=Location("net.py", 90, 1), message="said otherwise")
    assert diffed(report(hit("XYZ001", "a")), report(moved)).changes == ()


def test_new_ones_come_first_the_worst_first() -> None:
    old = report(hit("XYZ002", "b"))
    new = report(hit("XYZ002", "a"), hit("XYZ001", "a"), hit("XYZ001", "b"))
    assert told(diffed(old, new)) == [
        ("new", "XYZ001", [("", "a"), ("", "b")]),
        ("new", "XYZ002", [("", "a")]),
        ("fixed", "XYZ002", [("b", "")]),
    ]


def test_a_finding_moves_with_its_layer() -> None:
    renamed = net(conv("first"), relu("b"))
    found = diffed(report(hit("XYZ001", "a")), report(hit("XYZ001", "first"), profile=renamed))
    assert told(found) == [("moved", "XYZ001", [("a", "first")])]


def test_another_severity_is_said() -> None:
    found = diffed(report(hit("XYZ001", "a", "advice")), report(hit("XYZ001", "a")))
    (change,) = found.changes
    assert (change.status, change.was, change.severity) == ("regraded", "advice", "error")


def test_one_of_two_findings_at_a_layer_may_be_new() -> None:
    found = diffed(report(hit("XYZ001", "a")), report(hit("XYZ001", "a"), hit("XYZ001", "a")))
    assert (found.kept, found.places("new"), found.places("fixed")) == (1, 1, 0)


def test_a_finding_about_the_model_is_matched() -> None:
    assert diffed(report(hit("XYZ001", "")), report(hit("XYZ001", ""))).kept == 1


def test_rules_that_can_no_longer_tell_are_named() -> None:
    found = diffed(report(unsure=("XYZ001",)), report(unsure=("XYZ001", "XYZ002")))
    assert found.untold == (("XYZ002", "warning"),)
