"""The facts inside a profile document: there when they were asked for, and no reader of profiles minds them."""

from __future__ import annotations

import json

from netadvise.document import profile_from_json
from netadvise.document.facts import facts_from_document
from netadvise.render import View
from netadvise.render.json import json as rendered
from tests.document.test_facts import small
from tests.render.sample import sample


def test_a_profile_without_facts_has_no_such_key() -> None:
    assert "facts" not in json.loads(rendered(sample(), View()))


def test_facts_stand_beside_the_layers() -> None:
    text = rendered(sample(), View(facts=small()))
    assert facts_from_document(json.loads(text)["facts"]) == small()
    assert profile_from_json(text) == sample()
