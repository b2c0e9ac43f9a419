// Permute and RepeatVector.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/layers/core.h>
#include <keras/ops.h>

#include <algorithm>

#include "layers/layer_state.h"
#include "layers/table.h"

namespace keras {
namespace {

struct PermuteBody final : LayerBody {
  static constexpr auto class_name = "Permute";
  using Args = PermuteArgs;
  explicit PermuteBody(const Args& args) : order_{0} {
    std::vector<std::int64_t> sorted = args.dims;
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      if (sorted[i] == static_cast<std::int64_t>(i) + 1) continue;
      throw ValueError(fmt::format("Permute: dims must be the numbers from 1 to {} in some order. Received: ({}).",
                                   sorted.size(), fmt::join(args.dims, ", ")));
    }
    for (const std::int64_t axis : args.dims) order_.push_back(static_cast<int>(axis));
    state().input_spec.rank = static_cast<int>(order_.size());
  }
  Tensor call(const Tensor& x) override { return ops::transpose(x, order_); }

 private:
  Axes order_;
};

struct RepeatVectorBody final : LayerBody {
  static constexpr auto class_name = "RepeatVector";
  using Args = RepeatVectorArgs;
  explicit RepeatVectorBody(const Args& args) : n_(args.n) { state().input_spec.rank = 2; }
  Tensor call(const Tensor& x) override {
    return ops::broadcast_to(ops::expand_dims(x, 1), {x.shape(0), n_, x.shape(1)});
  }

 private:
  std::int64_t n_;
};

}  // namespace

Layer layers::Permute(std::vector<std::int64_t> dims, PermuteArgs args) {
  if (!args.dims.empty()) refuse_twice("Permute", "dims");
  args.dims = std::move(dims);
  return make_layer<PermuteBody>(std::move(args));
}
Layer layers::RepeatVector(std::int64_t n, RepeatVectorArgs args) {
  if (args.n != 0) refuse_twice("RepeatVector", "n");
  args.n = n;
  return make_layer<RepeatVectorBody>(std::move(args));
}
Maker layers::makers::Permute() { return custom<PermuteBody>(); }
Maker layers::makers::RepeatVector() { return custom<RepeatVectorBody>(); }

}  // namespace keras
