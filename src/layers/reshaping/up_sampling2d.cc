// UpSampling2D: larger images, of repeated or interpolated rows and columns.
#include <keras/layers/reshaping.h>
#include <keras/ops.h>

#include "layers/layer_state.h"
#include "layers/spatial.h"
#include "layers/table.h"
#include "ops/interpolation.h"

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
    const Tensor rows = ops::enlarge(x, first, args_.size[0], args_.interpolation);
    return ops::enlarge(rows, first + 1, args_.size[1], args_.interpolation);
  }

  Config get_config() const override {
    return LayerBody::get_config().set("data_format", *args_.data_format).set("interpolation", args_.interpolation);
  }

 private:
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
