// SPDX-License-Identifier: Apache-2.0
#include "parsers/torchscript/pickle.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <unordered_map>

#include "base/text.h"

namespace nngauge::torchscript {
namespace {

constexpr std::size_t kMostSteps = 20'000'000;

struct StorageType {
  std::string_view name;
  DType dtype;
};
constexpr std::array kStorages = {
    StorageType{"FloatStorage", DType::kFloat32},
    StorageType{"HalfStorage", DType::kFloat16},
    StorageType{"BFloat16Storage", DType::kBFloat16},
    StorageType{"DoubleStorage", DType::kFloat64},
    StorageType{"CharStorage", DType::kInt8},
    StorageType{"ByteStorage", DType::kUInt8},
    StorageType{"ShortStorage", DType::kInt16},
    StorageType{"IntStorage", DType::kInt32},
    StorageType{"LongStorage", DType::kInt64},
    StorageType{"BoolStorage", DType::kBool},
    StorageType{"QInt8Storage", DType::kInt8},
    StorageType{"QUInt8Storage", DType::kUInt8},
    StorageType{"QInt32Storage", DType::kInt32},
    StorageType{"ComplexFloatStorage", DType::kComplex64},
    StorageType{"ComplexDoubleStorage", DType::kComplex128},
};

DType storage_dtype(std::string_view dotted) {
  const std::size_t dot = dotted.rfind('.');
  const std::string_view name = dot == std::string_view::npos ? dotted : dotted.substr(dot + 1);
  const auto found =
      std::find_if(kStorages.begin(), kStorages.end(), [&](const StorageType& s) { return s.name == name; });
  return found == kStorages.end() ? DType::kUnknown : found->dtype;
}

class Machine {
 public:
  Machine(std::string_view bytes, const std::string& folder, Arena& arena)
      : bytes_(bytes), folder_(folder), arena_(arena) {}

  Result<PyValue> run() {
    for (std::size_t step = 0; step < kMostSteps; ++step) {
      NNGAUGE_TRY(const std::string_view code, take(1));
      const auto op = static_cast<unsigned char>(code[0]);
      if (op == '.') {
        if (stack_.empty()) return bad("ends with nothing on its stack");
        return stack_.back();
      }
      NNGAUGE_CHECK(execute(op));
    }
    return make_error(ErrorCode::kTooLarge, "the pickle takes too many steps");
  }

 private:
  [[nodiscard]] Error bad(const std::string& what) const {
    return make_error(ErrorCode::kDamaged, "the pickle " + what + " (byte " + std::to_string(position_) + ")");
  }
  Result<std::string_view> take(std::uint64_t count) {
    if (count > bytes_.size() - position_) return bad("is cut short");
    const std::string_view out = bytes_.substr(position_, count);
    position_ += count;
    return out;
  }
  Result<std::uint64_t> number(int bytes) {
    NNGAUGE_TRY(const std::string_view raw, take(static_cast<std::uint64_t>(bytes)));
    std::uint64_t value = 0;
    for (int i = 0; i < bytes; ++i)
      value |= std::uint64_t{static_cast<unsigned char>(raw[static_cast<std::size_t>(i)])} << (8 * i);
    return value;
  }
  Result<std::string_view> line() {
    const std::size_t end = bytes_.find('\n', position_);
    if (end == std::string_view::npos) return bad("is cut short");
    const std::string_view out = bytes_.substr(position_, end - position_);
    position_ = end + 1;
    return out;
  }

  Status push(PyValue value) {
    stack_.push_back(std::move(value));
    return ok();
  }
  Result<PyValue> pop() {
    if (stack_.empty() || (!marks_.empty() && marks_.back() == stack_.size())) return bad("takes from an empty stack");
    PyValue out = std::move(stack_.back());
    stack_.pop_back();
    return out;
  }
  Result<Items> pop_to_mark() {
    if (marks_.empty()) return bad("misses a mark");
    const std::size_t mark = marks_.back();
    marks_.pop_back();
    if (mark > stack_.size()) return bad("misses a mark");
    const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(mark);
    Items out(std::make_move_iterator(first), std::make_move_iterator(stack_.end()));
    stack_.resize(mark);
    return out;
  }
  Status push_tuple(std::size_t count) {
    if (stack_.size() < count) return bad("takes from an empty stack");
    Items elements(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
    stack_.resize(stack_.size() - count);
    return push(arena_.sequence(Kind::kTuple, std::move(elements)));
  }
  Status push_text(Result<std::uint64_t> length) {
    if (!length) return length.error();
    NNGAUGE_TRY(const std::string_view text, take(*length));
    return push(PyValue::of_text(Kind::kText, std::string(text)));
  }
  Status put(std::uint64_t key) {
    if (stack_.empty()) return bad("keeps from an empty stack");
    memo_[key] = stack_.back();
    return ok();
  }
  Status get(std::uint64_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) return bad("reads memory " + std::to_string(key) + " that nothing was put to");
    return push(found->second);
  }
  Result<std::uint64_t> decimal_line() {
    NNGAUGE_TRY(const std::string_view text, line());
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return bad("holds a bad number");
    return value;
  }

