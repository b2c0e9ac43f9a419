// Reshape: the same elements of each sample in another shape.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/layers/core.h>
#include <keras/ops.h>

#include <algorithm>

#include "layers/layer_state.h"
#include "layers/table.h"

namespace keras {
namespace {

struct ReshapeBody final : LayerBody {
  static constexpr auto class_name = "Reshape";
  using Args = ReshapeArgs;
  explicit ReshapeBody(Args args) : target_(std::move(args.target_shape)) {
    if (std::count(target_.begin(), target_.end(), None) > 1) {
      throw ValueError(
          fmt::format("Reshape: at most one size of target_shape may be -1. Received: {}.", target_.str()));
    }
    state().input_spec.min_rank = 1;
  }

  Tensor call(const Tensor& x) override {
    const Shape sample = x.shape().slice(1);
    return ops::reshape(x, resolve(sample).with_front(x.shape(0)));
  }

  Config get_config() const override {
    Config target = Config::list();
    for (const Dim dim : target_) target.push_back(dim.raw());
    return LayerBody::get_config().set("target_shape", target);
  }

 private:
  // The target with its -1 filled in, as far as the sample's sizes are known.
  Shape resolve(const Shape& sample) const {
    if (!sample.known()) return target_;
    Dim product = 1;
    for (const Dim dim : target_) product = dim.known() ? product * dim : product;
    const std::int64_t rest = product.value();
    const std::int64_t size = sample.elements();
    const bool fits = target_.known() ? rest == size : rest > 0 && size % rest == 0;
    if (!fits) {
      throw ValueError(fmt::format("{}: a sample of shape {} has {} elements, which do not fit into target_shape {}.",
                                   layers::describe(*this), sample.str(), size, target_.str()));
    }
    Shape shape = target_;
    for (Dim& dim : dims(shape)) {
      if (!dim.known()) dim = size / rest;
    }
    return shape;
  }
  static std::span<Dim> dims(Shape& shape) {
    return shape.empty() ? std::span<Dim>() : std::span(&shape[0], shape.size());
  }

  Shape target_;
};

}  // namespace

Layer layers::Reshape(const Shape& target_shape, ReshapeArgs args) {
  if (!args.target_shape.empty()) refuse_twice("Reshape", "target_shape");
  args.target_shape = target_shape;
  return make_layer<ReshapeBody>(std::move(args));
}

Maker layers::makers::Reshape() { return custom<ReshapeBody>(); }

}  // namespace keras
