#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the tiny TFLite samples in data/models. Needs python3 and flatc; weights come from a fixed generator."""
import json
import os
import struct
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Numbers:
    """A linear congruential generator (Numerical Recipes' constants), so that the files never change."""

    def __init__(self):
        self.state = 1

    def next(self):
        self.state = (1664525 * self.state + 1013904223) % 2**32
        return self.state / 2**32 - 0.5


class Graph:
    def __init__(self, model, name):
        self.model, self.name = model, name
        self.tensors, self.operators, self.inputs, self.outputs = [], [], [], []

    def tensor(self, name, shape, dtype="FLOAT32", data=None, scale=None, axis=0, **more):
        buffer = self.model.buffer(data)
        entry = {"name": name, "shape": shape, "type": dtype, "buffer": buffer, "has_rank": True}
        if scale is not None:
            scales = scale if isinstance(scale, list) else [scale]
            entry["quantization"] = {"scale": scales, "zero_point": [0] * len(scales), "quantized_dimension": axis}
        entry.update(more)
        self.tensors.append(entry)
        return len(self.tensors) - 1

    def input(self, *args, **kwargs):
        self.inputs.append(self.tensor(*args, **kwargs))
        return self.inputs[-1]

    def op(self, code, inputs, outputs, options=None, **fields):
        entry = {"opcode_index": self.model.code(code), "inputs": inputs, "outputs": outputs}
        if options:
            entry["builtin_options_type"], entry["builtin_options"] = options, fields
        self.operators.append(entry)
        return outputs[0]

    def json(self):
        return {"name": self.name, "tensors": self.tensors, "inputs": self.inputs, "outputs": self.outputs,
                "operators": self.operators}


class Model:
    def __init__(self, description):
        self.description = description
        self.codes, self.buffers, self.graphs, self.numbers = [], [{}], [], Numbers()

    def graph(self, name):
        self.graphs.append(Graph(self, name))
        return self.graphs[-1]

    def code(self, name):
        if name not in self.codes:
            self.codes.append(name)
        return self.codes.index(name)

    def buffer(self, data):
        self.buffers.append({} if data is None else {"data": list(data)})
        return len(self.buffers) - 1

    def floats(self, count, form="f"):
        return b"".join(struct.pack("<" + form, self.numbers.next()) for _ in range(count))

    def bytes(self, count):
        return bytes(int(self.numbers.next() * 254) % 256 for _ in range(count))

    def ints(self, *values):
        return struct.pack("<%di" % len(values), *values)

    def write(self, name):
        codes = [{"builtin_code": c, "deprecated_builtin_code": min(self.number(c), 127)} for c in self.codes]
        text = {"version": 3, "description": self.description, "operator_codes": codes,
                "subgraphs": [g.json() for g in self.graphs], "buffers": self.buffers}
        folder = os.path.join(ROOT, "data", "models")
        with tempfile.TemporaryDirectory() as work:
            source = os.path.join(work, name + ".json")
            with open(source, "w", encoding="utf-8") as file:
                json.dump(text, file)
            schema = os.path.join(ROOT, "parsers", "tflite", "tflite.fbs")
            subprocess.run(["flatc", "-b", "-o", folder, schema, source], check=True)

    def number(self, name):
        """The code of an operator: its place in the schema's enumeration."""
        with open(os.path.join(ROOT, "parsers", "tflite", "tflite.fbs"), encoding="utf-8") as file:
            body = file.read().split("enum BuiltinOperator : int {")[1].split("}")[0]
        return [word.strip() for word in body.split(",")].index(name)


def product(shape):
    out = 1
    for extent in shape:
        out *= extent
    return out


# A network of three convolutions: 32x32x3 -> 16x16x8 -> depthwise -> 1x1 to 16 -> mean -> 10 classes.
LAYERS = [("CONV_2D", [8, 3, 3, 3], 2, [1, 16, 16, 8]), ("DEPTHWISE_CONV_2D", [1, 3, 3, 8], 1, [1, 16, 16, 8]),
          ("CONV_2D", [16, 1, 1, 8], 1, [1, 16, 16, 16])]


