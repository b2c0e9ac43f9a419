#include "backends/cpu/block.h"

#include <algorithm>
#include <cstring>

namespace keras::backends::cpu {

bool Block::set(std::size_t element, std::span<const std::int64_t> sizes, std::span<const std::int64_t> from,
                std::span<const std::int64_t> to) {
  run_ = element;
  rank_ = 0;
  empty_ = std::ranges::count(sizes, 0) > 0;
  const auto bytes = static_cast<std::int64_t>(element);
  for (std::size_t d = 0; d < sizes.size(); ++d) {
    const Axis next{sizes[d], from[d] * bytes, to[d] * bytes};
    if (next.size == 1) continue;
    if (rank_ > 0) {  // an axis whose steps are what the next one spans is the same axis
      Axis& last = axes_[rank_ - 1];
      if (last.from == next.size * next.from && last.to == next.size * next.to) {
        last = {last.size * next.size, next.from, next.to};
        continue;
      }
    }
    if (rank_ == kMaxRank) return false;
    axes_[rank_++] = next;
  }
  if (rank_ > 0 && axes_[rank_ - 1].from == bytes && axes_[rank_ - 1].to == bytes)
    run_ *= static_cast<std::size_t>(axes_[--rank_].size);
  return true;
}

double Block::cost() const {
  double runs = 1;
  for (int d = 0; d < rank_; ++d) runs *= static_cast<double>(axes_[d].size);
  return 10 + runs * (1 + static_cast<double>(run_) * 0.03);
}

// The last two axes, in squares that stay in the cache when they run across each other.
template <std::size_t kBytes>
void Block::inner(const std::byte* source, std::byte* destination) const {
  constexpr std::int64_t kSquare = 32;
  const Axis one{1, 0, 0};
  const Axis &a = rank_ > 1 ? axes_[rank_ - 2] : one, &b = rank_ > 0 ? axes_[rank_ - 1] : one;
  const std::size_t run = kBytes != 0 ? kBytes : run_;
  const std::int64_t side = kBytes != 0 && a.from < b.from ? kSquare : b.size;
  for (std::int64_t j0 = 0; j0 < b.size; j0 += side) {
    const std::int64_t end = std::min(b.size, j0 + side);
    for (std::int64_t i = 0; i < a.size; ++i) {
      const std::byte* from = source + i * a.from + j0 * b.from;
      std::byte* to = destination + i * a.to + j0 * b.to;
      for (std::int64_t j = j0; j < end; ++j, from += b.from, to += b.to) std::memcpy(to, from, run);
    }
  }
}

void Block::copy(const std::byte* source, std::byte* destination) const {
  if (empty_) return;
  std::int64_t index[kMaxRank] = {};
  for (;;) {
    switch (run_) {
      case 1:
        inner<1>(source, destination);
        break;
      case 2:
        inner<2>(source, destination);
        break;
      case 4:
        inner<4>(source, destination);
        break;
      case 8:
        inner<8>(source, destination);
        break;
      default:
        inner<0>(source, destination);
    }
    int d = rank_ - 3;
    for (; d >= 0; --d) {
      source += axes_[d].from, destination += axes_[d].to;
      if (++index[d] < axes_[d].size) break;
      source -= axes_[d].from * axes_[d].size, destination -= axes_[d].to * axes_[d].size;
      index[d] = 0;
    }
    if (d < 0) return;
  }
}

}  // namespace keras::backends::cpu
