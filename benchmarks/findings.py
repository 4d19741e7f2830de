"""What the shipped rules say about torchvision's models; writes docs/findings.md.

    python -m benchmarks.findings [model ...]

A rule counts once per model, however many layers it names. All models run at the size they were made for; a few
ImageNet models run at 32 x 32 pixels as well, where geometry rules must speak.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from benchmarks.libraries import import_torchvision
from netadvise.capture.values import building
from netadvise.check import RuleBook, load_rules
from netadvise.check.book import rule_files
from netadvise.check.sets import default_rules
from netadvise.finding import Hit
from netadvise.rule import SEVERITIES, Rule
from netadvise.rulepath import rules_directory
from netadvise.worker.facts import facts_of_module

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "findings.md"
SMALL = ("resnet18", "resnet50", "vgg16", "mobilenet_v2", "efficientnet_b0", "convnext_tiny", "densenet121")
_SIZES = {
    "inception_v3": "2,3,299,299",
    "s3d": "2,3,16,224,224",
    "mvit_v1_b": "2,3,16,224,224",
    "mvit_v2_s": "2,3,16,224,224",
}
_VIDEO = {"r3d_18", "mc3_18", "r2plus1d_18", "s3d", "swin3d_t", "swin3d_s", "swin3d_b"}
_OWN_SIZE = {
    "swin_v2_t": "2,3,256,256",
    "swin_v2_s": "2,3,256,256",
    "swin_v2_b": "2,3,256,256",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """One model at one size: the worst severity of each rule that fired, and the hits."""

    model: str
    size: str
    hits: tuple[Hit, ...]

    @property
    def rules(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for hit in sorted(self.hits, key=lambda hit: SEVERITIES.index(hit.severity)):
            found.setdefault(hit.rule, hit.severity)
        return found

    def count(self, severity: str) -> int:
        """How many rules fired with that severity."""
        return sum(level == severity for level in self.rules.values())


def checked(name: str, module: nn.Module, size: str, book: RuleBook, rules: Sequence[str]) -> Checked:
    """The hits of `rules` on a module."""
    facts = facts_of_module(module, (size,))[1]
    return Checked(name, size, book.evaluate(rules, facts, {}, {}).hits)


def torchvision_model(name: str) -> nn.Module:
    """A torchvision model without weights."""
    torchvision = import_torchvision()
    options = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    if name in ("fcn_resnet50", "fcn_resnet101") or "deeplab" in name or "lraspp" in name:
        options = {"weights_backbone": None}
    with building():
        model: nn.Module = torchvision.models.get_model(name, weights=None, **options)
    return model


def shipped() -> RuleBook:
    """Every rule that comes with netadvise."""
    return load_rules(rule_files(rules_directory()))


def zoo() -> Iterator[tuple[str, str]]:
    """Names and sizes: classification, segmentation, video."""
    names = import_torchvision().models.list_models()
    for name in names:
        if "rcnn" in name or name.startswith(("retinanet", "fcos", "ssd", "raft", "quantized")):
            continue
        video = "2,3,16,112,112" if name in _VIDEO else "2,3,224,224"
        yield name, _SIZES.get(name) or _OWN_SIZE.get(name) or video
    for name in SMALL:
        yield name, "2,3,32,32"


def main(names: Sequence[str]) -> None:
    """Check the zoo and write the document."""
    book = shipped()
    everything = [rule.id for rule in book.rules if rule.of_lint]
    results = []
    for name, size in zoo():
        if names and name not in names:
            continue
        results.append(checked(name, torchvision_model(name), size, book, everything))
        print(name, size, dict(results[-1].rules), flush=True)
    if not names:
        DOCUMENT.write_text(document(book.rules, frozenset(default_rules()), results))


def document(rules: Sequence[Rule], default: frozenset[str], results: Sequence[Checked]) -> str:
    """The tables, in markdown."""
    native = [result for result in results if ",32,32" not in result.size]
    small = [result for result in results if ",32,32" in result.size]
    quiet = [_only(result, default) for result in native]
    lines = [
        "# What the rules say about torchvision's models",
        "",
        "Written by `python -m benchmarks.findings`; do not edit. A rule counts once per model, however many layers it",
        f"names. {len(native)} models at the size they were made for, {len(small)} of them also at 32 x 32 pixels.",
        "",
        "## The default sets",
        "",
        f"- models with no finding: {sum(not result.hits for result in quiet)} of {len(quiet)}",
        f"- models with an error: {_names(result for result in quiet if result.count('error'))}",
        f"- models with a warning: {_names(result for result in quiet if result.count('warning'))}",
        "",
        *_by_model([result for result in quiet if result.hits]),
        "",
        "At 32 x 32 pixels:",
        "",
        *_by_model([_only(result, default) for result in small]),
        "",
        "## Every rule",
        "",
        *_by_rule(rules, default, native, small),
    ]
    return "\n".join(lines) + "\n"


def _only(result: Checked, ids: frozenset[str]) -> Checked:
    return Checked(result.model, result.size, tuple(hit for hit in result.hits if hit.rule in ids))


def _names(results: Iterator[Checked]) -> str:
    return ", ".join(result.model for result in results) or "none"


def _by_model(results: Sequence[Checked]) -> Iterator[str]:
    yield "| model | errors | warnings | advice |"
    yield "|---|---|---|---|"
    for result in results:
        cells = (", ".join(rule for rule, level in sorted(result.rules.items()) if level == own) for own in SEVERITIES)
        yield f"| {result.model} | {' | '.join(cells)} |"


def _by_rule(
    rules: Sequence[Rule], default: frozenset[str], native: Sequence[Checked], small: Sequence[Checked]
) -> Iterator[str]:
    models = Counter(rule for result in native for rule in result.rules)
    hits = Counter(hit.rule for result in native for hit in result.hits)
    tiny = Counter(rule for result in small for rule in result.rules)
    yield f"| rule | set | default | models of {len(native)} | layers | models of {len(small)} at 32 px |"
    yield "|---|---|---|---|---|---|"
    for rule in rules:
        on = "yes" if rule.id in default else ""
        counts = f"{models[rule.id]} | {hits[rule.id]} | {tiny[rule.id]}"
        yield f"| {rule.id} {rule.name} | {rule.set} | {on} | {counts} |"


if __name__ == "__main__":
    main(sys.argv[1:])
