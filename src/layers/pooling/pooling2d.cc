// MaxPooling2D and AveragePooling2D: one number for each window and channel.
#include <keras/layers/pooling.h>
#include <keras/ops.h>

#include "layers/layer_state.h"
#include "layers/spatial.h"
#include "layers/table.h"

namespace keras {
namespace {

class PoolBody : public LayerBody {
 public:
  using Args = Pooling2DArgs;
  PoolBody(const char* what, Args args) : args_(std::move(args)) {
    if (!args_.strides) args_.strides = args_.pool_size;
    args_.padding = layers::padding_of(what, args_.padding);
    args_.data_format = layers::data_format_of(what, args_.data_format);
    state().input_spec.rank = 4;
  }

  Config get_config() const override {
    Config config = LayerBody::get_config();
    config.set("padding", args_.padding)
        .set("strides", as_config(*args_.strides))
        .set("data_format", *args_.data_format);
    layers::move_before(config, "padding", "strides");
    return config;
  }

 protected:
  std::vector<std::int64_t> pool_size() const { return layers::sizes(args_.pool_size); }
  ops::PoolOptions options() const {
    return {.strides = layers::sizes(*args_.strides), .padding = args_.padding, .data_format = args_.data_format};
  }

 private:
  Args args_;
};

struct MaxPooling2DBody final : PoolBody {
  static constexpr auto class_name = "MaxPooling2D";
  explicit MaxPooling2DBody(Args args) : PoolBody(class_name, std::move(args)) {}
  Tensor call(const Tensor& x) override { return ops::max_pool(x, pool_size(), options()); }
};

struct AveragePooling2DBody final : PoolBody {
  static constexpr auto class_name = "AveragePooling2D";
  explicit AveragePooling2DBody(Args args) : PoolBody(class_name, std::move(args)) {}
  Tensor call(const Tensor& x) override { return ops::average_pool(x, pool_size(), options()); }
};

Pooling2DArgs with(Ints<2> pool_size, Pooling2DArgs args, const char* layer) {
  if (args.pool_size != Pooling2DArgs().pool_size) layers::refuse_twice(layer, "pool_size");
  args.pool_size = pool_size;
  return args;
}

}  // namespace

Layer layers::MaxPooling2D(MaxPooling2DArgs args) { return make_layer<MaxPooling2DBody>(std::move(args)); }
Layer layers::MaxPooling2D(Ints<2> pool_size, MaxPooling2DArgs args) {
  return MaxPooling2D(with(pool_size, std::move(args), "MaxPooling2D"));
}
Layer layers::AveragePooling2D(AveragePooling2DArgs args) { return make_layer<AveragePooling2DBody>(std::move(args)); }
Layer layers::AveragePooling2D(Ints<2> pool_size, AveragePooling2DArgs args) {
  return AveragePooling2D(with(pool_size, std::move(args), "AveragePooling2D"));
}

Maker layers::makers::MaxPooling2D() { return custom<MaxPooling2DBody>(); }
Maker layers::makers::AveragePooling2D() { return custom<AveragePooling2DBody>(); }

}  // namespace keras
