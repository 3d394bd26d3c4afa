// SPDX-License-Identifier: Apache-2.0
// The OpenVINO reader: layers, ports and edges of version 10 and of older ones, errors.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "cost/analysis.h"
#include "graph/op_table.h"
#include "graph/shape_inference.h"
#include "parsers/format.h"

using namespace nngauge;

namespace {

std::string ports(const std::string& side, int first, std::initializer_list<const char*> shapes) {
  std::string out = "<" + side + ">";
  for (const std::string shape : shapes) {
    out += fmt::format("<port id=\"{}\" precision=\"FP32\">", first++);
    std::string dim;
    for (const char c : shape + ",") {
      if (c != ',') dim += c;
      else out += "<dim>" + dim + "</dim>", dim.clear();
    }
    out += "</port>";
  }
  return out + "</" + side + ">";
}

std::string constant(int id, const std::string& shape, int offset, int size) {
  return fmt::format(
             "<layer id=\"{}\" name=\"w{}\" type=\"Const\"><data element_type=\"f32\" shape=\"{}\" offset=\"{}\" "
             "size=\"{}\"/>",
             id, id, shape, offset, size) +
         ports("output", 0, {shape.c_str()}) + "</layer>";
}

std::string edge(int from, int from_port, int to, int to_port) {
  return fmt::format("<edge from-layer=\"{}\" from-port=\"{}\" to-layer=\"{}\" to-port=\"{}\"/>", from, from_port, to,
                     to_port);
}

std::string net(int version, const std::string& layers, const std::string& edges) {
  return fmt::format("<?xml version=\"1.0\"?><net name=\"n\" version=\"{}\"><layers>{}</layers><edges>{}</edges></net>",
                     version, layers, edges);
}

// Convolution, then a depthwise one with its axis of groups.
std::string version_10() {
  const std::string layers =
      "<layer id=\"0\" name=\"x\" type=\"Parameter\"><data shape=\"1,3,8,8\" element_type=\"f32\"/>" +
      ports("output", 0, {"1,3,8,8"}) + "</layer>" + constant(1, "4,3,3,3", 0, 432) +
      "<layer id=\"2\" name=\"conv\" type=\"Convolution\"><data strides=\"2, 2\" pads_begin=\"1,1\" pads_end=\"1,1\" "
      "dilations=\"1,1\"/>" +
      ports("input", 0, {"1,3,8,8", "4,3,3,3"}) + ports("output", 2, {"1,4,4,4"}) + "</layer>" +
      constant(3, "4,1,1,3,3", 432, 144) +
      "<layer id=\"4\" name=\"dw\" type=\"GroupConvolution\"><data strides=\"1,1\" pads_begin=\"1,1\" "
      "pads_end=\"1,1\"/>" +
      ports("input", 0, {"1,4,4,4", "4,1,1,3,3"}) + ports("output", 2, {"1,4,4,4"}) + "</layer>" +
      "<layer id=\"5\" name=\"y\" type=\"Result\">" + ports("input", 0, {"1,4,4,4"}) + "</layer>";
  return net(10, layers, edge(0, 0, 2, 0) + edge(1, 0, 2, 1) + edge(2, 2, 4, 0) + edge(3, 0, 4, 1) + edge(4, 2, 5, 0));
}

std::string error_of(const std::string& text) {
  Result<Model> model = read_model({"net.xml", as_bytes(text), nullptr});
  if (!model) return model.error().text();
  const Status status = complete_model(*model, {});
  return status ? "" : status.error().text();
}

std::string kinds(const Model& model) {
  std::string out;
  for (const Op& op : model.main().ops) out += std::string(op_info(op.kind).name) + " ";
  return out;
}

}  // namespace

