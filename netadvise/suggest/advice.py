"""What there is to say of dropout in a network as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from netadvise.facts import NetworkFacts
from netadvise.position import ExistingDropout, Position

Said = tuple[Position, ...]


def advice(
    facts: NetworkFacts, said: tuple[Position, ...], there: tuple[ExistingDropout, ...], context: Mapping[str, object]
) -> tuple[str, ...]:
    """Lines about the network; `context` is what the user declared."""
    lines = (line(facts, said, there, context) for line in _LINES)
    return tuple(line for line in lines if line)


_Line = Callable[[NetworkFacts, Said, tuple[ExistingDropout, ...], Mapping[str, object]], str]


def _recurrent(facts: NetworkFacts, said: Said, there: object, context: object) -> str:
    """Recurrent dropout, as Keras has it."""
    cells = any(layer.get("op") == "rnn_cell" for layer in facts.evaluation.layers)
    if not cells and facts.model.get("has_rnn") is not True:
        return ""
    return (
        "Keras's recurrent_dropout has no counterpart in nn.LSTM, nn.GRU and nn.RNN. What there is: their argument "
        "dropout between stacked layers (num_layers > 1), and nn.Dropout on embeddings and outputs. One mask for the "
        "whole sequence on the state (Gal 2016, arXiv 1512.05287) or dropped state-to-state weights (Merity 2018, "
        "arXiv 1708.02182: 68.9 test perplexity on the Penn Treebank without them, 57.3 with) take a cell of one's own "
        "and give up the fast kernel."
    )


def _one_pass(facts: NetworkFacts, said: Said, there: object, context: Mapping[str, object]) -> str:
    """Transformers that see their data about once."""
    if facts.model.get("has_attention") is not True:
        return ""
    epochs = context.get("train.epochs")
    if isinstance(epochs, int | float) and epochs >= 2:
        return ""
    known = isinstance(epochs, int | float)
    told = f"With train.epochs={epochs:g} this is such a case." if known else "Declare train.epochs."
    line = (
        "A transformer that sees its data for less than about two epochs is better off without dropout (arXiv "
        "2505.24788; T5.1.1 was pre-trained without); 0.1 belongs into fine-tuning and into data seen several times. "
    )
    return line + told


def _depthwise(facts: NetworkFacts, said: Said, there: object, context: object) -> str:
    """Compact networks of depthwise convolutions."""
    convs = [layer for layer in facts.evaluation.layers if layer.get("op") == "conv"]
    depthwise = sum(layer.get("is_depthwise") is True for layer in convs)
    if depthwise < 3 or facts.model.get("has_attention") is True:
        return ""
    return (
        f"{depthwise} of its {len(convs)} convolutions are depthwise: networks of this kind seldom overfit inside "
        "their blocks. Nothing belongs inside a block but stochastic depth on its branch; MobileNet and EfficientNet "
        "drop 0.2 before the classifier."
    )


def _batch_norms(facts: NetworkFacts, said: Said, there: tuple[ExistingDropout, ...], context: object) -> str:
    """Batch norms: one dropout, behind the last of them."""
    types = facts.model.get("norm_types")
    head = any(position.group == "head" and position.accepted for position in said)
    if not isinstance(types, tuple) or not {"batch", "sync_batch"} & set(types) or not head:
        return ""
    return (
        "With batch norms exactly one dropout, of 0.1 or 0.2 and before the last layer, is safe; expect 0.2 to 0.7 "
        "points of accuracy at best (arXiv 1801.05134)."
    )


def _regression(facts: object, said: Said, there: object, context: Mapping[str, object]) -> str:
    """The scale of predicted quantities."""
    if context.get("task.type") != "regression":
        return ""
    return (
        "In a regression dropout near the output can shift the scale of the predictions between training and "
        "evaluation, the more so the fewer features are left: believe a gain there only when a probe shows it."
    )


_LINES: tuple[_Line, ...] = (_recurrent, _one_pass, _depthwise, _batch_norms, _regression)
