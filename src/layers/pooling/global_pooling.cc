// GlobalMaxPooling and GlobalAveragePooling in 1, 2 and 3 dimensions: one number for each channel.
#include <keras/layers/pooling.h>
#include <keras/ops.h>

#include "layers/layer_state.h"
#include "layers/spatial.h"
#include "layers/table.h"

namespace keras {
namespace {

template <int N>
class GlobalPoolBody : public LayerBody {
 public:
  using Args = GlobalPoolingArgs;
  GlobalPoolBody(const char* what, Args args) : args_(std::move(args)) {
    args_.data_format = layers::data_format_of(what, args_.data_format);
    state().input_spec.rank = N + 2;
  }
  Config get_config() const override { return LayerBody::get_config().set("data_format", *args_.data_format); }

 protected:
  Axes space() const {
    Axes axes;
    for (int i = 0; i < N; ++i) axes.push_back(i + (*args_.data_format == "channels_last" ? 1 : 2));
    return axes;
  }
  // The mean of the steps that count.
  Tensor masked_mean(const Tensor& x, const Tensor& mask) const {
    const int steps = space()[0];
    const Tensor weights = ops::cast(ops::expand_dims(mask, steps == 1 ? 2 : 1), x.dtype());
    return ops::sum(x * weights, {steps}, args_.keepdims) / ops::sum(weights, {steps}, args_.keepdims);
  }
  Args args_;
};

}  // namespace

#define KERAS_GLOBAL_POOLING(N)                                                                            \
  namespace {                                                                                              \
  struct GlobalMaxPooling##N##DBody final : GlobalPoolBody<N> {                                            \
    static constexpr auto class_name = "GlobalMaxPooling" #N "D";                                          \
    explicit GlobalMaxPooling##N##DBody(Args args) : GlobalPoolBody(class_name, std::move(args)) {}        \
    Tensor call(const Tensor& x) override { return ops::max(x, space(), args_.keepdims); }                 \
  };                                                                                                       \
  struct GlobalAveragePooling##N##DBody final : GlobalPoolBody<N> {                                        \
    static constexpr auto class_name = "GlobalAveragePooling" #N "D";                                      \
    explicit GlobalAveragePooling##N##DBody(Args args) : GlobalPoolBody(class_name, std::move(args)) {}    \
    std::vector<Tensor> call_all(const Call& call) override {                                              \
      const Tensor& x = call.inputs[0];                                                                    \
      if (N == 1 && !call.masks.empty() && !call.masks[0].empty()) return {masked_mean(x, call.masks[0])}; \
      return {ops::mean(x, space(), args_.keepdims)};                                                      \
    }                                                                                                      \
  };                                                                                                       \
  }                                                                                                        \
  Layer layers::GlobalMaxPooling##N##D(GlobalPoolingArgs args) {                                           \
    return make_layer<GlobalMaxPooling##N##DBody>(std::move(args));                                        \
  }                                                                                                        \
  Layer layers::GlobalAveragePooling##N##D(GlobalPoolingArgs args) {                                       \
    return make_layer<GlobalAveragePooling##N##DBody>(std::move(args));                                    \
  }                                                                                                        \
  Maker layers::makers::GlobalMaxPooling##N##D() { return custom<GlobalMaxPooling##N##DBody>(); }          \
  Maker layers::makers::GlobalAveragePooling##N##D() { return custom<GlobalAveragePooling##N##DBody>(); }
KERAS_GLOBAL_POOLING(1)
KERAS_GLOBAL_POOLING(2)
KERAS_GLOBAL_POOLING(3)
#undef KERAS_GLOBAL_POOLING

}  // namespace keras