  // A whole number of little-endian bytes in two's complement; beyond 64 bits nothing of ours is meant.
  Status push_long(Result<std::uint64_t> length) {
    if (!length) return length.error();
    NNGAUGE_TRY(const std::string_view raw, take(*length));
    if (raw.size() > 8) return push(PyValue::unknown());
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < raw.size(); ++i) value |= std::uint64_t{static_cast<unsigned char>(raw[i])} << (8 * i);
    if (!raw.empty() && raw.size() < 8 && (static_cast<unsigned char>(raw.back()) & 0x80U) != 0)
      value |= ~std::uint64_t{0} << (8 * raw.size());
    return push(PyValue::of_int(static_cast<std::int64_t>(value)));
  }

  Status execute(unsigned char op);
  Status execute_text(unsigned char op);
  Status execute_object(unsigned char op);

  Status append(Items elements) {
    if (stack_.empty() || stack_.back().items == nullptr) return bad("appends to what is no list");
    Items& target = *stack_.back().items;
    target.insert(target.end(), std::make_move_iterator(elements.begin()), std::make_move_iterator(elements.end()));
    return ok();
  }

  Status reduce(const PyValue& callee, const PyValue& arguments);
  Result<PyValue> rebuild_tensor(const Items& arguments);
  Status build(PyValue state);

