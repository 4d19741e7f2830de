"""The command line of `netadvise suggest-dropout`: its options, and what they may be together.

static   ::= TARGET option*                         nothing is trained
probing  ::= TARGET --data D option* probe-option*  the places are trained against the network as it is
resuming ::= --resume DIR limit*                    a study goes on as it was begun
limit    ::= --time-limit | --workers | --engine | --address | --gpu-fraction | --stack
"""

from __future__ import annotations

from dataclasses import dataclass

from netadvise.cli.fix import check_choice
from netadvise.cli.probe_options import LIMITS, PROBE, ProbeOptions, check_needs_data, check_probe, given
from netadvise.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(ProbeOptions):
    """The command line, as given."""

    target: str | None
    inputs: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    force: bool = False
    together: bool = False
    rates: tuple[float, ...] = ()
    resume: str | None = None
    rule_options: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    formats: tuple[str, ...] = ("table",)
    verbose: bool = False
    diff: bool = False
    fix: bool = False
    unsafe_fixes: bool = False
    config_file: str | None = None
    isolated: bool = False
    no_cache: bool = False
    timeout: float = 300.0
    memory_limit: str | None = None
    quiet: bool = False

    @property
    def probing(self) -> bool:
        """Whether anything is trained."""
        return self.data is not None or self.resume is not None


_OWN = {"force": "--force", "rates": "--rate", "together": "--together"}
"""What this command alone says of the training."""
_STUDY = (
    {
        "target": "TARGET",
        "inputs": "-i",
        "arguments": "--arg",
        "layers": "--layer",
        "data": "--data",
        "rule_options": "--option",
        "context": "--context",
    }
    | PROBE
    | _OWN
)


def check(options: Options) -> None:
    """Raises `UsageError` for options that make no sense, alone or together."""
    _check_source(options)
    check_probe(options)
    _check_rates(options.rates)
    if options.together and not options.layers:
        raise UsageError("--together takes the places that --layer names as one arm", hint="--layer 'features.*'")
    check_choice(diff=options.diff, fix=options.fix, unsafe=options.unsafe_fixes, saved=None)
    if (options.diff or options.fix) and not (options.probing or options.layers):
        raise UsageError(
            f"{'--diff' if options.diff else '--fix'} without --data has nothing that won: it takes what is usual at "
            "the places that --layer names",
            hint="Add --data to find out what helps, or --layer to choose.",
        )


def _check_source(options: Options) -> None:
    if options.resume is not None:
        if found := list(given(options, _STUDY)):
            raise UsageError(
                f"--resume goes on with a study as it was begun: it takes no {', '.join(found)}",
                hint=f"--resume goes with {', '.join(LIMITS.values())}, -f, -v, --diff and --fix.",
            )
        return
    if options.target is None:
        raise UsageError(
            "there is no TARGET to suggest dropout for, and no --resume",
            hint="netadvise suggest-dropout model.py, or netadvise suggest-dropout --resume DIR",
        )
    if options.target.endswith(".json"):
        raise UsageError(f"{options.target}: a saved profile holds no model to edit", hint="Give the .py file.")
    check_needs_data(options, PROBE | _OWN | LIMITS)


def _check_rates(rates: tuple[float, ...]) -> None:
    for rate in rates:
        if not 0 < rate < 1:
            raise UsageError(
                f"--rate {rate} is not between 0 and 1",
                hint="A rate is the share of values that is dropped; the network as it is (0) is always trained.",
            )
