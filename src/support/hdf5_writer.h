// HDF5 files written through the HDF5 C library, as h5py writes them: a path to a file, or bytes in memory. The same
// calls give the same bytes; nothing carries a time.
#pragma once

#include <keras/dtype.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace keras::support::hdf5 {

// How a text is stored: as h5py stores Python's str, bytes, and NumPy's fixed-length bytes.
enum class TextKind : std::uint8_t {
  str,    // variable length, UTF-8
  bytes,  // variable length, ASCII by its mark
  fixed,  // as long as the longest of them, padded with zeros
};

// An HDF5 file being written. Paths as in hdf5.h; groups on the way are made. Failures are IOErrors with what the
// library says; a name used twice, or one it cannot have, a ValueError. Any thread may use a Writer, one at a time.
class Writer {
 public:
  explicit Writer(const std::string& path);  // overwrites; give it AtomicFile's temporary
  Writer();                                  // in memory: take()
  ~Writer();                                 // without close() the file is left incomplete, as after a failure
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void group(std::string_view path);  // makes it unless it is there

  // `bytes`: the elements in this machine's byte order, row-major; ValueError if they are not shape's. float16 and bool
  // as h5py has them; bfloat16 as h5py writes NumPy's, opaque: Keras adds an attribute dtype = "bfloat16".
  void dataset(std::string_view path, DType dtype, std::span<const std::int64_t> shape, std::string_view bytes);
  void strings(std::string_view path, std::span<const std::string> texts, TextKind kind = TextKind::str);

  // Attributes of the group or data set at `path` ("/" is the root), set once each. ValueError if one has more than
  // kMostAttributeBytes (of texts of variable length 16 each): Keras then splits it into name0, name1, …
  static constexpr std::size_t kMostAttributeBytes = 64512;
  void attribute(std::string_view path, std::string_view name, std::string_view text, TextKind kind = TextKind::str);
  void attribute(std::string_view path, std::string_view name, std::span<const std::string> texts,
                 TextKind kind = TextKind::fixed);
  void attribute(std::string_view path, std::string_view name, DType dtype, std::span<const std::int64_t> shape,
                 std::string_view bytes);
  void attribute(std::string_view path, std::string_view name, double value);  // float64 scalar
  template <std::integral T>
  void attribute(std::string_view path, std::string_view name, T value) {  // int64 scalar, or bool
    if constexpr (std::same_as<T, bool>) {
      truth(path, name, value);
    } else {
      integer(path, name, static_cast<std::int64_t>(value));
    }
  }

  void close();        // writes what is left; nothing may be added afterwards
  std::string take();  // of a Writer in memory: closes, and the file's bytes

 private:
  void integer(std::string_view path, std::string_view name, std::int64_t value);
  void truth(std::string_view path, std::string_view name, bool value);
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace keras::support::hdf5
