#include "backends/cpu/plan.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace keras::backends::cpu {
namespace {

constexpr std::size_t kChunk = 64;              // tiles whose totals are added up before they join the rest
constexpr std::size_t kFromMemory = 16u << 20;  // bytes that come from memory: worth prefetching

float read_scalar(const void* p, DType dtype) {
  switch (dtype.kind()) {
    case DType::boolean:
    case DType::uint8:
      return static_cast<float>(*static_cast<const std::uint8_t*>(p));
    case DType::int32:
      return static_cast<float>(*static_cast<const std::int32_t*>(p));
    case DType::int64:
      return static_cast<float>(*static_cast<const std::int64_t*>(p));
    default:
      return *static_cast<const float*>(p);
  }
}
template <class T>
T whole(float v) {
  constexpr auto end = static_cast<float>(std::numeric_limits<T>::max() / 2 + 1) * 2;
  if (v != v) return 0;
  if (v >= end) return std::numeric_limits<T>::max();
  if (v <= static_cast<float>(std::numeric_limits<T>::min())) return std::numeric_limits<T>::min();
  return static_cast<T>(v);
}
void write_scalar(void* p, DType dtype, float v) {
  switch (dtype.kind()) {
    case DType::boolean:
      *static_cast<bool*>(p) = v != 0;
      break;
    case DType::uint8:
      *static_cast<std::uint8_t*>(p) = whole<std::uint8_t>(v);
      break;
    case DType::int32:
      *static_cast<std::int32_t*>(p) = whole<std::int32_t>(v);
      break;
    case DType::int64:
      *static_cast<std::int64_t*>(p) = whole<std::int64_t>(v);
      break;
    default:
      *static_cast<float*>(p) = v;
  }
}
double start_of(Total::Kind kind) {
  if (kind == Total::Kind::sum) return 0;
  return kind == Total::Kind::max ? -INFINITY : INFINITY;
}
double join(Total::Kind kind, double a, double b) {
  if (kind == Total::Kind::sum) return a + b;
  if (a != a || b != b) return NAN;
  return kind == Total::Kind::max ? std::max(a, b) : std::min(a, b);
}

}  // namespace

void Plan::run(const runtime::Operands& operands, std::byte* workspace) const {
  Operand s[kMaxSlots];
  std::uint8_t moving[kMaxSlots];  // the slots whose address follows the tile
  char* base[kMaxSlots];
  std::size_t movers = 0;
  for (std::size_t i = 1; i < slots.size(); ++i) {
    const Slot& slot = slots[i];
    switch (slot.place) {
      case Slot::Place::none:
        break;
      case Slot::Place::constant:
        s[i] = {reinterpret_cast<char*>(const_cast<float*>(constants.data() + slot.offset)), 0};
        break;
      case Slot::Place::scalar_input:
        s[i] = {reinterpret_cast<char*>(workspace + slot.offset), 0};
        std::fill_n(s[i].f(), kSplat, read_scalar(operands[static_cast<std::size_t>(slot.operand)], slot.dtype));
        break;
      case Slot::Place::workspace:
        s[i] = {reinterpret_cast<char*>(workspace + slot.offset), slot.walks};
        break;
      case Slot::Place::operand:
        s[i] = {static_cast<char*>(operands[static_cast<std::size_t>(slot.operand)]), 1};
        base[movers] = s[i].p;
        moving[movers++] = static_cast<std::uint8_t>(i);
        break;
    }
  }
  for (const Step& step : once) step.kernel(s, step, step.column ? 1 : tile_rows, step.column ? kSplat : tile_cols);

  double sums[kMaxSlots];
  const auto begin_totals = [&] {
    for (const Total& t : totals) *reinterpret_cast<double*>(s[t.slot].p) = start_of(t.kind);
  };
  const auto end_totals = [&] {
    for (std::size_t t = 0; t < totals.size(); ++t) {
      sums[t] = join(totals[t].kind, sums[t], *reinterpret_cast<double*>(s[totals[t].slot].p));
    }
  };
  for (std::size_t t = 0; t < totals.size(); ++t) sums[t] = start_of(totals[t].kind);
  begin_totals();

  const bool prefetch = rows * cols * movers * sizeof(float) > kFromMemory && tile_rows == 1;
  std::size_t tile = 0;
  if (!body.empty()) {
    for (std::size_t r = 0; r < rows; r += tile_rows) {
      const std::size_t height = std::min(tile_rows, rows - r);
      for (std::size_t c = 0; c < cols; c += tile_cols, ++tile) {
        const std::size_t width = std::min(tile_cols, cols - c);
        if (tile == kChunk) end_totals(), begin_totals(), tile = 0;
        for (std::size_t m = 0; m < movers; ++m) {
          const Slot& slot = slots[moving[m]];
          s[moving[m]].p = base[m] + r * slot.row_bytes + c * slot.col_bytes;
          if (prefetch && slot.read && slot.row_bytes != 0 &&
              c + width < cols) {  // the steps below leave the memory idle
            for (std::size_t j = 0; j < width * slot.col_bytes; j += 64)
              __builtin_prefetch(s[moving[m]].p + width * slot.col_bytes + j);
          }
        }
        for (const Step& step : body) step.kernel(s, step, height, step.column ? 1 : width);
      }
    }
  }
  end_totals();
  for (std::size_t t = 0; t < totals.size(); ++t) {
    *static_cast<float*>(operands[static_cast<std::size_t>(totals[t].operand)]) =
        static_cast<float>(sums[t] / totals[t].divisor);
  }
  for (const ScalarResult& result : results) {
    write_scalar(operands[static_cast<std::size_t>(result.operand)], result.dtype, *s[result.slot].f());
  }
}

}  // namespace keras::backends::cpu
