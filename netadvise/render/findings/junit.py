"""JUnit's XML: a suite for each model, a case for each rule, so that a rule that found nothing shows as passed."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from netadvise.finding import Finding, LintReport, ModelReport, NotEvaluated
from netadvise.render.findings import wording
from netadvise.render.findings.view import LintView
from netadvise.render.rule_words import remedy
from netadvise.render.text import plain


def junit(report: LintReport, view: LintView) -> str:
    """The whole report. A case fails when its finding fails the run; other findings stand in the case's output."""
    top = Element("testsuites", name="netadvise")
    for model in report.models:
        _suite(top, model, report, view)
    for name, message in report.failed.items():
        suite = SubElement(top, "testsuite", name=plain(name), tests="1", failures="0", errors="1", skipped="0")
        case = SubElement(suite, "testcase", classname=plain(name), name="the model can be recorded", time="0")
        SubElement(case, "error", message=plain(message), type="error").text = plain(message)
    if report.problems:
        _problems(top, report, view)
    indent(top)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{tostring(top, encoding='unicode')}\n"


def _suite(top: Element, model: ModelReport, report: LintReport, view: LintView) -> None:
    suite = SubElement(top, "testsuite", name=plain(model.model))
    found, hushed = _by_rule(model.findings), _by_rule(model.suppressed)
    unclear = {entry.rule: entry for entry in model.not_evaluated}
    names = {rule.id: rule.name for rule in report.rules} | {rule: found[rule][0].name for rule in found}
    for rule, name in sorted(names.items()):
        case = SubElement(suite, "testcase", classname=plain(model.model), name=plain(f"{rule} {name}"))
        case.set("time", f"{report.timings.get(rule, 0):.6f}")
        _outcome(case, found.get(rule, []), hushed.get(rule, []), unclear.get(rule), report, view)
    _count(suite)


def _problems(top: Element, report: LintReport, view: LintView) -> None:
    suite = SubElement(top, "testsuite", name="netadvise")
    for rule, findings in _by_rule(report.problems).items():
        name = plain(f"{rule} {findings[0].name}")
        _outcome(SubElement(suite, "testcase", classname="netadvise", name=name), findings, [], None, report, view)
    _count(suite)


def _outcome(
    case: Element,
    findings: list[Finding],
    suppressed: list[Finding],
    unclear: NotEvaluated | None,
    report: LintReport,
    view: LintView,
) -> None:
    location = next((finding.location for finding in findings if finding.location is not None), None)
    if location is not None:
        case.set("file", plain(view.path(location.file)))
        case.set("line", str(location.line))
    failing = [finding for finding in findings if finding.reaches(report.fail_on)]
    if failing:
        worst = failing[0]
        failure = SubElement(case, "failure", message=wording.said(worst), type=worst.severity)
        failure.text = "\n".join(map(_full, findings))
    elif findings:
        SubElement(case, "system-out").text = "\n".join(map(_full, findings))
    elif unclear is not None:
        SubElement(case, "skipped", message=f"not evaluated: {plain(unclear.reason)}")
    elif suppressed:
        SubElement(case, "skipped", message=f"suppressed: {_reason(suppressed[0])}")


def _full(finding: Finding) -> str:
    place = wording.place(finding.location, finding.layer or "the model")
    fix = "" if finding.fix is None else f"\nhelp: {remedy(finding.fix)}"
    return f"{place}: {finding.severity} {wording.said(finding)}{fix}\nevidence: {wording.evidence(finding)}"


def _reason(finding: Finding) -> str:
    suppression = finding.hits[0].suppression
    return "" if suppression is None else plain(suppression.reason or suppression.kind)


def _by_rule(findings: tuple[Finding, ...]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.rule, []).append(finding)
    return found


def _count(suite: Element) -> None:
    counts: Mapping[str, int] = {
        "tests": len(suite),
        "failures": len(suite.findall("testcase/failure")),
        "errors": 0,
        "skipped": len(suite.findall("testcase/skipped")),
    }
    for key, count in counts.items():
        suite.set(key, str(count))
