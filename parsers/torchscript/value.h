// SPDX-License-Identifier: Apache-2.0
// Owns: the values that pickles hold and TorchScript code computes with. All of them live in an Arena, so that cycles
// in a hostile pickle neither leak nor recurse.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graph/dtype.h"
#include "graph/graph.h"

namespace nngauge::torchscript {

struct PyValue;
using Items = std::vector<PyValue>;

// A tensor that the archive stores: a view of a storage.
struct StoredTensor {
  DType dtype = DType::kUnknown;
  std::string storage;  // member name below the archive's folder: "data/0"
  std::uint64_t storage_elements = 0;
  std::int64_t offset = 0;  // in elements
  std::vector<std::int64_t> sizes;
  std::string name;         // of the attribute that holds it
  TensorId id = kNoTensor;  // once it is in the graph
};

struct Object;

// A tensor of the graph; operators that work in place put their result here, for all who hold it.
struct TensorHandle {
  TensorId id = kNoTensor;
};

enum class Kind : std::uint8_t {
  kNone,
  kBool,
  kInt,
  kReal,
  kText,
  kList,
  kTuple,
  kDict,  // keys and values in turn
  kStored,
  kTensor,
  kObject,
  kFunction,  // by its dotted name
  kUnknown,
};

struct PyValue {
  Kind kind = Kind::kNone;
  std::int64_t integer = 0;  // bools too
  double real = 0;
  std::string text;
  Items* items = nullptr;
  StoredTensor* stored = nullptr;
  TensorHandle* tensor = nullptr;
  Object* object = nullptr;

  static PyValue none() { return {}; }
  static PyValue unknown() { return of(Kind::kUnknown); }
  static PyValue boolean(bool value) { return of(Kind::kBool, value ? 1 : 0); }
  static PyValue of_int(std::int64_t value) { return of(Kind::kInt, value); }
  static PyValue of_real(double value) {
    PyValue out = of(Kind::kReal);
    out.real = value;
    return out;
  }
  static PyValue of_text(Kind kind, std::string text) {
    PyValue out = of(kind);
    out.text = std::move(text);
    return out;
  }
  static PyValue of(Kind kind, std::int64_t integer = 0) {
    PyValue out;
    out.kind = kind;
    out.integer = integer;
    return out;
  }

  [[nodiscard]] bool is_none() const { return kind == Kind::kNone; }
  [[nodiscard]] bool is_unknown() const { return kind == Kind::kUnknown; }
  [[nodiscard]] bool is_sequence() const { return kind == Kind::kList || kind == Kind::kTuple; }
  [[nodiscard]] bool is_number() const { return kind == Kind::kInt || kind == Kind::kBool || kind == Kind::kReal; }
  [[nodiscard]] bool is_tensor() const { return kind == Kind::kTensor || kind == Kind::kStored; }
  [[nodiscard]] double number() const { return kind == Kind::kReal ? real : static_cast<double>(integer); }
};

struct Object {
  std::string class_name;  // "__torch__.Model"
  std::map<std::string, PyValue> attributes;
  PyValue state;  // what BUILD gave, if it is no dict
  bool has_state = false;
};

class Arena {
 public:
  Items* items() { return &lists_.emplace_back(); }
  Object* object() { return &objects_.emplace_back(); }
  StoredTensor* stored() { return &tensors_.emplace_back(); }
  TensorHandle* handle() { return &handles_.emplace_back(); }
  PyValue sequence(Kind kind, Items elements) {
    // What hostile code joins and repeats must not fill the memory.
    constexpr std::size_t kMostElements = 4'000'000;
    if (elements_ > kMostElements) return PyValue::unknown();
    elements_ += elements.size();
    PyValue out = PyValue::of(kind);
    out.items = items();
    *out.items = std::move(elements);
    return out;
  }

 private:
  std::size_t elements_ = 0;
  std::deque<Items> lists_;
  std::deque<Object> objects_;
  std::deque<StoredTensor> tensors_;
  std::deque<TensorHandle> handles_;
};

}  // namespace nngauge::torchscript
