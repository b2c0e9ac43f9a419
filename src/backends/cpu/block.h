// Block: elements copied from one strided arrangement to another, whatever their type. Slices, transposes, padding and
// broadcasts are blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace keras::backends::cpu {

class Block {
 public:
  static constexpr int kMaxRank = 8;

  // Axis d has sizes[d] elements, which lie from[d] elements apart in the source and to[d] in the destination. False
  // when more than kMaxRank axes are left after joining those that follow each other in memory.
  bool set(std::size_t element_bytes, std::span<const std::int64_t> sizes, std::span<const std::int64_t> from,
           std::span<const std::int64_t> to);
  void copy(const std::byte* source, std::byte* destination) const;
  double cost() const;  // estimated nanoseconds

 private:
  struct Axis {
    std::int64_t size, from, to;  // bytes apart
  };
  template <std::size_t kBytes>
  void inner(const std::byte* source, std::byte* destination) const;

  std::size_t run_ = 0;  // bytes that are copied at a time
  int rank_ = 0;
  Axis axes_[kMaxRank];
  bool empty_ = false;
};

}  // namespace keras::backends::cpu
