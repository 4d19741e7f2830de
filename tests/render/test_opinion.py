"""Another tool's count beside ours."""

from __future__ import annotations

import json

from netadvise.opinion import OpinionRow, SecondOpinion
from netadvise.render import View
from netadvise.render.json import json as as_json
from netadvise.render.table import table
from tests.render.sample import sample

ROWS = (
    OpinionRow("stem", "Conv2d", "agreed", 36864, 36864, 0, ""),
    OpinionRow("bn1", "BatchNorm2d", "convention", 0, 0, 100, "adds 100"),
    OpinionRow("bn2", "BatchNorm2d", "convention", 0, 0, 200, "adds 200"),
    OpinionRow("natten", "NeighborhoodAttention", "we miss", None, 5, 0, "no formula here"),
)


def test_a_tool_that_fails_says_why() -> None:
    failed = SecondOpinion("fvcore", "0.1.5", None, 10, failure="tracing stopped")
    assert "fvcore 0.1.5 gives no count: tracing stopped" in table(sample(), View(opinion=failed))


def test_layers_that_agree_are_counted_and_the_others_explained() -> None:
    text = table(sample(), View(opinion=SecondOpinion("fvcore", "0.1.5", 37169, 36864, ROWS)))
    assert "fvcore 0.1.5 counts 37,169, netadvise 36,864 MACs; they agree on 1 layer" in text
    assert "BatchNorm2d (2 layers): convention: fvcore adds 300" in text
    assert "natten (NeighborhoodAttention): we miss: 5 there, unknown here: no formula here" in text
    assert "stem (Conv2d)" not in text


def test_json_holds_every_row() -> None:
    document = json.loads(as_json(sample(), View(opinion=SecondOpinion("fvcore", "0.1.5", 37169, 36864, ROWS))))
    assert [row["name"] for row in document["second_opinion"]["rows"]] == [row.name for row in ROWS]
