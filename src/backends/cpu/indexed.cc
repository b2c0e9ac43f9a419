// Ops with indices in or out: gather, scatter_add, one_hot, argmax, argmin.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "backends/cpu/costs.h"
#include "backends/cpu/kernels.h"
#include "backends/cpu/offers.h"
#include "primitives/attrs.h"
#include "primitives/primitives.h"
#include "tensor/dispatch.h"

namespace keras::backends::cpu {
namespace {

using primitives::Op;
using Index = std::int64_t;

Index read_index(const void* p, DType dtype, std::size_t i) {
  switch (dtype.kind()) {
    case DType::uint8:
      return static_cast<const std::uint8_t*>(p)[i];
    case DType::int64:
      return static_cast<const std::int64_t*>(p)[i];
    default:
      return static_cast<const std::int32_t*>(p)[i];
  }
}
bool is_index(DType t) { return t == DType::uint8 || t == DType::int32 || t == DType::int64; }
Index place(Index i, Index n) {  // negative ones count from the end; -1 outside
  if (i < 0) i += n;
  return i >= 0 && i < n ? i : -1;
}

// A number as the bytes of an element.
void set_element(std::byte* to, DType dtype, double value) {
  dispatch(dtype, [&](auto t) {
    using T = typename decltype(t)::type;
    const T v = convert<T>(value);
    std::memcpy(to, &v, sizeof v);
  });
}
void fill_elements(std::byte* to, const std::byte* element, std::size_t bytes, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) std::memcpy(to + i * bytes, element, bytes);
}

struct GatherKernel final : runtime::Kernel {
  Index outer, n, count;
  std::size_t slice, element;  // bytes
  DType indices;
  std::byte missing[16] = {};

  void run(const runtime::Operands& operands, const runtime::Workspace&) const override {
    if (slice == 4) return copy<4>(operands);
    copy<0>(operands);
  }
  template <std::size_t kBytes>
  void copy(const runtime::Operands& operands) const {
    const auto* x = operands.as<const std::byte>(0);
    auto* y = operands.as<std::byte>(2);
    const std::size_t bytes = kBytes != 0 ? kBytes : slice;
    for (Index o = 0; o < outer; ++o, x += static_cast<std::size_t>(n) * bytes) {
      for (Index k = 0; k < count; ++k, y += bytes) {
        const Index at = place(read_index(operands[1], indices, static_cast<std::size_t>(k)), n);
        if (at >= 0)
          std::memcpy(y, x + static_cast<std::size_t>(at) * bytes, bytes);
        else
          fill_elements(y, missing, element, bytes / element);
      }
    }
  }
};

struct ScatterAddKernel final : runtime::Kernel {
  Index n, count;
  std::size_t inner;  // floats
  DType indices;

  void run(const runtime::Operands& operands, const runtime::Workspace&) const override {
    auto* y = operands.as<float>(3);
    if (operands[0] != y) std::memcpy(y, operands[0], static_cast<std::size_t>(n) * inner * sizeof(float));
    const TileKernel add = kernels()->tiles->row[static_cast<int>(Op::add)];
    const Step step{.kernel = add, .dst = 0, .a = 0, .b = 1};
    for (Index k = 0; k < count; ++k) {
      const Index at = place(read_index(operands[1], indices, static_cast<std::size_t>(k)), n);
      if (at < 0) continue;
      float* row = y + static_cast<std::size_t>(at) * inner;
      const float* update = operands.as<const float>(2) + static_cast<std::size_t>(k) * inner;
      if (inner == 1) {
        *row += *update;
        continue;
      }
      const Operand slots[] = {{reinterpret_cast<char*>(row), 1},
                               {reinterpret_cast<char*>(const_cast<float*>(update)), 1}};
      add(slots, step, 1, inner);
    }
  }
};

struct OneHotKernel final : runtime::Kernel {
  Index count, classes;
  std::size_t element;
  DType indices;
  std::byte one[16] = {};

  void run(const runtime::Operands& operands, const runtime::Workspace&) const override {
    auto* y = operands.as<std::byte>(1);
    const std::size_t row = static_cast<std::size_t>(classes) * element;
    std::memset(y, 0, static_cast<std::size_t>(count) * row);
    for (Index k = 0; k < count; ++k, y += row) {
      const Index at = read_index(operands[0], indices, static_cast<std::size_t>(k));
      if (at >= 0 && at < classes) std::memcpy(y + static_cast<std::size_t>(at) * element, one, element);
    }
  }
};

// Along the last axis. The first of equals; NaN is passed over unless there is nothing else.
struct ArgKernel final : runtime::Kernel {
  std::size_t rows, n;
  bool largest;

