"""What would be written into the source: nothing first, then what won, then what is usual."""

from __future__ import annotations

from dataclasses import replace

from netadvise.dropout import Choice, DropoutReport
from tests.render import dropout_sample as sample


def test_a_study_without_a_winner_writes_nothing() -> None:
    assert sample.screened().choices == ()
    assert sample.gated().choices == ()
    assert sample.interrupted().choices == ()


def test_without_places_there_is_nothing_to_write() -> None:
    assert sample.bare().choices == ()


def test_the_arm_that_helps_most_wins() -> None:
    better = sample.arm("after stage.1", "HELPS", sample.both(0.02, 0.03), rate=0.1)
    study = replace(sample.study(), evidence=(*sample.EVIDENCE, better))
    assert DropoutReport(sample.positions(), study).choices == (Choice("after stage.1: Dropout 0.1", better.edits),)


def test_without_data_every_accepted_place_that_can_be_edited_gets_what_is_usual() -> None:
    choices = sample.static().choices
    accepted = [item for item in sample.POSITIONS if item.accepted and item.edit is not None]
    assert [choice.edits for choice in choices] == [(item.edit,) for item in accepted]
    assert choices[0].name == "after hidden: Dropout 0.5"
    assert all("größe" not in choice.name for choice in choices)