TEST_CASE("openvino: version 10", "[openvino]") {
  const std::string text = version_10();
  Result<Model> model = read_model({"net.xml", as_bytes(text), nullptr});
  REQUIRE(model);
  CHECK(model->format == "openvino");
  CHECK(model->format_version == "10");
  const Status status = complete_model(*model, {});
  INFO((status ? std::string() : status.error().text()));
  REQUIRE(status);
  CHECK(kinds(*model) == "Conv2D DepthwiseConv2D ");
  const auto analysis = analyse(*model);
  REQUIRE(analysis);
  CHECK(analysis->totals.macs == 4ULL * 4 * 3 * 3 * 3 * 4 + 4ULL * 4 * 3 * 3 * 4);
  CHECK(analysis->totals.params == 4ULL * 27 + 4 * 9);
  CHECK(analysis->totals.weight_bytes == 432 + 144);
  CHECK(model->main().inputs.size() == 1);
  CHECK(model->main().outputs.size() == 1);
}

TEST_CASE("openvino: weights beside the ports, before version 10", "[openvino]") {
  const std::string layers =
      "<layer id=\"0\" name=\"x\" type=\"Input\" precision=\"FP16\">" + ports("output", 0, {"1,3,8,8"}) + "</layer>" +
      "<layer id=\"1\" name=\"conv\" type=\"Convolution\" precision=\"FP16\"><data kernel=\"3,3\" strides=\"1,1\" "
      "pads_begin=\"1,1\" "
      "pads_end=\"1,1\" output=\"4\" group=\"1\" dilations=\"1,1\"/>" +
      ports("input", 0, {"1,3,8,8"}) + ports("output", 3, {"1,4,8,8"}) +
      "<blobs><weights offset=\"0\" size=\"216\"/><biases offset=\"216\" size=\"8\"/></blobs></layer>" +
      "<layer id=\"2\" name=\"fc\" type=\"FullyConnected\" precision=\"FP16\"><data out-size=\"5\"/>" +
      ports("input", 0, {"1,4,8,8"}) + ports("output", 1, {"1,5"}) +
      "<blobs><weights offset=\"224\" size=\"2560\"/></blobs></layer>";
  const std::string text = net(6, layers, edge(0, 0, 1, 0) + edge(1, 3, 2, 0));
  Result<Model> model = read_model({"net.xml", as_bytes(text), nullptr});
  REQUIRE(model);
  REQUIRE(complete_model(*model, {}));
  CHECK(kinds(*model) == "Conv2D Dense ");
  const auto analysis = analyse(*model);
  REQUIRE(analysis);
  CHECK(analysis->totals.macs == 8ULL * 8 * 9 * 3 * 4 + 256ULL * 5);
  CHECK(analysis->totals.weight_bytes == 2ULL * (4 * 27 + 4 + 256 * 5));
  CHECK(model->main().outputs.size() == 1);
}

TEST_CASE("openvino: errors", "[openvino]") {
  const std::string good = version_10();
  CHECK(error_of(good.substr(0, good.size() / 2)).find("the XML is broken here [damaged]") != std::string::npos);
  CHECK(error_of(net(12, "", "")) == "version 12 of the representation; 2 to 11 are read [unsupported-version]");
  CHECK(error_of(net(10, constant(1, "4,3", 0, 40), "")) ==
        "layer 1 Const \"w1\": float32 [4,3] takes 48 bytes, 40 are stated [damaged]");
  const std::string relu =
      "<layer id=\"2\" name=\"r\" type=\"ReLU\">" + ports("input", 0, {"1"}) + ports("output", 1, {"1"}) + "</layer>";
  CHECK(error_of(net(10, relu, "")) == "layer 2 ReLU \"r\": no edge ends at its port 0 [invalid-graph]");
  CHECK(error_of(net(10, relu, edge(9, 0, 2, 0))) ==
        "layer 2 ReLU \"r\": its port 0 is fed by port 0 of layer \"9\", which is not there [invalid-graph]");
  CHECK(error_of(net(10, relu + relu, "")) == "two layers have the id \"2\" [invalid-graph]");
  std::string typed = good;
  typed.insert(typed.find("<net"), "<!DOCTYPE net [<!ENTITY a \"b\">]>");
  CHECK(error_of(typed).find("a document type stands in the file [damaged]") != std::string::npos);
  CHECK(error_of("<?xml version=\"1.0\"?><Error/>") == "a server's error message (XML) was saved in place of the model [web-page]");
}
