"""What `torch.einsum` executes: pairwise products from left to right.

    equation ::= operand ("," operand)* ["->" output]       operand, output ::= labels, at most one "..."

Each step takes the next operand into the running product. Labels that only one of the two carries and nothing later
reads are summed first; labels that both carry and nothing later reads are contracted by a batched matrix product
(one multiply-accumulate per element of the joint index space); without such labels the step is an element-wise product.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from netadvise.quantity import Unknown

Sizes = dict[str, int]
"""Label to size, for the labels of one operand."""


@dataclass(frozen=True, slots=True)
class Contraction:
    """The work of one einsum: `macs` in matrix products, `element_ops` in sums and element-wise products."""

    macs: int
    element_ops: int


def contraction(equation: str, shapes: Sequence[tuple[int, ...]]) -> Contraction | Unknown:
    """The work of `torch.einsum(equation, *operands)` for operands of these shapes, without a path optimiser."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(shapes):
        return Unknown(f"einsum equation '{equation}' does not match {len(shapes)} operands")
    operands = [_sizes(term, shape) for term, shape in zip(terms, shapes, strict=True)]
    output = _labels(right, shapes, terms) if arrow else _implicit_output(terms, operands)
    return _left_to_right(operands, output)


def _sizes(term: str, shape: tuple[int, ...]) -> Sizes:
    """Sizes by label; the axes of an ellipsis are labelled from the last one on: "-1", "-2", ..."""
    before, ellipsis, after = term.partition("...")
    hidden = len(shape) - len(before) - len(after) if ellipsis else 0
    labels = [*before, *(str(axis - hidden) for axis in range(hidden)), *after]
    return dict(zip(labels, shape, strict=True))


def _labels(text: str, shapes: Sequence[tuple[int, ...]], terms: Sequence[str]) -> set[str]:
    """The labels of the output term; its ellipsis stands for the most axes that an operand's stands for."""
    widths = [len(shape) - len(term) + 3 for shape, term in zip(shapes, terms, strict=True) if "..." in term]
    hidden = max(widths, default=0) if "..." in text else 0
    return {*text.replace(".", ""), *(str(axis - hidden) for axis in range(hidden))}


def _implicit_output(terms: Sequence[str], operands: Sequence[Sizes]) -> set[str]:
    letters = Counter("".join(terms).replace(".", ""))
    axes = {label for operand in operands for label in operand if label not in letters}
    return axes | {label for label, count in letters.items() if count == 1}


def _left_to_right(operands: Sequence[Sizes], output: set[str]) -> Contraction:
    macs, element_ops, product = 0, 0, operands[0]
    for position, operand in enumerate(operands[1:], start=1):
        later = output.union(*operands[position + 1 :])
        first, second = _wide(product), _wide(operand)
        contracted = {label for label in first.keys() & second.keys() if label not in later}
        for own, other in ((first, second), (second, first)):
            alone = {label for label in own if label not in other and label not in later}
            element_ops += prod(own.values()) if alone else 0
            for label in alone:
                del own[label]
        joint = {**first, **second}
        macs += prod(joint.values()) if contracted else 0
        element_ops += 0 if contracted else prod(joint.values())
        product = {label: size for label, size in joint.items() if label not in contracted}
    summed = any(label not in output for label in product)
    return Contraction(macs, element_ops + (prod(product.values()) if summed else 0))


def _wide(operand: Sizes) -> Sizes:
    """Without the axes of size 1, which torch broadcasts or drops."""
    return {label: size for label, size in operand.items() if size != 1}
