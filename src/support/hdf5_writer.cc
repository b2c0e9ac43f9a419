#include "support/hdf5_writer.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "support/files.h"
#include "support/hdf5/library.h"
#include "support/hdf5/sink.h"
#include "support/text.h"

namespace keras::support::hdf5 {
namespace {

std::mutex& library() {  // which is not safe for several threads
  static std::mutex mutex;
  return mutex;
}

// While it lives, this thread has the library, which prints nothing.
class Turn {
 public:
  Turn() : lock_(library()) {
    H5Eget_auto2(H5E_DEFAULT, &print_, &data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    H5Eclear2(H5E_DEFAULT);
  }
  ~Turn() { H5Eset_auto2(H5E_DEFAULT, print_, data_); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  std::lock_guard<std::mutex> lock_;
  H5E_auto2_t print_ = nullptr;
  void* data_ = nullptr;
};

// What the library says of the failure, from where it began.
std::string reason() {
  std::string text;
  const auto take = [](unsigned, const H5E_error2_t* error, void* to) -> herr_t {
    if (error->desc && *error->desc) *static_cast<std::string*>(to) = error->desc;
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, take, &text);
  return text.empty() ? "the HDF5 library does not say why" : printable(text, 300);
}

// An identifier of the library's, closed at the end.
class Id {
 public:
  Id(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  ~Id() {
    if (id_ >= 0) close_(id_);
  }
  Id(Id&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Id& operator=(Id&&) = delete;
  operator hid_t() const { return id_; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

void check_name(std::string_view name) {
  if (name.find('\0') != std::string_view::npos) {
    throw ValueError(fmt::format("«{}» cannot be a name in an HDF5 file: it has a NUL.", printable(name)));
  }
}

std::vector<std::string> parts_of(std::string_view path) {
  check_name(path);
  std::vector<std::string> parts = split(path, '/');
  std::erase_if(parts, [](const std::string& part) { return part.empty() || part == "."; });
  return parts;
}

H5T_cset_t charset_of(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 128; })
             ? H5T_CSET_ASCII
             : H5T_CSET_UTF8;
}

}  // namespace

struct Writer::State {
  std::string name = "an HDF5 file in memory";  // for messages
  bool in_memory = true;
  Sink sink;
  hid_t file = -1;
  std::map<std::string, bool, std::less<>> objects = {{"/", true}};  // by path: whether it is a group

  State() { create(); }
  explicit State(const std::string& path) : name(path), in_memory(false), sink(path) { create(); }
  void create() {
    const Turn turn;
    file = create_file(sink);
    if (file < 0) fail("the beginning");
  }
  ~State() {
    if (file < 0) return;
    const Turn turn;
    H5Fclose(file);
  }

  [[noreturn]] void fail(std::string_view what) const {
    const std::string why = sink.error() != 0 ? system_text(sink.error()) : reason();
    throw IOError(fmt::format("Cannot write {} of «{}»: {}.", what, name, why));
  }
  void check_sink(std::string_view what) const {
    if (sink.error() != 0) fail(what);
  }
  Id made(hid_t id, herr_t (*close)(hid_t), std::string_view what) const {
    if (id < 0) fail(what);
    return {id, close};
  }
  void ok(herr_t status, std::string_view what) const {
    if (status < 0) fail(what);
  }
  void must_be_open() const {
    if (file < 0) throw RuntimeError(fmt::format("«{}» is closed: nothing can be added.", name));
  }

  Id link_list(std::string_view link) const {
    Id list = made(H5Pcreate(H5P_LINK_CREATE), H5Pclose, link);
    ok(H5Pset_char_encoding(list, charset_of(link)), link);
    return list;
  }

  // Makes the groups that lead to `parts`' last one; its whole path.
  std::string make_way(const std::vector<std::string>& parts) {
    std::string path;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      path += '/' + parts[i];
      if (i + 1 < parts.size()) make_group(path, parts[i]);
    }
    return path.empty() ? "/" : path;
  }
  void make_group(const std::string& path, std::string_view link) {
    const auto [found, added] = objects.try_emplace(path, true);
    if (!added && !found->second) {
      throw ValueError(
          fmt::format("«{}» of «{}» is a data set; it cannot be a group, too.", printable(path, 200), name));
    }
    if (!added) return;
    made(H5Gcreate2(file, path.c_str(), link_list(link), H5P_DEFAULT, H5P_DEFAULT), H5Gclose, path);
  }

  Id type_of(DType dtype) const {
    const auto copy = [&](hid_t type) { return made(H5Tcopy(type), H5Tclose, "a type"); };
    switch (dtype.kind()) {
      case DType::boolean: {
        Id type = made(H5Tenum_create(H5T_NATIVE_INT8), H5Tclose, "a type");
        for (const std::int8_t value : {0, 1}) ok(H5Tenum_insert(type, value ? "TRUE" : "FALSE", &value), "a type");
        return type;
      }
      case DType::uint8:
        return copy(H5T_NATIVE_UINT8);
      case DType::uint16:
        return copy(H5T_NATIVE_UINT16);
      case DType::uint32:
        return copy(H5T_NATIVE_UINT32);
      case DType::uint64:
        return copy(H5T_NATIVE_UINT64);
      case DType::int8:
        return copy(H5T_NATIVE_INT8);
      case DType::int16:
        return copy(H5T_NATIVE_INT16);
      case DType::int32:
        return copy(H5T_NATIVE_INT32);
      case DType::int64:
        return copy(H5T_NATIVE_INT64);
      case DType::bfloat16: {
        Id type = made(H5Tcreate(H5T_OPAQUE, 2), H5Tclose, "a type");
        ok(H5Tset_tag(type, ""), "a type");
        return type;
      }
      case DType::float16: {
        Id type = copy(H5T_NATIVE_FLOAT);
        ok(H5Tset_fields(type, 15, 10, 5, 0, 10), "a type");
        ok(H5Tset_size(type, 2), "a type");
        ok(H5Tset_ebias(type, 15), "a type");
        return type;
      }
      case DType::float32:
        return copy(H5T_NATIVE_FLOAT);
      case DType::float64:
        break;
    }
    return copy(H5T_NATIVE_DOUBLE);
  }

  // `size`: of a text of fixed length.
  Id text_type(TextKind kind, std::size_t size) const {
    Id type = made(H5Tcopy(H5T_C_S1), H5Tclose, "a type");
    const bool fixed = kind == TextKind::fixed;
    ok(H5Tset_size(type, fixed ? size : H5T_VARIABLE), "a type");
    ok(H5Tset_strpad(type, fixed ? H5T_STR_NULLPAD : H5T_STR_NULLTERM), "a type");
    ok(H5Tset_cset(type, kind == TextKind::str ? H5T_CSET_UTF8 : H5T_CSET_ASCII), "a type");
    return type;
  }

  Id space_of(std::span<const std::int64_t> shape) const {
    if (shape.empty()) return made(H5Screate(H5S_SCALAR), H5Sclose, "a shape");
    const std::vector<hsize_t> dims(shape.begin(), shape.end());
    return made(H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr), H5Sclose, "a shape");
  }

  void add_dataset(std::string_view path, hid_t type, std::span<const std::int64_t> shape, const void* data) {
    const std::vector<std::string> parts = parts_of(path);
    const std::string whole = make_way(parts);
    if (!objects.try_emplace(whole, false).second) {
      throw ValueError(fmt::format("«{}» has an object «{}» already.", name, printable(whole, 200)));
    }
    const std::string what = fmt::format("the data set «{}»", printable(whole, 200));
    const Id space = space_of(shape);
    const Id list = made(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, what);
    ok(H5Pset_obj_track_times(list, false), what);
    const Id set =
        made(H5Dcreate2(file, whole.c_str(), type, space, link_list(parts.back()), list, H5P_DEFAULT), H5Dclose, what);
    if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return;
    ok(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), what);
    check_sink(what);
  }

