"""What is said about an edit is what `profile` says of the file before and after the edit, made by hand."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import netadvise
from benchmarks.findings import torchvision_model
from netadvise.api.fixing import planned
from netadvise.api.suggesting import SuggestRequest, suggest_kernels, suggest_target
from netadvise.capture.values import building
from netadvise.check import load_rules
from netadvise.edit import Dropped, Tried, modules_of
from netadvise.facts import NetworkFacts
from netadvise.profiles import Layer, Profile, Sizes
from netadvise.rewrite import unified_diff
from netadvise.rulepath import rules_directory
from netadvise.suggestion import Suggestion, SuggestionReport
from netadvise.target import make_target
from netadvise.worker.facts import facts_of_target
from netadvise.worker.trying import try_target
from tests.cli.command import netadvise as netadvise_command
from tests.hand_edits import HAND_EDITS, MODELS, SUGGESTED, HandEdit, HandSuggestion, Network


@cache
def profiled(model: str) -> Profile:
    return netadvise.profile(str(MODELS / f"{model}.py"))


@cache
def every_try(model: str) -> dict[str, Tried | Dropped]:
    """Every edit of a network, tried in one go: so each must also leave the model as it was."""
    cases = [case for case in HAND_EDITS if case.model == model]
    found = try_target(make_target(str(MODELS / f"{model}.py")), [case.edits for case in cases])
    return {case.name: item for case, item in zip(cases, found, strict=True)}


def tried(case: HandEdit) -> Tried:
    found = every_try(case.model)[case.name]
    assert isinstance(found, Tried), found.reason
    return found


@cache
def profiled_text(text: str, inputs: tuple[str, ...] = ()) -> Profile:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "edited.py"
        file.write_text(text)
        return netadvise.profile(str(file), inputs or None)


def minus(after: Sizes, before: Sizes) -> tuple[int, ...]:
    assert isinstance(after, tuple) and isinstance(before, tuple)
    return tuple(one - other for one, other in zip(after, before, strict=True))


def field_at(profile: Profile, name: str) -> Sizes:
    field = next(layer for layer in profile.layers if layer.name == name).receptive_field
    assert field is not None
    return field.size


by_hand = pytest.mark.parametrize("case", HAND_EDITS, ids=str)


@by_hand
def test_every_number_of_a_tried_edit(case: HandEdit) -> None:
    before, after = profiled(case.model), profiled_text(case.after())
    effect = tried(case).effect
    assert effect.params == after.totals.params - before.totals.params
    assert effect.macs == after.totals.macs - before.totals.macs
    assert effect.activation_bytes == after.totals.activation_bytes - before.totals.activation_bytes
    assert effect.receptive_field == minus(after.totals.receptive_field, before.totals.receptive_field)
    assert effect.receptive_field_here == minus(field_at(after, case.here[1]), field_at(before, case.here[0]))


@by_hand
def test_every_layer_that_changes_is_named(case: HandEdit) -> None:
    edited = {modules_of(edit) for edit in case.edits}
    before, after = (layers(item) for item in (profiled(case.model), profiled_text(case.after())))
    expected = {name for name in before.keys() & after.keys() if seen(before[name]) != seen(after[name])}
    said = {item.layer for item in tried(case).affected}
    assert said & (before.keys() & after.keys()) == expected - edited


def layers(profile: Profile) -> dict[str, Layer]:
    return {f"{each.name} (call {each.call})" if each.call else each.name: each for each in profile.layers}


def seen(layer: Layer) -> object:
    field = layer.receptive_field
    return layer.output_shapes, layer.macs, layer.params, None if field is None else field.size


@by_hand
def test_safety_is_what_the_names_and_shapes_of_the_weights_say(case: HandEdit) -> None:
    before, after = (held(text) for text in (case.before(), case.after()))
    assert tried(case).safety == ("changes-function" if before == after else "changes-weights")


def held(text: str) -> dict[str, torch.Size]:
    """Names and shapes of the state of the model in a file."""
    namespace: dict[str, Any] = {"__name__": "edited"}
    exec(compile(text, "edited.py", "exec"), namespace)
    own = [each for each in namespace.values() if isinstance(each, type) and each.__module__ == "edited"]
    with torch.device("meta"):
        return {name: tensor.shape for name, tensor in own[-1]().state_dict().items()}


@by_hand
def test_the_diff_applies_and_gives_the_numbers_of_the_tried_edit(case: HandEdit, tmp_path: Path) -> None:
    file, recorded = on_disk(case.model)
    plan = planned([case.edits], *recorded)
    if case.refused:
        assert plan.changes == () and case.refused in str(plan.refused[0])
        return
    assert plan.refused == {}
    patched = applied(unified_diff(plan.changes, file.parent), file, tmp_path)
    before, after, effect = profiled(case.model).totals, profiled_text(patched).totals, tried(case).effect
    assert after.params - before.params == effect.params
    assert after.macs - before.macs == effect.macs
    assert after.activation_bytes - before.activation_bytes == effect.activation_bytes
    assert minus(after.receptive_field, before.receptive_field) == effect.receptive_field


@cache
def on_disk(model: str) -> tuple[Path, tuple[Profile, NetworkFacts]]:
    """A network's file and what a run on it finds."""
    file = MODELS / f"{model}.py"
    return file, facts_of_target(make_target(str(file)))


