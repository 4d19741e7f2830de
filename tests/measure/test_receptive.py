"""Receptive fields of hand-drawn graphs: what is unknown, what is left out of which track, and where units lie."""

from __future__ import annotations

from fractions import Fraction

import pytest

from netadvise.kinds import KINDS
from netadvise.measure.receptive import intervals, receptive_fields, rules
from netadvise.profiles import ReceptiveField
from netadvise.quantity import Unknown
from tests.measure.sketch import Sketch


class Net(Sketch):
    """A sketch with the ops that receptive fields are about, on (N, C, ...) maps."""

    def shape(self, x: int) -> tuple[int, ...]:
        return self.values[x].shape

    def conv(self, x: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
        batch, channels, *sizes = self.shape(x)
        rank = len(sizes)
        out = tuple((n + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1 for n in sizes)
        weight = self.constant(channels, channels, *(kernel,) * rank)
        numbers = {"kernel_size": kernel, "stride": stride, "padding": padding, "dilation": dilation}
        attrs = {name: (number,) * rank for name, number in numbers.items()}
        return self.op("conv", {"input": x, "weight": weight}, (batch, channels, *out), groups=1, **attrs)

    def pool(self, x: int, kernel: int) -> int:
        batch, channels, *sizes = self.shape(x)
        both = (kernel,) * len(sizes)
        out = (batch, channels, *(n // kernel for n in sizes))
        return self.op("avg_pool", {"input": x}, out, kernel_size=both, stride=both, padding=(0,) * len(sizes))

    def up(self, x: int, factor: int, mode: str = "nearest") -> int:
        batch, channels, *sizes = self.shape(x)
        out = (batch, channels, *(n * factor for n in sizes))
        return self.op("interpolate", {"input": x}, out, mode=mode, scale_factor=(float(factor),) * len(sizes))

    def binary(self, kind: str, one: int, other: int) -> int:
        return self.op(kind, {"input": one, "other": other}, max(self.shape(one), self.shape(other)))

    def squeezed(self, x: int) -> int:
        batch, channels, *sizes = self.shape(x)
        return self.op("adaptive_avg_pool", {"input": x}, (batch, channels, *(1,) * len(sizes)), output_size=(1, 1))

    def field(self, x: int) -> ReceptiveField:
        return receptive_fields(self.graph(x))[x]


def reason(found: object) -> str:
    assert isinstance(found, Unknown)
    return found.reason


class TestUnknown:
    def test_an_op_without_rule_is_named_with_its_module(self) -> None:
        net = Net()
        x = net.conv(net.input(1, 2, 9, 9), 3)
        net.module("neck", "Neck")
        with net.call("neck", x):
            y = net.op("natten.na2d", {"input": x}, net.shape(x), function="na2d")
        assert reason(net.field(y).size) == "no receptive-field rule for na2d in neck"

    def test_nothing_after_it_is_a_number_again(self) -> None:
        net = Net()
        y = net.op("natten.na2d", {"input": net.input(1, 2, 9, 9)}, (1, 2, 9, 9))
        field = net.field(net.squeezed(net.conv(y, 3)))
        assert all(isinstance(part, Unknown) for part in (field.size, field.strict, field.narrowest, field.clipped))

    def test_branches_of_different_jump_are_named_where_they_meet(self) -> None:
        net = Net()
        x = net.input(1, 2, 21)
        y = net.binary("add", net.conv(x, 1, 2), net.conv(x, 11))
        assert reason(net.field(y).size) == "branches of jump 2 and 1 meet at add"

    def test_positions_of_such_branches_are_known_all_the_same(self) -> None:
        net = Net()
        x = net.input(1, 2, 7)
        y = net.binary("add", net.conv(x, 1, 2), net.conv(x, 4))
        assert intervals(net.graph(y), y) == [[(0, 3), (1, 4), (2, 5), (3, 6)]]

    def test_a_rule_that_expects_another_shape_does_not_guess(self) -> None:
        net = Net()
        y = net.op("select", {"input": net.input(1, 2, 9)}, (1, 2, 9), dim=2, index=0)
        assert "gave shape" in reason(net.field(y).size)

    def test_sampling_at_computed_positions_is_whole_only_strictly(self) -> None:
        net = Net()
        x = net.conv(net.input(1, 2, 9, 9), 3)
        y = net.op("grid_sample", {"input": x, "grid": net.constant(1, 7, 7, 2)}, (1, 2, 7, 7))
        field = net.field(y)
        assert "computed positions" in reason(field.size)
        assert (field.strict, field.culprit) == ((9, 9), "grid_sample")

    def test_an_index_over_the_axis_loses_positions_but_not_what_is_whole(self) -> None:
        net = Net()
        x = net.input(1, 2, 9)
        picked = net.op("index", {"input": net.conv(x, 3), "index": net.constant(4)}, (1, 2, 4), dim=2)
        whole = net.op("softmax", {"input": x}, (1, 2, 9), dim=2)
        late = net.op("index", {"input": whole, "index": net.constant(4)}, (1, 2, 4), dim=2)
        fields = receptive_fields(net.graph(picked))
        assert "picked by index" in reason(fields[picked].size)
        assert fields[late].size == (9,)


class TestTracks:
    def test_a_gate_counts_strictly_only(self) -> None:
        net = Net()
        x = net.conv(net.input(1, 2, 20, 20), 3)
        field = net.field(net.binary("mul", x, net.conv(net.squeezed(x), 1)))
        assert (field.size, field.strict, field.culprit) == ((3, 3), (20, 20), "adaptive_avg_pool")

    def test_an_expanded_gate_is_a_gate(self) -> None:
        net = Net()
        x = net.conv(net.input(1, 2, 20, 20), 3)
        gate = net.op("expand", {"input": net.squeezed(x)}, net.shape(x), shape=net.shape(x))
        assert net.field(net.binary("mul", gate, x)).size == (3, 3)

    def test_a_gate_by_a_pool_over_the_whole_map_is_a_gate(self) -> None:
        net = Net()
        x = net.conv(net.input(1, 2, 20, 20), 3)
        assert net.field(net.binary("mul", x, net.pool(x, 18))).size == (3, 3)

    def test_a_context_that_is_added_is_no_gate(self) -> None:
        net = Net()
        x = net.conv(net.input(1, 2, 20, 20), 3)
        assert net.field(net.binary("add", x, net.squeezed(x))).size == (20, 20)

    def test_a_mixing_of_all_tokens_that_is_multiplied_is_no_gate(self) -> None:
        net = Net()
        x = net.input(1, 12, 4)
        first = net.op("linear", {"input": x, "weight": net.constant(4, 4)}, (1, 12, 4))
        turned = net.op("permute", {"input": x}, (1, 4, 12), dims=(0, 2, 1))
        mixed = net.op("linear", {"input": turned, "weight": net.constant(12, 12)}, (1, 4, 12))
        back = net.op("permute", {"input": mixed}, (1, 12, 4), dims=(0, 2, 1))
        assert net.field(net.binary("mul", first, back)).size == (12,)

    @pytest.mark.parametrize(
        ("kind", "attrs"),
        [("group_norm", {"num_groups": 1}), ("instance_norm", {}), ("batch_norm", {"training": True})],
    )
    def test_statistics_over_space_count_strictly_only(self, kind: str, attrs: dict[str, object]) -> None:
        net = Net()
        x = net.conv(net.input(1, 2, 20), 3)
        field = net.field(net.op(kind, {"input": x}, net.shape(x), **attrs))
        assert (field.size, field.strict, field.culprit) == ((3,), (20,), kind)

    @pytest.mark.parametrize(
        ("kind", "attrs"),
        [("batch_norm", {"training": False}), ("instance_norm", {"use_input_stats": False}), ("dropout", {})],
    )
    def test_what_works_position_by_position_counts_nowhere(self, kind: str, attrs: dict[str, object]) -> None:
        net = Net()
        x = net.conv(net.input(1, 2, 20), 3)
        field = net.field(net.op(kind, {"input": x}, net.shape(x), **attrs))
        assert (field.strict, field.culprit) == ((3,), "")

    def test_layer_norm_is_local_over_channels_and_not_over_space(self) -> None:
        net = Net()
        x = net.input(1, 3, 20, 30)
        wide = net.op("layer_norm", {"input": net.conv(x, 1)}, (1, 3, 20, 30), normalized_shape=(30,))
        last = net.op("permute", {"input": x}, (1, 20, 30, 3), dims=(0, 2, 3, 1))
        local = net.op("layer_norm", {"input": last}, (1, 20, 30, 3), normalized_shape=(3,))
        fields = receptive_fields(net.graph(wide))
        assert (fields[wide].strict, fields[local].strict) == ((1, 30), (1, 1))

    def test_the_narrowest_path_takes_the_short_cut(self) -> None:
        net = Net()
        x = net.conv(net.input(1, 2, 40), 3)
        y = net.binary("add", net.conv(net.conv(x, 3, padding=1), 3, padding=1), x)
        field = net.field(net.conv(y, 3))
        assert (field.size, field.narrowest) == ((9,), (5,))


class TestGeometry:
    def test_vgg_like_chain(self) -> None:
        net = Net()
        x, sizes = net.input(1, 1, 224), []
        for block in (2, 2, 3, 3, 3):
            for _ in range(block):
                x = net.conv(x, 3, padding=1)
                sizes.append(x)
            x = net.pool(x, 2)
        fields = receptive_fields(net.graph(x))
        assert [fields[value].size for value in sizes] == [
            (size,) for size in (3, 5, 10, 14, 24, 32, 40, 60, 76, 92, 132, 164, 196)
        ]
        assert (fields[x].size, fields[x].jump, fields[x].start) == ((212,), (32,), (-90,))

    @pytest.mark.parametrize(
        ("build", "expected", "why"),
        [
            (lambda net, x: net.conv(net.up(net.conv(x, 3, 4), 4), 3), ((7,), 3, 4), "closed form says 5"),
            (lambda net, x: net.conv(net.up(net.conv(x, 3, 4), 2), 2), ((7,), 3, 2), "closed form says 5"),
            (lambda net, x: net.conv(net.up(x, 2, "linear"), 1), ((2,), 2, 2), "two taps always"),
        ],
    )
    def test_after_up_sampling_the_field_alternates(self, build: object, expected: object, why: str) -> None:
        net = Net()
        y = build(net, net.input(1, 1, 64))  # type: ignore[operator]
        (size, smallest, period), field = expected, net.field(y)  # type: ignore[misc]
        seen = intervals(net.graph(y), y)
        assert not isinstance(seen, Unknown)
        inner = {hi - lo + 1 for lo, hi in filter(None, seen[0][8:-8])}
        assert (field.size, field.period) == (size, (period,))
        assert (max(inner), min(inner)) == (size[0], smallest)

    def test_jump_is_an_exact_fraction(self) -> None:
        net = Net()
        y = net.op("interpolate", {"input": net.input(1, 1, 27)}, (1, 1, 13), mode="linear")
        assert net.field(y).jump == (Fraction(27, 13),)

    def test_a_global_op_moves_no_unit(self) -> None:
        net = Net()
        x = net.conv(net.input(1, 8, 32), 4, 4)
        tokens = net.op("permute", {"input": x}, (1, 8, 8), dims=(0, 2, 1))
        y = net.op("attention", {"query": tokens, "key": tokens, "value": tokens}, (1, 8, 8))
        field = net.field(y)
        assert (field.size, field.jump, field.strict, field.culprit) == ((32,), (4,), (32,), "attention")

    def test_clipped_is_what_the_central_unit_finds_on_the_map(self) -> None:
        net = Net()
        x = net.input(1, 1, 10)
        for _ in range(4):
            x = net.conv(x, 5, padding=2)
        assert (net.field(x).size, net.field(x).clipped) == ((17,), (10,))

    def test_a_class_token_can_be_taken_off_again(self) -> None:
        net = Net()
        x = net.conv(net.input(1, 8, 32, 32), 4, 4)
        tokens = net.op("view", {"input": x}, (1, 8, 64), shape=(1, 8, 64))
        tokens = net.op("permute", {"input": tokens}, (1, 64, 8), dims=(0, 2, 1))
        cat = net.op("cat", [("tensors", net.constant(1, 1, 8)), ("tensors", tokens)], (1, 65, 8), dim=1)
        added = net.binary("add", cat, net.constant(1, 65, 8))
        first = net.op("select", {"input": added}, (1, 8), dim=1, index=0)
        rest = net.op("slice", {"input": added}, (1, 64, 8), dim=1, start=1, end=65, step=1)
        some = net.op("slice", {"input": added}, (1, 60, 8), dim=1, start=0, end=60, step=1)
        back = net.op("view", {"input": rest}, (1, 8, 8, 8), shape=(1, 8, 8, 8))
        last = net.op("permute", {"input": back}, (1, 8, 8, 8), dims=(0, 3, 1, 2))
        end = net.conv(last, 3)
        fields = receptive_fields(net.graph(added))
        assert (fields[added].size, fields[end].size) == ((4, 4), (12, 12))
        assert first not in fields, "nothing has reached the class token yet"
        assert isinstance(fields[some].size, Unknown)

    def test_long_signals_are_not_walked_through(self) -> None:
        net = Net()
        x = net.input(1, 1, 160_000)
        for kernel, stride in ((10, 5), (3, 2), (3, 2), (3, 2), (3, 2), (2, 2), (2, 2)):
            x = net.conv(x, kernel, stride)
        y = net.op("reduce", {"input": x}, (1, 1), dim=(2,), keepdim=False, function="mean")
        fields = receptive_fields(net.graph(y))
        assert (fields[x].size, fields[x].jump, fields[y].size) == ((400,), (320,), (160_000,))


class TestInput:
    def test_a_network_without_tensor_input_has_no_fields(self) -> None:
        net = Net()
        assert receptive_fields(net.graph(net.op("factory", {}, (3,)))) == {}

    def test_a_table_has_no_axes(self) -> None:
        net = Net()
        y = net.op("linear", {"input": net.input(4, 10), "weight": net.constant(3, 10)}, (4, 3))
        assert net.field(y).size == ()

    def test_a_signal_without_channels_is_told_by_its_first_convolution(self) -> None:
        net = Net()
        x = net.op("view", {"input": net.input(1, 50)}, (1, 1, 50), shape=(1, 1, 50))
        assert net.field(net.conv(x, 3)).size == (3,)

    def test_token_ids_are_an_axis_of_tokens(self) -> None:
        net = Net()
        ids = net.input(2, 12, dtype="int64")
        words = net.op("embedding", {"input": ids, "weight": net.constant(100, 8)}, (2, 12, 8))
        turned = net.op("permute", {"input": words}, (2, 8, 12), dims=(0, 2, 1))
        assert net.field(net.conv(turned, 3)).size == (3,)

    @pytest.mark.parametrize(("batch_first", "length"), [(True, 20), (False, 30)])
    def test_a_recurrent_layer_says_which_dim_is_time(self, batch_first: bool, length: int) -> None:
        net = Net()
        x = net.input(30, 20, 8)
        y = net.op("rnn", {"input": x, "weights": net.constant(4, 8)}, (30, 20, 4), batch_first=batch_first, mode="GRU")
        assert net.field(y).size == (length,)

    def test_other_inputs_carry_no_position(self) -> None:
        net = Net()
        x, mask = net.input(1, 2, 20), net.input(1, 1, 20)
        fields = receptive_fields(net.graph(net.binary("mul", net.conv(x, 3, padding=1), mask)))
        assert mask not in fields
        assert fields[max(fields)].size == (3,)

    def test_channels_last_maps_are_told_by_the_linear_map(self) -> None:
        net = Net()
        y = net.op("linear", {"input": net.input(1, 7, 9, 3), "weight": net.constant(5, 3)}, (1, 7, 9, 5))
        assert net.field(y).strict == (1, 1)


def test_every_kind_has_a_rule() -> None:
    assert set(rules()) == set(KINDS)
