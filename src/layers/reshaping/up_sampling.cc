// UpSampling in 1, 2 and 3 dimensions: more steps, rows and columns, repeated or (in images) interpolated.
#include <keras/layers/reshaping.h>
#include <keras/ops.h>

#include "layers/layer_state.h"
#include "layers/spatial.h"
#include "layers/table.h"
#include "ops/interpolation.h"

namespace keras {
namespace {

template <int N>
class UpSamplingBody : public LayerBody {
 public:
  using Args = UpSamplingArgs<N>;
  UpSamplingBody(const char* what, Args args) : args_(std::move(args)) {
    if constexpr (N > 1) args_.data_format = layers::data_format_of(what, args_.data_format);
    if constexpr (N == 2) {
      args_.interpolation = layers::choice(what, "interpolation", args_.interpolation,
                                           {"nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"});
    }
    state().input_spec.rank = N + 2;
  }

  Tensor call(const Tensor& x) override {
    int axis = 1;
    if constexpr (N > 1) axis = *args_.data_format == "channels_last" ? 1 : 2;
    Tensor y = x;
    for (const std::int64_t factor : args_.size) y = enlarge(y, axis++, factor);
    return y;
  }

  Config get_config() const override {
    Config config = LayerBody::get_config();
    if constexpr (N == 1) config.set("size", args_.size[0]);
    if constexpr (N > 1) config.set("data_format", *args_.data_format);
    if constexpr (N == 2) config.set("interpolation", args_.interpolation);
    return config;
  }

 private:
  Tensor enlarge(const Tensor& x, int axis, std::int64_t factor) const {
    std::string interpolation = "nearest";
    if constexpr (N == 2) interpolation = args_.interpolation;
    return ops::enlarge(x, axis, factor, interpolation);
  }

  Args args_;
};

}  // namespace

#define KERAS_UP_SAMPLING(N)                                                                  \
  namespace {                                                                                 \
  struct UpSampling##N##DBody final : UpSamplingBody<N> {                                     \
    static constexpr auto class_name = "UpSampling" #N "D";                                   \
    explicit UpSampling##N##DBody(Args args) : UpSamplingBody(class_name, std::move(args)) {} \
  };                                                                                          \
  }                                                                                           \
  Layer layers::UpSampling##N##D(UpSampling##N##DArgs args) {                                 \
    return make_layer<UpSampling##N##DBody>(std::move(args));                                 \
  }                                                                                           \
  Layer layers::UpSampling##N##D(Ints<N> size, UpSampling##N##DArgs args) {                   \
    if (args.size != UpSampling##N##DArgs().size) refuse_twice("UpSampling" #N "D", "size");  \
    args.size = size;                                                                         \
    return UpSampling##N##D(std::move(args));                                                 \
  }                                                                                           \
  Maker layers::makers::UpSampling##N##D() { return custom<UpSampling##N##DBody>(); }
KERAS_UP_SAMPLING(1)
KERAS_UP_SAMPLING(2)
KERAS_UP_SAMPLING(3)
#undef KERAS_UP_SAMPLING

}  // namespace keras
