"""Turn a chosen object into a module: call it with the target's arguments, fill in a config, check what comes back."""

from __future__ import annotations

import copy
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from typing import Any

from torch import nn

from netadvise.capture import locate
from netadvise.capture.candidates import Choice, is_module, is_module_class, signature
from netadvise.capture.failures import is_network_failure, target_error
from netadvise.capture.imports import Source
from netadvise.errors import TargetError
from netadvise.target import Literal, Target

_DOWNLOADS = {"pretrained": "false", "weights": "None", "weights_backbone": "None", "pretrained_backbone": "false"}
_CONFIG_NAMES = ("config", "cfg", "args", "hparams", "opt", "params", "model_args", "conf")
_CONFIG_ENDINGS = ("config", "args", "params", "options", "settings")


def construct(choice: Choice, source: Source, target: Target) -> tuple[nn.Module, tuple[str, ...]]:
    """The module that a chosen object is, or builds, and notes on what was filled in.

    Raises `TargetError` for arguments that do not fit, for an error in the user's code, and for what is no module.
    """
    found, args, kwargs = choice.found, target.args, dict(target.kwargs)
    if is_module(found):
        if target.called or args or kwargs:
            message = f"{choice.name} in {source.shown} is an instance of {type(found).__name__}: it takes no arguments"
            raise TargetError(message, hint=f"Write {source.shown}:{choice.name}")
        return found, ()
    if _is_hf_config(found):
        return _from_config(found, choice, args, kwargs)
    if not _can_build(found):
        raise TargetError(f"{choice.name} in {source.shown} is {_what(found)}, not a torch.nn.Module")
    kwargs, notes = _with_config(found, choice, source, args, kwargs)
    _check_arguments(found, choice, source, args, kwargs)
    return _module_in(_call(found, choice, args, kwargs), choice, source), notes


def _can_build(found: Any) -> bool:
    return is_module_class(found) or (callable(found) and not isinstance(found, type))


def _what(found: Any) -> str:
    if isinstance(found, type):
        bases = ", ".join(base.__name__ for base in found.__bases__)
        return f"a class (of {bases})"
    if inspect.ismodule(found):
        return f"a Python module (name something inside it: {found.__name__})"
    if isinstance(found, dict) and found and all(hasattr(item, "shape") for item in found.values()):
        return "a dict of tensors (a state dict?)"
    return "None" if found is None else f"of type {type(found).__name__}"


def _check_arguments(
    found: Any, choice: Choice, source: Source, args: tuple[Literal, ...], kwargs: dict[str, Any]
) -> None:
    """Raises `TargetError` with an exact command when the arguments do not fit the signature."""
    try:
        expected = inspect.signature(found)
    except (TypeError, ValueError, NameError):
        return
    try:
        expected.bind(*args, **kwargs)
    except TypeError as error:
        missing = _missing(expected, args, kwargs)
        options = " ".join(f"--arg {name}=..." for name in missing)
        example = f"For example: netadvise profile {source.shown}:{choice.name} {options}" if missing else ""
        hint = example and f"{example} (literals only; otherwise add a function build_model() to the file)"
        where = _definition(found)
        shown = f"{choice.name}{signature(found)}"
        raise TargetError(f"cannot call {shown} of {source.shown}: {error}", where=where, hint=hint) from None


def _missing(expected: inspect.Signature, args: tuple[Literal, ...], kwargs: Mapping[str, Any]) -> list[str]:
    parameters = [
        item for item in expected.parameters.values() if item.kind not in (item.VAR_POSITIONAL, item.VAR_KEYWORD)
    ]
    return [item.name for item in parameters[len(args) :] if item.default is item.empty and item.name not in kwargs]


def _definition(found: Any) -> str:
    made_by = found.__dict__.get("__init__") if isinstance(found, type) else inspect.unwrap(found)
    code = getattr(made_by, "__code__", None)
    return f"{locate.short_path(code.co_filename)}:{code.co_firstlineno}" if code else ""


def _call(found: Any, choice: Choice, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    try:
        return found(*args, **kwargs)
    except BaseException as error:
        hint = _download_hint(found) if is_network_failure(error) else ""
        raise target_error(f"calling {choice.name}({_shown(args, kwargs)})", error, hint=hint) from error


def _shown(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    parts = [repr(item) for item in args] + [f"{name}={item!r}" for name, item in kwargs.items()]
    text = ", ".join(parts)
    return text if len(text) < 120 else "..."


def _download_hint(found: Any) -> str:
    try:
        names = list(inspect.signature(found).parameters)
    except (TypeError, ValueError, NameError):
        names = []
    options = [f"--arg {name}={value}" for name, value in _DOWNLOADS.items() if name in names]
    advice = f"pass {' '.join(options)}" if options else "build it without pretrained weights"
    return f"The constructor tries to download something, and profiling needs no weights: {advice}."


def _module_in(built: Any, choice: Choice, source: Source) -> nn.Module:
    if is_module(built):
        return built
    modules = [item for item in built if is_module(item)] if isinstance(built, tuple | list) else []
    if len(modules) == 1:
        return modules[0]
    raise TargetError(f"{choice.name}() of {source.shown} returned something {_what(built)}, not a torch.nn.Module")


def _is_hf(found: Any, *names: str) -> bool:
    kind = found if isinstance(found, type) else type(found)
    return "transformers" in sys.modules and any(base.__name__ in names for base in kind.__mro__)


def _is_hf_config(found: Any) -> bool:
    return _is_hf(found, "PretrainedConfig", "PreTrainedConfig")


def _from_config(
    found: Any, choice: Choice, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[nn.Module, tuple[str, ...]]:
    """The model that transformers' AutoModel makes of a config."""
    config = _call(found, choice, args, kwargs) if isinstance(found, type) else found

    def from_config() -> Any:
        from transformers import AutoModel

        made = copy.copy(config)
        made.architectures = config.architectures or []
        return AutoModel.from_config(made)

    module = _call(from_config, choice, (), {})
    return module, (f"{type(module).__name__} was made from {choice.name} by transformers.AutoModel",)


def _with_config(
    found: Any, choice: Choice, source: Source, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The arguments, with a default config object when that is all that is missing."""
    if args or any(name in kwargs for name in _CONFIG_NAMES):
        return kwargs, ()
    if _is_hf(found, "PreTrainedModel") and getattr(found, "config_class", None) is not None:
        config = _call(found.config_class, choice, (), kwargs)
        return {"config": config}, (f"built with a default {type(config).__name__}",) if not kwargs else ()
    try:
        expected = inspect.signature(found)
    except (TypeError, ValueError, NameError):
        return kwargs, ()
    missing = _missing(expected, args, kwargs)
    if len(missing) != 1 or missing[0] not in _CONFIG_NAMES:
        return kwargs, ()
    make = _config_class(expected.parameters[missing[0]].annotation, source)
    if make is None:
        return kwargs, ()
    return {**kwargs, missing[0]: _call(make, choice, (), {})}, (f"built with a default {make.__name__}()",)


def _config_class(annotation: Any, source: Source) -> Callable[[], Any] | None:
    """The class of the annotation, or the only config class that the file defines, if it needs no arguments."""
    named = source.names.get(annotation) if isinstance(annotation, str) else annotation
    own = [
        item
        for name, item in source.names.items()
        if isinstance(item, type)
        and item.__module__ == source.module.__name__
        and name.lower().endswith(_CONFIG_ENDINGS)
    ]
    found = named if isinstance(named, type) and (is_dataclass(named) or named in own) else None
    found = found or (own[0] if len(own) == 1 else None)
    if found is None or _missing(inspect.signature(found), (), {}):
        return None
    return found
