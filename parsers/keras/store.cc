// SPDX-License-Identifier: Apache-2.0
#include "parsers/keras/store.h"

#include <hdf5.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/isolated.h"

namespace nngauge::keras {
namespace {

constexpr std::size_t kMostObjects = 200'000;
constexpr std::size_t kMostAttributeBytes = std::size_t{64} << 20;

// An identifier of the library that is closed when it goes.
class Handle {
 public:
  Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  [[nodiscard]] bool ok() const { return id_ >= 0; }
  [[nodiscard]] hid_t id() const { return id_; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

// The library works on our bytes as they are: it opens them for reading only, so nothing is copied, changed or freed.
H5FD_file_image_callbacks_t lend_image(Bytes bytes) {
  H5FD_file_image_callbacks_t out;
  out.image_malloc = [](std::size_t, H5FD_file_image_op_t, void* image) { return image; };
  out.image_memcpy = [](void* to, const void*, std::size_t, H5FD_file_image_op_t, void*) { return to; };
  out.image_realloc = [](void*, std::size_t, H5FD_file_image_op_t, void*) -> void* { return nullptr; };
  out.image_free = [](void*, H5FD_file_image_op_t, void*) -> herr_t { return 0; };
  out.udata_copy = [](void* image) { return image; };
  out.udata_free = [](void*) -> herr_t { return 0; };
  out.udata = const_cast<std::uint8_t*>(bytes.data());
  return out;
}

DType dtype_of(hid_t type) {
  const std::size_t bytes = H5Tget_size(type);
  switch (H5Tget_class(type)) {
    case H5T_FLOAT:
      return bytes == 2   ? DType::kFloat16
             : bytes == 4 ? DType::kFloat32
             : bytes == 8 ? DType::kFloat64
                          : DType::kUnknown;
    case H5T_INTEGER: {
      const bool is_signed = H5Tget_sign(type) == H5T_SGN_2;
      if (bytes == 1) return is_signed ? DType::kInt8 : DType::kUInt8;
      if (bytes == 2) return is_signed ? DType::kInt16 : DType::kUInt16;
      if (bytes == 4) return is_signed ? DType::kInt32 : DType::kUInt32;
      return bytes == 8 ? (is_signed ? DType::kInt64 : DType::kUInt64) : DType::kUnknown;
    }
    case H5T_ENUM:
      return DType::kBool;
    default:
      return DType::kUnknown;
  }
}

Dataset describe(hid_t id) {
  Dataset out;
  const Handle type(H5Dget_type(id), H5Tclose), space(H5Dget_space(id), H5Sclose),
      plist(H5Dget_create_plist(id), H5Pclose);
  if (type.ok()) out.dtype = dtype_of(type.id());
  const int rank = space.ok() ? H5Sget_simple_extent_ndims(space.id()) : -1;
  if (rank > 0 && rank <= H5S_MAX_RANK) {
    std::vector<hsize_t> extents(static_cast<std::size_t>(rank));
    H5Sget_simple_extent_dims(space.id(), extents.data(), nullptr);
    for (const hsize_t extent : extents)
      out.extents.push_back(static_cast<std::int64_t>(std::min<hsize_t>(extent, hsize_t{1} << 60)));
  }
  out.size_bytes = H5Dget_storage_size(id);
  const haddr_t address = H5Dget_offset(id);
  out.located = address != HADDR_UNDEF && plist.ok() && H5Pget_layout(plist.id()) == H5D_CONTIGUOUS;
  if (out.located) out.offset = address;
  return out;
}

struct Visit {
  Store* store;
  std::size_t objects = 0;
};

herr_t visit_object(hid_t root, const char* name, const H5O_info_t* info, void* data) {
  auto& visit = *static_cast<Visit*>(data);
  if (++visit.objects > kMostObjects) return -1;
  if (info->type != H5O_TYPE_DATASET) return 0;
  const Handle dataset(H5Dopen2(root, name, H5P_DEFAULT), H5Dclose);
  if (dataset.ok()) visit.store->datasets[name] = describe(dataset.id());
  return 0;
}

// A text attribute, of fixed or variable length.
void read_attribute(hid_t root, const char* name, Store& store) {
  if (H5Aexists(root, name) <= 0) return;
  const Handle attribute(H5Aopen(root, name, H5P_DEFAULT), H5Aclose);
  if (!attribute.ok()) return;
  const Handle type(H5Aget_type(attribute.id()), H5Tclose);
  if (!type.ok() || H5Tget_class(type.id()) != H5T_STRING) return;
  if (H5Tis_variable_str(type.id()) > 0) {
    const Handle text_type(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(text_type.id(), H5T_VARIABLE);
    H5Tset_cset(text_type.id(), H5Tget_cset(type.id()));
    char* text = nullptr;
    if (H5Aread(attribute.id(), text_type.id(), &text) >= 0 && text != nullptr) store.attributes[name] = text;
    if (text != nullptr) H5free_memory(text);
    return;
  }
  const std::size_t bytes = H5Tget_size(type.id());
  if (bytes == 0 || bytes > kMostAttributeBytes || H5Aget_storage_size(attribute.id()) > kMostAttributeBytes) return;
  std::string text(bytes, '\0');
  if (H5Aget_storage_size(attribute.id()) != bytes || H5Aread(attribute.id(), type.id(), text.data()) < 0) return;
  text.resize(std::min(text.find('\0'), text.size()));
  store.attributes[name] = std::move(text);
}

Result<Store> read_here(Bytes bytes) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5FD_file_image_callbacks_t callbacks = lend_image(bytes);
  void* image = callbacks.udata;
  if (!access.ok() || H5Pset_fapl_core(access.id(), 1 << 16, false) < 0 ||
      H5Pset_file_image_callbacks(access.id(), &callbacks) < 0 ||
      H5Pset_file_image(access.id(), image, bytes.size()) < 0) {
    return make_error(ErrorCode::kInternal, "the HDF5 library takes no file in memory");
  }
  const Handle file(H5Fopen("memory", H5F_ACC_RDONLY, access.id()), H5Fclose);
  if (!file.ok()) return make_error(ErrorCode::kDamaged, "the HDF5 library cannot open it");
  Store out;
  for (const char* name : {"model_config", "keras_version", "backend", "layer_names"})
    read_attribute(file.id(), name, out);
  Visit visit{&out};
  if (H5Ovisit(file.id(), H5_INDEX_NAME, H5_ITER_NATIVE, visit_object, &visit) < 0) {
    if (visit.objects > kMostObjects) return make_error(ErrorCode::kTooLarge, "the HDF5 file holds too many objects");
    return make_error(ErrorCode::kDamaged, "the structure of the HDF5 file is broken");
  }
  for (const auto& [name, dataset] : out.datasets) {
    if (dataset.located && (dataset.offset > bytes.size() || dataset.size_bytes > bytes.size() - dataset.offset)) {
      return make_error(ErrorCode::kDamaged, "dataset " + name + " reaches over the end of the file");
    }
  }
  return out;
}

// A store, or an error, as bytes between processes: numbers of 8 bytes, texts behind their length.
class Packer {
 public:
  void add(std::uint64_t value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void add(const std::string& text) {
    add(std::uint64_t{text.size()});
    bytes_ += text;
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Unpacker {
 public:
  explicit Unpacker(const std::string& bytes) : bytes_(bytes) {}
  std::uint64_t number() {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes_.data() + at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  std::string text() {
    const auto length = static_cast<std::size_t>(number());
    at_ += length;
    return bytes_.substr(at_ - length, length);
  }

 private:
  const std::string& bytes_;
  std::size_t at_ = 0;
};

std::string pack(const Result<Store>& store) {
  Packer out;
  out.add(store ? 1U : 0U);
  if (!store) {
    out.add(static_cast<std::uint64_t>(store.error().code));
    out.add(store.error().message);
    return out.take();
  }
  out.add(store->attributes.size());
  for (const auto& [name, text] : store->attributes) out.add(name), out.add(text);
  out.add(store->datasets.size());
  for (const auto& [name, dataset] : store->datasets) {
    out.add(name), out.add(static_cast<std::uint64_t>(dataset.dtype)), out.add(dataset.offset);
    out.add(dataset.size_bytes), out.add(dataset.located ? 1U : 0U), out.add(dataset.extents.size());
    for (const std::int64_t extent : dataset.extents) out.add(static_cast<std::uint64_t>(extent));
  }
  return out.take();
}

Result<Store> unpack(const std::string& bytes) {
  Unpacker in(bytes);
  if (in.number() == 0) {
    const auto code = static_cast<ErrorCode>(in.number());
    return make_error(code, in.text());
  }
  Store out;
  for (std::uint64_t left = in.number(); left > 0; --left) {
    std::string name = in.text();
    out.attributes[std::move(name)] = in.text();
  }
  for (std::uint64_t left = in.number(); left > 0; --left) {
    Dataset& dataset = out.datasets[in.text()];
    dataset.dtype = static_cast<DType>(in.number());
    dataset.offset = in.number(), dataset.size_bytes = in.number(), dataset.located = in.number() != 0;
    dataset.extents.resize(static_cast<std::size_t>(in.number()));
    for (std::int64_t& extent : dataset.extents) extent = static_cast<std::int64_t>(in.number());
  }
  return out;
}

}  // namespace

bool is_hdf5(Bytes bytes) { return as_text(bytes).starts_with("\x89HDF\r\n\x1a\n"); }

Result<Store> read_store(Bytes bytes) {
  // The library believes the addresses and lengths that it reads: a changed byte may crash it.
  const Result<std::string> answer = run_isolated([&] { return pack(read_here(bytes)); });
  if (!answer && answer.error().code == ErrorCode::kDamaged)
    return make_error(ErrorCode::kDamaged, "the HDF5 library breaks off on it: its structure is broken");
  if (!answer) return answer.error();
  return unpack(*answer);
}

}  // namespace nngauge::keras
