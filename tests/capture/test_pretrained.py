"""What timm and transformers declare of their models' inputs."""

from __future__ import annotations

import pytest

from benchmarks.libraries import import_torchvision
from netadvise.capture.blueprint import Candidate
from netadvise.capture.inputs import find_inputs
from netadvise.capture.load import load
from netadvise.capture.record import record
from netadvise.graph import Graph
from netadvise.target import make_target

pytestmark = pytest.mark.zoo

SMALL = "hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32"
CONFIGS = [
    (f"BertConfig({SMALL})", "input_ids=1x128 int64, attention_mask=1x128 int64"),
    (f"BertModel({SMALL}, max_position_embeddings=48)", "input_ids=1x48 int64, attention_mask=1x48 int64"),
    (f"LlamaForCausalLM({SMALL}, vocab_size=50)", "input_ids=1x128 int64, attention_mask=1x128 int64"),
    (
        "T5Config(d_model=32, d_kv=16, d_ff=32, num_layers=1, num_heads=2)",
        "input_ids=1x128 int64, attention_mask=1x128 int64, decoder_input_ids=1x32 int64",
    ),
    (f"ViTConfig({SMALL}, image_size=64)", "pixel_values=1x3x64x64 float32"),
    (f"VideoMAEConfig({SMALL}, image_size=32, num_frames=4)", "pixel_values=1x4x3x32x32 float32"),
    (
        "WhisperConfig(d_model=32, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,"
        " decoder_attention_heads=2, encoder_ffn_dim=32, decoder_ffn_dim=32, max_source_positions=50)",
        "input_features=1x80x100 float32, decoder_input_ids=1x32 int64",
    ),
]


@pytest.fixture(scope="module", autouse=True)
def torchvision() -> None:
    """transformers imports torchvision, whose own library may not load beside a CPU build of torch."""
    import_torchvision()


@pytest.mark.parametrize(("text", "inputs"), CONFIGS, ids=[text.partition("(")[0] for text, _ in CONFIGS])
def test_the_config_of_a_transformers_model_declares_its_inputs(text: str, inputs: str) -> None:
    pytest.importorskip("transformers")
    loaded = load(make_target(f"transformers:{text}"))

    def attempt(made: Candidate) -> Graph:
        return record(loaded.module, made.args, made.kwargs, input_names=made.names)

    made, graph = find_inputs(loaded, (), attempt)
    assert made.source == "declared"
    assert made.description == inputs
    assert graph.ops


def test_timms_own_input_size_is_declared() -> None:
    pytest.importorskip("timm")
    loaded = load(make_target("timm:create_model('resnet10t')"))
    made, _ = find_inputs(loaded, (), lambda made: made)
    assert (made.source, made.description) == ("declared", "x=1x3x176x176 float32")
