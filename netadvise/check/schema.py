"""The JSON Schema of rule files, for editors; made from the same tables that the loader checks with.

It knows keys, shapes and closed lists. What only the loader knows: whether expressions and messages make sense, whether
ids are unique, and whether a file's name is its set.
"""

from __future__ import annotations

from collections.abc import Mapping

from netadvise.check.layout import FILE, RuleEntry
from netadvise.check.layout_patterns import SHAPES, TESTS_OF_FIELDS
from netadvise.check.layout_tests import TESTS
from netadvise.check.shapes import Shape

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def rule_schema() -> dict[str, object]:
    """The schema as plain values, ready for `json.dumps`."""
    shapes: Mapping[str, Shape] = {"rule": RuleEntry(), **TESTS, **SHAPES, **TESTS_OF_FIELDS}
    defs = {name: shape.schema() for name, shape in shapes.items()}
    return {"$schema": DIALECT, "title": "Rules of netadvise", **FILE.schema(), "$defs": defs}
