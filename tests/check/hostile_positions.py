"""Rule files whose `position` is wrong: each with the place and the words that its error must have."""

from __future__ import annotations

from tests.check.hostile import USUAL, Hostile


def _position(name: str, position: str, at: str, said: str, match: str = "{op: conv}", more: str = "") -> Hostile:
    """The usual rule with this position; the problem stands where `at` does in it."""
    line = f"    position: {position}"
    lines = USUAL.replace("{op: conv}", match).splitlines()
    number = next(index for index, each in enumerate(lines) if each.startswith("    why"))
    lines[number + 1 : number + 1] = [line, *filter(None, [more])]
    return Hostile(name, ("\n".join(lines) + "\n").encode(), f"{number + 2}:{line.index(at) + 1}", said)


def _offer(name: str, rest: str, at: str, said: str) -> Hostile:
    return _position(name, f"{{offer: hidden, {rest}}}", at, said)


SHAPES = [
    _position("position of text", "hidden", "hidden", "position is a mapping, not 'hidden'"),
    _position("position a list", "[hidden]", "[hidden", "position is a mapping, not a list"),
    _position("empty position", "{}", "{}", "a position has one of offer and refuse"),
    _position(
        "offer and refusal",
        "{offer: conv, refuse: true, variant: Dropout, rates: [0.1]}",
        "{offer",
        "a position has one of offer and refuse",
    ),
    _position(
        "unknown group", "{offer: hiden, variant: Dropout, rates: [0.1]}", "hiden", "not 'hiden' (did you mean 'hidden'"
    ),
    _position("refuse nothing", "{refuse: false}", "false", "refuse is true, or left out"),
    _position("refuse with words", "{refuse: never}", "never", "refuse is true or false, not 'never'"),
    _position("refusal with rates", "{refuse: true, rates: [0.5]}", "[0.5", "'rates' is for an offer"),
    _position("refusal of a variant", "{refuse: true, variant: Dropout}", "Dropout", "'variant' is for an offer"),
    _position("misspelt position", "{refuze: true}", "refuze", "(did you mean 'refuse'?)"),
    _offer("offer of nothing", "rates: [0.5]", "{offer", "an offer has one of variant and argument"),
    _offer(
        "offer of both",
        "variant: Dropout, argument: p, rates: [0.5]",
        "{offer",
        "an offer has one of variant and argument",
    ),
    _offer("offer without rates", "variant: Dropout", "{offer", "an offer has no 'rates'"),
    _offer("unknown variant", "variant: Dropout4d, rates: [0.5]", "Dropout4d", "variant is one of Dropout, Dropout1d"),
    _offer("class of another package", "variant: os.system, rates: [0.5]", "os.system", "variant is one of Dropout"),
    _offer("argument of a path", "argument: a.b, rates: [0.5]", "a.b", "argument is the name of an argument"),
    _offer("one rate", "variant: Dropout, rates: 0.5", "0.5", "rates is a list, not the number 0.5"),
    _offer("no rates", "variant: Dropout, rates: []", "[]", "rates has 0 entries, at least 1 needed"),
    _offer("many rates", "variant: Dropout, rates: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]", "[0.1", "at most 6 allowed"),
    _offer("rate 0", "variant: Dropout, rates: [0]", "0]", "rates is a rate above 0 and below 1, not the number 0"),
    _offer(
        "rate 1", "variant: Dropout, rates: [1.0]", "1.0", "rates is a rate above 0 and below 1, not the number 1.0"
    ),
    _offer("negative rate", "variant: Dropout, rates: [-0.5]", "-0.5", "above 0 and below 1, not the number -0.5"),
    _offer("flag as a rate", "variant: Dropout, rates: [true]", "true", "above 0 and below 1, not true"),
    _offer("text as a rate", "variant: Dropout, rates: [half]", "half", "above 0 and below 1, not 'half'"),
    _offer("percents", "variant: Dropout, rates: [50%]", "50%", "above 0 and below 1, not '50%'"),
    _offer("null rate", "variant: Dropout, rates: [~]", "~", "above 0 and below 1, not nothing"),
    _offer("rate an expression", "variant: Dropout, rates: ['opt.p']", "'opt", "above 0 and below 1, not 'opt.p'"),
    _offer("unknown side", "variant: Dropout, rates: [0.5], on: behind", "behind", "on is one of after, before"),
    _offer("side of an argument", "argument: p, rates: [0.5], on: before", "before", "'on' is for a variant"),
]
"""What the schema for editors refuses as well."""

_ARGUMENT = "{offer: hidden, argument: %s, rates: [0.5]}"

MEANING = [
    _offer("infinite rate", "variant: Dropout, rates: [.inf]", ".inf", "is not a finite number"),
    _offer("one rate twice", "variant: Dropout, rates: [0.5, 0.3, .5]", ".5]", "the rate 0.5 stands there twice"),
    _position("argument of no conv", _ARGUMENT % "dropout", "dropout", "take no rate 'dropout'"),
    _position("misspelt argument", _ARGUMENT % "pp", "pp", "take no rate 'pp' (did you mean 'p'?)", "{op: dropout}"),
    _position("argument of a flag", _ARGUMENT % "inplace", "inplace", "take no rate 'inplace'", "{type: Dropout}"),
]
"""What only the loader can tell."""

POSITIONS = [*SHAPES, *MEANING]
