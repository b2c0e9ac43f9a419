// Where the HDF5 library's bytes go: a file or memory. The library cannot close a file whose disk is full; so after a
// failure a Sink takes all bytes as if they were written, and error() says what happened.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "support/hdf5/library.h"

namespace keras::support::hdf5 {

class Sink {
 public:
  Sink() = default;                        // memory
  explicit Sink(const std::string& path);  // IOError: no such folder, no permission, a directory
  ~Sink();
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  void write(std::uint64_t at, const void* from, std::size_t count) noexcept;
  void read(std::uint64_t at, void* to, std::size_t count) noexcept;  // zeros where nothing was written
  void cut(std::uint64_t size) noexcept;
  void close() noexcept;

  std::uint64_t size() const { return size_; }
  int error() const { return error_; }  // the system's; 0: none
  std::string take() { return std::move(memory_); }

 private:
  int descriptor_ = -1;
  bool in_memory_ = true;
  std::uint64_t size_ = 0;
  std::string memory_;
  int error_ = 0;
};

hid_t create_file(Sink& sink);  // by the library, into the sink; negative: it failed

}  // namespace keras::support::hdf5