  void add_attribute(std::string_view path, std::string_view attribute, hid_t type, std::span<const std::int64_t> shape,
                     const void* data, std::size_t size) {
    check_name(attribute);
    std::string whole;
    for (const std::string& part : parts_of(path)) whole += '/' + part;
    if (whole.empty()) whole = "/";
    if (!objects.contains(whole)) {
      throw ValueError(
          fmt::format("«{}» has no object «{}» that could have an attribute.", name, printable(whole, 200)));
    }
    const std::string what = fmt::format("the attribute «{}» of «{}»", printable(attribute), printable(whole, 200));
    if (size > kMostAttributeBytes) {
      throw ValueError(
          fmt::format("Cannot write {} of «{}»: it has {} bytes, and an HDF5 attribute at most {}. Split it.", what,
                      name, size, kMostAttributeBytes));
    }
    const Id object = made(H5Oopen(file, whole.c_str(), H5P_DEFAULT), H5Oclose, what);
    const std::string key(attribute);
    if (H5Aexists(object, key.c_str()) > 0) throw ValueError(fmt::format("«{}» has {} already.", name, what));
    const Id space = space_of(shape);
    const Id list = made(H5Pcreate(H5P_ATTRIBUTE_CREATE), H5Pclose, what);
    ok(H5Pset_char_encoding(list, charset_of(attribute)), what);
    const Id id = made(H5Acreate2(object, key.c_str(), type, space, list, H5P_DEFAULT), H5Aclose, what);
    if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return;
    ok(H5Awrite(id, type, data), what);
  }

