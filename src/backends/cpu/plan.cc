#include "backends/cpu/plan.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace keras::backends::cpu {
namespace {

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

Plan::Run::Run(const Plan& plan, const runtime::Operands& operands, std::byte* memory, double* accumulators)
    : plan_(plan), accumulators_(accumulators) {
  const auto moves = [&](std::size_t i, void* base) {
    s_[i] = {static_cast<char*>(base), 1};
    base_[movers_] = s_[i].p;
    row_bytes_[movers_] = plan.slots[i].row_bytes;
    moving_[movers_++] = static_cast<std::uint8_t>(i);
  };
  for (std::size_t i = 1; i < plan.slots.size(); ++i) {
    const Slot& slot = plan.slots[i];
    switch (slot.place) {
      case Slot::Place::none:
        break;
      case Slot::Place::constant:
        s_[i] = {reinterpret_cast<char*>(const_cast<float*>(plan.constants.data() + slot.offset)), 0};
        break;
      case Slot::Place::scalar_input:
        s_[i] = {reinterpret_cast<char*>(memory + slot.offset), 0};
        std::fill_n(s_[i].f(), kSplat, read_scalar(operands[static_cast<std::size_t>(slot.operand)], slot.dtype));
        break;
      case Slot::Place::workspace:
        s_[i] = {reinterpret_cast<char*>(memory + slot.offset), slot.walks};
        break;
      case Slot::Place::operand:
        moves(i, operands.as<std::byte>(static_cast<std::size_t>(slot.operand)) + slot.offset);
        break;
      case Slot::Place::source:
        moves(i, nullptr);
        break;
      case Slot::Place::column_sum:
        moves(i, accumulators + plan.totals.size() + static_cast<std::size_t>(slot.operand) * plan.cols);
        break;
    }
  }
  for (const Step& step : plan.once)
    step.kernel(s_, step, step.column ? 1 : plan.tile_rows, step.column ? kSplat : plan.tile_cols);
  prefetch_ = plan.rows * plan.cols * movers_ * sizeof(float) > kFromMemory && plan.tile_rows == 1;
}

void Plan::Run::start() {
  for (const Total& t : plan_.totals) *reinterpret_cast<double*>(s_[t.slot].p) = start_of(t.kind);
  std::fill_n(accumulators_ + plan_.totals.size(), plan_.column_sums.size() * plan_.cols, 0.0);
}

void Plan::Run::rectangle(const Rect& rect) {
  for (std::size_t r = rect.r0; r < rect.r1; r += plan_.tile_rows) {
    const std::size_t height = std::min(plan_.tile_rows, rect.r1 - r);
    for (std::size_t c = rect.c0; c < rect.c1; c += plan_.tile_cols) {
      const std::size_t width = std::min(plan_.tile_cols, rect.c1 - c);
      for (std::size_t m = 0; m < movers_; ++m) {
        const Slot& slot = plan_.slots[moving_[m]];
        s_[moving_[m]].p = base_[m] + r * row_bytes_[m] + c * slot.col_bytes;
        if (prefetch_ && slot.read && row_bytes_[m] != 0 &&
            c + width < plan_.cols) {  // the steps below leave the memory idle
          for (std::size_t j = 0; j < width * slot.col_bytes; j += 64)
            __builtin_prefetch(s_[moving_[m]].p + width * slot.col_bytes + j);
        }
      }
      for (const Step& step : plan_.body) step.kernel(s_, step, height, step.column ? 1 : width);
    }
  }
}

void Plan::Run::tiles(std::size_t begin, std::size_t end) {
  if (plan_.body.empty()) return;
  const std::size_t across = (plan_.cols + plan_.tile_cols - 1) / plan_.tile_cols;
  while (begin < end) {  // the rest of a row of tiles, or whole ones
    const std::size_t row = begin / across, column = begin % across;
    const std::size_t count =
        column == 0 && end - begin >= across ? (end - begin) / across * across : std::min(end - begin, across - column);
    const std::size_t down = std::max<std::size_t>(1, count / across);
    rectangle({row * plan_.tile_rows, std::min((row + down) * plan_.tile_rows, plan_.rows), column * plan_.tile_cols,
               std::min((count >= across ? across : column + count) * plan_.tile_cols, plan_.cols)});
    begin += count;
  }
}

void Plan::Run::block(const Rect& block, const float* source, std::size_t row) {
  for (std::size_t m = 0; m < movers_; ++m) {
    if (plan_.slots[moving_[m]].place != Slot::Place::source) continue;
    row_bytes_[m] = row * sizeof(float);
    base_[m] = reinterpret_cast<char*>(const_cast<float*>(source)) -
               static_cast<std::ptrdiff_t>(block.r0 * row_bytes_[m] + block.c0 * sizeof(float));
  }
  rectangle(block);
}

void Plan::Run::finish() {
  for (std::size_t t = 0; t < plan_.totals.size(); ++t)
    accumulators_[t] = *reinterpret_cast<double*>(s_[plan_.totals[t].slot].p);
}

void Plan::Run::write_scalars(const runtime::Operands& operands) const {
  for (const ScalarResult& result : plan_.results)
    write_scalar(operands[static_cast<std::size_t>(result.operand)], result.dtype, *s_[result.slot].f());
}

void Plan::combine(const runtime::Operands& operands, const double* accumulators, std::size_t parts) const {
  const std::size_t size = this->accumulators();  // of a part
  for (std::size_t t = 0; t < totals.size(); ++t) {
    double sum = accumulators[t];
    for (std::size_t part = 1; part < parts; ++part) sum = join(totals[t].kind, sum, accumulators[part * size + t]);
    *operands.as<float>(static_cast<std::size_t>(totals[t].operand)) = static_cast<float>(sum / totals[t].divisor);
  }
  for (std::size_t k = 0; k < column_sums.size(); ++k) {
    const double* from = accumulators + totals.size() + k * cols;
    auto* to = operands.as<float>(static_cast<std::size_t>(column_sums[k].operand));
    for (std::size_t c = 0; c < cols; ++c) {
      double sum = from[c];
      for (std::size_t part = 1; part < parts; ++part) sum += from[part * size + c];
      to[c] = static_cast<float>(sum / column_sums[k].divisor);
    }
  }
}

}  // namespace keras::backends::cpu
