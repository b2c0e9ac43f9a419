// Embedding: a table whose rows the numbers of the input choose.
#include <keras/layers/core.h>
#include <keras/ops.h>

#include "layers/layer_state.h"
#include "layers/table.h"
#include "tensor/upgrade.h"

namespace keras {
namespace {

struct EmbeddingBody final : LayerBody {
  static constexpr auto class_name = "Embedding";
  using Args = EmbeddingArgs;
  explicit EmbeddingBody(Args args) : args_(std::move(args)) {
    state().own_input_dim = true;
    state().activity_regularizer = args_.activity_regularizer;
    set_initial_weights(std::move(args_.weights));
  }

  static void upgrade(const char* class_name, Config& config) {
    Upgrade(class_name, config).drop("dropout", "SpatialDropout1D behind the Embedding");
  }

  void build(const Shape&) override {
    table_ = add_weight("embeddings", {args_.input_dim, args_.output_dim}, args_.embeddings_initializer,
                        {.regularizer = args_.embeddings_regularizer, .constraint = args_.embeddings_constraint});
  }

  Tensor call(const Tensor& x) override { return ops::take(table_, numbers(x), 0); }

  std::vector<Tensor> compute_mask(const Call& call) override {
    if (!args_.mask_zero) return {};
    return {ops::not_equal(numbers(call.inputs[0]), 0)};
  }

  Config get_config() const override {
    Config config = LayerBody::get_config();
    config.erase("input_length");
    return config;
  }

 private:
  static Tensor numbers(const Tensor& x) {
    return x.dtype() == DType::int32 || x.dtype() == DType::int64 ? x : ops::cast(x, DType::int32);
  }
  Args args_;
  Variable table_;
};

}  // namespace

Layer layers::Embedding(std::int64_t input_dim, std::int64_t output_dim, EmbeddingArgs args) {
  if (args.input_dim != 0) refuse_twice("Embedding", "input_dim");
  if (args.output_dim != 0) refuse_twice("Embedding", "output_dim");
  args.input_dim = input_dim;
  args.output_dim = output_dim;
  if (args.input_length && !args.input_shape) args.input_shape = Shape{*args.input_length};
  return make_layer<EmbeddingBody>(std::move(args));
}
Maker layers::makers::Embedding() { return custom<EmbeddingBody>(); }

}  // namespace keras