def applied(diff: bytes, file: Path, folder: Path) -> str:
    """The text of a copy of `file` after the diff, which `patch -p0` and `git apply` must agree about."""
    texts = []
    for command in (["patch", "-p0", "--fuzz=0"], ["git", "apply"]):
        copy = folder / command[0]
        copy.mkdir()
        shutil.copy(file, copy)
        subprocess.run(["git", "init", "--quiet"], cwd=copy, check=True)
        subprocess.run(command, cwd=copy, input=diff, check=True, capture_output=True)
        assert {path.name for path in copy.iterdir()} == {file.name, ".git"}
        texts.append((copy / file.name).read_text())
    assert texts[0] == texts[1]
    return texts[0]


@pytest.mark.slow
@pytest.mark.parametrize("case", SUGGESTED, ids=str)
def test_every_number_of_a_suggestion(case: HandSuggestion) -> None:
    before, after = (profiled_text(text, case.network.inputs) for text in (case.network.text(), case.after()))
    effect = suggested(case).tried.effect
    assert effect.params == after.totals.params - before.totals.params
    assert effect.macs == after.totals.macs - before.totals.macs
    assert effect.activation_bytes == after.totals.activation_bytes - before.totals.activation_bytes
    assert effect.receptive_field == minus(after.totals.receptive_field, before.totals.receptive_field)


def test_every_rule_of_the_set_is_followed_by_hand() -> None:
    rules = {rule.id for rule in load_rules((rules_directory() / "kernels.yaml",)).rules}
    assert rules <= {case.rule for case in SUGGESTED}


def suggested(case: HandSuggestion) -> Suggestion:
    """The only suggestion of that rule that begins at that layer."""
    all_of_them = every_suggestion(case.network)
    (found,) = [each for each in all_of_them if (each.rule, each.layer) == (case.rule, case.layer)]
    return found


def every_suggestion(network: Network) -> list[Suggestion]:
    """What is shown and what is hidden."""
    report = suggestions(network)
    return [*report.suggestions, *report.hidden]


@cache
def suggestions(network: Network) -> SuggestionReport:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "net.py"
        file.write_text(network.text())
        request = SuggestRequest(
            target=str(file), inputs=network.inputs, everything=True, isolated=True, cache=False, in_process=True
        )
        return suggest_target(request)


def test_a_5x5_is_left_alone_where_two_3x3_cost_more() -> None:
    said = [each for each in every_suggestion(Network("alexnet")) if "features.3" in each.layers]
    assert "KER102" not in {each.rule for each in said}
    case = next(case for case in HAND_EDITS if str(case) == "alexnet, two 3x3 for the 5x5")
    assert tried(case).effect.params == 9 * 192 * (64 + 192) + 192 - 25 * 64 * 192 > 0


