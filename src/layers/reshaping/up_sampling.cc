// UpSampling2D: larger images, of repeated or interpolated rows and columns.
#include <keras/layers/reshaping.h>
#include <keras/ops.h>

#include "layers/layer_state.h"
#include "layers/reshaping/interpolation.h"
#include "layers/spatial.h"
#include "layers/table.h"

namespace keras {
namespace {

struct UpSampling2DBody final : LayerBody {
  static constexpr auto class_name = "UpSampling2D";
  using Args = UpSampling2DArgs;
  explicit UpSampling2DBody(Args args) : args_(std::move(args)) {
    args_.data_format = layers::data_format_of(class_name, args_.data_format);
    args_.interpolation = layers::choice(class_name, "interpolation", args_.interpolation,
                                         {"nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"});
    state().input_spec.rank = 4;
  }

  Tensor call(const Tensor& x) override {
    const int first = *args_.data_format == "channels_last" ? 1 : 2;
    return enlarge(enlarge(x, first, args_.size[0]), first + 1, args_.size[1]);
  }

  Config get_config() const override {
    return LayerBody::get_config().set("data_format", *args_.data_format).set("interpolation", args_.interpolation);
  }

 private:
  Tensor enlarge(const Tensor& x, int axis, std::int64_t factor) const {
    // Where sizes are not known only the shape is asked for, and all interpolations have the same.
    if (args_.interpolation == "nearest" || !x.shape().slice(axis).known()) {
      return factor == 1 ? x : ops::repeat(x, factor, axis);
    }
    // (before, size, after): a product of the matrix with each of `before` parts.
    Dim before = 1, after = 1;
    for (const Dim dim : x.shape().slice(0, axis)) before = before * dim;
    for (const Dim dim : x.shape().slice(axis + 1)) after = after * dim;
    const Dim size = x.shape(axis);
    const Array matrix = layers::interpolation(args_.interpolation, size.value(), factor).astype(dtype());
    Shape larger = x.shape();
    larger[static_cast<std::size_t>(axis)] = size.value() * factor;
    return ops::reshape(ops::matmul(matrix, ops::reshape(x, {before, size, after})), larger);
  }

  Args args_;
};

}  // namespace

Layer layers::UpSampling2D(UpSampling2DArgs args) { return make_layer<UpSampling2DBody>(std::move(args)); }
Layer layers::UpSampling2D(Ints<2> size, UpSampling2DArgs args) {
  if (args.size != UpSampling2DArgs().size) refuse_twice("UpSampling2D", "size");
  args.size = size;
  return UpSampling2D(std::move(args));
}

Maker layers::makers::UpSampling2D() { return custom<UpSampling2DBody>(); }

}  // namespace keras
