"""What the names in an expression or a message stand for: facts, options, context, witnesses, counts and lets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from netadvise.check.problems import hint, short
from netadvise.check.types import ExprError, Frame, Piece, Run, Type
from netadvise.facts import Fact
from netadvise.quantity import Unknown
from netadvise.rule import Option
from netadvise.vocabulary import BLOCK, CONTEXT, MODEL, Field

CONTEXT_PREFIXES = tuple(dict.fromkeys(name.partition(".")[0] for name in CONTEXT))
RESERVED = ("model", "block", "opt", *CONTEXT_PREFIXES)
"""Names that no witness, count or let may take."""

_INSTEAD = {"true": "True", "false": "False", "null": "defined(...)", "None": "defined(...)"}


@dataclass(slots=True)
class Names:
    """The names that one rule, or one pattern of it, may use."""

    fields: Mapping[str, Field]
    """The subject's own facts."""
    about: str
    """What the subject is: "layer"."""
    options: Mapping[str, Option] = field(default_factory=dict)
    witnesses: dict[str, Mapping[str, Field]] = field(default_factory=dict)
    defined: dict[str, Type] = field(default_factory=dict)
    """Counts and lets."""
    later: tuple[str, ...] = ()
    """Lets that stand further down."""
    sources: set[str] = field(default_factory=set)
    """Where the facts used come from; filled while names are looked up."""
    optional: set[str] = field(default_factory=set)
    """Witnesses that need not be there: their facts do not apply then."""

    def bare(self, name: str) -> Piece:
        """A name without a dot; raises `ExprError`."""
        if name in self.defined:
            return Piece(self.defined[name], lambda frame: frame.names.get(name), name)
        known = self.fields.get(name)
        if known is None:
            raise ExprError(self._unknown(name))
        return self._piece(known, lambda frame: frame.subject.facts.get(name), name)

    def dotted(self, prefix: str, name: str) -> Piece:
        """`prefix.name`; raises `ExprError`."""
        whole = f"{prefix}.{name}"
        if prefix == "opt":
            return self._option(name)
        if prefix in self.witnesses:
            return self._field(self.witnesses[prefix], name, prefix, _of_witness(prefix, name, prefix in self.optional))
        if prefix == "model" and self.about != "probe":
            return self._field(MODEL, name, prefix, lambda frame: frame.view.model.facts.get(name))
        if prefix == "block" and self.about == "layer":
            return self._field(BLOCK, name, prefix, _of_block(name))
        if prefix in CONTEXT_PREFIXES:
            return self._context(whole)
        raise ExprError(self._no_prefix(prefix, whole))

    def _option(self, name: str) -> Piece:
        if name not in self.options:
            raise ExprError(f"unknown option '{short(name)}'{hint(name, self.options)}: declare it under `options`")
        return Piece(option_type(self.options[name]), lambda frame: frame.view.options.get(name), f"opt.{name}")

    def _field(self, fields: Mapping[str, Field], name: str, prefix: str, run: Run) -> Piece:
        if name not in fields:
            raise ExprError(f"unknown name '{short(name)}' behind '{prefix}.'{hint(name, fields)}")
        return self._piece(fields[name], run, f"{prefix}.{name}")

    def _context(self, whole: str) -> Piece:
        if whole not in CONTEXT:
            raise ExprError(f"unknown name '{short(whole)}'{hint(whole, CONTEXT)}")
        return self._piece(CONTEXT[whole], lambda frame: frame.view.context.get(whole), whole)

    def _piece(self, known: Field, run: Run, said: str) -> Piece:
        self.sources.add(known.source)
        return Piece(known.type, run, said, known.values)

    def _unknown(self, name: str) -> str:
        if name in _INSTEAD:
            return f"unknown name '{name}': write {_INSTEAD[name]}"
        if name in self.options:
            return f"unknown name '{name}': an option is written opt.{name}"
        if name in self.later:
            return f"'{name}' is defined further down: lets are read in order"
        if name in (*RESERVED, *self.witnesses):
            return f"'{name}' needs a name behind it: {name}.something"
        return f"unknown name '{short(name)}'{hint(name, (*self.fields, *self.defined, *self.witnesses))}"

    def _no_prefix(self, prefix: str, whole: str) -> str:
        if prefix == "model":
            return "'model' exists in rules about networks only, this one is about a probe"
        if prefix == "block":
            return f"'block' exists in rules about layers only, this one is about a {self.about}"
        if prefix in self.fields or prefix in self.defined:
            return f"'{short(prefix)}' has no parts: '{short(whole)}' means nothing"
        return f"unknown name '{short(prefix)}'{hint(prefix, (*RESERVED, *self.witnesses))}"


def option_type(value: Option) -> Type:
    """The type of an option, from its default."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, tuple):
        return "numbers"
    return "text" if isinstance(value, str) else "number"


def _of_witness(witness: str, name: str, optional: bool) -> Callable[[Frame], Fact]:
    def run(frame: Frame) -> Fact:
        found = frame.witnesses.get(witness)
        if found is None and optional:
            return None
        return Unknown(f"it is not known which layer is '{witness}'") if found is None else found.facts.get(name)

    return run


def _of_block(name: str) -> Callable[[Frame], Fact]:
    def run(frame: Frame) -> Fact:
        block = frame.subject.block
        return None if block is None else frame.view.blocks[block].facts.get(name)

    return run
