// Ops that only put elements elsewhere: reshape, transpose, broadcast, slices, pad, concatenate, for elements of any
// type.
#include <fmt/format.h>

#include <cstring>

#include "backends/cpu/block.h"
#include "backends/cpu/offers.h"
#include "primitives/attrs.h"
#include "primitives/primitives.h"
#include "tensor/dispatch.h"

namespace keras::backends::cpu {
namespace {

using primitives::Op;

// Blocks, one for each operand or one for the only operand, after filling the result where blocks leave gaps.
class MoveKernel final : public runtime::Kernel {
 public:
  struct Part {
    Block block;
    std::int64_t from = 0, to = 0;  // bytes
  };
  std::vector<Part> parts;
  std::size_t fill_bytes = 0, element = 1;
  std::byte fill[16] = {};

  void run(const runtime::Operands& operands, const runtime::Workspace&) const override {
    auto* y = operands.as<std::byte>(parts.size());
    if (fill_bytes != 0) {
      std::memcpy(y, fill, element);
      for (std::size_t done = element; done < fill_bytes;) {  // by doubling
        const std::size_t more = std::min(done, fill_bytes - done);
        std::memcpy(y + done, y, more);
        done += more;
      }
    }
    for (std::size_t i = 0; i < parts.size(); ++i)
      parts[i].block.copy(operands.as<const std::byte>(i) + parts[i].from, y + parts[i].to);
  }
};

using Sizes = std::vector<std::int64_t>;
Sizes strides_of(const Sizes& sizes) {
  Sizes strides(sizes.size());
  std::int64_t step = 1;
  for (std::size_t d = sizes.size(); d-- > 0; step *= sizes[d]) strides[d] = step;
  return strides;
}
std::int64_t dot(const Sizes& a, const Sizes& b) {
  std::int64_t sum = 0;
  for (std::size_t d = 0; d < a.size(); ++d) sum += a[d] * b[d];
  return sum;
}

class MoveMaker {
 public:
  MoveMaker(const ir::Graph& graph, const ir::Node& node)
      : graph_(graph),
        node_(node),
        x_(graph.type(node.inputs[0]).shape.sizes()),
        y_(graph.type(node.first).shape.sizes()),
        from_(strides_of(x_)),
        to_(strides_of(y_)),
        bytes_(static_cast<std::int64_t>(graph.type(node.first).dtype.size())) {}

  bool make(MoveKernel& kernel) {
    kernel.element = static_cast<std::size_t>(bytes_);
    switch (static_cast<Op>(node_.op->code)) {
      case Op::reshape:
      case Op::stop_gradient:
        return add(kernel, y_, to_, to_);
      case Op::transpose:
        return transpose(kernel);
      case Op::broadcast:
        return broadcast(kernel);
      case Op::slice:
        return slice(kernel, node_.attrs.as<primitives::SliceAttrs>().start, Sizes(x_.size(), 1));
      case Op::strided_slice: {
        const auto& a = node_.attrs.as<primitives::StridedSliceAttrs>();
        return slice(kernel, a.begin, a.step);
      }
      case Op::reverse:
        return reverse(kernel);
      case Op::pad:
        return pad(kernel);
      case Op::concatenate:
        return concatenate(kernel);
      default:
        return false;
    }
  }

 private:
  bool add(MoveKernel& kernel, const Sizes& sizes, const Sizes& from, const Sizes& to, std::int64_t from_offset = 0,
           std::int64_t to_offset = 0) {
    MoveKernel::Part part;
    if (!part.block.set(static_cast<std::size_t>(bytes_), sizes, from, to)) return false;
    part.from = from_offset * bytes_, part.to = to_offset * bytes_;
    kernel.parts.push_back(part);
    return true;
  }
  bool transpose(MoveKernel& kernel) {
    const auto& permutation = node_.attrs.as<primitives::TransposeAttrs>().permutation;
    Sizes from(y_.size());
    for (std::size_t d = 0; d < y_.size(); ++d) from[d] = from_[static_cast<std::size_t>(permutation[d])];
    return add(kernel, y_, from, to_);
  }
  bool broadcast(MoveKernel& kernel) {
    Sizes from(y_.size(), 0);
    const std::size_t extra = y_.size() - x_.size();
    for (std::size_t d = 0; d < x_.size(); ++d) from[extra + d] = x_[d] == 1 ? 0 : from_[d];
    return add(kernel, y_, from, to_);
  }
  bool slice(MoveKernel& kernel, const Sizes& start, const Sizes& step) {
    Sizes from(y_.size());
    for (std::size_t d = 0; d < y_.size(); ++d) from[d] = from_[d] * step[d];
    return add(kernel, y_, from, to_, dot(start, from_));
  }
  bool reverse(MoveKernel& kernel) {  // from the last element of each axis backwards
    Sizes from = from_;
    std::int64_t last = 0;
    for (const std::int64_t axis : node_.attrs.as<primitives::AxesAttrs>().axes) {
      const auto d = static_cast<std::size_t>(axis);
      last += std::max<std::int64_t>(0, x_[d] - 1) * from_[d];
      from[d] = -from_[d];
    }
    return add(kernel, y_, from, to_, last);
  }
  bool pad(MoveKernel& kernel) {
    const auto& a = node_.attrs.as<primitives::PadAttrs>();
    const ir::Type& type = graph_.type(node_.first);
    kernel.fill_bytes = type.bytes();
    dispatch(type.dtype, [&](auto t) {
      using T = typename decltype(t)::type;
      const T value = convert<T>(a.value);
      std::memcpy(kernel.fill, &value, sizeof value);
    });
    return add(kernel, x_, from_, to_, 0, dot(a.before, to_));
  }
  bool concatenate(MoveKernel& kernel) {
    const auto axis = static_cast<std::size_t>(node_.attrs.as<primitives::AxisAttrs>().axis);
    std::int64_t at = 0;
    for (ir::ValueId id : node_.inputs) {
      const Sizes sizes = graph_.type(id).shape.sizes();
      if (!add(kernel, sizes, strides_of(sizes), to_, 0, at * to_[axis])) return false;
      at += sizes[axis];
    }
    return true;
  }

  const ir::Graph& graph_;
  const ir::Node& node_;
  Sizes x_, y_, from_, to_;
  std::int64_t bytes_;
};

}  // namespace

runtime::Offer offer_move(const ir::Graph& graph, const ir::Node& node) {
  auto kernel = std::make_shared<MoveKernel>();
  if (!MoveMaker(graph, node).make(*kernel))
    return runtime::Offer::no(fmt::format("{} of {}", node.op->name, graph.type(node.inputs[0]).str()));
  runtime::Candidate c;
  c.name = fmt::format("cpu.{}", node.op->name);
  c.cost = static_cast<double>(kernel->fill_bytes) * 0.03;
  for (const auto& part : kernel->parts) c.cost += part.block.cost();
  c.make = [kernel] { return std::make_unique<MoveKernel>(*kernel); };
  return runtime::Offer::yes(std::move(c));
}

}  // namespace keras::backends::cpu