@pytest.mark.parametrize("layer", ["depthwise", "large"])
def test_depthwise_5x5_and_7x7_are_left_alone(layer: str) -> None:
    assert [each for each in every_suggestion(Network("small_cnn")) if layer in each.layers] == []


@pytest.mark.zoo
@pytest.mark.parametrize("name", ["convnext_tiny", "efficientnet_b0", "mobilenet_v3_large"])
def test_depthwise_kernels_of_good_networks_are_left_alone(name: str) -> None:
    model = torchvision_model(name)
    depthwise = {
        path
        for path, layer in model.named_modules()
        if isinstance(layer, nn.Conv2d) and layer.groups == layer.in_channels and max(layer.kernel_size) >= 5
    }
    assert len(depthwise) >= 6
    report = suggest_kernels(model, "1,3,224,224", everything=True)
    assert depthwise.isdisjoint(layer for each in (*report.suggestions, *report.hidden) for layer in each.layers)


@pytest.mark.zoo
def test_the_small_stem_of_resnet18_is_tried_and_its_cost_shown() -> None:
    report = suggest_kernels(torchvision_model("resnet18"), "1,3,32,32")
    (stem,) = [each for each in report.suggestions if each.rule == "KER003"]
    model = torchvision_model("resnet18")
    with building():
        model.conv1, model.maxpool = nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.Identity()
    before, after = netadvise.profile(torchvision_model("resnet18"), "1,3,32,32"), netadvise.profile(model, "1,3,32,32")
    assert stem.tried.effect.macs == after.totals.macs - before.totals.macs > 10 * before.totals.macs
    assert stem.tried.effect.params == 64 * 3 * (9 - 49)


WRITTEN = {
    ("alexnet", "KER106", "features.3"),
    ("vgg16", "KER106", "last.2"),
    ("resnet50", "KER111", "conv1"),
    ("resnet50", "KER112", "conv1"),
    ("inception", "KER112", "stem"),
    ("small_cnn", "KER101", "conv4"),
    ("small_cnn", "KER102", "conv2"),
}
"""Suggestions for layers that a line of their own builds."""
written = pytest.mark.parametrize(
    "case", [case for case in SUGGESTED if (str(case.network), case.rule, case.layer) in WRITTEN], ids=str
)


@pytest.mark.slow
@written
def test_the_printed_diff_and_the_fixed_file_keep_their_promise(case: HandSuggestion, tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text(case.network.text())
    finished = suggest(case, tmp_path, "--diff", "-f", "json:report.json")
    assert file.read_text() == case.network.text()
    patched = applied(finished.stdout.encode(), file, tmp_path)
    suggest(case, tmp_path, "--fix")
    assert file.read_text() == patched
    after = netadvise.profile(str(file))
    assert numbers(after) == numbers(profiled_text(case.after()))
    assert minus_all(after, profiled_text(case.network.text())) == promised(tmp_path / "report.json", case)


def suggest(case: HandSuggestion, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The command on `net.py`, for one rule at one layer."""
    only = ("--select", case.rule, "--layer", case.layer, "--all", "--unsafe-fixes", "--isolated", "--no-cache")
    finished = netadvise_command("suggest-kernels", "net.py", *only, *options, cwd=folder)
    assert finished.returncode == 0, finished.stderr
    return finished


def promised(file: Path, case: HandSuggestion) -> list[object]:
    """The effect that the JSON report names."""
    (found,) = json.loads(file.read_text())["suggestions"]
    assert (found["rule"], found["layer"], found["effect"]["unknown"]) == (case.rule, case.layer, {})
    return [found["effect"][name] for name in ("params", "macs", "activation_bytes", "receptive_field")]


def numbers(profile: Profile) -> tuple[int, int, int, Sizes]:
    totals = profile.totals
    return totals.params, totals.macs, totals.activation_bytes, totals.receptive_field


def minus_all(after: Profile, before: Profile) -> list[object]:
    *counts, field = zip(numbers(after), numbers(before), strict=True)
    return [*(one - other for one, other in counts), list(minus(*field))]
