"""How many public models can be loaded, recorded with inputs given, and recorded without any: JSON lines and a summary.

    python -m benchmarks.coverage --suite torchvision|timm|transformers [--limit N] [--only TEXT] [--output FILE]

Each model goes through three stages: `build`, `given` (the inputs its library documents) and `inferred` (no inputs
named). `structure` is inference with the library's own declarations (timm's cfg, a transformers config) ignored.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from benchmarks.libraries import import_torchvision
from netadvise.capture import inputs as capture_inputs
from netadvise.capture.blueprint import Candidate
from netadvise.capture.load import Loaded, load
from netadvise.capture.record import record
from netadvise.errors import NetadviseError, ValuesNeededError
from netadvise.graph import Graph
from netadvise.target import InputSpec, Target, make_target

Case = tuple[str, str, tuple[str, ...]]
"""Name, target, and `-i` options ("given"); none: the inputs that the library declares."""

_VIDEO_SIZES = {"mvit_v1_b": "1,3,16,224,224", "mvit_v2_s": "1,3,16,224,224", "s3d": "1,3,16,224,224"}
_TRANSFORMERS = (
    "BertConfig(num_hidden_layers=2)",
    "RobertaConfig(num_hidden_layers=2)",
    "AlbertConfig(num_hidden_layers=2)",
    "DistilBertConfig(n_layers=2)",
    "ElectraConfig(num_hidden_layers=2)",
    "DebertaV2Config(num_hidden_layers=2)",
    "MPNetConfig(num_hidden_layers=2)",
    "XLMRobertaConfig(num_hidden_layers=2)",
    "ModernBertConfig(num_hidden_layers=3)",
    "FNetConfig(num_hidden_layers=2)",
    "FunnelConfig()",
    "LongformerConfig(num_hidden_layers=2)",
    "BigBirdConfig(num_hidden_layers=2)",
    "ConvBertConfig(num_hidden_layers=2)",
    "SqueezeBertConfig(num_hidden_layers=2)",
    "GPT2Config(n_layer=2)",
    "GPTNeoConfig()",
    "GPTNeoXConfig(num_hidden_layers=2)",
    "GPTJConfig(n_layer=2)",
    "OPTConfig(num_hidden_layers=2)",
    "BloomConfig(n_layer=2)",
    "FalconConfig(num_hidden_layers=2)",
    "LlamaConfig(num_hidden_layers=2)",
    "MistralConfig(num_hidden_layers=2)",
    "Qwen2Config(num_hidden_layers=2)",
    "Qwen3Config(num_hidden_layers=2)",
    "GemmaConfig(num_hidden_layers=2)",
    "Gemma2Config(num_hidden_layers=2)",
    "PhiConfig(num_hidden_layers=2)",
    "Phi3Config(num_hidden_layers=2)",
    "StableLmConfig(num_hidden_layers=2)",
    "MixtralConfig(num_hidden_layers=2)",
    "Qwen2MoeConfig(num_hidden_layers=2)",
    "MambaConfig(num_hidden_layers=2)",
    "RwkvConfig(num_hidden_layers=2)",
    "T5Config(num_layers=2)",
    "BartConfig(encoder_layers=2, decoder_layers=2)",
    "PegasusConfig(encoder_layers=2, decoder_layers=2)",
    "MarianConfig(encoder_layers=2, decoder_layers=2)",
    "LEDConfig(encoder_layers=2, decoder_layers=2)",
    "ViTConfig(num_hidden_layers=2)",
    "DeiTConfig(num_hidden_layers=2)",
    "BeitConfig(num_hidden_layers=2)",
    "SwinConfig()",
    "ConvNextConfig()",
    "ResNetConfig()",
    "SegformerConfig()",
    "Dinov2Config(num_hidden_layers=2)",
    "MobileViTConfig()",
    "PoolFormerConfig()",
    "LevitConfig()",
    "CvtConfig()",
    "VideoMAEConfig(num_hidden_layers=2)",
    "TimesformerConfig(num_hidden_layers=2)",
    "WhisperConfig(encoder_layers=2, decoder_layers=2)",
    "Wav2Vec2Config(num_hidden_layers=2)",
    "HubertConfig(num_hidden_layers=2)",
    "ASTConfig(num_hidden_layers=2)",
    "CLIPConfig()",
    "SiglipConfig()",
    "BlipConfig()",
    "ViltConfig(num_hidden_layers=2)",
    "LayoutLMConfig(num_hidden_layers=2)",
    "LayoutLMv3Config(num_hidden_layers=2)",
    "LlavaConfig()",
    "PerceiverConfig(num_self_attends_per_block=2)",
    "PatchTSTConfig()",
    "TimeSeriesTransformerConfig(prediction_length=8)",
    "EncodecConfig()",
    "DPTConfig(num_hidden_layers=2)",
)


class _TimedOutError(Exception):
    pass


def cases(suite: str) -> list[Case]:
    """Every model of a suite."""
    return {"torchvision": _torchvision, "timm": _timm, "transformers": _transformers}[suite]()


def _torchvision() -> list[Case]:
    import torchvision.models as models

    found: list[Case] = []
    for folder, size in (("", "1,3,224,224"), (".segmentation", "1,3,224,224"), (".video", "1,3,16,112,112")):
        module = sys.modules[f"torchvision.models{folder}"]
        for name in models.list_models(module=module):
            extra = ", weights_backbone=None" if folder == ".segmentation" else ""
            given = _VIDEO_SIZES.get(name, size)
            found.append((name, f"torchvision.models{folder}:{name}(weights=None{extra})", (given,)))
    return found


def _timm(per_family: int = 2) -> list[Case]:
    import timm
    from timm.models import _registry

    chosen: list[Case] = []
    for family in sorted(_registry._module_to_models):
        names = sorted(_registry._module_to_models[family], key=lambda name: (len(name), name))
        step = max(1, len(names) // per_family)
        for name in names[::step][:per_family]:
            cfg = timm.get_pretrained_cfg(name)
            given = ("1," + ",".join(map(str, cfg.input_size)),) if cfg else ()
            chosen.append((name, f"timm:create_model('{name}')", given))
    return chosen


def _transformers() -> list[Case]:
    return [(text.partition("(")[0], f"transformers:{text}", ()) for text in _TRANSFORMERS]


def measure(case: Case, seconds: int) -> dict[str, Any]:
    """One line of the result: what each stage came to, with seconds and the number of tries."""
    name, text, given = case
    line: dict[str, Any] = {"model": name, "target": text}
    target = make_target(text, given)
    start = time.perf_counter()
    loaded = _stage(line, "build", seconds, lambda: load(target))
    if loaded is None:
        return line
    line["build_s"] = round(time.perf_counter() - start, 3)
    _forward(line, "given", seconds, loaded, target, target.inputs)
    _forward(line, "inferred", seconds, loaded, target, ())
    declared, capture_inputs.library_declared = capture_inputs.library_declared, _nothing
    try:
        _forward(line, "structure", seconds, loaded, target, ())
    finally:
        capture_inputs.library_declared = declared
    return line


def _nothing(module: Any) -> Iterator[Any]:
    return iter(())


def _forward(
    line: dict[str, Any], stage: str, seconds: int, loaded: Loaded, target: Target, specs: Sequence[InputSpec]
) -> None:
    tries = 0

    def attempt(candidate: Candidate) -> Graph:
        nonlocal tries
        tries += 1
        arguments: dict[str, Any] = {"target": str(target), "input_names": candidate.names}
        try:
            return record(loaded.module, candidate.args, candidate.kwargs, **arguments)
        except ValuesNeededError:
            line["real"] = True
            module = load(target, real=True).module
            made = candidate.realised()
            return record(module, made.args, made.kwargs, real=True, **arguments)

    start = time.perf_counter()
    found = _stage(line, stage, seconds, lambda: capture_inputs.find_inputs(loaded, specs, attempt))
    line[f"{stage}_s"], line[f"{stage}_tries"] = round(time.perf_counter() - start, 3), tries
    if found is not None:
        line[f"{stage}_inputs"], line["ops"] = found[0].description, len(found[1].ops)


def _stage(line: dict[str, Any], stage: str, seconds: int, work: Callable[[], Any]) -> Any:
    def on_alarm(number: int, frame: FrameType | None) -> None:
        raise _TimedOutError(f"more than {seconds} s")

    signal.signal(signal.SIGALRM, on_alarm)
    signal.alarm(seconds)
    try:
        result = work()
    except NetadviseError as error:
        line[stage] = " | ".join(filter(None, (error.message, error.where, *error.notes[:3])))
        return None
    except Exception as error:
        line[stage] = f"{type(error).__name__}: {error}"
        return None
    finally:
        signal.alarm(0)
    line[stage] = "ok"
    return result


def summary(lines: list[dict[str, Any]]) -> str:
    """Successes of each stage, and every failure."""
    counts = Counter(stage for line in lines for stage in _STAGES if line.get(stage) == "ok")
    shown = [f"{stage}: {counts[stage]}/{len(lines)}" for stage in _STAGES]
    failures = [
        f"  {line['model']} {stage}: {line[stage][:300]}"
        for line in lines
        for stage in _STAGES
        if line.get(stage, "ok") != "ok"
    ]
    return "\n".join([*shown, *failures])


_STAGES = ("build", "given", "inferred", "structure")


def main() -> None:
    """Run one suite."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--suite", choices=["torchvision", "timm", "transformers"], required=True)
    parser.add_argument("--start", type=int, default=0, help="models to leave out at the beginning")
    parser.add_argument("--limit", type=int, help="how many models to take")
    parser.add_argument("--only", default="", help="only models whose name contains this")
    parser.add_argument("--seconds", type=int, default=60, help="time limit of one stage")
    parser.add_argument("--output", type=Path, help="file for the JSON lines")
    options = parser.parse_args()
    import_torchvision()
    warnings.simplefilter("ignore")
    lines = []
    with options.output.open("w") if options.output else sys.stdout as output:
        chosen = [case for case in cases(options.suite) if options.only in case[0]][options.start :][: options.limit]
        for case in chosen:
            line = measure(case, options.seconds)
            lines.append(line)
            print(json.dumps(line), file=output, flush=True)
        print(json.dumps({"summary": summary(lines).splitlines()}), file=output)


if __name__ == "__main__":
    main()
