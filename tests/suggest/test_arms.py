"""From places to arms: none first, then those that cannot be made, then one by one, then in groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from netadvise.capture.edits import edited
from netadvise.edit import Edit, Insert, SetArgs
from netadvise.facts import NetworkFacts, Sheet, Subject
from netadvise.position import Position
from netadvise.probe.variants import CLASSES
from netadvise.study import Arm
from netadvise.suggest.arms import MOST_SINGLE, _any, arms
from tests.suggest.placing import NETS, accepted


def facts(*before_norm: str, clear: Sequence[str] = ()) -> NetworkFacts:
    """With batch norms behind these layers, and none behind those that are clear of them."""
    known = dict.fromkeys(clear, False) | dict.fromkeys(before_norm, True)
    layers = tuple(
        Subject("layer", at, name, None, None, {"has_bn_downstream": behind})
        for at, (name, behind) in enumerate(known.items())
    )
    sheet = Sheet("eval", layers)
    return NetworkFacts(Subject("model", 0, "", None, None, {}), sheet, sheet)


def made(positions: list[Position], **given: object) -> tuple[Arm, ...]:
    settings = {"named": False, "effort": "confirm", **given}
    return arms(positions, facts(), **settings)  # type: ignore[arg-type]


def rate_of(edit: Edit) -> object:
    if isinstance(edit, Insert):
        return edit.chain[0].args["p"]
    assert isinstance(edit, SetArgs)
    return next(iter(edit.args.values()))


def of(name: str) -> list[Position]:
    return list(accepted(name).values())


def test_no_places_make_no_arms_and_nor_do_those_without_an_edit() -> None:
    assert made([]) == ()
    assert made([replace(of("cnn")[0], edit=None, unmade="no")]) == ()


def test_one_place_is_one_arm_with_a_dose_for_each_rate() -> None:
    place = of("selu")[0]
    (arm,) = made([place])
    assert (arm.place, arm.places, arm.variant) == (place.place, (place.place,), place.variant)
    assert [dose.rate for dose in arm.doses] == list(place.rates)
    assert [rate_of(dose.edits[0]) for dose in arm.doses] == list(place.rates)


def test_rates_that_are_given_take_the_place_of_the_usual_ones() -> None:
    (arm,) = made(of("selu")[:1], rates=(0.15,))
    assert [(dose.rate, rate_of(dose.edits[0])) for dose in arm.doses] == [(0.15, 0.15)]


def test_few_places_are_screened_one_by_one_and_all_at_half_rate() -> None:
    places = of("functional")
    assert 1 < len(places) <= MOST_SINGLE
    *single, everything = made(places)
    assert [arm.places for arm in single] == [(place.place,) for place in places]
    assert everything.large and everything.places == tuple(place.place for place in places)
    (dose,) = everything.doses
    assert [rate_of(edit) for edit in dose.edits] == [place.rates[0] / 2 for place in places]


def test_places_that_are_named_are_arms_of_their_own_and_nothing_else() -> None:
    places = of("transformer")
    found = made(places, named=True)
    assert [arm.places for arm in found] == [(place.place,) for place in places if place.edit is not None]


def test_named_places_can_be_one_arm() -> None:
    places = of("cnn")[:2]
    (arm,) = made(places, named=True, together=True, rates=(0.4,))
    assert arm.places == tuple(place.place for place in places)
    (dose,) = arm.doses
    assert [rate_of(edit) for edit in dose.edits] == [0.4, 0.4]
    assert made([], named=True, together=True) == ()


def test_a_refused_place_has_the_rate_of_its_edit() -> None:
    place = replace(of("cnn")[0], rates=(), accepted=False)
    assert place.edit is not None
    (arm,) = made([place], named=True)
    assert [dose.rate for dose in arm.doses] == [rate_of(place.edit)]


def test_many_places_are_screened_in_groups_of_one_kind() -> None:
    places = of("transformer")
    assert len(places) > MOST_SINGLE
    *grouped, everything = made(places)
    kinds = {place.place: (place.group, place.variant) for place in places}
    assert all(len({kinds[name] for name in arm.places}) == 1 for arm in grouped)
    assert sorted(name for arm in grouped for name in arm.places) == sorted(everything.places)
    assert all(
        arm.place == f"{kinds[arm.places[0]][0]}: {len(arm.places)} places" for arm in grouped if len(arm.places) > 1
    )


def test_a_quick_look_is_at_large_arms_only() -> None:
    assert all(arm.large for arm in made(of("transformer"), effort="quick"))
    assert made(of("transformer"), effort="quick")
    alone = [replace(place, group="hidden") for place in of("selu")[:1]]
    assert len(made(alone, effort="quick")) == 1  # type: ignore[arg-type]


def test_a_group_is_trained_at_the_rate_that_it_names() -> None:
    groups = [arm for arm in made(of("transformer"), rates=(0.95,)) if len(arm.places) > 1 and arm.doses[0].rate]
    assert groups
    assert {rate_of(edit) for arm in groups for edit in arm.doses[0].edits} == {0.95}


@pytest.mark.parametrize(
    ("answers", "wanted"),
    [((), False), ((False, False), False), ((False, None), None), ((None, True), True), ((True, False), True)],
)
def test_whether_a_batch_norm_follows_is_three_valued(answers: tuple[bool | None, ...], wanted: bool | None) -> None:
    assert _any(answers) is wanted


def test_an_arm_of_a_layer_without_facts_is_not_said_to_be_clear_of_batch_norms() -> None:
    (arm,) = made(of("selu")[:1])
    assert arm.upstream_of_batchnorm is None


def test_an_arm_in_front_of_a_batch_norm_is_known_by_its_layers() -> None:
    places = of("functional")
    known = facts(places[0].layer, clear=[place.layer for place in places])
    found = arms(places, known, named=True, effort="confirm")
    assert [arm.upstream_of_batchnorm for arm in found] == [True, *[False] * (len(places) - 1)]
    everything = arms(places, facts(places[0].layer), named=False, effort="confirm")[-1]
    assert everything.upstream_of_batchnorm


def test_of_two_edits_of_one_object_only_the_first_is_in_an_arm() -> None:
    """And the arm names no place that it does not have."""
    recurrent = next(place for place in of("lstm") if isinstance(place.edit, SetArgs))
    *_, everything = made([recurrent, replace(recurrent, place="again"), *of("selu")[:1]])
    assert len(everything.doses[0].edits) == len(everything.places) == 2
    assert "again" not in everything.places


@pytest.mark.parametrize(
    "name", ["functional", "read twice", "lstm", "transformer", "cnn with norms", "unet", "residual"]
)
def test_every_dose_of_every_arm_can_be_applied_to_its_network(name: str) -> None:
    net, _ = NETS[name]
    for arm in made(of(name)):
        for dose in arm.doses:
            assert len(dose.edits) == len(arm.places)
            with edited(net, dose.edits, None, CLASSES):
                pass
