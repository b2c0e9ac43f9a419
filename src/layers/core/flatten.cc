// Flatten: all axes but the batch become one.
#include <keras/layers/core.h>
#include <keras/ops.h>

#include "layers/layer_state.h"
#include "layers/spatial.h"
#include "layers/table.h"

namespace keras {
namespace {

struct FlattenBody final : LayerBody {
  static constexpr auto class_name = "Flatten";
  using Args = FlattenArgs;
  explicit FlattenBody(const Args& args) : data_format_(layers::data_format_of(class_name, args.data_format)) {
    state().input_spec.min_rank = 1;
  }

  Tensor call(const Tensor& x) override {
    Tensor last = x;  // the channels last
    if (data_format_ == "channels_first" && x.ndim() > 1) {
      Axes axes{0};
      for (int axis = 2; axis < x.ndim(); ++axis) axes.push_back(axis);
      axes.push_back(1);
      last = ops::transpose(x, axes);
    }
    Dim width = 1;
    for (const Dim dim : last.shape().slice(1)) width = width * dim;
    return ops::reshape(last, {last.shape(0), width});
  }

  Config get_config() const override { return LayerBody::get_config().set("data_format", data_format_); }

 private:
  std::string data_format_;
};

}  // namespace

Layer layers::Flatten(FlattenArgs args) { return make_layer<FlattenBody>(std::move(args)); }

Maker layers::makers::Flatten() { return custom<FlattenBody>(); }

}  // namespace keras
