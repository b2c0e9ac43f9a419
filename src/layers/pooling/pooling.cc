// MaxPooling and AveragePooling in 1, 2 and 3 dimensions: one number for each window and channel.
#include <keras/layers/pooling.h>
#include <keras/ops.h>

#include "layers/layer_state.h"
#include "layers/spatial.h"
#include "layers/table.h"

namespace keras {
namespace {

template <int N>
class PoolBody : public LayerBody {
 public:
  using Args = PoolingArgs<N>;
  PoolBody(const char* what, Args args) : args_(std::move(args)) {
    if (!args_.strides) args_.strides = args_.pool_size;
    args_.padding = layers::padding_of(what, args_.padding);
    args_.data_format = layers::data_format_of(what, args_.data_format);
    state().input_spec.rank = N + 2;
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

template <int N>
PoolingArgs<N> with(Ints<N> pool_size, PoolingArgs<N> args, const char* layer) {
  if (args.pool_size != PoolingArgs<N>().pool_size) layers::refuse_twice(layer, "pool_size");
  args.pool_size = pool_size;
  return args;
}

}  // namespace

#define KERAS_POOLING(Class, N, op)                                                          \
  namespace {                                                                                \
  struct Class##Body final : PoolBody<N> {                                                   \
    static constexpr auto class_name = #Class;                                               \
    explicit Class##Body(Args args) : PoolBody(class_name, std::move(args)) {}               \
    Tensor call(const Tensor& x) override { return ops::op(x, pool_size(), options()); }     \
  };                                                                                         \
  }                                                                                          \
  Layer layers::Class(Class##Args args) { return make_layer<Class##Body>(std::move(args)); } \
  Layer layers::Class(Ints<N> pool_size, Class##Args args) {                                 \
    return Class(with<N>(pool_size, std::move(args), #Class));                               \
  }                                                                                          \
  Maker layers::makers::Class() { return custom<Class##Body>(); }
KERAS_POOLING(MaxPooling1D, 1, max_pool)
KERAS_POOLING(MaxPooling2D, 2, max_pool)
KERAS_POOLING(MaxPooling3D, 3, max_pool)
KERAS_POOLING(AveragePooling1D, 1, average_pool)
KERAS_POOLING(AveragePooling2D, 2, average_pool)
KERAS_POOLING(AveragePooling3D, 3, average_pool)
#undef KERAS_POOLING

}  // namespace keras
