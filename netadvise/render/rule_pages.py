"""The pages of the documentation that are made from the rules and the vocabulary: the same input, the same text."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from netadvise.render.escape import code, escaped
from netadvise.render.explain import rule_page
from netadvise.render.rule_words import GRADES
from netadvise.render.rules import page_name, rule_table
from netadvise.render.text import counted
from netadvise.rule import Rule
from netadvise.vocabulary import VOCABULARY, Field

INDEX = "README.md"
FACTS = "facts.md"
_TABLES: Mapping[str, str] = {
    "layer": "Facts of a layer, which is one op that ran. Written bare in a rule about layers.",
    "block": "Facts of a block; `block.x` in a rule about layers is the innermost block around the layer.",
    "module": "Facts of a registered module, and of modules that only a plain Python container holds.",
    "model": "Facts of the whole network, written `model.x`.",
    "probe": "Facts of training probes, written bare in a rule of scope probe; what was not measured is unknown.",
    "context": "What you declare of the model's use; undeclared, it is unknown, flags with a default excepted.",
}


def rule_pages(rules: Sequence[Rule], default: Collection[str]) -> dict[str, str]:
    """File name -> text: an index, one page per rule, and the table of facts."""
    pages = {page_name(rule): rule_page(rule, default=rule.id in default) for rule in rules}
    return {INDEX: _index(rules, default), FACTS: facts_page(), **pages}


def facts_page() -> str:
    """docs/facts.md: every name a rule may use."""
    parts = [
        "# Facts",
        "What rules may ask about a network, made from `netadvise/vocabulary` by `netadvise rules docs`. A fact that "
        "does not apply to a subject is none there, and no comparison with it holds; one that cannot be told is "
        "unknown, and the rule says that it was not evaluated.",
        "Types: bool, number, text, numbers (one per spatial axis, or a list), texts. Sources: a fact from "
        "`train` needs a pass in training mode, from `batch` one at another batch size, from `context` your word, from "
        "`probe` the training of arms.",
    ]
    for table, meaning in _TABLES.items():
        parts.extend([f"## {table}", meaning, "\n".join(_rows(VOCABULARY[table]))])
    return "\n\n".join(parts) + "\n"


def _index(rules: Sequence[Rule], default: Collection[str]) -> str:
    on = sum(rule.id in default for rule in rules)
    grades = "; ".join(f"{grade}: {meaning}" for grade, meaning in GRADES.items())
    parts = [
        "# Rules",
        f"{counted(len(rules), 'rule')}, {on} of them on by default. Grades: {grades}. Made by `netadvise rules docs`.",
        f"What rules may ask about a network: [{FACTS}]({FACTS}).",
    ]
    for name in sorted({rule.set for rule in rules}):
        members = [rule for rule in rules if rule.set == name]
        parts.extend([f"## {escaped(name)}", rule_table(members, default, linked=True).rstrip()])
    return "\n\n".join(parts) + "\n"


def _rows(fields: Mapping[str, Field]) -> Iterator[str]:
    yield "| name | type | source | meaning |"
    yield "| --- | --- | --- | --- |"
    for field in fields.values():
        notes = [escaped(field.doc)] if field.doc else []
        if field.values:
            notes.append(f"one of {', '.join(code(text, in_table=True) for text in field.values)}")
        if field.default is not None:
            notes.append(f"{str(field.default).lower()} unless declared")
        yield f"| {code(field.name, in_table=True)} | {field.type} | {field.source} | {'; '.join(notes)} |"