  std::string_view bytes_;
  std::string folder_;
  Arena& arena_;
  std::size_t position_ = 0;
  Items stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint64_t, PyValue> memo_;
};

Status Machine::execute(unsigned char op) {
  switch (op) {
    case 0x80:  // protocol
      return number(1) ? ok() : Status(bad("is cut short"));
    case 0x95:  // frame
      return number(8) ? ok() : Status(bad("is cut short"));
    case '(':
      marks_.push_back(stack_.size());
      return ok();
    case 'N':
      return push(PyValue::none());
    case 0x88:
      return push(PyValue::boolean(true));
    case 0x89:
      return push(PyValue::boolean(false));
    case 'K': {
      NNGAUGE_TRY(const std::uint64_t value, number(1));
      return push(PyValue::of_int(static_cast<std::int64_t>(value)));
    }
    case 'M': {
      NNGAUGE_TRY(const std::uint64_t value, number(2));
      return push(PyValue::of_int(static_cast<std::int64_t>(value)));
    }
    case 'J': {
      NNGAUGE_TRY(const std::uint64_t value, number(4));
      return push(PyValue::of_int(static_cast<std::int32_t>(value)));
    }
    case 'G': {  // big-endian
      NNGAUGE_TRY(const std::string_view raw, take(8));
      std::uint64_t bits = 0;
      for (const char byte : raw) bits = bits << 8 | static_cast<unsigned char>(byte);
      return push(PyValue::of_real(std::bit_cast<double>(bits)));
    }
    case 0x8a:
      return push_long(number(1));
    case 0x8b:
      return push_long(number(4));
    case ')':
      return push(arena_.sequence(Kind::kTuple, {}));
    case 0x85:
    case 0x86:
    case 0x87:
      return push_tuple(static_cast<std::size_t>(op - 0x84));
    case 't': {
      NNGAUGE_TRY(Items elements, pop_to_mark());
      return push(arena_.sequence(Kind::kTuple, std::move(elements)));
    }
    case 'l': {
      NNGAUGE_TRY(Items elements, pop_to_mark());
      return push(arena_.sequence(Kind::kList, std::move(elements)));
    }
    case ']':
      return push(arena_.sequence(Kind::kList, {}));
    case '}':
      return push(arena_.sequence(Kind::kDict, {}));
    case 'a': {
      NNGAUGE_TRY(PyValue element, pop());
      return append({std::move(element)});
    }
    case 'e':
    case 'u': {
      NNGAUGE_TRY(Items elements, pop_to_mark());
      return append(std::move(elements));
    }
    case 's': {
      NNGAUGE_TRY(PyValue value, pop());
      NNGAUGE_TRY(PyValue key, pop());
      return append({std::move(key), std::move(value)});
    }
    case 'q': {
      NNGAUGE_TRY(const std::uint64_t key, number(1));
      return put(key);
    }
    case 'r': {
      NNGAUGE_TRY(const std::uint64_t key, number(4));
      return put(key);
    }
    case 'p': {
      NNGAUGE_TRY(const std::uint64_t key, decimal_line());
      return put(key);
    }
    case 0x94:
      return put(memo_.size());
    case 'h': {
      NNGAUGE_TRY(const std::uint64_t key, number(1));
      return get(key);
    }
    case 'j': {
      NNGAUGE_TRY(const std::uint64_t key, number(4));
      return get(key);
    }
    case 'g': {
      NNGAUGE_TRY(const std::uint64_t key, decimal_line());
      return get(key);
    }
    case '0': {
      NNGAUGE_CHECK(pop());
      return ok();
    }
    case '1': {
      NNGAUGE_CHECK(pop_to_mark());
      return ok();
    }
    case '2':
      return stack_.empty() ? Status(bad("copies from an empty stack")) : push(PyValue(stack_.back()));
    default:
      return execute_text(op);
  }
}

Status Machine::execute_text(unsigned char op) {
  switch (op) {
    case 'X':
    case 'T':
    case 'B':
      return push_text(number(4));
    case 0x8c:
    case 'U':
    case 'C':
      return push_text(number(1));
    case 0x8d:
    case 0x8e:
      return push_text(number(8));
    case 'V': {
      NNGAUGE_TRY(const std::string_view text, line());
      return push(PyValue::of_text(Kind::kText, std::string(text)));
    }
    case 'c': {
      NNGAUGE_TRY(const std::string_view module, line());
      NNGAUGE_TRY(const std::string_view name, line());
      return push(PyValue::of_text(Kind::kFunction, std::string(module) + "." + std::string(name)));
    }
    case 0x93: {
      NNGAUGE_TRY(const PyValue name, pop());
      NNGAUGE_TRY(const PyValue module, pop());
      return push(PyValue::of_text(Kind::kFunction, module.text + "." + name.text));
    }
    default:
      return execute_object(op);
  }
}

Status Machine::execute_object(unsigned char op) {
  switch (op) {
    case 'Q':  // what the archive keeps elsewhere: a storage; its description stands for it
      return stack_.empty() ? Status(bad("names nothing")) : ok();
    case 'R': {
      NNGAUGE_TRY(const PyValue arguments, pop());
      NNGAUGE_TRY(const PyValue callee, pop());
      return reduce(callee, arguments);
    }
    case 0x81: {
      NNGAUGE_CHECK(pop());
      NNGAUGE_TRY(const PyValue type, pop());
      PyValue out = PyValue::of(Kind::kObject);
      out.object = arena_.object();
      out.object->class_name = type.text;
      return push(std::move(out));
    }
    case 'b': {
      NNGAUGE_TRY(PyValue state, pop());
      return build(std::move(state));
    }
    default:
      return bad("has an instruction " + std::to_string(op) + " that is not understood");
  }
}

// storage, offset, sizes, strides, …; the storage is ('storage', type, key, device, elements).
Result<PyValue> Machine::rebuild_tensor(const Items& arguments) {
  const auto is_tuple = [](const PyValue& value, std::size_t least) {
    return value.is_sequence() && value.items->size() >= least;
  };
  if (arguments.size() < 3 || !is_tuple(arguments[0], 5) || arguments[1].kind != Kind::kInt ||
      !is_tuple(arguments[2], 0))
    return bad("builds a tensor from other things than a storage, an offset and sizes");
  const Items& storage = *arguments[0].items;
  if (storage[2].kind != Kind::kText || storage[4].kind != Kind::kInt || storage[4].integer < 0)
    return bad("names a storage without a key or a size");
  PyValue out = PyValue::of(Kind::kStored);
  out.stored = arena_.stored();
  out.stored->dtype = storage_dtype(storage[1].text);
  out.stored->storage = folder_ + "/" + storage[2].text;
  out.stored->storage_elements = static_cast<std::uint64_t>(storage[4].integer);
  out.stored->offset = arguments[1].integer;
  for (const PyValue& size : *arguments[2].items) {
    if (size.kind != Kind::kInt || size.integer < 0) return bad("builds a tensor with an extent that is no number");
    out.stored->sizes.push_back(size.integer);
  }
  return out;
}

Status Machine::reduce(const PyValue& callee, const PyValue& arguments) {
  if (callee.kind != Kind::kFunction || !arguments.is_sequence()) return bad("calls what is no function");
  const std::string& name = callee.text;
  const Items& given = *arguments.items;
  if (name == "torch._utils._rebuild_tensor_v2" || name == "torch._utils._rebuild_tensor" ||
      name == "torch._utils._rebuild_qtensor") {
    NNGAUGE_TRY(PyValue tensor, rebuild_tensor(given));
    return push(std::move(tensor));
  }
  const bool wraps = name == "torch._utils._rebuild_parameter" || name.starts_with("torch.jit._pickle.");
  if (wraps && !given.empty()) return push(PyValue(given[0]));
  if (name == "collections.OrderedDict") return push(arena_.sequence(Kind::kDict, {}));
  PyValue out = PyValue::of(Kind::kObject);
  out.object = arena_.object();
  out.object->class_name = name;
  out.object->state = arguments;
  return push(std::move(out));
}

Status Machine::build(PyValue state) {
  if (stack_.empty() || stack_.back().kind != Kind::kObject) return ok();  // of no concern
  Object& object = *stack_.back().object;
  if (state.kind != Kind::kDict) {
    object.state = std::move(state);
    object.has_state = true;
    return ok();
  }
  const Items& pairs = *state.items;
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
    if (pairs[i].kind != Kind::kText) continue;
    const PyValue& value = pairs[i + 1];
    if (value.kind == Kind::kStored && value.stored->name.empty()) value.stored->name = pairs[i].text;
    object.attributes[pairs[i].text] = value;
  }
  return ok();
}

}  // namespace

Result<PyValue> walk_pickle(std::string_view bytes, const std::string& storage_folder, Arena& arena) {
  return Machine(bytes, storage_folder, arena).run();
}

}  // namespace nngauge::torchscript