  void run(const runtime::Operands& operands, const runtime::Workspace&) const override {
    const auto* x = operands.as<const float>(0);
    auto* y = operands.as<std::int32_t>(1);
    const ReduceRowsKernel extreme = largest ? kernels()->reductions->row_max : kernels()->reductions->row_min;
    for (std::size_t r = 0; r < rows; ++r, x += n) {
      float best;
      extreme(x, &best, 1, n);
      std::size_t at = 0;
      if (best == best) {
        while (x[at] != best) ++at;
      } else {
        for (std::size_t k = 1; k < n; ++k) {
          if ((largest ? x[k] > x[at] : x[k] < x[at]) || (x[at] != x[at] && x[k] == x[k])) at = k;
        }
      }
      y[r] = static_cast<std::int32_t>(at);
    }
  }
};

struct Made {
  std::function<std::unique_ptr<runtime::Kernel>()> kernel;
  double cost = 0;
};
template <class K>
Made made(K kernel, double cost) {
  return {[kernel] { return std::make_unique<K>(kernel); }, cost};
}

// Outer, n and inner elements around an axis.
struct Around {
  Index outer = 1, n = 1, inner = 1;
  Around(const Shape& shape, Index axis) {
    for (int d = 0; d < shape.rank(); ++d)
      (d < axis ? outer : d == axis ? n : inner) *= shape[static_cast<std::size_t>(d)].value();
  }
};

Made make(const ir::Graph& graph, const ir::Node& node) {
  const ir::Type &x = graph.type(node.inputs[0]), &y = graph.type(node.first);
  const auto half = [](DType t) { return t == DType::float16 || t == DType::bfloat16; };
  if (half(x.dtype) || half(y.dtype)) return {};
  switch (static_cast<Op>(node.op->code)) {
    case Op::gather: {
      const ir::Type& indices = graph.type(node.inputs[1]);
      if (!is_index(indices.dtype)) return {};
      const Around v(x.shape, node.attrs.as<primitives::AxisAttrs>().axis);
      GatherKernel k;
      k.outer = v.outer, k.n = v.n, k.count = indices.shape.elements(), k.indices = indices.dtype;
      k.element = x.dtype.size(), k.slice = k.element * static_cast<std::size_t>(v.inner);
      set_element(k.missing, x.dtype, x.dtype.is_floating() ? std::numeric_limits<double>::quiet_NaN() : 0);
      return made(std::move(k), 10 + static_cast<double>(v.outer * indices.shape.elements()) *
                                         (3 + 0.03 * static_cast<double>(v.inner)));
    }
    case Op::scatter_add: {
      const ir::Type& indices = graph.type(node.inputs[1]);
      if (x.dtype != DType::float32 || !is_index(indices.dtype)) return {};
      const Around v(x.shape, 0);
      ScatterAddKernel k;
      k.n = v.n, k.count = indices.shape.elements(), k.inner = static_cast<std::size_t>(v.inner),
      k.indices = indices.dtype;
      return made(std::move(k), 10 + static_cast<double>(x.shape.elements()) * kElementNs +
                                    static_cast<double>(k.count) * (5 + kElementNs * static_cast<double>(v.inner)));
    }
    case Op::one_hot: {
      if (!is_index(x.dtype)) return {};
      OneHotKernel k;
      k.count = x.shape.elements(), k.classes = node.attrs.as<primitives::OneHotAttrs>().classes;
      k.element = y.dtype.size(), k.indices = x.dtype;
      set_element(k.one, y.dtype, 1);
      return made(std::move(k), 10 + static_cast<double>(y.shape.elements()) * 0.1 + static_cast<double>(k.count));
    }
    case Op::argmax:
    case Op::argmin: {
      const Around v(x.shape, node.attrs.as<primitives::AxisAttrs>().axis);
      if (x.dtype != DType::float32 || v.inner != 1) return {};
      ArgKernel k;
      k.rows = static_cast<std::size_t>(v.outer), k.n = static_cast<std::size_t>(v.n),
      k.largest = primitives::is(node, Op::argmax);
      return made(std::move(k), 10 + static_cast<double>(v.outer) * (10 + 0.3 * static_cast<double>(v.n)));
    }
    default:
      return {};
  }
}

}  // namespace

runtime::Offer offer_indexed(const ir::Graph& graph, const ir::Node& node) {
  Made found = make(graph, node);
  if (!found.kernel)
    return runtime::Offer::no(fmt::format("no kernel for {} of {}", node.op->name, graph.type(node.inputs[0]).str()));
  runtime::Candidate c;
  c.name = fmt::format("cpu.{}", node.op->name);
  c.cost = found.cost;
  c.make = std::move(found.kernel);
  return runtime::Offer::yes(std::move(c));
}

}  // namespace keras::backends::cpu