def cnn(kind):
    model = Model("nngauge sample: a small convolutional network, " + kind)
    graph = model.graph("main")
    int8 = kind == "int8"
    activation = dict(dtype="INT8", scale=0.05) if int8 else {}

    def weight(name, shape, channels, axis):
        if int8:
            return graph.tensor(name, shape, "INT8", model.bytes(product(shape)), scale=[0.01] * channels, axis=axis)
        if kind == "float16":
            stored = graph.tensor(name + "/half", shape, "FLOAT16", model.floats(product(shape), "e"))
            return graph.op("DEQUANTIZE", [stored], [graph.tensor(name, shape)])
        return graph.tensor(name, shape, "FLOAT32", model.floats(product(shape)))

    def bias(name, count):
        if int8:
            return graph.tensor(name, [count], "INT32", model.ints(*range(count)), scale=[0.0005] * count)
        return weight(name, [count], count, 0)

    x = graph.input("image", [1, 32, 32, 3], **activation)
    for i, (code, shape, stride, out) in enumerate(LAYERS):
        depthwise = code.startswith("DEPTHWISE")
        operands = [x, weight("w%d" % i, shape, out[3], 3 if depthwise else 0), bias("b%d" % i, out[3])]
        fields = {"padding": "SAME", "stride_w": stride, "stride_h": stride, "fused_activation_function": "RELU6"}
        if depthwise:
            fields["depth_multiplier"] = 1
        options = "DepthwiseConv2DOptions" if depthwise else "Conv2DOptions"
        x = graph.op(code, operands, [graph.tensor("layer%d" % i, out, **activation)], options, **fields)
    axes = graph.tensor("axes", [2], "INT32", model.ints(1, 2))
    x = graph.op("MEAN", [x, axes], [graph.tensor("mean", [1, 16], **activation)], "ReducerOptions", keep_dims=False)
    operands = [x, weight("w_fc", [10, 16], 10, 0), bias("b_fc", 10)]
    x = graph.op("FULLY_CONNECTED", operands, [graph.tensor("logits", [1, 10], **activation)], "FullyConnectedOptions",
                 keep_num_dims=False)
    graph.outputs = [graph.op("SOFTMAX", [x], [graph.tensor("scores", [1, 10], **activation)], "SoftmaxOptions", beta=1.0)]
    model.write("cnn_" + kind)


def lstm():
    model = Model("nngauge sample: an LSTM over 8 steps and a dense layer")
    graph = model.graph("main")
    units, features = 6, 4
    x = graph.input("steps", [1, 8, features], shape_signature=[-1, 8, features])
    weights = [graph.tensor("w_" + g, [units, features], data=model.floats(units * features)) for g in "ifco"]
    recurrent = [graph.tensor("r_" + g, [units, units], data=model.floats(units * units)) for g in "ifco"]
    biases = [graph.tensor("b_" + g, [units], data=model.floats(units)) for g in "ifco"]
    states = [graph.tensor(n, [1, units], is_variable=True) for n in ("output_state", "cell_state")]
    operands = [x] + weights + recurrent + [-1] * 3 + biases + [-1] * 2 + states + [-1] * 4
    y = graph.op("UNIDIRECTIONAL_SEQUENCE_LSTM", operands, [graph.tensor("hidden", [1, 8, units], shape_signature=[-1, 8, units])],
                 "UnidirectionalSequenceLSTMOptions", fused_activation_function="TANH", time_major=False)
    w = graph.tensor("w_fc", [3, units], data=model.floats(3 * units))
    graph.outputs = [graph.op("FULLY_CONNECTED", [y, w, -1], [graph.tensor("scores", [1, 8, 3], shape_signature=[-1, 8, 3])],
                              "FullyConnectedOptions", keep_num_dims=True)]
    model.write("lstm_float32")


def control_flow():
    model = Model("nngauge sample: a loop of 5 trips around a dense layer, then one of two branches")
    main, cond, body, then, other = (model.graph(n) for n in ("main", "cond", "body", "then", "else"))
    x = main.input("x", [1, 4])
    flag = main.input("flag", [], "BOOL")
    zero = main.tensor("zero", [], "INT32", model.ints(0))
    counter = main.tensor("trips", [], "INT32")
    looped = main.tensor("looped", [1, 4])
    main.op("WHILE", [zero, x], [counter, looped], "WhileOptions", cond_subgraph_index=1, body_subgraph_index=2)
    main.outputs = [main.op("IF", [flag, looped], [main.tensor("y", [1, 4])], "IfOptions", then_subgraph_index=3,
                            else_subgraph_index=4)]
    i, _ = cond.input("i", [], "INT32"), cond.input("x", [1, 4])
    limit = cond.tensor("limit", [], "INT32", model.ints(5))
    cond.outputs = [cond.op("LESS", [i, limit], [cond.tensor("go", [], "BOOL")], "LessOptions")]
    i, x = body.input("i", [], "INT32"), body.input("x", [1, 4])
    one = body.tensor("one", [], "INT32", model.ints(1))
    w = body.tensor("w", [4, 4], data=model.floats(16))
    body.outputs = [body.op("ADD", [i, one], [body.tensor("next", [], "INT32")], "AddOptions"),
                    body.op("FULLY_CONNECTED", [x, w, -1], [body.tensor("product", [1, 4])], "FullyConnectedOptions",
                            fused_activation_function="RELU")]
    x = then.input("x", [1, 4])
    w = then.tensor("w", [4, 4], data=model.floats(16))
    then.outputs = [then.op("FULLY_CONNECTED", [x, w, -1], [then.tensor("product", [1, 4])], "FullyConnectedOptions")]
    x = other.input("x", [1, 4])
    other.outputs = [other.op("NEG", [x], [other.tensor("negative", [1, 4])], "NegOptions")]
    model.write("control_flow")


for precision in ("float32", "float16", "int8"):
    cnn(precision)
lstm()
control_flow()