  std::size_t bytes_of(hid_t type, std::span<const std::int64_t> shape, std::string_view what) const {
    std::size_t size = H5Tget_size(type);
    for (const std::int64_t axis : shape) {
      if (axis < 0 || __builtin_mul_overflow(size, static_cast<std::size_t>(axis), &size)) {
        throw ValueError(fmt::format("«{}» cannot have {} elements along an axis.", printable(what, 200), axis));
      }
    }
    return size;
  }
  void must_fit(std::size_t expected, std::string_view bytes, std::string_view what) const {
    if (bytes.size() == expected) return;
    throw ValueError(fmt::format("«{}» has {} bytes by its shape and type; it was given {}.", printable(what, 200),
                                 expected, bytes.size()));
  }
};

namespace {

// Texts as the library takes them: pointers to them, or one after the other, padded.
struct Texts {
  Texts(std::span<const std::string> texts, TextKind kind) {
    if (kind != TextKind::fixed) {
      for (const std::string& text : texts) {
        if (text.find('\0') != std::string::npos) {
          throw ValueError(fmt::format("«{}» cannot be a text of variable length: it has a NUL.", printable(text)));
        }
        pointers.push_back(text.c_str());
      }
      size = 16 * texts.size();
      return;
    }
    for (const std::string& text : texts) longest = std::max(longest, text.size());
    padded.reserve(longest * texts.size());
    for (const std::string& text : texts) padded.append(text).append(longest - text.size(), '\0');
    size = padded.size();
  }
  const void* data() const { return pointers.empty() ? static_cast<const void*>(padded.data()) : pointers.data(); }

  std::vector<const char*> pointers;
  std::string padded;
  std::size_t longest = 1, size = 0;  // of one; of all in the file
};

}  // namespace

Writer::Writer(const std::string& path) : state_(std::make_unique<State>(path)) {}
Writer::Writer() : state_(std::make_unique<State>()) {}
Writer::~Writer() = default;

void Writer::group(std::string_view path) {
  state_->must_be_open();
  const Turn turn;
  const std::vector<std::string> parts = parts_of(path);
  const std::string whole = state_->make_way(parts);
  if (!parts.empty()) state_->make_group(whole, parts.back());
}

void Writer::dataset(std::string_view path, DType dtype, std::span<const std::int64_t> shape, std::string_view bytes) {
  state_->must_be_open();
  const Turn turn;
  const Id type = state_->type_of(dtype);
  state_->must_fit(state_->bytes_of(type, shape, path), bytes, path);
  state_->add_dataset(path, type, shape, bytes.data());
}

void Writer::strings(std::string_view path, std::span<const std::string> texts, TextKind kind) {
  state_->must_be_open();
  const Texts data(texts, kind);
  const Turn turn;
  const std::int64_t shape[] = {static_cast<std::int64_t>(texts.size())};
  state_->add_dataset(path, state_->text_type(kind, data.longest), shape, data.data());
}

void Writer::attribute(std::string_view path, std::string_view name, std::string_view text, TextKind kind) {
  state_->must_be_open();
  const std::string texts[] = {std::string(text)};
  const Texts data(texts, kind);
  const Turn turn;
  state_->add_attribute(path, name, state_->text_type(kind, data.longest), {}, data.data(), data.size);
}

void Writer::attribute(std::string_view path, std::string_view name, std::span<const std::string> texts,
                       TextKind kind) {
  state_->must_be_open();
  const Texts data(texts, kind);
  const Turn turn;
  const std::int64_t shape[] = {static_cast<std::int64_t>(texts.size())};
  state_->add_attribute(path, name, state_->text_type(kind, data.longest), shape, data.data(), data.size);
}

void Writer::attribute(std::string_view path, std::string_view name, DType dtype, std::span<const std::int64_t> shape,
                       std::string_view bytes) {
  state_->must_be_open();
  const Turn turn;
  const Id type = state_->type_of(dtype);
  state_->must_fit(state_->bytes_of(type, shape, name), bytes, name);
  state_->add_attribute(path, name, type, shape, bytes.data(), bytes.size());
}

void Writer::integer(std::string_view path, std::string_view name, std::int64_t value) {
  attribute(path, name, DType::int64, {}, {reinterpret_cast<const char*>(&value), sizeof value});
}

void Writer::attribute(std::string_view path, std::string_view name, double value) {
  attribute(path, name, DType::float64, {}, {reinterpret_cast<const char*>(&value), sizeof value});
}

void Writer::truth(std::string_view path, std::string_view name, bool value) {
  const char byte = value ? 1 : 0;
  attribute(path, name, DType::boolean, {}, {&byte, 1});
}

void Writer::close() {
  state_->must_be_open();
  const Turn turn;
  state_->ok(H5Fclose(std::exchange(state_->file, -1)), "the end");
  state_->sink.close();
  state_->check_sink("the end");
}

std::string Writer::take() {
  if (!state_->in_memory) {
    throw RuntimeError(fmt::format("«{}» is a file: only one in memory can be taken.", state_->name));
  }
  close();
  return state_->sink.take();
}

}  // namespace keras::support::hdf5
