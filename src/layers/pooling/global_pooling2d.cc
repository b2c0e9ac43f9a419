// GlobalMaxPooling2D and GlobalAveragePooling2D: one number for each channel.
#include <keras/layers/pooling.h>
#include <keras/ops.h>

#include "layers/layer_state.h"
#include "layers/spatial.h"
#include "layers/table.h"

namespace keras {
namespace {

class GlobalPoolBody : public LayerBody {
 public:
  using Args = GlobalPooling2DArgs;
  GlobalPoolBody(const char* what, Args args) : args_(std::move(args)) {
    args_.data_format = layers::data_format_of(what, args_.data_format);
    state().input_spec.rank = 4;
  }
  Config get_config() const override { return LayerBody::get_config().set("data_format", *args_.data_format); }

 protected:
  Axes space() const { return *args_.data_format == "channels_last" ? Axes{1, 2} : Axes{2, 3}; }
  Args args_;
};

struct GlobalMaxPooling2DBody final : GlobalPoolBody {
  static constexpr auto class_name = "GlobalMaxPooling2D";
  explicit GlobalMaxPooling2DBody(Args args) : GlobalPoolBody(class_name, std::move(args)) {}
  Tensor call(const Tensor& x) override { return ops::max(x, space(), args_.keepdims); }
};

struct GlobalAveragePooling2DBody final : GlobalPoolBody {
  static constexpr auto class_name = "GlobalAveragePooling2D";
  explicit GlobalAveragePooling2DBody(Args args) : GlobalPoolBody(class_name, std::move(args)) {}
  Tensor call(const Tensor& x) override { return ops::mean(x, space(), args_.keepdims); }
};

}  // namespace

Layer layers::GlobalMaxPooling2D(GlobalMaxPooling2DArgs args) {
  return make_layer<GlobalMaxPooling2DBody>(std::move(args));
}
Layer layers::GlobalAveragePooling2D(GlobalAveragePooling2DArgs args) {
  return make_layer<GlobalAveragePooling2DBody>(std::move(args));
}

Maker layers::makers::GlobalMaxPooling2D() { return custom<GlobalMaxPooling2DBody>(); }
Maker layers::makers::GlobalAveragePooling2D() { return custom<GlobalAveragePooling2DBody>(); }

}  // namespace keras
